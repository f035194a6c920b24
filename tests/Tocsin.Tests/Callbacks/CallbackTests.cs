using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tocsin.Callbacks;
using Tocsin.Channels;
using Tocsin.Communications;
using Tocsin.Demo.Providers;
using Tocsin.Incidents;
using Tocsin.Paging;

namespace Tocsin.Tests.Callbacks;

/// <summary>What providers tell the real server, and what comes of it.</summary>
public sealed class CallbackTests
{
    private const string First = "SM00000000000000000000000000000000";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_button_in_Slack_acknowledges_and_its_message_says_who_did()
    {
        await using var town = await CallbackTown.StartAsync();

        var answer = await town.PostAsync("war-room", town.Press("answer-able"));

        Assert.Equal((HttpStatusCode.OK, ""), answer);
        Assert.Equal(["Ada Commander, Slack button"], town.Answers);
        var shown = (await town.Slack.CalledAsync("chat.update")).Body;
        var text = Slack(shown);
        Assert.Contains("Answered: Ada Commander acknowledged, able to sign", text, StringComparison.Ordinal);
        Assert.Contains("Threat", text, StringComparison.Ordinal);
        Assert.DoesNotContain("answer-informed", text, StringComparison.Ordinal);
        Assert.Equal(town.Slack.Rooms[0].Messages[0], shown.GetProperty("ts").GetString());
    }

