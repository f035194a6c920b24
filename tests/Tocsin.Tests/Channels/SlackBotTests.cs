using System.Text.Json;
using Tocsin.Channels;
using Tocsin.Channels.Slack;
using Tocsin.Communications;
using Tocsin.Demo.Providers;
using Tocsin.Findings;
using Tocsin.Incidents;

namespace Tocsin.Tests.Channels;

public sealed class SlackBotTests : IDisposable
{
    private const string Refusal = """{"ok":false,"error":"WORD"}""";

    private readonly HttpClient http = ChannelHttp.Create();
    private readonly ManualClock clock = new(Alerts.Noon);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => http.Dispose();

    [Fact]
    public async Task The_first_alert_stands_by_itself_and_the_next_one_replies_to_it()
    {
        await using var slack = await SlackFake.StartAsync();
        var bot = Bot(slack);

        var first = Assert.IsType<DeliveryResult.Delivered>(
            await bot.DeliverAsync(new Message(Alerts.Night), Ct));
        var second = Assert.IsType<DeliveryResult.Delivered>(
            await bot.DeliverAsync(new Message(Alerts.Night, first.Receipt), Ct));

        Assert.Equal("C0WARROOM1/1772366401.000001", first.Receipt);
        Assert.Equal("C0WARROOM1/1772366402.000002", second.Receipt);
        Assert.Equal([null, "1772366401.000001"], slack.Calls.Select(call => call.Text("thread_ts")));
        Assert.All(slack.Calls, call => Assert.Equal("chat.postMessage", call.Method));
    }

    [Theory]
    [InlineData(AlertReason.Opened, false, true)]
    [InlineData(AlertReason.Worsened, false, true)]
    [InlineData(AlertReason.DecisionNeeded, false, true)]
    [InlineData(AlertReason.Retracted, false, true)]
    [InlineData(AlertReason.Update, false, false)]
    [InlineData(AlertReason.PhaseReached, false, false)]
    [InlineData(AlertReason.Update, true, true)]
    public async Task A_reply_that_is_more_than_progress_is_shown_in_the_channel_too(
        AlertReason reason, bool isPublic, bool isShown)
    {
        await using var slack = await SlackFake.StartAsync();
        var bot = Bot(slack);
        var first = await bot.DeliverAsync(new Message(Alerts.Night), Ct);
        var alert = Alerts.Night with { Reason = reason, Statement = isPublic ? Said("We look into it") : null };

        await bot.DeliverAsync(new Message(alert, ((DeliveryResult.Delivered)first).Receipt), Ct);

        Assert.Equal(isShown, slack.Calls[1].Body.GetProperty("reply_broadcast").GetBoolean());
    }

    [Theory]
    [InlineData("C0BEFORE01/1772366401.000001")]
    [InlineData("1772366401.000001")]
    [InlineData("C0WARROOM1/")]
    [InlineData("C0WARROOM1/.")]
    [InlineData("C0WARROOM1/1772366401")]
    [InlineData("C0WARROOM1/1772366401.00/1")]
    [InlineData("C0WARROOM1/17.72.36")]
    [InlineData("")]
    public async Task A_receipt_that_names_no_message_here_makes_no_reply(string receipt)
    {
        await using var slack = await SlackFake.StartAsync();

        Assert.IsType<DeliveryResult.Delivered>(
            await Bot(slack).DeliverAsync(new Message(Alerts.Night, receipt), Ct));
        Assert.Null(slack.Calls[0].Text("thread_ts"));
    }

    [Theory]
    [InlineData("cannot_reply_to_message")]
    [InlineData("restricted_action_non_threadable_channel")]
    [InlineData("restricted_action_thread_locked")]
    public async Task Where_it_cannot_be_a_reply_it_stands_by_itself(string error)
    {
        await using var slack = await SlackFake.StartAsync();
        var bot = Bot(slack);
        var first = await bot.DeliverAsync(new Message(Alerts.Night), Ct);
        slack.Script.Add(Refused(error));

        var second = await bot.DeliverAsync(
            new Message(Alerts.Night, ((DeliveryResult.Delivered)first).Receipt), Ct);

        Assert.Equal("delivered", DeliveryWords.Say(second));
        Assert.Equal(3, slack.Calls.Count);
        Assert.Null(slack.Calls[2].Text("thread_ts"));
    }

