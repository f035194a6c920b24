using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Tocsin.Channels.Twilio;

/// <summary>
/// One telephone, as one account of Twilio reaches it. Twilio has no key by which it would know a repetition, so after
/// an attempt without an answer it is asked first what it has for this number. That a doubt is kept in memory alone
/// costs a repetition after a crash.
/// </summary>
internal sealed partial class TwilioAccount
{
    /// <summary>What every section of Twilio's holds.</summary>
    public static readonly ChannelField[] Fields =
    [
        new("account", FieldForm.Text, "the SID of the account, AC and 32 hexadecimal digits"),
        new("token", FieldForm.Secret, "the account's auth token, which also signs what Twilio tells us"),
        new("from", FieldForm.Text, "the number it comes from, for example +15005550006"),
        new("to", FieldForm.Text, "the person's number, for example +4915112345678"),
        new("callback", FieldForm.Address, "the public address of this channel here, for receipts and keys", true),
        new("api", FieldForm.Address, "another address than https://api.twilio.com", true),
    ];

    private const int AnswerLimitBytes = 256 * 1024;
    private const int LookedThrough = 20;
    private const int KnownMost = 1000;

    // A queue or a rate of theirs is full, which passes: their documentation of errors.
    private static readonly int[] PassingErrors = [10004, 14107, 20429, 20503, 21611];

    // States of a message or a call that never reached anybody.
    private static readonly string[] Lost = ["failed", "undelivered", "canceled", "busy", "no-answer"];

    private readonly string account;
    private readonly string token;
    private readonly Uri resource;
    private readonly TimeProvider time;
    private readonly WebhookPost post;

    // By the keys of alerts: since when an attempt is in doubt.
    private readonly ConcurrentDictionary<string, DateTimeOffset> doubts = [];

    // What was made for another alert is no proof of this one: calls have no text to tell them apart.
    private readonly ConcurrentQueue<string> known = [];

    // How many are on their way to Twilio now: each lane of the channel makes its own.
    private int making;

    /// <param name="kind">What is made there: Messages or Calls.</param>
    /// <exception cref="FormatException">A field is not in the form that Twilio knows.</exception>
    public TwilioAccount(ChannelSection section, ChannelTools tools, string kind, TimeSpan? timeout)
    {
        account = AccountForm().IsMatch(section["account"])
            ? section["account"]
            : throw new FormatException("'account' is AC and 32 hexadecimal digits");
        token = section["token"];
        From = section["from"];
        To = NumberForm().IsMatch(section["to"])
            ? section["to"]
            : throw new FormatException("'to' is a number with + and the country first, for example +4915112345678");
        CallbackAt = section.Find("callback") is null ? null : section.Address("callback");
        var api = section.Find("api") is null ? new Uri("https://api.twilio.com") : section.Address("api");
        resource = new Uri(api, $"/2010-04-01/Accounts/{account}/{kind}.json");
        time = tools.Time;
        post = new WebhookPost(tools.Http, resource, time, timeout);
    }

    public string From { get; }

    public string To { get; }

    public Uri? CallbackAt { get; }

    /// <summary>True for a number with its country, as it must be of what calls.</summary>
    public static bool IsNumber(string text) => NumberForm().IsMatch(text);

    /// <summary>The callback's address with what Twilio is to bring back; its signature covers that too.</summary>
    public Uri? CallbackFor(string incident, TimeSpan validFor)
    {
        if (CallbackAt is null)
            return null;
        var of = incident.Length > 32 ? "" : Uri.EscapeDataString(incident);
        var until = (time.GetUtcNow() + validFor).ToUnixTimeSeconds();
        var begin = CallbackAt.Query.Length > 0 ? "&" : "?";
        return new Uri($"{CallbackAt.AbsoluteUri}{begin}incident={of}&until={until}");
    }

    /// <summary>Makes one of the kind, unless an earlier attempt turns out to have made it.</summary>
    /// <param name="isThis">Whether one that Twilio has is of this attempt, which began at the instant.</param>
    public async Task<DeliveryResult> MakeAsync(string key, IEnumerable<KeyValuePair<string, string>> form,
        Func<JsonElement, DateTimeOffset, bool> isThis, CancellationToken ct)
    {
        if (doubts.TryGetValue(key, out var since)
            && await FindAsync(one => isThis(one, since), ct) is { } found)
        {
            if (found is not DeliveryResult.Accepted accepted)
                return found;
            // What another attempt is just making could be taken for ours: it is known once that one is answered.
            if (Volatile.Read(ref making) > 0)
                return new DeliveryResult.RetryAfter(
                    null, "another is on its way to this telephone: it is looked again");
            doubts.TryRemove(key, out _);
            Remember(accepted.Receipt);
            return found;
        }
        doubts.TryAdd(key, time.GetUtcNow());
        Interlocked.Increment(ref making);
        try
        {
            var result = await post.SendAsync(
                HttpMethod.Post, resource, new FormUrlEncodedContent(form), SignIn, AnswerLimitBytes, JudgeMade, ct);
            if (result is not DeliveryResult.Unknown)
                doubts.TryRemove(key, out _);
            if (result is DeliveryResult.Accepted made)
                Remember(made.Receipt);
            return result;
        }
        finally
        {
            Interlocked.Decrement(ref making);
        }
    }

