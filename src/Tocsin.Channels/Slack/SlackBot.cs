using System.Text.Json;
using Tocsin.Communications;

namespace Tocsin.Channels.Slack;

/// <summary>
/// A Slack channel, by a bot that is a member of it. What concerns one incident stands in one thread, and with a
/// signing secret people answer by buttons: Slack then posts to the address that is set as Interactivity Request URL
/// of the app. The token has the scope <c>chat:write</c>, and for rooms of incidents <c>groups:write</c>,
/// <c>groups:write.invites</c> and <c>groups:read</c>.
/// </summary>
public sealed class SlackBot : IChannel, IHearsBack
{
    // The alert could not hang where it should: then it stands by itself.
    private static readonly string[] NoThread =
    [
        "cannot_reply_to_message", "restricted_action_non_threadable_channel", "restricted_action_thread_locked",
        "thread_not_found",
    ];

    // Slack does not take the form: then the text alone, which says the same.
    private static readonly string[] NoBlocks = ["invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"];

    private readonly string channel;
    private readonly SlackApi api;
    private readonly SlackCallback? callback;

    /// <param name="name">The channel's name in the configuration.</param>
    /// <param name="channel">The channel's id, for example <c>C0123456789</c>: a name may be given to another.</param>
    /// <param name="token">The bot's token; a secret.</param>
    /// <param name="signingSecret">Of the app, by which Slack signs what it tells us; null sends no buttons.</param>
    /// <param name="http">Made by <see cref="ChannelHttp.Create"/>.</param>
    /// <param name="api">The base of Slack's Web API; Slack's own where null.</param>
    /// <param name="timeout">The limit for one attempt; 10 s where null.</param>
    /// <exception cref="FormatException">One of them cannot be used; the message repeats no secret.</exception>
    public SlackBot(string name, string channel, string token, string? signingSecret, HttpClient http,
        TimeProvider time, Uri? api = null, TimeSpan? timeout = null)
    {
        if (!IsChannel(channel))
            throw new FormatException("'channel' is the id of a Slack channel, for example C0123456789, not its name");
        Name = name;
        this.channel = channel;
        this.api = new SlackApi(http, api, token, time, timeout);
        callback = signingSecret is null ? null : new SlackCallback(signingSecret);
        Rooms = new SlackRooms(this.api);
    }

    public static ChannelKind Kind { get; } = new(
        "slack", "A Slack channel, by a bot, with threads and buttons",
        [
            new("channel", FieldForm.Text, "the channel's id, for example C0123456789"),
            new("token", FieldForm.Secret, "the bot's token, xoxb-…"),
            new("signing_secret", FieldForm.Secret, "the app's signing secret, for buttons", IsOptional: true),
            new("rooms", FieldForm.Text, "yes: a private channel for each incident of severity 1 or 2",
                IsOptional: true),
            new("api", FieldForm.Address, "the base of the Web API where it is not Slack's", IsOptional: true),
        ],
        (section, tools) => new SlackBot(
            section.Name, section["channel"], section["token"], section.Find("signing_secret"), tools.Http, tools.Time,
            section.Find("api") is null ? null : section.Address("api"))
        {
            HasRooms = section.Find("rooms") switch
            {
                null or "no" => false,
                "yes" => true,
                _ => throw new FormatException("'rooms' is yes or no"),
            },
        });

    public string Name { get; }

    public bool TakesSeveral => true;

    public string Means => "Slack button";

    public bool Listens => callback is not null;

    public bool IsAt(string place) => place == channel;

    // "No more than one message per second" in a channel, with "short bursts" (docs.slack.dev, Rate limits).
    public RateLimit? Limit { get; } = new(Messages: 5, TimeSpan.FromSeconds(5), Reserved: 2);

    /// <summary>True where each incident that is bad enough gets a channel of its own.</summary>
    public bool HasRooms { get; init; }

    /// <summary>Channels for single incidents, made by the same bot.</summary>
    public SlackRooms Rooms { get; }

