using System.Text.Json;

namespace Tocsin.Channels.Discord;

/// <summary>
/// A Discord webhook. It posts to a channel that many read, so it carries the link to the war room and never one that
/// acknowledges for a person.
/// </summary>
/// <param name="name">The channel's name in the configuration.</param>
/// <param name="address">The webhook's address as Discord shows it; a secret.</param>
/// <param name="http">Made by <see cref="ChannelHttp.Create"/>.</param>
/// <param name="timeout">The limit for one attempt; 10 s where null.</param>
public sealed class DiscordWebhook(
    string name, Uri address, HttpClient http, TimeProvider time, TimeSpan? timeout = null) : IChannel
{
    private const int AnswerLimitBytes = 256 * 1024; // it repeats the whole message

    public static ChannelKind Kind { get; } = new(
        "discord", "A Discord channel, by a webhook",
        [new("url", FieldForm.SecretAddress, "the webhook's address")],
        (section, tools) => new DiscordWebhook(section.Name, section.Address("url"), tools.Http, tools.Time));

    private readonly WebhookPost post = new(http, Executing(address), time, timeout);

    // What stands before Discord blocks an address for a while, and speaks as if it were Discord.
    private const int BlockedOnTheWay = 40333;

    public string Name => name;

    public bool TakesSeveral => true;

    // Discord documents no number and says it with each answer instead: for a webhook 5 within 2 s.
    public RateLimit? Limit { get; } = new(Messages: 5, TimeSpan.FromSeconds(2), Reserved: 2);

    public Task<DeliveryResult> DeliverAsync(Message message, CancellationToken ct) =>
        post.SendAsync(DiscordMessage.Write(message.Alert), _ => { }, AnswerLimitBytes, Judge, ct);

    // Without "wait", "a message that is not saved does not return an error". The address that Discord shows names no
    // version, which means an old one in which waits are in milliseconds.
    private static Uri Executing(Uri address)
    {
        if (!address.IsAbsoluteUri)
            return address;
        const string Unversioned = "/api/webhooks/";
        var others = address.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Where(pair => !pair.StartsWith("wait=", StringComparison.Ordinal));
        var executing = new UriBuilder(address) { Query = string.Join('&', others.Append("wait=true")) };
        if (executing.Path.StartsWith(Unversioned, StringComparison.Ordinal))
            executing.Path = "/api/v10/webhooks/" + executing.Path[Unversioned.Length..];
        return executing.Uri;
    }

    // Discord answers with the message that it saved, and refuses with a code of its own. A 4xx without one was not
    // Discord speaking but something on the way, and may pass. A webhook that was not found must not be used again.
    private static DeliveryResult Judge(WebhookAnswer answer)
    {
        var mute = answer.IsSuccess
            ? new DeliveryResult.RetryAfter(
                answer.RetryAfter, $"{answer.Host} answered {answer.Status} without the message")
            : answer.Failed;
        try
        {
            using var document = JsonDocument.Parse(answer.Text);
            var json = document.RootElement;
            if (json.ValueKind != JsonValueKind.Object)
                return mute;
            if (answer.IsSuccess)
                return Id(json) is { } id ? new DeliveryResult.Delivered($"{answer.Host} saved it", id) : mute;
            if (answer.Status == 429)
                return new DeliveryResult.RetryAfter(Wait(json) ?? answer.RetryAfter, mute.Reason);
            return answer.Status is >= 400 and < 500 and not 408 && Code(json) is { } code and not BlockedOnTheWay
                ? new DeliveryResult.Permanent($"{answer.Host} refused it with {answer.Status}: code {code}")
                : mute;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // a string that is no UTF-16
        {
            return mute;
        }
    }

    private static string? Id(JsonElement json) =>
        json.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String
            && id.GetString() is { Length: > 0 and <= 32 } text && text.All(char.IsAsciiDigit)
            ? text
            : null;

    private static int? Code(JsonElement json) =>
        json.TryGetProperty("code", out var code) && code.ValueKind == JsonValueKind.Number
            && code.TryGetInt32(out var number)
            ? number
            : null;

    // In seconds with a fraction, where the header has whole ones.
    private static TimeSpan? Wait(JsonElement json) =>
        json.TryGetProperty("retry_after", out var wait) && wait.ValueKind == JsonValueKind.Number
            && wait.TryGetDecimal(out var seconds) && seconds is >= 0 and < 1_000_000
            ? TimeSpan.FromMilliseconds((long)Math.Ceiling(seconds * 1000))
            : null;
}
