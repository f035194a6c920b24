using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tocsin.Communications;

namespace Tocsin.Channels.Slack;

/// <summary>
/// What Slack posts when somebody presses a button: a form whose field <c>payload</c> is JSON, signed by the app's
/// secret (docs.slack.dev, Verifying requests from Slack). Slack waits for three seconds.
/// </summary>
internal sealed class SlackCallback
{
    private const int BodyLimitBytes = 1024 * 1024; // it repeats the whole message, percent-encoded
    private const int ActionsLimit = 25; // as many as a block of them holds

    private static readonly TimeSpan Oldest = TimeSpan.FromMinutes(5);

    private readonly byte[] secret;

    /// <exception cref="FormatException">It cannot be a signing secret; the message does not repeat it.</exception>
    public SlackCallback(string secret)
    {
        if (secret.Length < 16 || !secret.All(char.IsAsciiLetterOrDigit))
            throw new FormatException("a Slack signing secret is 32 hexadecimal digits");
        this.secret = Encoding.ASCII.GetBytes(secret);
    }

    /// <summary>Null for what is not proven to come from Slack, is too old, or cannot be read.</summary>
    public CallbackReading? Read(Callback callback)
    {
        if (callback.Body.Length > BodyLimitBytes || !IsProven(callback)
            || Payload(callback.Body.Span) is not { } payload)
        {
            return null;
        }
        try
        {
            using var document = JsonDocument.Parse(payload);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return null;
            // Each press has its own trigger, so an equal body is the same press.
            var replayKey = "slack/" + Convert.ToHexStringLower(SHA256.HashData(callback.Body.Span));
            return new CallbackReading([.. Words(document.RootElement)], replayKey, CallbackReply.Ok);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // a string that is no UTF-16
        {
            return null;
        }
    }

    private bool IsProven(Callback callback)
    {
        if (!callback.Headers.TryGetValue("x-slack-request-timestamp", out var timestamp)
            || !callback.Headers.TryGetValue("x-slack-signature", out var signature)
            || !long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || Math.Abs((decimal)callback.At.ToUnixTimeSeconds() - seconds) > (decimal)Oldest.TotalSeconds)
        {
            return false;
        }
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        hmac.AppendData(Encoding.ASCII.GetBytes($"v0:{timestamp}:"));
        hmac.AppendData(callback.Body.Span);
        var expected = "v0=" + Convert.ToHexStringLower(hmac.GetHashAndReset());
        return CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(expected), Encoding.UTF8.GetBytes(signature));
    }

    // Two of them are no form that Slack sends.
    private static string? Payload(ReadOnlySpan<byte> form)
    {
        const string Field = "payload=";
        var fields = Encoding.UTF8.GetString(form).Split('&')
            .Where(field => field.StartsWith(Field, StringComparison.Ordinal)).Take(2).ToList();
        return fields is [var only] ? WebUtility.UrlDecode(only[Field.Length..]) : null;
    }

    // Anything else that Slack tells an app (a modal, a shortcut) is none of ours: heard, and nothing done.
    private static IEnumerable<CallbackWord> Words(JsonElement payload)
    {
        if (SlackApi.Text(payload, "type") != "block_actions"
            || !payload.TryGetProperty("user", out var user) || SlackApi.Text(user, "id") is not { } account
            || !SlackBot.IsAccount(account)
            || !payload.TryGetProperty("actions", out var actions) || actions.ValueKind != JsonValueKind.Array)
        {
            yield break;
        }
        var receipt = SlackBot.ReceiptOf(TextAt(payload, "channel", "id"), TextAt(payload, "message", "ts"));
        foreach (var action in actions.EnumerateArray().Take(ActionsLimit))
        {
            var name = SlackApi.Text(action, "action_id");
            var pressed = SlackButton.All.FirstOrDefault(button => button.Action == name);
            if (pressed is not null && SlackApi.Text(action, "value") is { } subject
                && AlertSubject.IsOne(subject))
                yield return new CallbackWord.Answered(
                    subject, account, pressed.Answer, receipt, TextAt(payload, "channel", "id") ?? "");
        }
    }

    private static string? TextAt(JsonElement payload, string outer, string inner) =>
        payload.TryGetProperty(outer, out var part) ? SlackApi.Text(part, inner) : null;
}
