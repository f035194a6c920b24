using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tocsin.Channels;

namespace Tocsin.Demo.Providers;

/// <summary>
/// X's posts over real HTTP, and strict: what is not signed by OAuth 1.0a over the address that it came to, in time and
/// for the first time, is refused, and so are the same words twice and a field that X does not know.
/// </summary>
internal sealed class XFake : Provider
{
    public const string ConsumerKey = "SECRETconsumerkey";
    public const string ConsumerSecret = "SECRETconsumersecret&%";
    public const string AccessToken = "1-SECRETaccesstoken";
    public const string AccessSecret = "SECRETaccesssecret";

    private const string Signature = "the signature, or who signs, or its time or nonce";

    private readonly HashSet<string> nonces = [];

    public override string Root => "/2/tweets";

    // By a user: 100 within 15 minutes.
    public override RateLimit Documented { get; } = new(Messages: 100, TimeSpan.FromMinutes(15), Reserved: 0);

    internal sealed record Post(string Id, string Text, string? ReplyTo);

    public Uri Address => Base;

    public List<Post> Posts { get; } = [];

    public static Task<XFake> StartAsync(TimeProvider clock) => StartAsync(new XFake(), [], clock);

    public override Answer TooMany(TimeSpan? wait) => wait is not { } span
        ? Problem(429, "Too Many Requests")
        : Problem(429, "Too Many Requests") with
        {
            Headers = "x-rate-limit-remaining: 0\nx-rate-limit-reset: "
                + (Time.GetUtcNow() + span).ToUnixTimeSeconds(),
        };

    protected override IEnumerable<string> WrongForm(ProviderRequest request)
    {
        var type = request.Headers.GetValueOrDefault("Content-Type", "");
        if (!type.StartsWith("application/json", StringComparison.Ordinal))
            yield return "no JSON";
    }

    protected override Func<Answer> Judge(ProviderRequest request, List<string> faults)
    {
        if (Unsigned(request) is { } fault)
            faults.Add(fault);
        faults.AddRange(UnknownFields(request.Json, ["text", "reply"]));
        var text = request.Json.GetProperty("text").GetString()!;
        if (text.Length == 0)
            faults.Add("no text");
        return () => faults.Count > 0 ? Refused(faults[0]) : Publish(request.Json, text);
    }

    protected override Answer Refused(string fault) => Problem(fault == Signature ? 401 : 400, fault);

    protected override (string? Key, string Text) Read(ProviderRequest request) =>
        (null, request.Json.GetProperty("text").GetString()!);

    private Answer Publish(JsonElement json, string text)
    {
        if (Posts.Any(post => post.Text == text))
            return Problem(403, "You are not allowed to create a Tweet with duplicate content.");
        var replyTo = json.TryGetProperty("reply", out var reply)
            ? reply.GetProperty("in_reply_to_tweet_id").GetString()
            : null;
        Posts.Add(new Post((1445880548472328192 + Posts.Count).ToString(), text, replyTo));
        return new Answer(201, JsonSerializer.Serialize(new { data = new { id = Posts[^1].Id, text } }));
    }

    private static Answer Problem(int status, string detail) => new(
        status, JsonSerializer.Serialize(new { detail, type = "about:blank", title = "Refused", status }));

    // Written after RFC 5849 and not after the code that it tries.
    private string? Unsigned(ProviderRequest request)
    {
        var header = request.Headers.GetValueOrDefault("Authorization", "");
        if (!header.StartsWith("OAuth ", StringComparison.Ordinal))
            return Signature;
        var fields = header["OAuth ".Length..].Split(", ").Select(part => part.Split('=', 2))
            .ToDictionary(part => part[0], part => Uri.UnescapeDataString(part[1].Trim('"')));
        if (fields.GetValueOrDefault("oauth_consumer_key") != ConsumerKey
            || fields.GetValueOrDefault("oauth_token") != AccessToken
            || fields.GetValueOrDefault("oauth_signature_method") != "HMAC-SHA1"
            || fields.GetValueOrDefault("oauth_version") != "1.0")
            return Signature;
        var age = Time.GetUtcNow().ToUnixTimeSeconds()
            - long.Parse(fields["oauth_timestamp"], CultureInfo.InvariantCulture);
        if (Math.Abs(age) > 300 || !nonces.Add(fields["oauth_nonce"]))
            return Signature;
        var parameters = fields.Where(field => field.Key != "oauth_signature")
            .OrderBy(field => field.Key, StringComparer.Ordinal)
            .Select(field => $"{Escape(field.Key)}={Escape(field.Value)}");
        var text = $"POST&{Escape($"http://{Base.Authority}/2/tweets")}&{Escape(string.Join('&', parameters))}";
        var key = $"{Escape(ConsumerSecret)}&{Escape(AccessSecret)}";
#pragma warning disable CA5350 // X knows no other.
        var signature = HMACSHA1.HashData(Encoding.ASCII.GetBytes(key), Encoding.ASCII.GetBytes(text));
#pragma warning restore CA5350
        return fields["oauth_signature"] == Convert.ToBase64String(signature) ? null : Signature;
    }

    private static string Escape(string text) => string.Concat(Encoding.UTF8.GetBytes(text).Select(one =>
        char.IsAsciiLetterOrDigit((char)one) || "-._~".Contains((char)one) ? ((char)one).ToString() : $"%{one:X2}"));
}
