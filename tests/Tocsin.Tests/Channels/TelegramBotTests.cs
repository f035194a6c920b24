using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Tocsin.Channels;
using Tocsin.Channels.Telegram;
using Tocsin.Communications;
using Tocsin.Demo.Providers;
using Tocsin.Findings;
using Tocsin.Paging;

namespace Tocsin.Tests.Channels;

public sealed class TelegramBotTests : IDisposable
{
    private const string Group = "-1001234567890";
    private const string CallbackSecret = "SECRET_of-webhook";

    private readonly HttpClient http = ChannelHttp.Create();
    private readonly ManualClock clock = new(Alerts.Noon);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => http.Dispose();

    [Fact]
    public async Task A_message_says_what_it_is_first_and_then_what_to_do()
    {
        await using var fake = await TelegramFake.StartAsync();

        var result = await Bot(fake).DeliverAsync(new Message(Alerts.Night), Ct);

        Assert.Equal($"delivered {Group}/101", Provided.Say(result));
        Assert.Equal("127.0.0.1 accepted it", result.Reason);
        var (text, links) = Shown(fake);
        Assert.Equal(
            """
            SEVERITY 1 · Flash-loan attack on the lending pool
            Do now: Open the war room and approve the pause
            Threat: A loan of 40,000,000 USD moved the price that the pool reads
            Impact: about 1,200,000 USD so far
            Detected: 2026-03-01 03:04:05 UTC
            Lead: CTO: Ada
            Affected:
            lending pool
            0x6e1b0fdc4b1d8d0ac1f4d1f2b19b9c2ea2c5a4bb
            War room: war.example.org
            INC-7 · log head 12:0xab
            """,
            text);
        Assert.Equal(["https://war.example.org/i/INC-7?token=read&lang=en"], links);
        Assert.Equal(-1001234567890, fake.Requests[0].Json.GetProperty("chat_id").GetInt64());
        Assert.True(fake.Requests[0].Json.GetProperty("link_preview_options").GetProperty("is_disabled").GetBoolean());
        Assert.False(fake.Requests[0].Json.TryGetProperty("message_thread_id", out _));
        Assert.False(fake.Requests[0].Json.TryGetProperty("reply_markup", out _));
    }

