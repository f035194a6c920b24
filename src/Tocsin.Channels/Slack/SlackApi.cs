using System.Net.Http.Headers;
using System.Text.Json;

namespace Tocsin.Channels.Slack;

/// <param name="Error">Slack's own word for what is wrong; null where it is pleased or did not speak.</param>
internal sealed record SlackAnswer(DeliveryResult Result, string? Error);

/// <summary>
/// Calls methods of Slack's Web API as a bot. Slack answers most refusals with 200 and <c>"ok": false</c>: the body
/// alone says what became of a call (docs.slack.dev, Using the Slack Web API, and the errors of each method).
/// </summary>
internal sealed class SlackApi
{
    // The answer repeats the message, with six bytes for a character that is not ASCII.
    private const int AnswerLimitBytes = 256 * 1024;

    private static readonly Uri Slack = new("https://slack.com/api/");

    // They pass by themselves. Slack spells the first in two ways.
    private static readonly string[] Passing =
    [
        "ratelimited", "rate_limited", "message_limit_exceeded", "service_unavailable", "request_timeout",
        "team_added_to_org", "org_login_required", "external_channel_migrating",
    ];

    // "It's possible some aspect of the operation succeeded before the error was raised."
    private static readonly string[] Unclear = ["fatal_error", "internal_error"];

    private readonly HttpClient http;
    private readonly Uri api;
    private readonly string token;
    private readonly TimeProvider time;
    private readonly TimeSpan? timeout;

    /// <param name="api">The address below which the methods are; Slack's own where null.</param>
    /// <param name="token">Of the bot, for example <c>xoxb-…</c>; a secret.</param>
    /// <exception cref="FormatException">One of them cannot be used; the message repeats neither.</exception>
    public SlackApi(HttpClient http, Uri? api, string token, TimeProvider time, TimeSpan? timeout)
    {
        api ??= Slack;
        if (!api.IsAbsoluteUri || !(api.Scheme == Uri.UriSchemeHttps || (api.IsLoopback && api.Scheme == "http")))
            throw new FormatException("'api' begins with https://: the bot's token travels there");
        if (token.Length == 0 || !token.All(letter => char.IsAsciiLetterOrDigit(letter) || "-._".Contains(letter)))
            throw new FormatException("the token of a Slack bot is xoxb- followed by letters, digits and hyphens");
        this.http = http;
        this.api = api;
        this.token = token;
        this.time = time;
        this.timeout = timeout;
    }

    /// <param name="method">For example <c>chat.postMessage</c>.</param>
    /// <param name="receipt">Finds in a good answer what the thing made is known by.</param>
    public Task<SlackAnswer> CallAsync(
        string method, byte[] json, Func<JsonElement, string?> receipt, CancellationToken ct)
    {
        var content = new ByteArrayContent(json);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        return SendAsync(HttpMethod.Post, method, content, receipt, ct);
    }

    /// <summary>Asks by a method that reads; those take no JSON.</summary>
    /// <param name="query">With what it is asked, escaped.</param>
    public Task<SlackAnswer> AskAsync(
        string method, string query, Func<JsonElement, string?> receipt, CancellationToken ct) =>
        SendAsync(HttpMethod.Get, $"{method}?{query}", null, receipt, ct);

    private async Task<SlackAnswer> SendAsync(
        HttpMethod verb, string method, HttpContent? content, Func<JsonElement, string?> receipt,
        CancellationToken ct)
    {
        string? error = null;
        var address = new Uri(api.AbsoluteUri.TrimEnd('/') + "/" + method);
        var result = await new WebhookPost(http, address, time, timeout).SendAsync(
            verb,
            address,
            content,
            headers => headers.Authorization = new AuthenticationHeaderValue("Bearer", token),
            AnswerLimitBytes,
            answer =>
            {
                (var judged, error) = Judge(answer, receipt);
                return judged;
            },
            ct);
        return new SlackAnswer(result, error);
    }

    /// <summary>A JSON object with these members, as UTF-8.</summary>
    public static byte[] Write(Action<Utf8JsonWriter> members)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }

    /// <summary>A member that is a string; null where there is none.</summary>
    public static string? Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static SlackAnswer Judge(WebhookAnswer answer, Func<JsonElement, string?> receipt)
    {
        // What does not read as Slack's own word came from something on the way.
        var mute = answer.IsSuccess
            ? new DeliveryResult.RetryAfter(answer.RetryAfter, $"{answer.Host} answered {answer.Status} without an ok")
            : answer.Failed;
        var speaks = answer.IsSuccess || answer.Status is >= 400 and < 500 and not 408 and not 429;
        if (!speaks)
            return new SlackAnswer(mute, Error: null);
        try
        {
            using var document = JsonDocument.Parse(answer.Text);
            var json = document.RootElement;
            if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty("ok", out var ok))
                return new SlackAnswer(mute, Error: null);
            if (ok.ValueKind == JsonValueKind.True && answer.IsSuccess)
                return new SlackAnswer(
                    new DeliveryResult.Delivered($"{answer.Host} accepted it", receipt(json)), Error: null);
            return ok.ValueKind == JsonValueKind.False && Text(json, "error") is { } error && IsErrorWord(error)
                ? new SlackAnswer(Refused(answer, error), error)
                : new SlackAnswer(mute, Error: null);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // a string that is no UTF-16
        {
            return new SlackAnswer(mute, Error: null);
        }
    }

    private static DeliveryResult Refused(WebhookAnswer answer, string error)
    {
        if (Passing.Contains(error))
            return new DeliveryResult.RetryAfter(answer.RetryAfter, $"{answer.Host} answered {error}");
        return Unclear.Contains(error)
            ? new DeliveryResult.Unknown($"{answer.Host} answered {error}, and may have taken it")
            : new DeliveryResult.Permanent($"{answer.Host} refused it: {error}");
    }

    private static bool IsErrorWord(string text) => text.Length is > 0 and <= 64
        && text.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '_');
}