    [Fact]
    public async Task Where_Slack_does_not_take_the_form_it_gets_the_text()
    {
        await using var slack = await SlackFake.StartAsync(Refused("invalid_blocks"));

        var result = await Bot(slack).DeliverAsync(new Message(Alerts.Night), Ct);

        Assert.Equal("delivered", DeliveryWords.Say(result));
        Assert.Null(slack.Calls[1].Text("blocks"));
        Assert.Equal(slack.Calls[0].Text("text"), slack.Calls[1].Text("text"));
    }

    [Theory]
    [InlineData(200, """{"ok":true,"channel":"C0WARROOM1","ts":"1.2","warning":"x"}""", "", "delivered")]
    [InlineData(200, """{"ok":true}""", "", "delivered")]
    [InlineData(200, """{"ok":false,"error":"channel_not_found"}""", "", "permanent: channel_not_found")]
    [InlineData(200, """{"ok":false,"error":"not_in_channel"}""", "", "permanent: not_in_channel")]
    [InlineData(200, """{"ok":false,"error":"is_archived"}""", "", "permanent: is_archived")]
    [InlineData(200, """{"ok":false,"error":"invalid_auth"}""", "", "permanent: invalid_auth")]
    [InlineData(200, """{"ok":false,"error":"token_revoked"}""", "", "permanent: token_revoked")]
    [InlineData(200, """{"ok":false,"error":"missing_scope","needed":"chat:write"}""", "", "permanent: missing_scope")]
    [InlineData(403, """{"ok":false,"error":"team_access_not_granted"}""", "", "permanent: team_access_not_granted")]
    [InlineData(200, """{"ok":false,"error":"ratelimited"}""", "Retry-After: 7", "retry after 7")]
    [InlineData(200, """{"ok":false,"error":"rate_limited"}""", "", "retry")]
    [InlineData(200, """{"ok":false,"error":"service_unavailable"}""", "", "retry")]
    [InlineData(200, """{"ok":false,"error":"internal_error"}""", "", "unknown")]
    [InlineData(200, """{"ok":false,"error":"fatal_error"}""", "", "unknown")]
    [InlineData(200, """{"ok":false,"error":"<b>no word</b>"}""", "", "retry")]
    [InlineData(200, """{"ok":false}""", "", "retry")]
    [InlineData(200, """{"ok":"true"}""", "", "retry")]
    [InlineData(200, "[]", "", "retry")]
    [InlineData(200, "ok", "", "retry")]
    [InlineData(200, "<html>sign in to the hotel network</html>", "", "retry")]
    [InlineData(204, "", "", "retry")]
    [InlineData(302, "", "Location: http://127.0.0.1:1/", "retry")]
    [InlineData(403, "<html>blocked by a proxy</html>", "", "retry")]
    [InlineData(429, """{"ok":false,"error":"ratelimited"}""", "Retry-After: 30", "retry after 30")]
    [InlineData(429, "", "", "retry")]
    [InlineData(500, """{"ok":false,"error":"channel_not_found"}""", "", "retry")]
    [InlineData(503, "", "Retry-After: Sun, 01 Mar 2026 12:01:30 GMT", "retry after 90")]
    public async Task Slacks_answers_mean(int status, string body, string headers, string expected)
    {
        await using var slack = await SlackFake.StartAsync(new Answer(status, body, headers));

        Assert.Equal(expected, DeliveryWords.Say(await Bot(slack).DeliverAsync(new Message(Alerts.Night), Ct)));
        Assert.Single(slack.Calls);
    }

    [Theory]
    [InlineData("C0NOWHERE1", SlackFake.Token, "permanent: channel_not_found")]
    [InlineData("C0OUTSIDE1", SlackFake.Token, "permanent: not_in_channel")]
    [InlineData(SlackFake.WarRoom, "xoxb-SECRET-of-another", "permanent: invalid_auth")]
    public async Task A_wrong_configuration_is_for_a_person_to_change(string channel, string token, string expected)
    {
        await using var slack = await SlackFake.StartAsync();
        var bot = new SlackBot("war-room", channel, token, null, http, clock, slack.Api);

        Assert.Equal(expected, DeliveryWords.Say(await bot.DeliverAsync(new Message(Alerts.Night), Ct)));
    }