    private void Remember(string sid)
    {
        known.Enqueue(sid);
        if (known.Count > KnownMost)
            known.TryDequeue(out _);
    }

    /// <summary>What Twilio tells us: the fields of address and form; null where it is not proven, too old, or of
    /// another telephone.</summary>
    public (IReadOnlyDictionary<string, string> Form, string Incident)? Hear(Callback callback)
    {
        if (TwilioSignature.Verified(callback, token) is not { } form
            || TwilioSignature.Form(callback.Url.Query.TrimStart('?')) is not { } query
            || !long.TryParse(query.GetValueOrDefault("until"), out var until)
            || callback.At.ToUnixTimeSeconds() > until
            || form.GetValueOrDefault("AccountSid") != account
            || form.GetValueOrDefault("To") != To)
            return null;
        return (form, query.GetValueOrDefault("incident", ""));
    }

    private void SignIn(HttpRequestHeaders headers) => headers.Authorization = new AuthenticationHeaderValue(
        "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{account}:{token}")));

    // Null where it may be sent again. Only silence and trouble of theirs keep it back: one who is not allowed to look
    // must still be able to send.
    private async Task<DeliveryResult?> FindAsync(Func<JsonElement, bool> isThis, CancellationToken ct)
    {
        var isMissing = false;
        var address = new Uri(resource, $"?To={Uri.EscapeDataString(To)}&PageSize={LookedThrough}");
        var result = await post.SendAsync(HttpMethod.Get, address, null, SignIn, AnswerLimitBytes, Judge, ct);
        return isMissing ? null
            : result is DeliveryResult.Unknown ? new DeliveryResult.RetryAfter(null, result.Reason)
            : result;

        DeliveryResult Judge(WebhookAnswer answer)
        {
            if (answer.Status is 408 or 429 or >= 500)
            {
                // Nobody was called, so it costs nothing of what one telephone takes.
                return new DeliveryResult.RetryAfter(
                    answer.RetryAfter,
                    $"{answer.Host} answered {answer.Status} when asked whether it has the earlier attempt");
            }
            var found = answer.Status == 200
                ? Listed(answer.Text)
                    .FirstOrDefault(one => Sid(one) is { } listed && !known.Contains(listed) && isThis(one))
                : default;
            if (found.ValueKind == JsonValueKind.Object && Sid(found) is { } sid
                && !Lost.Contains(Text(found, "status")))
                return new DeliveryResult.Accepted($"{answer.Host} has it from an earlier attempt", sid);
            isMissing = true;
            return answer.Failed;
        }
    }

    private static DeliveryResult JudgeMade(WebhookAnswer answer)
    {
        var root = Parse(answer.Text);
        if (answer.IsSuccess)
        {
            return Sid(root) is { } sid
                ? new DeliveryResult.Accepted($"{answer.Host} took it over", sid)
                : new DeliveryResult.Unknown($"{answer.Host} answered {answer.Status} without a SID");
        }
        if (answer.Status == 429)
            return answer.Failed;
        if (answer.Status is 408 or >= 500)
            return new DeliveryResult.Unknown($"{answer.Host} answered {answer.Status}: it may have it");
        if (answer.Status < 400 || Number(root, "code") is not { } code)
            return answer.Failed; // not Twilio speaking, but something on the way
        // The words of the error would repeat the telephone's number.
        return PassingErrors.Contains(code)
            ? new DeliveryResult.RetryAfter(answer.RetryAfter, $"{answer.Host} has no room for it now (error {code})")
            : new DeliveryResult.Permanent($"{answer.Host} refused it: error {code}");
    }

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

    private static IEnumerable<JsonElement> Listed(string text)
    {
        var root = Parse(text);
        foreach (var name in (string[])["messages", "calls"])
        {
            if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty(name, out var list)
                && list.ValueKind == JsonValueKind.Array)
                return list.EnumerateArray();
        }
        return [];
    }

    private static string? Sid(JsonElement element) =>
        Text(element, "sid") is { } sid && IsSid(sid) ? sid : null;

    /// <summary>True for an identifier as Twilio makes them.</summary>
    public static bool IsSid(string text) => SidForm().IsMatch(text);

    /// <summary>A field that is a string; null where there is none.</summary>
    public static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static int? Number(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : null;

    [GeneratedRegex("^AC[0-9a-f]{32}\\z")]
    private static partial Regex AccountForm();

    [GeneratedRegex("^[A-Z]{2}[0-9a-f]{32}\\z")]
    private static partial Regex SidForm();

    [GeneratedRegex("^\\+[1-9][0-9]{6,14}\\z")]
    private static partial Regex NumberForm();
}
