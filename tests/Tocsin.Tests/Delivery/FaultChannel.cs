using Tocsin.Channels;
using Tocsin.Demo.Providers;

namespace Tocsin.Tests.Delivery;

/// <summary>What a provider does to the requests of one alert.</summary>
/// <param name="Answers">In the provider's words.</param>
/// <param name="UndeliveredAfter">Since it was taken over: when the provider says by a callback that it did not arrive;
/// null where it says nothing.</param>
internal sealed record Fault(string Name, Func<ProviderWords, Answer[]> Answers, TimeSpan? UndeliveredAfter = null);

/// <summary>What a provider says where it does not do as it is asked.</summary>
/// <param name="TooMany">With the wait that it asks for, or none.</param>
/// <param name="Refusal">For good.</param>
internal sealed record ProviderWords(Func<TimeSpan?, Answer> TooMany, Answer Refusal);

/// <summary>A kind of channel, with its provider.</summary>
internal sealed record FaultChannel(
    string Kind,
    Func<ProviderServer, Provider?> Provider,
    Func<ProviderServer, Dictionary<string, string>> Settings)
{
    public static IReadOnlyList<FaultChannel> All { get; } =
    [
        new("slack", it => it.Get<SlackFake>(), it => new()
        {
            ["channel"] = SlackFake.WarRoom, ["token"] = SlackFake.Token,
            ["signing_secret"] = SlackFake.SigningSecret, ["api"] = it.Get<SlackFake>().Api.AbsoluteUri,
        }),
        new("slack-webhook", it => it.Get<SlackWebhookFake>(), it => new()
        {
            ["url"] = it.Get<SlackWebhookFake>().Address.AbsoluteUri,
        }),
        new("json-webhook", it => it.Get<JsonWebhookFake>(), it => new()
        {
            ["url"] = it.Get<JsonWebhookFake>().Address.AbsoluteUri,
        }),
        new("discord", it => it.Get<DiscordFake>(), it => new()
        {
            ["url"] = it.Get<DiscordFake>().Address.AbsoluteUri,
        }),
        new("telegram-bot", it => it.Get<TelegramFake>(), it => new()
        {
            ["token"] = TelegramFake.Token, ["chat"] = "8877", ["api"] = it.Get<TelegramFake>().Api,
        }),
        new("pagerduty", it => it.Get<PagerDutyFake>(), it => new()
        {
            ["routing_key"] = PagerDutyFake.RoutingKey, ["api"] = it.Get<PagerDutyFake>().Api,
        }),
        new("opsgenie", it => it.Get<OpsgenieFake>(), it => new()
        {
            ["key"] = OpsgenieFake.Key, ["api"] = it.Get<OpsgenieFake>().Api,
        }),
        new("ntfy", it => it.Get<NtfyFake>(), it => new()
        {
            ["topic"] = NtfyFake.Topic, ["api"] = it.Get<NtfyFake>().Api,
        }),
        new("twilio-sms", it => it.Get<TwilioFake>(), Twilio),
        new("twilio-voice", it => it.Get<TwilioFake>(), Twilio),
        new("email", _ => null, it => new()
        {
            ["host"] = "127.0.0.1", ["port"] = $"{it.Smtp.Port}", ["security"] = "none",
            ["from"] = "tocsin@example.org", ["to"] = "ada@example.org",
        }),
    ];

    public IChannel Create(string name, ProviderServer providers, ChannelTools tools) =>
        ChannelKind.All[Kind].Create(new ChannelSection(name, Settings(providers)), tools);

    public Script ScriptOf(ProviderServer providers) => Provider(providers)?.Script ?? providers.Smtp.MailScript;

    public Holds HoldsOf(ProviderServer providers) => Provider(providers)?.Holds ?? providers.Smtp.Holds;

    /// <summary>True where its provider says later what became of what it took over.</summary>
    public bool SaysWhetherArrived => Kind.StartsWith("twilio", StringComparison.Ordinal);

    public ProviderWords Words(ProviderServer providers) => new(
        Provider(providers) is { } provider ? provider.TooMany : _ => new Answer(429),
        Kind switch
        {
            "slack" => new(200, """{"ok":false,"error":"is_archived"}"""),
            "slack-webhook" => new(404, "no_service"),
            "telegram-bot" => new(
                403, """{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}"""),
            "discord" => new(404, """{"message":"Unknown Webhook","code":10015}"""),
            "pagerduty" => new(400, """{"status":"invalid event","message":"Event object is invalid"}"""),
            "opsgenie" => new(422, """{"message":"Request body is not processable"}"""),
            "ntfy" => new(403, """{"code":40301,"http":403,"error":"forbidden"}"""),
            "twilio-sms" or "twilio-voice" => new(
                400, """{"code":21610,"message":"Attempt to send to unsubscribed recipient","status":400}"""),
            "email" => new(550),
            _ => new(410),
        });

    public override string ToString() => Kind;

    private static Dictionary<string, string> Twilio(ProviderServer providers) => new()
    {
        ["account"] = TwilioFake.Account,
        ["token"] = TwilioFake.Token,
        ["from"] = TwilioFake.Ours,
        ["to"] = TwilioFake.Person,
        ["api"] = providers.Get<TwilioFake>().Address.AbsoluteUri,
    };
}
