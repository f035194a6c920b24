using Tocsin.Channels;
using Tocsin.Demo.Providers;

namespace Tocsin.Tests.Delivery;

/// <summary>What a provider does to the requests of one alert.</summary>
/// <param name="Answers">In the provider's words; given its form of "too many".</param>
internal sealed record Fault(string Name, Func<Func<TimeSpan?, Answer>, Answer[]> Answers);

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

    /// <summary>How its provider says that it was asked too often.</summary>
    public Func<TimeSpan?, Answer> Limited(ProviderServer providers) =>
        Provider(providers) is { } provider ? provider.TooMany : _ => new Answer(429);

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
