using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Tocsin.Channels.X;

/// <summary>
/// Posts on X: what people wrote for the world, and nothing else ever. A statement that is too long is refused and not
/// cut, since who approved it approved all of it. X refuses the same words twice, which makes a repetition harmless.
/// </summary>
/// <param name="name">The channel's name in the configuration.</param>
/// <param name="api">X itself where null.</param>
/// <param name="timeout">The limit for one attempt; 10 s where null.</param>
public sealed partial class XPost(
    string name, OAuth oauth, Uri? api, HttpClient http, TimeProvider time, TimeSpan? timeout = null) : IChannel
{
    /// <summary>The longest post of an account without a subscription, as X weighs characters.</summary>
    public const int WeightMost = 280;

    private const int LinkWeight = 23;
    private const int AnswerLimitBytes = 16 * 1024;

    public static ChannelKind Kind { get; } = new(
        "x", "Public posts on X",
        [
            new("consumer_key", FieldForm.Secret, "the key of the application"),
            new("consumer_secret", FieldForm.Secret, "the secret of the application"),
            new("access_token", FieldForm.Secret, "the token of the account that posts"),
            new("access_secret", FieldForm.Secret, "the secret of that token"),
            new("api", FieldForm.Address, "another address than https://api.x.com", IsOptional: true),
        ],
        (section, tools) => new XPost(
            section.Name,
            new OAuth(
                section["consumer_key"], section["consumer_secret"], section["access_token"],
                section["access_secret"]),
            section.Find("api") is null ? null : section.Address("api"), tools.Http, tools.Time))
    {
        LetsAnswer = _ => false,
    };

    private readonly Uri address = Posts(api);
    private readonly WebhookPost post = new(http, Posts(api), time, timeout);

    // By the keys of alerts: what may have been published.
    private readonly ConcurrentDictionary<string, bool> doubts = [];

    public string Name => name;

    /// <summary>What X documents for one user.</summary>
    public RateLimit Limit { get; } = new(100, TimeSpan.FromMinutes(15), Reserved: 20);

    public async Task<DeliveryResult> DeliverAsync(Message message, CancellationToken ct)
    {
        if (AlertText.Public(message.Alert) is not { } words)
            return new DeliveryResult.Permanent("only what people wrote for the public is posted on X");
        if (words.Length == 0)
            return new DeliveryResult.Permanent("there are no words to post");
        var weight = Weight(words);
        if (weight > WeightMost)
        {
            return new DeliveryResult.Permanent(
                $"the statement weighs {weight} of {WeightMost} characters on X: write a shorter one");
        }
        var key = message.Alert.Key;
        var isRepeated = !doubts.TryAdd(key, true);
        var result = await post.SendAsync(
            Body(words, message.Thread), SignIn, AnswerLimitBytes, answer => Judge(answer, isRepeated), ct);
        if (result is not DeliveryResult.Unknown)
            doubts.TryRemove(key, out _);
        return result;
    }

    /// <summary>
    /// As X counts: characters of most alphabets 1, all others 2, a link 23. Never less than X makes of it: whatever
    /// could be taken for a link counts as one, and an emoji of several parts counts each part.
    /// </summary>
    public static int Weight(string text)
    {
        var weight = 0;
        foreach (var link in Links().EnumerateMatches(text))
        {
            var isWhole = text.AsSpan(link.Index, link.Length).Contains("://", StringComparison.Ordinal);
            weight += isWhole ? LinkWeight : Math.Max(LinkWeight, link.Length);
        }
        return weight + Links().Replace(text, "").EnumerateRunes().Sum(rune => IsLight(rune.Value) ? 1 : 2);
    }

    // The ranges of twitter-text 3, its configuration v3.
    private static bool IsLight(int point) =>
        point is <= 4351 or >= 8192 and <= 8205 or >= 8208 and <= 8223 or >= 8242 and <= 8247;

    private static byte[] Body(string words, string? thread)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("text", words);
            if (thread is not null && IsPost(thread))
            {
                json.WriteStartObject("reply");
                json.WriteString("in_reply_to_tweet_id", thread);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }

    private void SignIn(HttpRequestHeaders headers) => headers.Authorization = new AuthenticationHeaderValue(
        "OAuth", oauth.Header("POST", address, time.GetUtcNow(), RandomNumberGenerator.GetHexString(32, true)));

    private DeliveryResult Judge(WebhookAnswer answer, bool isRepeated)
    {
        var root = Parse(answer.Text);
        if (answer.IsSuccess)
        {
            return Find(Find(root, "data"), "id") is { ValueKind: JsonValueKind.String } id && IsPost(id.GetString()!)
                ? new DeliveryResult.Delivered($"{answer.Host} published it", id.GetString())
                : new DeliveryResult.Unknown($"{answer.Host} answered {answer.Status} without the post");
        }
        if (answer.Status == 429)
            return new DeliveryResult.RetryAfter(Reset(answer), $"{answer.Host} answered 429");
        if (answer.Status is 408 or >= 500)
            return new DeliveryResult.Unknown($"{answer.Host} answered {answer.Status}: it may have it");
        if (root.ValueKind != JsonValueKind.Object || answer.Status < 400)
            return answer.Failed; // not X speaking, but something on the way
        var isDuplicate = answer.Status == 403 && Find(root, "detail") is { ValueKind: JsonValueKind.String } detail
            && detail.GetString()!.Contains("duplicate content", StringComparison.Ordinal);
        return (isDuplicate, isRepeated) switch
        {
            (true, true) => new DeliveryResult.Delivered($"{answer.Host} has it from an earlier attempt"),
            (true, false) => new DeliveryResult.Permanent($"{answer.Host} has published the same words already"),
            _ => new DeliveryResult.Permanent($"{answer.Host} refused it with {answer.Status}"),
        };
    }

    // Three limits, of which any may be the one that is used up: the window's, the user's and the application's day.
    private TimeSpan? Reset(WebhookAnswer answer)
    {
        var now = time.GetUtcNow();
        var waits = new List<TimeSpan>();
        foreach (var limit in (string[])["x-rate-limit", "x-user-limit-24hour", "x-app-limit-24hour"])
        {
            // Beyond these years it is no instant.
            if (answer.Header(limit + "-remaining") is null or "0"
                && long.TryParse(answer.Header(limit + "-reset"), out var seconds)
                && seconds is > 0 and < 68_719_476_736)
                waits.Add(DateTimeOffset.FromUnixTimeSeconds(seconds) - now);
        }
        var wait = waits.Count > 0 ? waits.Max() : answer.RetryAfter;
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    private static Uri Posts(Uri? api) => new(api ?? new Uri("https://api.x.com"), "/2/tweets");

    private static bool IsPost(string id) => id.Length is > 0 and <= 20 && id.All(char.IsAsciiDigit);

    private static JsonElement Find(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    private static JsonElement Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(text);
        }
        catch (JsonException)
        {
            return default;
        }
    }

    // A whole address, without the marks that end a sentence; or a name with dots that may be a domain.
    [GeneratedRegex(
        @"https?://[A-Za-z0-9\-._~/?#&=%+:@]*[A-Za-z0-9\-_~/#&=%+]"
        + @"|[A-Za-z0-9\-]+(\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,}")]
    private static partial Regex Links();
}
