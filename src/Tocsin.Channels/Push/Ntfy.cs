using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Tocsin.Channels.Push;

/// <summary>
/// A push to one person's telephone, by a server of ntfy, best one's own. It is one person's way and carries that
/// person's acknowledge link: whoever reads the topic can open it, so a topic is guarded by a token or is a secret.
/// </summary>
public sealed class Ntfy : IChannel
{
    private const string Usual = "https://ntfy.sh";
    private const int ReasonLimit = 200;

    private readonly string name;
    private readonly string topic;
    private readonly string? token;
    private readonly WebhookPost post;

    /// <param name="timeout">The limit for one attempt; 10 s where null.</param>
    /// <exception cref="FormatException">The topic or the token is none; neither is repeated.</exception>
    public Ntfy(ChannelSection section, ChannelTools tools, TimeSpan? timeout = null)
    {
        const string topics = "a topic of ntfy is 1 to 64 letters, digits, _ and -";
        name = section.Name;
        topic = ProviderSettings.Check(
            section["topic"], letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-', topics);
        if (topic.Length > 64)
            throw new FormatException(topics);
        token = section.Find("token") is { } text
            ? ProviderSettings.Check(
                text, ProviderSettings.IsVisible, "a token of ntfy has no spaces and nothing but ASCII")
            : null;
        post = new WebhookPost(tools.Http, new Uri(section.Api(Usual) + "/"), tools.Time, timeout);
    }

    public static ChannelKind Kind { get; } = new(
        "ntfy", "A push to one person's telephone, by a server of ntfy",
        [
            new("topic", FieldForm.Secret, "the topic that the telephone listens to"),
            new("token", FieldForm.Secret, "an access token, where the server asks for one", IsOptional: true),
            ProviderSettings.ApiField(Usual),
        ],
        (section, tools) => new Ntfy(section, tools));

    public string Name => name;

    public bool TakesSeveral => true;

    // As it comes: sixty at once, then one in five seconds.
    public RateLimit? Limit { get; } = new(60, TimeSpan.FromMinutes(5), Reserved: 20);

    public Task<DeliveryResult> DeliverAsync(Message message, CancellationToken ct) => post.SendAsync(
        NtfyMessage.Write(message.Alert, topic),
        headers =>
        {
            if (token is not null)
                headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
        },
        WebhookPost.BodyLimitBytes, Judge, ct);

    // It answers with the message as it keeps it, and refuses with a number of its own that begins with the status.
    private static DeliveryResult Judge(WebhookAnswer answer)
    {
        if (JsonReading.Parse(Encoding.UTF8.GetBytes(answer.Text)) is not { } said)
            return Unclear(answer);
        if (answer.Status == 200 && said.TextAt("event") == "message" && said.TextAt("id") is not null)
            return new DeliveryResult.Delivered($"{answer.Host} accepted it");
        var isRefusal = answer.Status is >= 400 and < 500 and not 408 and not 429
            && said.NumberAt("code") is { } code && code / 100 == answer.Status;
        return isRefusal ? new DeliveryResult.Permanent($"{answer.Host} refused it: {Why(said)}") : Unclear(answer);
    }

    private static string Why(JsonElement said) => string.Create(
        CultureInfo.InvariantCulture,
        $"{said.NumberAt("code")} {InertText.Cut(AlertText.OneLine(said.TextAt("error") ?? ""), ReasonLimit)}");

    private static DeliveryResult.RetryAfter Unclear(WebhookAnswer answer) => answer.IsSuccess
        ? new DeliveryResult.RetryAfter(
            answer.RetryAfter, $"{answer.Host} answered {answer.Status} without the message")
        : answer.Failed;
}