    [Fact]
    public async Task Without_an_answer_it_may_have_arrived()
    {
        await using var slack = await SlackFake.StartAsync(Answer.Never);

        var delivery = Bot(slack).DeliverAsync(new Message(Alerts.Night), Ct);
        await slack.Arrived;
        clock.Advance(TimeSpan.FromSeconds(10));

        var result = Assert.IsType<DeliveryResult.Unknown>(await delivery);
        Assert.Equal("127.0.0.1 did not answer within 10 s", result.Reason);
    }

    [Fact]
    public async Task A_lost_connection_leaves_it_unknown()
    {
        await using var slack = await SlackFake.StartAsync(Answer.Dropped);

        Assert.IsType<DeliveryResult.Unknown>(await Bot(slack).DeliverAsync(new Message(Alerts.Night), Ct));
    }

    [Fact]
    public async Task No_secret_is_in_any_result()
    {
        Answer[] script =
        [
            new(200, """{"ok":true}"""), Refused("invalid_auth"), new(302, "", "Location: /x"),
            new(403, SlackFake.Token), new(200, SlackFake.Token), Answer.Dropped,
        ];
        await using var slack = await SlackFake.StartAsync(script);
        var bot = Bot(slack);

        foreach (var _ in script)
            Assert.DoesNotContain("SECRET", (await bot.DeliverAsync(new Message(Alerts.Night), Ct)).ToString());
        Assert.DoesNotContain("SECRET", bot.ToString());
    }

    [Fact]
    public async Task People_answer_by_three_buttons_that_name_the_incident()
    {
        await using var slack = await SlackFake.StartAsync();

        await Bot(slack).DeliverAsync(new Message(Alerts.Night), Ct);

        Assert.Equal(
            [
                "answer-informed INC-7 Acknowledge", "answer-able INC-7 Able to sign", "answer-unable INC-7 Unable",
            ],
            Buttons(slack.Calls[0]));
        Assert.DoesNotContain("ADA-PRIVATE", slack.Calls[0].Body.GetRawText());
    }

    [Theory]
    [InlineData(AlertReason.Retracted)]
    [InlineData(AlertReason.Resolved)]
    [InlineData(AlertReason.FalseAlarm)]
    [InlineData(AlertReason.Merged)]
    [InlineData(AlertReason.Update)]
    [InlineData(AlertReason.PhaseReached)]
    public async Task Whoever_is_told_that_it_is_over_is_asked_nothing(AlertReason reason)
    {
        await using var slack = await SlackFake.StartAsync();

        await Bot(slack).DeliverAsync(new Message(Alerts.Night with { Reason = reason }), Ct);

        Assert.Empty(Buttons(slack.Calls[0]));
    }

    [Fact]
    public async Task Without_a_signing_secret_nobody_is_offered_a_button_that_nobody_hears()
    {
        await using var slack = await SlackFake.StartAsync();
        var bot = new SlackBot("war-room", SlackFake.WarRoom, SlackFake.Token, null, http, clock, slack.Api);

        await bot.DeliverAsync(new Message(Alerts.Night), Ct);

        Assert.Empty(Buttons(slack.Calls[0]));
        Assert.Null(bot.Hear(SlackFake.Press("answer-informed", "INC-7", Alerts.Noon)));
    }

    [Fact]
    public async Task A_channel_that_the_world_reads_says_the_words_of_people_and_nothing_else()
    {
        await using var slack = await SlackFake.StartAsync();

        await Bot(slack).DeliverAsync(new Message(Alerts.Night with { Statement = Said("We look <into> it") }), Ct);

        Assert.Equal("We look &lt;into&gt; it", slack.Calls[0].Text("text"));
        var block = Assert.Single(slack.Calls[0].Body.GetProperty("blocks").EnumerateArray());
        Assert.Equal("We look &lt;into&gt; it", block.GetProperty("text").GetProperty("text").GetString());
        Assert.DoesNotContain("INC-7", slack.Calls[0].Body.GetRawText());
    }

