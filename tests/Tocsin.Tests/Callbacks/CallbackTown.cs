using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Tocsin.Channels;
using Tocsin.Demo.Providers;
using Tocsin.Incidents;
using Tocsin.Tests.Channels;
using Tocsin.Tests.Incidents;
using Tocsin.Tests.Nights;

namespace Tocsin.Tests.Callbacks;

/// <summary>The real server with the providers of its channels beside it, each a fake that speaks back.</summary>
internal sealed class CallbackTown : IAsyncDisposable
{
    public const string PublicUrl = "https://tocsin.example.org";

    private const string TelegramSecret = "SECRET_of-webhook";
    private const string PagerDutySecret = "cdrEvpoWXCGq3zdGSECRET";

    private static readonly DateTimeOffset Beginning = new(2026, 3, 10, 2, 0, 0, TimeSpan.Zero);

    private CallbackTown(SlackFake slack, TelegramFake telegram, PagerDutyFake pagerDuty, TwilioFake twilio) =>
        (Slack, Telegram, PagerDuty, Twilio) = (slack, telegram, pagerDuty, twilio);

    public SlackFake Slack { get; }

    public TelegramFake Telegram { get; }

    public PagerDutyFake PagerDuty { get; }

    public TwilioFake Twilio { get; }

    public NightHost Night { get; private set; } = null!;

    public Incident Incident => Night.Incident("INC-1");

    public IReadOnlyList<string> Answers =>
        [.. Incident.Acknowledgements.Select(one => $"{one.Person}, {one.Way}")];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <param name="change">Of the plan's text.</param>
    /// <param name="hasThirdRoom">True for another chat of the same bot, whose presses come to the first one's address.
    /// </param>
    public static async Task<CallbackTown> StartAsync(
        bool isOpen = true, string slackSettings = "", Func<string, string>? change = null, bool hasThirdRoom = false)
    {
        var town = new CallbackTown(
            await SlackFake.StartAsync(), await TelegramFake.StartAsync(), await PagerDutyFake.StartAsync(),
            await TwilioFake.StartAsync(new ManualClock(Beginning)));
        town.Slack.Now = Beginning;
        town.Night = await NightHost.StartAsync(
            Beginning,
            $"public_url: {PublicUrl}",
            new Dictionary<string, string>
            {
                ["slack-token"] = SlackFake.Token,
                ["slack-signing"] = SlackFake.SigningSecret,
                ["telegram-token"] = TelegramFake.Token,
                ["telegram-secret"] = TelegramSecret,
                ["routing-key"] = PagerDutyFake.RoutingKey,
                ["pagerduty-secret"] = PagerDutySecret,
                ["twilio-token"] = TwilioFake.Token,
            },
            town.Configuration(slackSettings, hasThirdRoom),
            [NightPlan.Files[0] with { Text = (change ?? (text => text))(Plan()) }, .. NightPlan.Files.Skip(1)]);
        if (isOpen)
            await town.OpenAsync();
        return town;
    }

    public async ValueTask DisposeAsync()
    {
        await Night.DisposeAsync();
        await Slack.DisposeAsync();
        await Telegram.DisposeAsync();
        await PagerDuty.DisposeAsync();
        await Twilio.DisposeAsync();
    }

    public async Task OpenAsync()
    {
        Night.Find(Story.Finding());
        await Night.UntilAsync(Night.Now);
    }