    [Fact]
    public async Task Where_the_first_cannot_help_the_buttons_stay_for_the_others()
    {
        await using var town = await CallbackTown.StartAsync();

        await town.PostAsync("war-room", town.Press("answer-unable"));

        Assert.Empty(town.Answers);
        var text = Slack((await town.Slack.CalledAsync("chat.update")).Body);
        Assert.Contains("Ada Commander is unable to help", text, StringComparison.Ordinal);
        Assert.Contains("answer-informed", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_button_in_Telegram_acknowledges()
    {
        await using var town = await CallbackTown.StartAsync();

        var (status, body) = await town.PostAsync("spare-room", CallbackTown.Tap("Informed", 8878));

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("answerCallbackQuery", JsonNode.Parse(body)!["method"]!.GetValue<string>());
        Assert.Equal(["Ben Engineer, Telegram button"], town.Answers);
    }

    [Fact]
    public async Task Whoever_acknowledges_in_PagerDuty_has_answered_and_got_the_alert()
    {
        await using var town = await CallbackTown.StartAsync(change: text => text.Replace(
            "notify: [ada, primary]", "notify: [ada, ben, primary]", StringComparison.Ordinal));
        Assert.DoesNotContain(town.Incident.Deliveries, one => one.Channel == "ben-pager");

        var answer = await town.PostAsync("ben-pager", town.Acknowledged("Ben@example.org"));

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(["Ben Engineer, PagerDuty"], town.Answers);
        Assert.Equal(
            town.Incident.AcceptedAlerts.Where(one => one.Channel == "ben-pager").Select(one => one.Key),
            town.Incident.Deliveries.Where(one => one.Channel == "ben-pager").Select(one => one.Key));
    }

    [Fact]
    public async Task Who_is_able_to_sign_stays_so_by_a_button_that_knows_nothing_of_it()
    {
        await using var town = await CallbackTown.StartAsync();
        await town.PostAsync("spare-room", CallbackTown.Tap("AbleToSign", 8878));

        await town.PostAsync("ben-pager", town.Acknowledged("ben@example.org"));

        Assert.Equal(PageAnswer.AbleToSign, town.Incident.Pages.AnswerOf("Ben Engineer")!.Answer);
    }

    [Theory]
    [InlineData("war-room")]
    [InlineData("spare-room")]
    public async Task What_is_pressed_on_a_channel_that_is_not_trusted_is_not_recorded(string channel)
    {
        await using var town = await CallbackTown.StartAsync();
        var press = channel == "war-room" ? town.Press("answer-able") : CallbackTown.Tap("AbleToSign", 8878);
        await town.DistrustAsync(channel);
        var head = town.Night.Head;

        var (status, said) = await town.PostAsync(channel, press);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(channel == "spare-room", said.Contains("Nothing was recorded", StringComparison.Ordinal));
        Assert.Empty(town.Answers);
        Assert.Equal(head, town.Night.Head);
    }

    [Theory]
    [InlineData("-100888", false)]
    [InlineData("-100999", false)]
    [InlineData("-1001234567890", true)]
    public async Task While_a_chat_of_a_bot_is_not_trusted_only_presses_in_its_other_chats_count(
        string chat, bool counts)
    {
        await using var town = await CallbackTown.StartAsync(hasThirdRoom: true);
        await town.DistrustAsync("cem-pager");

        await town.PostAsync("spare-room", CallbackTown.Tap("Informed", 8878, chat: chat));

        Assert.Equal(counts ? ["Ben Engineer, Telegram button"] : [], town.Answers);
    }

    [Fact]
    public async Task A_press_from_before_an_incident_was_opened_again_answers_nothing()
    {
        await using var town = await CallbackTown.StartAsync();
        var old = CallbackTown.Tap("AbleToSign", 8878, 901, date: town.Night.Now.ToUnixTimeSeconds());
        await town.Night.UntilAsync(town.Night.Now.AddMinutes(1));
        Assert.Null(await town.Night.PostAsync(
            "/api/incidents/INC-1/false-alarm", new JsonObject { ["by"] = "ada", ["reason"] = "our own rebalancing" }));
        Assert.Null(await town.Night.PostAsync(
            "/api/incidents/INC-1/reopen", new JsonObject { ["by"] = "ada", ["reason"] = "it was not ours" }));

        var (_, said) = await town.PostAsync("spare-room", old);
        Assert.Contains("answer under its newest message", said, StringComparison.Ordinal);
        Assert.Empty(town.Incident.Answers);

        await town.PostAsync(
            "spare-room", CallbackTown.Tap("Informed", 8878, 902, date: town.Night.Now.ToUnixTimeSeconds()));
        Assert.Equal("Ben Engineer", Assert.Single(town.Incident.Answers).Person);
    }

    [Fact]
    public async Task A_key_on_the_telephone_acknowledges()
    {
        await using var town = await CallbackTown.StartAsync();

        var (status, body) = await town.PostAsync("ada-phone", town.OfTwilio(
            "ada-phone", ("CallSid", "CA00000000000000000000000000000000"), ("Digits", "1")));

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("Acknowledged. Thank you.", body, StringComparison.Ordinal);
        Assert.Equal(["Ada Commander, telephone key"], town.Answers);
    }

    [Fact]
    public async Task A_telephone_that_is_in_no_plan_speaks_for_the_one_person_whose_way_it_is()
    {
        await using var town = await CallbackTown.StartAsync(change: text => text.Replace(
            "phone: \"+49 (1511) 234-5678\"", "phone: \"+1 555 0199\"", StringComparison.Ordinal));

        await town.PostAsync("ada-phone", town.OfTwilio(
            "ada-phone", ("CallSid", "CA00000000000000000000000000000000"), ("Digits", "1")));

        Assert.Equal(["Ada Commander, telephone key"], town.Answers);
    }

    [Fact]
    public async Task A_text_message_that_arrived_is_recorded_as_delivered_once()
    {
        await using var town = await CallbackTown.StartAsync();
        var key = Assert.Single(town.Incident.AcceptedAlerts, one => one.Channel == "ada-pager").Key;

        await town.PostAsync("ada-pager", Status(town, "delivered"));
        await town.PostAsync("ada-pager", Status(town, "read"));

        var done = Assert.Single(town.Incident.Deliveries, one => one.Channel == "ada-pager");
        Assert.Equal((key, AlertReason.Opened, (string?)null), (done.Key, done.Reason, done.Failure));
    }

    [Fact]
    public async Task A_text_message_that_will_not_arrive_goes_by_the_next_way()
    {
        await using var town = await CallbackTown.StartAsync();
        Assert.DoesNotContain(town.Twilio.All, one => one.Kind == "Calls");

        await town.PostAsync("ada-pager", Status(town, "undelivered"));

        var failed = Assert.Single(town.Incident.Deliveries, one => one.Channel == "ada-pager");
        Assert.Equal("undelivered", failed.Failure);
        await town.Night.UntilAsync(book =>
            book[new IncidentId(1)]!.AcceptedAlerts.Any(one => one.Channel == "ada-phone"));
        Assert.Contains(town.Twilio.All, one => one.Kind == "Calls");
    }

    [Fact]
    public async Task A_callback_that_comes_before_the_answer_to_the_sending_is_not_lost()
    {
        await using var town = await CallbackTown.StartAsync(isOpen: false);

        var answer = await town.PostAsync("ada-pager", Status(town, "delivered"));
        await town.OpenAsync();

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        await town.Night.UntilAsync(book =>
            book[new IncidentId(1)]!.Deliveries.Any(one => one is { Channel: "ada-pager", Failure: null }));
    }

    [Fact]
    public async Task The_same_callback_again_is_answered_the_same_and_does_nothing()
    {
        await using var town = await CallbackTown.StartAsync();
        var able = CallbackTown.Tap("AbleToSign", 8877, update: 901);
        var first = await town.PostAsync("spare-room", able);
        await town.PostAsync("spare-room", CallbackTown.Tap("Unable", 8877, update: 902));
        var head = town.Night.Head;

        Assert.Equal(first, await town.PostAsync("spare-room", able));

        Assert.Equal(head, town.Night.Head);
    }

    [Fact]
    public async Task What_is_not_proven_is_refused_counted_and_records_nothing()
    {
        await using var town = await CallbackTown.StartAsync();
        var press = town.Press("answer-informed");
        var head = town.Night.Head;
        Callback[] bad =
        [
            press with { Body = "payload={}"u8.ToArray() },
            press with { Headers = new Dictionary<string, string>() },
            SlackFake.Press("answer-informed", "INC-1", town.Night.Now.AddMinutes(-6)),
        ];

        foreach (var callback in bad)
            Assert.Equal(HttpStatusCode.Forbidden, (await town.PostAsync("war-room", callback)).Status);
        // What another provider signed proves nothing here.
        Assert.Equal(HttpStatusCode.Forbidden, (await town.PostAsync("ben-pager", press)).Status);

        Assert.Equal(head, town.Night.Head);
        Assert.Equal(3, town.Night.Part<CallbackDesk>().CountOf("war-room", CallbackDesk.Refusal));
        // Its number there is that of every server in this process.
        var metrics = await town.Night.Http.GetStringAsync("/metrics", Cancelled);
        Assert.Contains(
            "tocsin_callbacks_refused_total{channel=\"war-room\"} ", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_receipt_of_Twilio_is_signed_with_its_address()
    {
        await using var town = await CallbackTown.StartAsync();
        var said = Status(town, "delivered");
        var other = said with { Url = new Uri(said.Url.OriginalString.Replace("INC-1", "INC-2")) };

        Assert.Equal(HttpStatusCode.Forbidden, (await town.PostAsync("ada-pager", other)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await town.PostAsync("ada-phone", said)).Status);
        Assert.Equal(HttpStatusCode.OK, (await town.PostAsync("ada-pager", said)).Status);
    }

    [Theory]
    [InlineData("nowhere")]
    [InlineData("cem-pager")]
    [InlineData("War-Room")]
    public async Task A_channel_that_hears_nothing_has_no_address(string channel)
    {
        await using var town = await CallbackTown.StartAsync();

        Assert.Equal(
            HttpStatusCode.NotFound, (await town.PostAsync(channel, town.Press("answer-informed"))).Status);
        Assert.Empty(town.Answers);
    }

    [Theory]
    [InlineData(200 * 1024, HttpStatusCode.OK)]
    [InlineData(256 * 1024, HttpStatusCode.RequestEntityTooLarge)]
    public async Task A_body_is_at_most_so_long(int padding, HttpStatusCode expected)
    {
        await using var town = await CallbackTown.StartAsync();
        var body = Encoding.UTF8.GetString(town.Press("answer-informed").Body.Span) + "&x=" + new string('x', padding);

        var answer = await town.PostAsync("war-room", SlackFake.Signed(body, town.Night.Now));

        Assert.Equal(expected, answer.Status);
    }

    [Fact]
    public async Task A_header_that_came_twice_is_none()
    {
        await using var town = await CallbackTown.StartAsync();
        var tap = CallbackTown.Tap("Informed", 8877);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/callbacks/spare-room")
        {
            Content = new ByteArrayContent(tap.Body.ToArray()),
        };
        var (name, secret) = tap.Headers.Single();
        request.Headers.TryAddWithoutValidation(name, [secret, secret]);

        using var answer = await town.Night.Http.SendAsync(request, Cancelled);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Theory]
    [InlineData("U0EVE00001", "INC-1", "the plan names nobody who has this account alone")]
    [InlineData("U0ADA00001", "INC-7", "this incident is not known here")]
    public async Task Who_or_what_is_not_known_is_heard_and_not_recorded(string user, string incident, string why)
    {
        await using var town = await CallbackTown.StartAsync();
        town.Slack.Users.Add("U0EVE00001");
        var head = town.Night.Head;

        var answer = await town.PostAsync("war-room", town.Press("answer-informed", user, incident));

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(head, town.Night.Head);
        var said = await town.Slack.CalledAsync("chat.postEphemeral");
        Assert.Equal((user, $"Nothing was recorded: {why}."), (said.Text("user"), said.Text("text")));
    }

    [Fact]
    public async Task An_account_that_two_people_have_is_nobodys()
    {
        await using var town = await CallbackTown.StartAsync(change: text => text.Replace(
            "U0BOB00001, 8878", "U0BOB00001, 8877", StringComparison.Ordinal));

        var (_, body) = await town.PostAsync("spare-room", CallbackTown.Tap("Informed", 8877));

        Assert.Empty(town.Answers);
        Assert.Contains("Nothing was recorded", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_revoked_person_presses_is_not_recorded()
    {
        await using var town = await CallbackTown.StartAsync();
        Assert.Null(await town.RevokeAsync("ada"));
        var head = town.Night.Head;

        Assert.Equal(
            HttpStatusCode.OK, (await town.PostAsync("war-room", town.Press("answer-informed"))).Status);
        Assert.Contains(
            "Nothing was recorded", (await town.PostAsync("spare-room", CallbackTown.Tap("Informed", 8877))).Body,
            StringComparison.Ordinal);
        Assert.Contains(
            "Nothing was recorded", (await town.PostAsync("ada-phone", town.OfTwilio(
                "ada-phone", ("CallSid", "CA00000000000000000000000000000000"), ("Digits", "1")))).Body,
            StringComparison.Ordinal);

        Assert.Empty(town.Answers);
        Assert.Equal(head, town.Night.Head);
    }

    [Fact]
    public async Task What_is_pressed_after_the_end_is_not_recorded()
    {
        await using var town = await CallbackTown.StartAsync();
        Assert.Null(await town.Night.PostAsync(
            "/api/incidents/INC-1/resolve", new JsonObject { ["person"] = "ben", ["summary"] = "it was nothing" }));
        var head = town.Night.Head;

        var (status, body) = await town.PostAsync("spare-room", CallbackTown.Tap("Informed", 8877));

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("Nothing was recorded: this incident is over.", body, StringComparison.Ordinal);
        Assert.Equal(head, town.Night.Head);
    }

    private static string Slack(JsonElement message) => message.GetProperty("blocks").GetRawText();

    private static Callback Status(CallbackTown town, string status) =>
        town.OfTwilio("ada-pager", ("MessageSid", First), ("MessageStatus", status));
}