    [Theory]
    [InlineData("")]
    [InlineData("<!channel> <@U1> &amp; *b* `c` :fire:\n\u2028\ud83d\0")]
    [InlineData("🚨")]
    public async Task Any_alert_is_one_that_Slack_takes(string text)
    {
        await using var slack = await SlackFake.StartAsync();
        var endless = string.Concat(Enumerable.Repeat(text, 10_000));

        foreach (var alert in (Alert[])[Alerts.With(text), Alerts.With(endless), Alerts.Night with { Title = endless }])
            Assert.Equal("delivered", DeliveryWords.Say(await Bot(slack).DeliverAsync(new Message(alert), Ct)));
    }

    [Fact]
    public void It_is_made_of_its_section()
    {
        var values = new Dictionary<string, string>
        {
            ["channel"] = SlackFake.WarRoom,
            ["token"] = SlackFake.Token,
            ["signing_secret"] = SlackFake.SigningSecret,
        };

        var channel = ChannelKind.All["slack"].Create(
            new ChannelSection("war-room", values), new ChannelTools(http, clock));

        Assert.Equal("war-room", channel.Name);
        Assert.NotNull(((IHearsBack)channel).Hear(SlackFake.Press("answer-informed", "INC-7", Alerts.Noon)));
    }

    [Theory]
    [InlineData("#war-room", SlackFake.Token, SlackFake.SigningSecret, "https://slack.com/api/")]
    [InlineData("war-room", SlackFake.Token, SlackFake.SigningSecret, "https://slack.com/api/")]
    [InlineData("", SlackFake.Token, SlackFake.SigningSecret, "https://slack.com/api/")]
    [InlineData("C0WARROOM1", "xoxb-SECRET\r\nX: y", SlackFake.SigningSecret, "https://slack.com/api/")]
    [InlineData("C0WARROOM1", "", SlackFake.SigningSecret, "https://slack.com/api/")]
    [InlineData("C0WARROOM1", SlackFake.Token, "SECRET", "https://slack.com/api/")]
    [InlineData("C0WARROOM1", SlackFake.Token, "SECRET SECRET SECRET", "https://slack.com/api/")]
    [InlineData("C0WARROOM1", SlackFake.Token, SlackFake.SigningSecret, "http://slack.example/SECRET")]
    [InlineData("C0WARROOM1", SlackFake.Token, SlackFake.SigningSecret, "ftp://slack.example/SECRET")]
    public void What_cannot_be_used_is_refused_without_repeating_it(
        string channel, string token, string secret, string api)
    {
        var refusal = Assert.Throws<FormatException>(
            () => new SlackBot("war-room", channel, token, secret, http, clock, new Uri(api)));

        Assert.DoesNotContain("SECRET", refusal.ToString());
    }

    [Fact]
    public void One_message_a_second_goes_to_a_channel_and_two_of_five_are_kept_for_the_worst()
    {
        var budget = new RateBudget(
            new SlackBot("war-room", SlackFake.WarRoom, SlackFake.Token, null, http, clock).Limit!);
        for (var sent = 0; sent < 3; sent++)
            budget.Sent(Alerts.Noon);

        Assert.Equal(Alerts.Noon, budget.MayAt(Severity.Critical, Alerts.Noon));
        Assert.Equal(Alerts.Noon.AddSeconds(5), budget.MayAt(Severity.High, Alerts.Noon));
    }