    public async Task<(HttpStatusCode Status, string Body)> PostAsync(string channel, Callback said)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/callbacks/{channel}{said.Url.Query}")
        {
            Content = new ByteArrayContent(said.Body.ToArray()),
        };
        foreach (var (name, value) in said.Headers)
            if (!request.Headers.TryAddWithoutValidation(name, value))
                request.Content.Headers.TryAddWithoutValidation(name, value);
        using var answer = await Night.Http.SendAsync(request, Cancelled);
        var body = await answer.Content.ReadAsStringAsync(Cancelled);
        await Night.UntilAsync(Night.Now);
        return (answer.StatusCode, body);
    }

    /// <summary>Somebody presses a button below the first alert in Slack.</summary>
    public Callback Press(string action, string user = "U0ADA00001", string incident = "INC-1") => SlackFake.Press(
        action, incident, Night.Now, user, Slack.Rooms[0].Messages.Count > 0 ? Slack.Rooms[0].Messages[0] : "1.2");

    public static Callback Tap(
        string answer, long account, long update = 900, string chat = "-1001234567890", long date = 0) =>
        Provided.Callback(
        $$$"""
        {"update_id":{{{update}}},"callback_query":{"id":"4382bfdwdsb323b2d9","from":{"id":{{{account}}},
         "is_bot":false},"message":{"message_id":101,"date":{{{date}}},"chat":{"id":{{{chat}}} } },
         "data":"answer:INC-1:{{{answer}}}"} }
        """,
        ("x-telegram-bot-api-secret-token", TelegramSecret));

    public Callback Acknowledged(string email, string id = "5ac64822")
    {
        var body = $$$"""
            {"event":{"id":"{{{id}}}","event_type":"incident.acknowledged","occurred_at":"{{{Night.Now:O}}}",
             "agent":{"email":"{{{email}}}","type":"user_reference"},
             "data":{"type":"incident","incident_key":"tocsin/tocsin.example.org/INC-1"} } }
            """;
        var seal = HMACSHA256.HashData(Encoding.UTF8.GetBytes(PagerDutySecret), Encoding.UTF8.GetBytes(body));
        return Provided.Callback(body, ("x-pagerduty-signature", "v1=" + Convert.ToHexStringLower(seal)));
    }

    public Callback OfTwilio(string channel, params (string Name, string Value)[] form)
    {
        var until = Night.Now.AddHours(1).ToUnixTimeSeconds();
        return TwilioFake.Callback(
            $"{PublicUrl}/callbacks/{channel}?incident=INC-1&until={until}", Night.Now,
            form.Concat([("AccountSid", TwilioFake.Account), ("To", TwilioFake.Person)])
                .ToDictionary(field => field.Item1, field => field.Item2));
    }

    public Task<string?> RevokeAsync(string person) => Night.PostAsync(
        $"/api/people/{person}/revoke",
        new JsonObject { ["by"] = "dee", ["reason"] = "laptop stolen", ["evenIfUnfillable"] = true });

    public async Task DistrustAsync(string channel)
    {
        Assert.Null(await Night.PostAsync(
            $"/api/channels/{channel}/distrust",
            new JsonObject { ["by"] = "ben", ["reason"] = "a stranger writes there", ["anyway"] = true }));
        await Night.UntilAsync(Night.Now);
    }

    private static string Plan() => NightPlan.Changed(
        NightPlan.Files[0].Text,
        ("      phone: \"+1 555 0100\"\n",
            "      phone: \"+49 (1511) 234-5678\"\n      chat: U0ADA00001, 8877\n      email: ada@example.org\n"),
        ("      phone: \"+1 555 0101\"\n",
            "      phone: \"+1 555 0101\"\n      chat: U0BOB00001, 8878\n      email: ben@example.org\n"));

    private string Configuration(string slackSettings, bool hasThirdRoom) => NightPlan.Changed(
        hasThirdRoom
            ? NightPlan.Changed(
                NightPlan.Configuration,
                ("cem-pager: { kind: json-webhook, url: env:TOCSIN_NO_SUCH_6 }",
                    "cem-pager: { kind: telegram-bot, token: 'file:telegram-token', chat: '-100888', "
                    + $"api: '{Telegram.Api}' }}"))
            : NightPlan.Configuration,
        ("war-room: { kind: slack-webhook, url: env:TOCSIN_NO_SUCH_1 }",
            $"war-room: {{ kind: slack, channel: {SlackFake.WarRoom}, token: 'file:slack-token', "
            + $"signing_secret: 'file:slack-signing', api: '{Slack.Api}'{slackSettings} }}"),
        ("spare-room: { kind: slack-webhook, url: env:TOCSIN_NO_SUCH_2 }",
            "spare-room: { kind: telegram-bot, token: 'file:telegram-token', chat: '-1001234567890', "
            + $"callback_secret: 'file:telegram-secret', api: '{Telegram.Api}' }}"),
        ("ada-pager: { kind: json-webhook, url: env:TOCSIN_NO_SUCH_3 }",
            $"ada-pager: {{ kind: twilio-sms, {OfTwilio("ada-pager")} }}"),
        ("ada-phone: { kind: json-webhook, url: env:TOCSIN_NO_SUCH_4 }",
            $"ada-phone: {{ kind: twilio-voice, {OfTwilio("ada-phone")} }}"),
        ("ben-pager: { kind: json-webhook, url: env:TOCSIN_NO_SUCH_5 }",
            "ben-pager: { kind: pagerduty, routing_key: 'file:routing-key', "
            + $"callback_secret: 'file:pagerduty-secret', api: '{PagerDuty.Api}' }}"));

    private string OfTwilio(string channel) =>
        $"account: {TwilioFake.Account}, token: 'file:twilio-token', from: '{TwilioFake.Ours}', "
        + $"to: '{TwilioFake.Person}', callback: '{PublicUrl}/callbacks/{channel}', api: '{Twilio.Address}'";
}