    [Theory]
    [InlineData("-100777", false)]
    [InlineData("@protocol_alerts", false)]
    [InlineData("424242", true)]
    public async Task Only_a_private_chat_gets_the_link_that_acknowledges(string chat, bool expected)
    {
        await using var fake = await TelegramFake.StartAsync();

        await Bot(fake, chat).DeliverAsync(new Message(Alerts.Night), Ct);

        Assert.Equal(expected, fake.Requests[0].Body.Contains("ADA-PRIVATE", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_topic_and_the_first_message_are_where_the_next_one_goes()
    {
        await using var fake = await TelegramFake.StartAsync();

        await Bot(fake, topic: "17").DeliverAsync(new Message(Alerts.Night, $"{Group}/55"), Ct);

        var sent = fake.Requests[0].Json;
        Assert.Equal(17, sent.GetProperty("message_thread_id").GetInt64());
        Assert.Equal(55, sent.GetProperty("reply_parameters").GetProperty("message_id").GetInt64());
        Assert.True(sent.GetProperty("reply_parameters").GetProperty("allow_sending_without_reply").GetBoolean());
    }

    [Theory]
    [InlineData("-42/55")]
    [InlineData("55")]
    [InlineData("1503435956.000247")]
    [InlineData(Group + "/x")]
    public async Task A_receipt_of_another_chat_is_no_message_here(string thread)
    {
        await using var fake = await TelegramFake.StartAsync();

        await Bot(fake).DeliverAsync(new Message(Alerts.Night, thread), Ct);

        Assert.False(fake.Requests[0].Json.TryGetProperty("reply_parameters", out _));
    }

    [Fact]
    public async Task What_cannot_be_read_as_html_goes_as_plain_text_at_once()
    {
        await using var fake = await TelegramFake.StartAsync();
        fake.ReadsNoMarkup = true;

        var result = await Bot(fake).DeliverAsync(new Message(Alerts.With("<b>evil.example</b> & @all")), Ct);

        Assert.Equal($"delivered {Group}/101", Provided.Say(result));
        Assert.Equal(2, fake.Requests.Count);
        var plain = fake.Requests[1].Json;
        Assert.False(plain.TryGetProperty("parse_mode", out _));
        var text = plain.GetProperty("text").GetString()!;
        Assert.Contains(
            "\nWar room: https://war.example.org/i/INC-7?token=read&lang=en\n", text, StringComparison.Ordinal);
        Assert.False(Provided.HasLink(text.Replace(Alerts.Night.WarRoom.AbsoluteUri, "", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_group_that_moved_is_followed_at_once_and_for_good_and_the_configuration_is_named()
    {
        await using var fake = await TelegramFake.StartAsync();
        fake.Moved[-42] = -100500;
        var bot = Bot(fake, "-42");

        var first = await bot.DeliverAsync(new Message(Alerts.Night), Ct);
        clock.Advance(TimeSpan.FromSeconds(1));
        var second = await bot.DeliverAsync(new Message(Alerts.Night, "-42/9"), Ct);

        Assert.Equal("delivered -100500/101", Provided.Say(first));
        Assert.Equal("delivered -100500/102", Provided.Say(second));
        Assert.All([first, second], result => Assert.Equal(
            "127.0.0.1 accepted it; the group has moved: change 'chat' of 'night' in the configuration to -100500",
            result.Reason));
        Assert.Equal(
            [-42L, -100500L, -100500L], fake.Requests.Select(it => it.Json.GetProperty("chat_id").GetInt64()));
        Assert.False(fake.Requests[2].Json.TryGetProperty("reply_parameters", out _));
    }

    [Fact]
    public async Task A_group_that_moves_in_a_circle_ends_the_attempt()
    {
        await using var fake = await TelegramFake.StartAsync();
        fake.Moved[-1] = -2;
        fake.Moved[-2] = -1;

        var result = await Bot(fake, "-1").DeliverAsync(new Message(Alerts.Night), Ct);

        Assert.IsType<DeliveryResult.Permanent>(result);
        Assert.Equal(2, fake.Requests.Count);
    }

    public static TheoryData<int, string, string, string> Refusals => new()
    {
        { 400, "Bad Request: chat not found", "", "permanent" },
        { 400, "Bad Request: message thread not found", "", "permanent" },
        { 401, "Unauthorized", "", "permanent" },
        { 403, "Forbidden: bot was kicked from the group chat", "", "permanent" },
        { 403, "Forbidden: bot was blocked by the user", "", "permanent" },
        { 404, "Not Found", "", "permanent" },
        { 409, "Conflict: terminated by other getUpdates request", "", "retry" },
        { 429, "Too Many Requests: retry after 35", """{"retry_after":35}""", "retry after 35" },
        { 429, "Too Many Requests", """{"retry_after":-1}""", "retry" },
        { 429, "Too Many Requests", """{"retry_after":1e99}""", "retry" },
        { 500, "Internal Server Error", "", "retry" },
        { 502, "Bad Gateway", "", "retry" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Refusals_mean(int status, string description, string parameters, string expected)
    {
        await using var fake = await TelegramFake.StartAsync(TelegramFake.Refusal(status, description, parameters));

        var result = await Bot(fake).DeliverAsync(new Message(Alerts.Night), Ct);

        Assert.Equal(expected, Provided.Say(result));
        Assert.Equal($"127.0.0.1 refused it with {status}: {description}", result.Reason);
    }

    [Theory]
    [InlineData(200, "<html>sign in to the hotel network</html>", "retry")]
    [InlineData(200, """{"ok":true}""", "retry")]
    [InlineData(200, """{"ok":true,"result":{"message_id":"x"}}""", "retry")]
    [InlineData(403, "<html>blocked by a proxy</html>", "retry")]
    [InlineData(400, "[]", "retry")]
    [InlineData(400, """{"ok":false,"ok":true}""", "retry")]
    public async Task What_is_not_Telegram_speaking_may_pass(int status, string body, string expected)
    {
        await using var fake = await TelegramFake.StartAsync(new Answer(status, body));

        Assert.Equal(expected, Provided.Say(await Bot(fake).DeliverAsync(new Message(Alerts.Night), Ct)));
    }

    [Fact]
    public async Task The_token_is_in_no_result()
    {
        Answer[] script =
            [new(500, TelegramFake.Token), new(302, "", "Location: /x"), Answer.Dropped, new(200, "no")];
        await using var fake = await TelegramFake.StartAsync(script);

        foreach (var _ in script)
        {
            var result = await Bot(fake).DeliverAsync(new Message(Alerts.Night), Ct);
            Assert.DoesNotContain(TelegramFake.Token, result.ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("-1001234567890", true)]
    [InlineData("@Protocol_Alerts", true)]
    [InlineData("-1009999999999", false)]
    [InlineData("@protocol_alerts_2", false)]
    public async Task A_press_says_in_which_chat_it_was_made(string chat, bool isThere)
    {
        await using var fake = await TelegramFake.StartAsync();
        var press = Provided.Callback(
            """
            {"update_id":900,"callback_query":{"id":"4382bfdwdsb323b2d9","from":{"id":8877},
             "message":{"message_id":101,"chat":{"id":-1001234567890,"username":"protocol_alerts"}},
             "data":"answer:INC-7:Informed"} }
            """,
            ("x-telegram-bot-api-secret-token", CallbackSecret));

        var said = Assert.IsType<CallbackWord.Answered>(
            Assert.Single(Bot(fake, secret: CallbackSecret).Hear(press)!.Words));

        Assert.Equal(isThere, Bot(fake, chat).IsAt(said.Place!));
    }

    [Fact]
    public async Task No_string_from_the_chain_is_more_than_text()
    {
        await using var fake = await TelegramFake.StartAsync();

        foreach (var text in Provided.Hostile)
        {
            await Bot(fake).DeliverAsync(new Message(Alerts.With(text)), Ct);
            var (shown, links) = Shown(fake);
            Assert.Equal([Alerts.Night.WarRoom.AbsoluteUri], links);
            Assert.False(Provided.HasLink(shown.Replace("war.example.org", "", StringComparison.Ordinal)), shown);
            Assert.Equal(11, shown.Split('\n').Length);
        }
    }

    [Fact]
    public async Task An_address_in_words_that_people_approved_for_the_world_stays_whole()
    {
        await using var fake = await TelegramFake.StartAsync();
        const string Words = "We paused deposits. More at https://status.example.org/incidents/7?lang=en&x=1";

        await Bot(fake).DeliverAsync(
            new Message(Alerts.Night with { Statement = new Statement(Words, true, new UpdateName("users", 1)) }), Ct);

        Assert.Equal(Words, Shown(fake).Text);
    }

    [Fact]
    public async Task An_alert_of_any_size_is_one_that_Telegram_takes()
    {
        await using var fake = await TelegramFake.StartAsync();
        foreach (var text in new[] { new string('&', 9000), string.Concat(Enumerable.Repeat("\U0001F6A8", 9000)) })
        {
            var endless = Alerts.With(text) with
            {
                Affected = Enumerable.Range(1, 100).Select(number => $"{number} {text}").ToValueList(),
                Statement = new Statement(text, IsPublic: false, new UpdateName("users", 1)),
            };
            await Bot(fake).DeliverAsync(new Message(endless), Ct);
            await Bot(fake).DeliverAsync(new Message(endless with
            {
                Statement = new Statement(text, IsPublic: true, new UpdateName("users", 1)),
            }), Ct);
        }

        Assert.Contains(
            "Affected (92 older ones are in the war room):", fake.Requests[0].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_world_reads_the_words_of_people_alone()
    {
        await using var fake = await TelegramFake.StartAsync();
        var told = Alerts.Night with { Statement = new Statement("We are looking into it", true, new("users", 1)) };

        await Bot(fake, secret: CallbackSecret).DeliverAsync(new Message(told), Ct);

        Assert.Equal("We are looking into it", Shown(fake).Text);
        Assert.Empty(TelegramFake.Buttons(fake.Requests[0].Json));
    }

    [Fact]
    public async Task Messages_to_a_chat_are_a_second_apart()
    {
        await using var fake = await TelegramFake.StartAsync();
        var bot = Bot(fake);
        await bot.DeliverAsync(new Message(Alerts.Night), Ct);

        clock.Advance(TimeSpan.FromMilliseconds(400));
        var second = bot.DeliverAsync(new Message(Alerts.Night), Ct);
        clock.Advance(TimeSpan.FromMilliseconds(599));
        Assert.Single(fake.Requests);
        Assert.False(second.IsCompleted);
        clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.IsType<DeliveryResult.Delivered>(await second);
    }

    [Theory]
    [InlineData(Group, 20)]
    [InlineData("@protocol_alerts", 20)]
    [InlineData("424242", 60)]
    public void A_flood_leaves_room_for_severity_1(string chat, int messages)
    {
        var limit = new TelegramBot(Section("http://127.0.0.1:1", chat), new ChannelTools(http, clock)).Limit!;
        var budget = new RateBudget(limit);
        for (var sent = 0; sent < messages - limit.Reserved; sent++)
            budget.Sent(Alerts.Noon);

        Assert.Equal(messages, limit.Messages);
        Assert.True(budget.MayAt(Severity.Routine, Alerts.Noon) > Alerts.Noon);
        Assert.Equal(Alerts.Noon, budget.MayAt(Severity.Critical, Alerts.Noon));
    }

    [Fact]
    public async Task Whoever_presses_a_button_is_heard_under_their_own_number()
    {
        await using var fake = await TelegramFake.StartAsync();
        var bot = Bot(fake, secret: CallbackSecret);
        await bot.DeliverAsync(new Message(Alerts.Night), Ct);
        var buttons = TelegramFake.Buttons(fake.Requests[0].Json).ToList();

        var readings = buttons.Select(data => Hear(bot, Pressed(data))!).ToList();

        Assert.Equal(
            [
                new CallbackWord.Answered("INC-7", "8877", PageAnswer.Informed),
                new CallbackWord.Answered("INC-7", "8877", PageAnswer.AbleToSign),
                new CallbackWord.Answered("INC-7", "8877", PageAnswer.Unable),
            ],
            readings.Select(it => ((CallbackWord.Answered)Assert.Single(it.Words)) with { Place = null }));
        Assert.Equal("telegram:900", readings[0].ReplayKey);
        var reply = JsonSerializer.Deserialize<JsonElement>(readings[0].Reply.Body);
        Assert.Equal("application/json", readings[0].Reply.ContentType);
        Assert.Equal("answerCallbackQuery", reply.GetProperty("method").GetString());
        Assert.Equal("4382bfdwdsb323b2d9", reply.GetProperty("callback_query_id").GetString());
        Assert.InRange(reply.GetProperty("text").GetString()!.Length, 1, 200);
    }

    [Theory]
    [InlineData(AlertReason.Opened, true)]
    [InlineData(AlertReason.DecisionNeeded, true)]
    [InlineData(AlertReason.Unanswered, true)]
    [InlineData(AlertReason.Resolved, false)]
    [InlineData(AlertReason.Update, false)]
    public async Task There_are_buttons_where_an_answer_is_asked_for(AlertReason reason, bool expected)
    {
        await using var fake = await TelegramFake.StartAsync();

        await Bot(fake, secret: CallbackSecret).DeliverAsync(new Message(Alerts.Night with { Reason = reason }), Ct);

        Assert.Equal(expected, TelegramFake.Buttons(fake.Requests[0].Json).Any());
    }

    [Theory]
    [InlineData("answer:INC-7:Resolved")]
    [InlineData("answer:INC-07:Informed")]
    [InlineData("answer:INC-7:informed:x")]
    [InlineData("approve:INC-7:Informed")]
    [InlineData("")]
    public async Task A_button_that_is_not_ours_says_nothing(string data)
    {
        await using var fake = await TelegramFake.StartAsync();

        var reading = Hear(Bot(fake, secret: CallbackSecret), Pressed(data));

        Assert.Empty(reading!.Words);
    }

    [Theory]
    [InlineData("SECRET_of-webhoo")]
    [InlineData("SECRET_of-webhookk")]
    [InlineData("")]
    [InlineData(null)]
    public async Task What_does_not_show_the_secret_is_not_heard(string? secret)
    {
        await using var fake = await TelegramFake.StartAsync();

        Assert.Null(Hear(Bot(fake, secret: CallbackSecret), Pressed("answer:INC-7:Informed"), secret));
        Assert.Null(Hear(Bot(fake), Pressed("answer:INC-7:Informed"), secret));
    }

    [Fact]
    public void Any_body_is_heard_or_not_and_breaks_nothing()
    {
        var bot = new TelegramBot(
            Section("http://127.0.0.1:1", Group, secret: CallbackSecret), new ChannelTools(http, clock));
        string[] pieces =
            ["{", "}", "\"update_id\"", ":", "1", "\"\\ud800\"", "\"callback_query\"", "[", "]", ",", "null"];
        var bodies = Gen.Elements(pieces).ListOf().Select(string.Concat);

        Prop.ForAll(Arb.From(bodies), body => Hear(bot, body) is null or { Words.Count: 0 }).QuickCheckThrowOnFailure();
        Assert.Empty(Hear(bot, """{"update_id":1,"message":{"text":"hello"}}""")!.Words);
        Assert.Empty(Hear(bot, Pressed("\\ud800"))!.Words);
    }

    [Theory]
    [InlineData("token", "110201543:SECRET/../x")]
    [InlineData("token", "")]
    [InlineData("callback_secret", "SECRET with a space")]
    [InlineData("chat", "protocol")]
    [InlineData("chat", "0")]
    [InlineData("topic", "-3")]
    public void What_cannot_be_is_refused_without_repeating_a_secret(string field, string value)
    {
        var values = new Dictionary<string, string>
        {
            ["token"] = TelegramFake.Token,
            ["chat"] = Group,
            [field] = value,
        };

        var refusal = Assert.Throws<FormatException>(
            () => TelegramBot.Kind.Create(new ChannelSection("night", values), new ChannelTools(http, clock)));

        Assert.DoesNotContain("SECRET", refusal.ToString(), StringComparison.Ordinal);
    }

    private static (string Text, List<string> Links) Shown(TelegramFake fake) =>
        TelegramFake.Parse(fake.Requests[^1].Json.GetProperty("text").GetString()!)!.Value;

    private static string Pressed(string data) =>
        $$$"""
        {"update_id":900,"callback_query":{"id":"4382bfdwdsb323b2d9","from":{"id":8877,"is_bot":false,
         "username":"ada"},"message":{"message_id":101,"chat":{"id":-1001234567890}},"data":"{{{data}}}"}}
        """;

    private static CallbackReading? Hear(TelegramBot bot, string body, string? secret = CallbackSecret) => bot.Hear(
        secret is null
            ? Provided.Callback(body)
            : Provided.Callback(body, ("x-telegram-bot-api-secret-token", secret)));

    private static ChannelSection Section(string api, string chat, string? topic = null, string? secret = null) =>
        Provided.Section(
            ("token", TelegramFake.Token), ("chat", chat), ("topic", topic), ("callback_secret", secret), ("api", api));

    private TelegramBot Bot(TelegramFake fake, string chat = Group, string? topic = null, string? secret = null) =>
        new(Section(fake.Api, chat, topic, secret), new ChannelTools(http, clock));
}
