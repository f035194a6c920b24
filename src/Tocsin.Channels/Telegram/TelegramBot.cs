using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Tocsin.Channels.Telegram;

/// <summary>
/// A chat, a group or a topic of a group in Telegram, by a bot. Later alerts of an incident reply to its first. Under
/// what asks for an answer there are buttons, where the bot's webhook is set to this channel's address with a secret
/// (<c>setWebhook</c> with <c>secret_token</c>): who presses one is known by the number of the account.
/// <para>A bot has one webhook: where several channels share a bot, one of them hears the buttons of all.</para>
/// </summary>
public sealed class TelegramBot : IChannel, IHearsBack
{
    private const string Usual = "https://api.telegram.org";
    private const int ShownMost = 200; // of answerCallbackQuery
    private const long SecondsMost = 100_000_000_000; // what is no instant is none of a message

    // What it takes is said in its documentation: one a second in a chat, twenty a minute in a group.
    private static readonly TimeSpan Apart = TimeSpan.FromSeconds(1);
    private static readonly RateLimit OfGroup = new(20, TimeSpan.FromMinutes(1), Reserved: 6);
    private static readonly RateLimit OfPerson = new(60, TimeSpan.FromMinutes(1), Reserved: 20);

    private readonly string name;
    private readonly WebhookPost post;
    private readonly TimeProvider time;
    private readonly string configured;
    private readonly long? topic;
    private readonly string? callbackSecret;

    private string? moved;
    private DateTimeOffset? lastAt;

    /// <param name="timeout">The limit for one attempt; 10 s where null.</param>
    /// <exception cref="FormatException">The token, the chat or the topic is none; no secret is repeated.</exception>
    public TelegramBot(ChannelSection section, ChannelTools tools, TimeSpan? timeout = null)
    {
        name = section.Name;
        time = tools.Time;
        var token = ProviderSettings.Check(
            section["token"], letter => char.IsAsciiLetterOrDigit(letter) || letter is ':' or '_' or '-',
            "a bot's token is a number, a colon, and letters, digits, _ and -");
        configured = ReadChat(section["chat"]);
        topic = section.Find("topic") is { } text ? ReadTopic(text) : null;
        callbackSecret = section.Find("callback_secret") is { } secret
            ? ProviderSettings.Check(
                ProviderSettings.CheckCallback(secret),
                letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-',
                "the secret of a bot's webhook is letters, digits, _ and -")
            : null;
        post = new WebhookPost(tools.Http, new Uri($"{section.Api(Usual)}/bot{token}/sendMessage"), time, timeout);
    }

    public static ChannelKind Kind { get; } = new(
        "telegram-bot", "A chat, group or topic in Telegram, by a bot",
        [
            new("token", FieldForm.Secret, "the bot's token"),
            new("chat", FieldForm.Text, "the chat's number, below zero for a group, or @name"),
            new("topic", FieldForm.Text, "the number of a topic in the group", IsOptional: true),
            new("callback_secret", FieldForm.Secret, "secret_token of its webhook; without it there are no buttons",
                IsOptional: true),
            ProviderSettings.ApiField(Usual),
        ],
        (section, tools) => new TelegramBot(section, tools))
    {
        // A group would show everybody the link of one.
        LetsAnswer = fields => fields.ContainsKey("callback_secret")
            || new TelegramPlace(fields["chat"], null, null).IsPrivate,
    };

    public string Name => name;

    public bool TakesSeveral => true;

    public string Means => "Telegram button";

    public bool Listens => callbackSecret is not null;

    public RateLimit? Limit => Place(null).IsPrivate ? OfPerson : OfGroup;

    private string Chat => moved ?? configured;

    public async Task<DeliveryResult> DeliverAsync(Message message, CancellationToken ct)
    {
        await KeepApartAsync(ct);
        var asHtml = true;
        var hasMoved = false;
        while (true)
        {
            TelegramAnswer? said = null;
            var body = TelegramMessage.Write(
                message.Alert, Place(message.Thread), asHtml, hasButtons: callbackSecret is not null);
            var result = await post.SendAsync(
                body, _ => { }, WebhookPost.BodyLimitBytes, answer => (said = Read(answer)).Result, ct);
            if (said?.MovedTo is { } id && !hasMoved)
            {
                moved = id.ToString(CultureInfo.InvariantCulture);
                hasMoved = true;
            }
            else if (said is { IsUnreadable: true } && asHtml)
            {
                asHtml = false;
            }
            else
            {
                if (result is DeliveryResult.Delivered)
                    lastAt = time.GetUtcNow();
                return result;
            }
        }
    }

    public bool IsAt(string place) => place.Split('/').Contains(Chat, StringComparer.OrdinalIgnoreCase);

