using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace Tocsin.Channels;

/// <summary>
/// A webhook that takes <see cref="JsonMessage"/>, one person's way: it carries that person's acknowledge link. The
/// header <c>Idempotency-Key</c> is equal for all attempts; with a secret the request is also signed as Standard
/// Webhooks 1.0.0 says (<c>webhook-id</c>, <c>webhook-timestamp</c>, <c>webhook-signature</c>).
/// </summary>
/// <param name="name">The channel's name in the configuration.</param>
/// <param name="address">The webhook's address; a secret.</param>
/// <param name="secret">Null sends unsigned.</param>
/// <param name="oldSecret">Signs as well, while receivers go over to the new one; null for none.</param>
/// <param name="http">Made by <see cref="ChannelHttp.Create"/>.</param>
/// <param name="timeout">The limit for one attempt; 10 s where null.</param>
public sealed class JsonWebhook(string name, Uri address, WebhookSecret? secret, HttpClient http, TimeProvider time,
    TimeSpan? timeout = null, WebhookSecret? oldSecret = null) : IChannel
{
    public static ChannelKind Kind { get; } = new(
        "json-webhook", "Anything that takes JSON, signed as Standard Webhooks says",
        [
            new("url", FieldForm.SecretAddress, "the webhook's address"),
            new("secret", FieldForm.Secret, "whsec_ and Base64, by which it is signed", IsOptional: true),
            new("old_secret", FieldForm.Secret, "signs as well, while receivers go over to the new one", true),
        ],
        (section, tools) => new JsonWebhook(
            section.Name, section.Address("url"), Secret(section, "secret"), tools.Http, tools.Time,
            oldSecret: Secret(section, "old_secret")));

    private readonly WebhookPost post = new(http, address, time, timeout);

    public string Name => name;

    public Task<DeliveryResult> DeliverAsync(Message message, CancellationToken ct)
    {
        var alert = message.Alert;
        var body = JsonMessage.Write(alert);
        return post.SendAsync(body, headers => AddHeaders(headers, alert.Key, body), bodyLimitBytes: 0, Judge, ct);
    }

    private static WebhookSecret? Secret(ChannelSection section, string field) =>
        section.Find(field) is { } secret ? WebhookSecret.Parse(secret) : null;

    private void AddHeaders(HttpRequestHeaders headers, string key, byte[] body)
    {
        var id = HeaderKey(key);
        headers.Add("Idempotency-Key", id);
        if (secret is null)
            return;
        var timestampSeconds = time.GetUtcNow().ToUnixTimeSeconds();
        headers.Add("webhook-id", id);
        headers.Add("webhook-timestamp", timestampSeconds.ToString());
        // Standard Webhooks 1.0.0, "Zero downtime secret rotation": a receiver takes what any one of them proves.
        var signatures = new[] { secret, oldSecret }.OfType<WebhookSecret>()
            .Select(one => one.Sign(id, timestampSeconds, body));
        headers.Add("webhook-signature", string.Join(' ', signatures));
    }

    // A header cannot hold every character, and the signed text is split at full stops: a key with anything else in it
    // goes as its hash, which is equal for all attempts just the same.
    private static string HeaderKey(string key)
    {
        var fits = key.Length is > 0 and <= 200
            && key.All(letter => char.IsAsciiLetterOrDigit(letter) || "-_:/@#".Contains(letter));
        return fits ? key : "sha256-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
    }

    // 410 is the one answer that means "never again". Any other failure is tried again, a refusal too: a receiver that
    // is being redeployed, or whose secret is being changed, must not cost a page.
    private static DeliveryResult Judge(WebhookAnswer answer) => answer switch
    {
        { IsSuccess: true } => new DeliveryResult.Delivered($"{answer.Host} accepted it"),
        { Status: 410 } => new DeliveryResult.Permanent($"{answer.Host} answered 410: this webhook is gone"),
        _ => answer.Failed,
    };
}