    [Fact]
    public async Task A_room_is_private_and_is_opened_filled_and_closed()
    {
        await using var slack = await SlackFake.StartAsync();
        var rooms = Bot(slack).Rooms;

        var opened = Assert.IsType<DeliveryResult.Delivered>(
            await rooms.OpenAsync(new IncidentId(7), isExercise: false, Alerts.Noon, Ct));
        var room = slack.Rooms.Single(room => room.Id == opened.Receipt);

        Assert.Equal("inc-7", room.Name);
        Assert.Equal("True", slack.Calls[0].Text("is_private"));
        foreach (var _ in (int[])[1, 2])
            Assert.Equal("delivered", DeliveryWords.Say(await rooms.InviteAsync(room.Id, "U0ADA00001", Ct)));
        var unknown = await rooms.InviteAsync(room.Id, "U0NOBODY01", Ct);
        Assert.Equal("permanent: user_not_found", DeliveryWords.Say(unknown));
        Assert.Equal(["U0ADA00001", "bot"], room.Members.Order(StringComparer.Ordinal));
        foreach (var _ in (int[])[1, 2])
            Assert.Equal("delivered", DeliveryWords.Say(await rooms.ArchiveAsync(room.Id, Ct)));
        Assert.True(room.IsArchived);
        var late = await rooms.InviteAsync(room.Id, "U0BOB00001", Ct);
        Assert.Equal("permanent: is_archived", DeliveryWords.Say(late));
    }

    [Fact]
    public async Task A_room_that_a_stranger_has_made_is_not_ours_though_its_name_is()
    {
        await using var slack = await SlackFake.StartAsync();
        slack.Add("inc-7", Alerts.Noon, "U0MALLORY1");

        var opened = await Bot(slack).Rooms.OpenAsync(new IncidentId(7), isExercise: false, Alerts.Noon, Ct);

        Assert.Equal("delivered", DeliveryWords.Say(opened));
        Assert.Equal(["inc-7", "inc-7-2"], slack.Rooms.Skip(2).Select(room => room.Name));
        Assert.Equal(slack.Rooms[^1].Id, ((DeliveryResult.Delivered)opened).Receipt);
    }

    [Fact]
    public async Task A_room_whose_name_is_taken_gets_the_next_one()
    {
        await using var slack = await SlackFake.StartAsync();
        var rooms = Bot(slack).Rooms;

        for (var number = 1; number <= 10; number++)
        {
            var expected = number < 10 ? "delivered" : "permanent: name_taken";
            var opened = await rooms.OpenAsync(new IncidentId(7), isExercise: true, Alerts.Noon.AddDays(1), Ct);
            Assert.Equal(expected, DeliveryWords.Say(opened));
        }

        Assert.Equal(
            ["exercise-inc-7", .. Enumerable.Range(2, 8).Select(number => $"exercise-inc-7-{number}")],
            slack.Rooms.Skip(2).Select(room => room.Name));
    }

    [Theory]
    [InlineData("ratelimited", "retry after 20")]
    [InlineData("restricted_action", "permanent: restricted_action")]
    [InlineData("internal_error", "unknown")]
    public async Task What_Slack_says_of_a_room_means_the_same(string error, string expected)
    {
        await using var slack = await SlackFake.StartAsync(
            [.. Enumerable.Repeat(Refused(error, "Retry-After: 20"), 3)]);
        var rooms = Bot(slack).Rooms;

        Assert.Equal(
            expected,
            DeliveryWords.Say(await rooms.OpenAsync(new IncidentId(7), isExercise: false, Alerts.Noon, Ct)));
        Assert.Equal(expected, DeliveryWords.Say(await rooms.InviteAsync("C0ROOM0001", "U0ADA00001", Ct)));
        Assert.Equal(expected, DeliveryWords.Say(await rooms.ArchiveAsync("C0ROOM0001", Ct)));
    }

    private SlackBot Bot(SlackFake slack) =>
        new("war-room", SlackFake.WarRoom, SlackFake.Token, SlackFake.SigningSecret, http, clock, slack.Api);

    private static Answer Refused(string error, string headers = "") =>
        new(200, Refusal.Replace("WORD", error, StringComparison.Ordinal), headers);

    private static Statement Said(string text) => new(text, IsPublic: true, new UpdateName("status", 1));

    private static List<string> Buttons(SlackFake.Call call) =>
    [
        .. call.Body.GetProperty("blocks").EnumerateArray()
            .Where(block => block.GetProperty("type").GetString() == "actions")
            .SelectMany(block => block.GetProperty("elements").EnumerateArray())
            .Select(button => string.Join(
                ' ', Text(button, "action_id"), Text(button, "value"), Text(button.GetProperty("text"), "text"))),
    ];

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();
}
