namespace Tocsin.Channels.Slack;

/// <summary>
/// A Slack incoming webhook. It posts to a channel that many read, so it carries the link to the war room and never
/// one that acknowledges for a person.
/// </summary>
/// <param name="name">The channel's name in the configuration.</param>
/// <param name="address">The webhook's address; a secret.</param>
/// <param name="http">Made by <see cref="ChannelHttp.Create"/>.</param>
/// <param name="timeout">The limit for one attempt; 10 s where null.</param>
public sealed class SlackWebhook(string name, Uri address, HttpClient http, TimeProvider time, TimeSpan? timeout = null)
    : IChannel
{
    public static ChannelKind Kind { get; } = new(
        "slack-webhook", "A Slack channel, by an incoming webhook",
        [new("url", FieldForm.SecretAddress, "the webhook's address")],
        (section, tools) => new SlackWebhook(section.Name, section.Address("url"), tools.Http, tools.Time));

    private readonly WebhookPost post = new(http, address, time, timeout);

    public string Name => name;

    public bool TakesSeveral => true;

    // As of the bot: one message a second, with short bursts, "or incoming webhooks" (docs.slack.dev, Rate limits).
    public RateLimit? Limit { get; } = new(Messages: 5, TimeSpan.FromSeconds(5), Reserved: 2);

    public Task<DeliveryResult> DeliverAsync(Message message, CancellationToken ct) =>
        post.SendAsync(SlackMessage.Write(message.Alert), _ => { }, WebhookPost.BodyLimitBytes, Judge, ct);

    // Slack accepts with 200 and the text "ok", and refuses with 4xx and one word such as no_service. A 4xx that says
    // anything else was not Slack speaking but something on the way, and may pass.
    private static DeliveryResult Judge(WebhookAnswer answer)
    {
        if (answer.Status == 200 && answer.Text.Trim() == "ok")
            return new DeliveryResult.Delivered($"{answer.Host} accepted it");
        if (answer.Status is >= 400 and < 500 and not 408 and not 429 && IsErrorWord(answer.Text.Trim()))
            return new DeliveryResult.Permanent($"{answer.Host} refused it: {answer.Text.Trim()}");
        return answer.IsSuccess
            ? new DeliveryResult.RetryAfter(answer.RetryAfter, $"{answer.Host} answered {answer.Status} without an ok")
            : answer.Failed;
    }

    private static bool IsErrorWord(string text) =>
        text.Length is > 0 and <= 64 && text.All(letter => char.IsAsciiLetterLower(letter) || letter == '_');
}
