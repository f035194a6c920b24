using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Tocsin.Channels;
using Tocsin.Channels.Pagers;
using Tocsin.Communications;
using Tocsin.Demo.Providers;
using Tocsin.Findings;
using Tocsin.Paging;

namespace Tocsin.Tests.Channels;

public sealed class PagerDutyTests : IDisposable
{
    private const string CallbackSecret = "cdrEvpoWXCGq3zdGSECRETFKzLjzWLxNfLbhKnTfBNLNmPnFR";
    private const string Key = "tocsin/war.example.org/INC-7";

    private readonly HttpClient http = ChannelHttp.Create();
    private readonly ManualClock clock = new(Alerts.Noon);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => http.Dispose();

    [Fact]
    public async Task A_trigger_holds_every_fact_and_its_acceptance_is_no_proof()
    {
        await using var fake = await PagerDutyFake.StartAsync();

        var result = await Duty(fake).DeliverAsync(new Message(Alerts.Night), Ct);

        Assert.Equal("accepted " + Key, Provided.Say(result));
        var said = fake.Requests[0].Json;
        var payload = said.GetProperty("payload");
        Assert.Equal("trigger", said.GetProperty("event_action").GetString());
        Assert.Equal("SEVERITY 1 · Flash-loan attack on the lending pool", payload.GetProperty("summary").GetString());
        Assert.Equal("war.example.org", payload.GetProperty("source").GetString());
        Assert.Equal("2026-03-01T03:04:05Z", payload.GetProperty("timestamp").GetString());
        var details = payload.GetProperty("custom_details");
        Assert.Equal("Open the war room and approve the pause", details.GetProperty("Do now").GetString());
        Assert.Equal("CTO: Ada", details.GetProperty("Lead").GetString());
        Assert.Equal(
            Alerts.Night.Affected, details.GetProperty("Affected").EnumerateArray().Select(it => it.GetString()!));
        Assert.Equal("INC-7 · log head 12:0xab", details.GetProperty("Log").GetString());
        Assert.Equal(
            Alerts.Night.WarRoom.AbsoluteUri, said.GetProperty("links")[0].GetProperty("href").GetString());
        Assert.DoesNotContain("ADA-PRIVATE", fake.Requests[0].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_incident_is_one_alert_there_from_its_beginning_to_its_end()
    {
        await using var fake = await PagerDutyFake.StartAsync();
        var duty = Duty(fake);
        var seen = new List<string>();

        foreach (var reason in new[] { AlertReason.Opened, AlertReason.Worsened, AlertReason.PhaseReached,
            AlertReason.Contained, AlertReason.Resolved, AlertReason.Reopened })
        {
            await duty.DeliverAsync(new Message(Alerts.Night with { Reason = reason, Key = $"INC-7/{reason}" }), Ct);
            seen.Add(string.Join(", ", fake.Open.Select(it => $"{it.Key} {it.Value}")));
        }

        Assert.Equal(
            [
                $"{Key} triggered", $"{Key} triggered", $"{Key} acknowledged", $"{Key} acknowledged", "",
                $"{Key} triggered",
            ],
            seen);
    }

    [Fact]
    public async Task Only_what_people_say_ends_or_quietens_an_alert()
    {
        await using var fake = await PagerDutyFake.StartAsync();
        foreach (var reason in Enum.GetValues<AlertReason>())
            await Duty(fake).DeliverAsync(new Message(Alerts.Night with { Reason = reason }), Ct);

        var others = Enum.GetValues<AlertReason>()
            .Zip(fake.Requests, (reason, it) => (reason, act: it.Json.GetProperty("event_action").GetString()!))
            .Where(it => it.act != "trigger");
        Assert.Equal(
            [
                (AlertReason.Resolved, "resolve"), (AlertReason.FalseAlarm, "resolve"), (AlertReason.Merged, "resolve"),
                (AlertReason.PhaseReached, "acknowledge"),
            ],
            others);
    }

    [Theory]
    [InlineData(Severity.Routine, "resolve")]
    [InlineData(Severity.Critical, "trigger")]
    public async Task A_test_by_schedule_wakes_nobody_and_one_that_a_person_asks_for_does(
        Severity severity, string expected)
    {
        await using var fake = await PagerDutyFake.StartAsync();

        var result = await Duty(fake).DeliverAsync(
            new Message(Alerts.Night with { Reason = AlertReason.Canary, Incident = "CANARY-3", Severity = severity }),
            Ct);

        Assert.IsType<DeliveryResult.Accepted>(result);
        Assert.Equal(expected, Assert.Single(fake.Requests).Json.GetProperty("event_action").GetString());
    }

    [Theory]
    [InlineData(Severity.Critical, "critical")]
    [InlineData(Severity.High, "error")]
    [InlineData(Severity.Elevated, "warning")]
    [InlineData(Severity.Minor, "info")]
    [InlineData(Severity.Routine, "info")]
    public async Task Severities_have_its_words(Severity severity, string word)
    {
        await using var fake = await PagerDutyFake.StartAsync();

        await Duty(fake).DeliverAsync(new Message(Alerts.Night with { Severity = severity }), Ct);

        Assert.Equal(word, fake.Requests[0].Json.GetProperty("payload").GetProperty("severity").GetString());
    }

    [Fact]
    public async Task Two_installations_with_the_same_service_do_not_close_each_others_alerts()
    {
        await using var fake = await PagerDutyFake.StartAsync();
        var rehearsal = Alerts.Night with { WarRoom = new Uri("http://staging.example.org:8080/i/INC-7") };

        await Duty(fake).DeliverAsync(new Message(Alerts.Night), Ct);
        await Duty(fake).DeliverAsync(new Message(rehearsal with { Reason = AlertReason.Resolved }), Ct);

        Assert.Equal([Key], fake.Open.Keys);
    }

    [Theory]
    [InlineData(202, """{"status":"success","message":"Event processed","dedup_key":"other"}""", "", "accepted other")]
    [InlineData(202, """{"status":"success"}""", "", "accepted " + Key)]
    [InlineData(202, "", "", "retry")]
    [InlineData(200, """{"status":"success"}""", "", "retry")]
    [InlineData(200, "<html>sign in to the hotel network</html>", "", "retry")]
    [InlineData(400, """{"status":"invalid event","message":"Event object is invalid","errors":["SECRET"]}""", "",
        "permanent")]
    [InlineData(400, "<html>bad request</html>", "", "retry")]
    [InlineData(403, "{}", "", "retry")]
    [InlineData(429, """{"status":"throttle exceeded"}""", "", "retry")]
    [InlineData(429, "", "Retry-After: 30", "retry after 30")]
    [InlineData(500, "", "", "retry")]
    [InlineData(503, "", "", "retry")]
    [InlineData(302, "", "Location: http://127.0.0.1:1/", "retry")]
    public async Task Answers_mean(int status, string body, string headers, string expected)
    {
        await using var fake = await PagerDutyFake.StartAsync(new Answer(status, body, headers));

        var result = await Duty(fake).DeliverAsync(new Message(Alerts.Night), Ct);

        Assert.Equal(expected, Provided.Say(result));
        Assert.DoesNotContain("SECRET", result.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_connection_leaves_it_unknown()
    {
        await using var fake = await PagerDutyFake.StartAsync(Answer.Dropped);

        Assert.IsType<DeliveryResult.Unknown>(await Duty(fake).DeliverAsync(new Message(Alerts.Night), Ct));
    }

    [Fact]
    public async Task No_string_from_the_chain_is_more_than_text_and_none_is_too_long()
    {
        await using var fake = await PagerDutyFake.StartAsync();

        foreach (var text in Provided.Hostile.Append(new string('"', 100_000)))
        {
            var alert = Alerts.With(text) with
            {
                Affected = Enumerable.Range(1, 200).Select(number => $"{number} {text}").ToValueList(),
            };
            await Duty(fake).DeliverAsync(new Message(alert), Ct);
            var payload = fake.Requests[^1].Json.GetProperty("payload");
            var details = payload.GetProperty("custom_details");
            Assert.False(Provided.HasLink(payload.GetProperty("summary").GetString()!));
            Assert.False(Provided.HasLink(details.GetProperty("Threat").GetString()!));
            Assert.DoesNotContain(
                details.GetProperty("Affected").EnumerateArray(), it => Provided.HasLink(it.GetString()!));
            Assert.Equal("150 older ones are in the war room", details.GetProperty("Not shown").GetString());
        }
    }

    [Fact]
    public async Task The_world_reads_the_words_of_people_alone()
    {
        await using var fake = await PagerDutyFake.StartAsync();
        var told = Alerts.Night with
        {
            Reason = AlertReason.Update,
            Statement = new Statement("We are looking into it", true, new("users", 1)),
        };

        await Duty(fake).DeliverAsync(new Message(told), Ct);

        var said = fake.Requests[0].Json;
        Assert.Equal(
            ["summary", "source", "severity"], said.GetProperty("payload").EnumerateObject().Select(it => it.Name));
        Assert.Equal("We are looking into it", said.GetProperty("payload").GetProperty("summary").GetString());
        Assert.Equal("info", said.GetProperty("payload").GetProperty("severity").GetString());
        Assert.False(said.TryGetProperty("links", out _));
    }

    [Fact]
    public void Whoever_acknowledges_there_has_answered_here()
    {
        var reading = Hear(Event())!;

        Assert.Equal(
            [
                new CallbackWord.Arrived(Key),
                new CallbackWord.Answered("INC-7", "PLH1HKV", PageAnswer.Informed) { SaysWhich = false },
            ],
            reading.Words);
        Assert.Equal("pagerduty:5ac64822", reading.ReplayKey);
        Assert.Equal(CallbackReply.Ok, reading.Reply);
    }

    [Fact]
    public void An_account_with_an_address_is_known_by_it() => Assert.Equal(
        new CallbackWord.Answered("INC-7", "ada@example.org", PageAnswer.Informed) { SaysWhich = false },
        Hear(Event(agent: """{"id":"PLH1HKV","type":"user_reference","email":"ada@example.org"}"""))!.Words[1]);

    public static TheoryData<string, string> Silent => new()
    {
        { "another event", Event(type: "incident.triggered") },
        { "no acknowledgement any more", Event(type: "incident.unacknowledged") },
        { "nobody", Event(agent: "null") },
        { "an integration", Event(agent: """{"id":"PINT","type":"inbound_integration_reference"}""") },
        { "nobody by name", Event(agent: """{"type":"user_reference"}""") },
        { "an alert of others", Event(key: "d3640fbd41094207a1c11e58e46b1662") },
        { "another installation", Event(key: "tocsin/staging.example.org/INC-7") },
        { "no incident", Event(key: "tocsin/war.example.org/INC-x") },
        { "a path", Event(key: "tocsin/war.example.org/INC-7/INC-8") },
        { "too old", Event(at: "2026-03-01T11:49:59Z") },
        { "to come", Event(at: "2026-03-01T12:05:01Z") },
        { "ping", """{"event":{"id":"1","event_type":"pagey.ping","occurred_at":"2026-03-01T12:00:00Z","data":{}}}""" },
    };

    [Theory]
    [MemberData(nameof(Silent))]
    public void What_is_theirs_but_no_answer_of_a_person_is_taken_and_says_nothing(string what, string body)
    {
        var reading = Hear(body);

        Assert.True(reading is { Words.Count: 0, Reply.Status: 200 }, what);
    }

    [Theory]
    [InlineData("v1=SIGNED", true)]
    [InlineData("v1=0000,v1=SIGNED", true)]
    [InlineData("v1=SIGNED,v1=0000", true)]
    [InlineData("v1=0000, v1=SIGNED", true)]
    [InlineData("v2=0000,v1=SIGNED", true)]
    [InlineData("v0=SIGNED", false)]
    [InlineData("SIGNED", false)]
    [InlineData("v1=", false)]
    [InlineData("v1=0000", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void One_signature_of_the_list_must_be_right(string? header, bool expected)
    {
        var signed = header?.Replace("SIGNED", Sign(Event()), StringComparison.Ordinal);

        Assert.Equal(expected, Hear(Event(), signed ?? "none", isSent: header is not null) is not null);
    }

    [Fact]
    public void A_body_that_was_changed_by_one_byte_is_not_heard()
    {
        var signature = "v1=" + Sign(Event());

        Assert.Null(Hear(Event() + " ", signature));
        Assert.Null(Hear(Event().Replace("INC-7", "INC-8", StringComparison.Ordinal), signature));
    }

    [Fact]
    public void Without_the_subscriptions_secret_nothing_is_heard()
    {
        var deaf = new PagerDuty(Section("http://127.0.0.1:1", secret: null), new ChannelTools(http, clock));

        Assert.Null(deaf.Hear(Provided.Callback(Event(), ("x-pagerduty-signature", "v1=" + Sign(Event())))));
    }

    [Fact]
    public void Any_signed_body_is_heard_or_not_and_breaks_nothing()
    {
        string[] pieces =
            ["{", "}", "\"event\"", ":", "1", "\"\\ud800\"", "\"id\"", "[", "]", ",", "null", "\"occurred_at\""];
        var bodies = Gen.Elements(pieces).ListOf().Select(string.Concat);

        Prop.ForAll(Arb.From(bodies), body => Hear(body) is null or { Words.Count: 0 }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("SECRETtooshort")]
    [InlineData("SECRETf1e2d3c4b5a69788SECRET9z8-")]
    public void Another_key_is_refused_without_repeating_it(string key)
    {
        var section = Provided.Section(("routing_key", key));

        var refusal = Assert.Throws<FormatException>(
            () => PagerDuty.Kind.Create(section, new ChannelTools(http, clock)));

        Assert.Equal("a routing key is 32 letters and digits", refusal.Message);
    }

    private static string Event(
        string type = "incident.acknowledged", string key = Key, string at = "2026-03-01T11:59:58.169Z",
        string agent = """{"id":"PLH1HKV","summary":"Ada","type":"user_reference"}""") =>
        $$$"""
        {"event":{"id":"5ac64822","event_type":"{{{type}}}","resource_type":"incident","occurred_at":"{{{at}}}",
         "agent":{{{agent}}},"client":null,"data":{"id":"PGR0VU2","type":"incident","number":2,
         "status":"acknowledged","incident_key":"{{{key}}}","title":"t"} } }
        """;

    private static string Sign(string body) => Convert.ToHexStringLower(
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(CallbackSecret), Encoding.UTF8.GetBytes(body)));

    private static ChannelSection Section(string api, string? secret) => Provided.Section(
        ("routing_key", PagerDutyFake.RoutingKey), ("callback_secret", secret), ("api", api));

    private CallbackReading? Hear(string body, string? signature = null, bool isSent = true)
    {
        var duty = new PagerDuty(Section("http://127.0.0.1:1", CallbackSecret), new ChannelTools(http, clock));
        return duty.Hear(isSent
            ? Provided.Callback(body, ("x-pagerduty-signature", signature ?? "v1=" + Sign(body)))
            : Provided.Callback(body));
    }

    private PagerDuty Duty(PagerDutyFake fake) =>
        new(Section(fake.Api + "/", secret: null), new ChannelTools(http, clock));
}