    // Telegram says not when a button was pressed, and repeats an update for a day under its number: the number tells
    // a repetition, and an answer of a person is the same however late it comes.
    public CallbackReading? Hear(Callback callback)
    {
        if (callbackSecret is null
            || !callback.Headers.TryGetValue("x-telegram-bot-api-secret-token", out var secret)
            || !ProviderSettings.IsSame(secret, callbackSecret)
            || JsonReading.Parse(callback.Body) is not { } update
            || update.NumberAt("update_id") is not { } number)
            return null;
        var key = $"telegram:{number}";
        if (update.TextAt("callback_query", "id") is not { } query
            || update.NumberAt("callback_query", "from", "id") is not { } account)
            return new CallbackReading([], key, CallbackReply.Ok);
        if (TelegramMessage.ReadButton(update.TextAt("callback_query", "data") ?? "") is not { } button)
            return new CallbackReading([], key, Answer(query, "This button is of something else."));
        ValueList<CallbackWord> words =
        [
            new CallbackWord.Answered(
                button.Incident, account.ToString(CultureInfo.InvariantCulture), button.Answer, null, PlaceOf(update))
            {
                AskedAt = update.NumberAt("callback_query", "message", "date") is { } sent and > 0 and < SecondsMost
                    ? DateTimeOffset.FromUnixTimeSeconds(sent)
                    : null,
            },
        ];
        return new CallbackReading(
            words, key, Answer(query, $"{button.Incident}: received. The war room shows who has answered."))
        {
            Saying = said => Answer(query, InertText.Cut(said, ShownMost)),
        };
    }

    // A chat is configured by its number, or by the name of a public group.
    private static string PlaceOf(JsonElement update) => string.Create(
        CultureInfo.InvariantCulture,
        $"{update.NumberAt("callback_query", "message", "chat", "id")}/"
        + $"@{update.TextAt("callback_query", "message", "chat", "username")}");

    // The answer to the webhook may be a call of the bot: the button stops turning without another request of ours.
    private static CallbackReply Answer(string query, string text) => new(
        200, "application/json", JsonSerializer.Serialize(new Dictionary<string, string>
        {
            ["method"] = "answerCallbackQuery",
            ["callback_query_id"] = query,
            ["text"] = text,
        }));

    private async Task KeepApartAsync(CancellationToken ct)
    {
        var wait = lastAt + Apart - time.GetUtcNow();
        // A clock that was set back must not keep anything for long.
        if (wait > TimeSpan.Zero && wait <= Apart)
            await Task.Delay(wait.Value, time, ct);
    }

    // A message's number holds in its chat alone: after a move, it names another message or none.
    private TelegramPlace Place(string? thread) => new(
        Chat, topic,
        thread?.Split('/') is [var chat, var message] && chat == Chat
        && long.TryParse(message, CultureInfo.InvariantCulture, out var number)
            ? number
            : null);

    private TelegramAnswer Read(WebhookAnswer answer) => TelegramAnswer.Read(
        answer, Chat,
        moved is null ? "" : $"; the group has moved: change 'chat' of '{name}' in the configuration to {moved}");

    private static string ReadChat(string text)
    {
        var isNumber = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var id)
            && id != 0;
        var isName = text.Length is > 1 and <= 64 && text[0] == '@'
            && text.Skip(1).All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_');
        return isNumber || isName ? text : throw new FormatException("'chat' is neither a chat's number nor @name");
    }

    private static long ReadTopic(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new FormatException("'topic' is not the number of a topic");
}

/// <summary>What Telegram answered to a message.</summary>
/// <param name="MovedTo">The group's new number, where it says that the group has become another.</param>
/// <param name="IsUnreadable">True where it could not read the markup.</param>
internal sealed record TelegramAnswer(DeliveryResult Result, long? MovedTo, bool IsUnreadable)
{
    private const int DescriptionLimit = 200;

    /// <param name="notice">What is added to every reason.</param>
    public static TelegramAnswer Read(WebhookAnswer answer, string chat, string notice)
    {
        // Anything else was not Telegram speaking but something on the way, and may pass.
        if (JsonReading.Parse(Encoding.UTF8.GetBytes(answer.Text)) is not { } said || said.At("ok") is not { } ok)
            return new TelegramAnswer(Unclear(answer), null, false);
        if (ok.ValueKind == JsonValueKind.True)
            return new TelegramAnswer(Taken(answer, said, chat, notice), null, false);
        var why = InertText.Cut(AlertText.OneLine(said.TextAt("description") ?? "no reason"), DescriptionLimit);
        var reason = $"{answer.Host} refused it with {answer.Status}: {why}{notice}";
        var isRefusal = answer.Status is 400 or 401 or 403 or 404;
        DeliveryResult result = isRefusal
            ? new DeliveryResult.Permanent(reason)
            : new DeliveryResult.RetryAfter(Wait(said) ?? answer.RetryAfter, reason);
        return new TelegramAnswer(
            result,
            answer.Status == 400 ? said.NumberAt("parameters", "migrate_to_chat_id") : null,
            answer.Status == 400 && why.Contains("can't parse entities", StringComparison.OrdinalIgnoreCase));
    }

    private static DeliveryResult Taken(WebhookAnswer answer, JsonElement said, string chat, string notice) =>
        answer.IsSuccess && said.NumberAt("result", "message_id") is { } message
            ? new DeliveryResult.Delivered(
                $"{answer.Host} accepted it{notice}", string.Create(CultureInfo.InvariantCulture, $"{chat}/{message}"))
            : Unclear(answer);

    private static DeliveryResult.RetryAfter Unclear(WebhookAnswer answer) => answer.IsSuccess
        ? new DeliveryResult.RetryAfter(answer.RetryAfter, $"{answer.Host} answered {answer.Status} without an ok")
        : answer.Failed;

    private static TimeSpan? Wait(JsonElement said) =>
        said.NumberAt("parameters", "retry_after") is { } seconds and >= 0 and <= 1_000_000
            ? TimeSpan.FromSeconds(seconds)
            : null;
}