    public async Task<DeliveryResult> DeliverAsync(Message message, CancellationToken ct)
    {
        var post = new SlackPost(channel, ThreadHere(message.Thread), HasButtons: callback is not null);
        var answer = await PostAsync(message, post, ct);
        if (post.Thread is not null && answer.Error is { } unthreaded && NoThread.Contains(unthreaded))
        {
            post = post with { Thread = null };
            answer = await PostAsync(message, post, ct);
        }
        if (answer.Error is { } unformed && NoBlocks.Contains(unformed))
            answer = await PostAsync(message, post with { HasBlocks = false }, ct);
        return answer.Result;
    }

    public CallbackReading? Hear(Callback callback) => this.callback?.Read(callback);

    /// <summary>Shows under a message what was answered to it. The buttons stay where somebody must still answer.
    /// </summary>
    /// <param name="receipt">Of the message.</param>
    /// <param name="alert">What it said.</param>
    public async Task<DeliveryResult> ShowAsync(
        string receipt, Alert alert, string answers, bool keepsButtons, CancellationToken ct)
    {
        if (ReadReceipt(receipt) is not var (place, ts))
            return new DeliveryResult.Permanent("it names no message");
        var post = new SlackPost(place, null, HasButtons: keepsButtons && callback is not null)
        {
            Ts = ts,
            Answers = answers,
        };
        return (await api.CallAsync("chat.update", SlackMessage.Write(alert, post), Receipt, ct)).Result;
    }

    /// <summary>Says something to one person alone, where the message stands whose button they pressed.</summary>
    /// <param name="receipt">Of the message.</param>
    public async Task<DeliveryResult> TellAsync(string receipt, string account, string words, CancellationToken ct)
    {
        if (ReadReceipt(receipt) is not var (place, _))
            return new DeliveryResult.Permanent("it names no message");
        var body = SlackApi.Write(json =>
        {
            json.WriteString("channel", place);
            json.WriteString("user", account);
            json.WriteString("text", SlackMessage.Escape(words, 500));
        });
        return (await api.CallAsync("chat.postEphemeral", body, _ => null, ct)).Result;
    }

    /// <summary>True for what reads as the id of an account.</summary>
    public static bool IsAccount(string text) => text.Length is > 1 and <= 32 && text[0] is 'U' or 'W'
        && text.All(letter => char.IsAsciiLetterUpper(letter) || char.IsAsciiDigit(letter));

    /// <summary>The receipt of a message; null where it is none.</summary>
    internal static string? ReceiptOf(string? channel, string? ts) =>
        IsChannel(channel) && IsTs(ts) ? $"{channel}/{ts}" : null;

    /// <summary>True for what reads as the id of a channel.</summary>
    internal static bool IsChannel(string? text) => text is { Length: >= 2 and <= 32 } && text[0] is 'C' or 'G' or 'D'
        && text.All(letter => char.IsAsciiLetterUpper(letter) || char.IsAsciiDigit(letter));

    private Task<SlackAnswer> PostAsync(Message message, SlackPost post, CancellationToken ct) =>
        api.CallAsync("chat.postMessage", SlackMessage.Write(message.Alert, post), Receipt, ct);

    private static string? Receipt(JsonElement answer) =>
        ReceiptOf(SlackApi.Text(answer, "channel"), SlackApi.Text(answer, "ts"));

    private static (string Channel, string Ts)? ReadReceipt(string? receipt) =>
        receipt?.Split('/') is [var place, var ts] && IsChannel(place) && IsTs(ts) ? (place, ts) : null;

    // A receipt of another channel is from before the configuration was changed: its thread is not here.
    private string? ThreadHere(string? receipt) =>
        ReadReceipt(receipt) is var (place, ts) && place == channel ? ts : null;

    // Never a number: as a double it would lose its last digits, and name another message.
    private static bool IsTs(string? text) => text is { Length: <= 32 }
        && text.Split('.') is [{ Length: > 0 }, { Length: > 0 }]
        && text.All(letter => char.IsAsciiDigit(letter) || letter == '.');
}
