using Tocsin.Channels;
using Tocsin.Channels.Pagers;
using Tocsin.Communications;
using Tocsin.Demo.Providers;
using Tocsin.Findings;
using Tocsin.Paging;

namespace Tocsin.Tests.Channels;

public sealed class OpsgenieTests : IDisposable
{
    private const string Alias = "tocsin:war.example.org:INC-7";

    private readonly HttpClient http = ChannelHttp.Create();
    private readonly ManualClock clock = new(Alerts.Noon);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => http.Dispose();

    [Fact]
    public async Task An_alert_is_created_with_every_fact_and_its_acceptance_is_no_proof()
    {
        await using var fake = await OpsgenieFake.StartAsync();
        var drill = Alerts.Night with { Exercise = true };

        var result = await Genie(fake, "Night shift").DeliverAsync(new Message(drill), Ct);

        Assert.Equal("accepted 43a29c5c-1", Provided.Say(result));
        var said = fake.Requests[0].Json;
        Assert.Equal("/v2/alerts", fake.Requests[0].Path);
        Assert.Equal(
            "EXERCISE · SEVERITY 1 · Flash-loan attack on the lending pool", said.GetProperty("message").GetString());
        Assert.Equal(Alias, said.GetProperty("alias").GetString());
        Assert.Equal("P1", said.GetProperty("priority").GetString());
        Assert.Equal("Night shift", said.GetProperty("responders")[0].GetProperty("name").GetString());
        Assert.Equal(["tocsin", "exercise"], said.GetProperty("tags").EnumerateArray().Select(it => it.GetString()));
        Assert.Equal(
            """
            Do now: Open the war room and approve the pause
            Threat: A loan of 40,000,000 USD moved the price that the pool reads
            Impact: about 1,200,000 USD so far
            Detected: 2026-03-01 03:04:05 UTC
            Lead: CTO: Ada
            War room: https://war.example.org/i/INC-7?token=read&lang=en
            INC-7 · log head 12:0xab
            Affected:
            lending pool
            0x6e1b0fdc4b1d8d0ac1f4d1f2b19b9c2ea2c5a4bb
            """,
            said.GetProperty("description").GetString());
        Assert.DoesNotContain("ADA-PRIVATE", fake.Requests[0].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_incident_is_one_alert_there_from_its_beginning_to_its_end()
    {
        await using var fake = await OpsgenieFake.StartAsync();
        var seen = new List<string>();

        foreach (var reason in new[] { AlertReason.Opened, AlertReason.Worsened, AlertReason.PhaseReached,
            AlertReason.FalseAlarm, AlertReason.Reopened, AlertReason.Resolved })
        {
            await Genie(fake).DeliverAsync(new Message(Alerts.Night with { Reason = reason }), Ct);
            seen.Add(string.Join(", ", fake.Open.Select(it => $"{it.Key} {it.Value}")));
        }

        Assert.Equal([$"{Alias} open", $"{Alias} open", $"{Alias} acknowledged", "", $"{Alias} open", ""], seen);
        Assert.Equal(
            "SEVERITY 1 · FALSE ALARM · Flash-loan attack on the lending pool",
            fake.Requests[3].Json.GetProperty("note").GetString());
    }

    [Theory]
    [InlineData(Severity.Critical, "P1")]
    [InlineData(Severity.High, "P2")]
    [InlineData(Severity.Elevated, "P3")]
    [InlineData(Severity.Minor, "P4")]
    [InlineData(Severity.Routine, "P5")]
    public async Task Severities_are_its_priorities(Severity severity, string priority)
    {
        await using var fake = await OpsgenieFake.StartAsync();

        await Genie(fake).DeliverAsync(new Message(Alerts.Night with { Severity = severity }), Ct);

        Assert.Equal(priority, fake.Requests[0].Json.GetProperty("priority").GetString());
    }

    [Theory]
    [InlineData(400, "permanent")]
    [InlineData(401, "permanent")]
    [InlineData(402, "permanent")]
    [InlineData(403, "permanent")]
    [InlineData(404, "permanent")]
    [InlineData(405, "permanent")]
    [InlineData(406, "permanent")]
    [InlineData(410, "permanent")]
    [InlineData(415, "permanent")]
    [InlineData(422, "permanent")]
    [InlineData(409, "retry")]
    [InlineData(429, "retry")]
    [InlineData(500, "retry")]
    [InlineData(503, "retry")]
    public async Task Refusals_mean(int status, string expected)
    {
        await using var fake = await OpsgenieFake.StartAsync(OpsgenieFake.Refusal(status, "You shall not"));

        var result = await Genie(fake).DeliverAsync(new Message(Alerts.Night), Ct);

        Assert.Equal(expected, Provided.Say(result));
    }

    [Theory]
    [InlineData(429, "{}", "Retry-After: 7", "retry after 7")]
    [InlineData(403, "<html>blocked by a proxy</html>", "", "retry")]
    [InlineData(422, "{}", "", "retry")]
    [InlineData(202, "{}", "", "retry")]
    [InlineData(200, """{"requestId":"1"}""", "", "retry")]
    [InlineData(302, "", "Location: /x", "retry")]
    public async Task What_is_not_Opsgenie_speaking_may_pass(int status, string body, string headers, string expected)
    {
        await using var fake = await OpsgenieFake.StartAsync(new Answer(status, body, headers));

        Assert.Equal(expected, Provided.Say(await Genie(fake).DeliverAsync(new Message(Alerts.Night), Ct)));
    }

    [Fact]
    public async Task The_key_is_in_no_result()
    {
        Answer[] script = [new(500, OpsgenieFake.Key), Answer.Dropped, new(302, "", "Location: /x")];
        await using var fake = await OpsgenieFake.StartAsync(script);

        foreach (var _ in script)
        {
            var result = await Genie(fake).DeliverAsync(new Message(Alerts.Night), Ct);
            Assert.DoesNotContain("SECRET", result.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task No_string_from_the_chain_is_more_than_text_and_none_is_too_long()
    {
        await using var fake = await OpsgenieFake.StartAsync();

        foreach (var text in Provided.Hostile.Append(new string('"', 100_000)))
        {
            var alert = Alerts.With(text) with
            {
                Affected = Enumerable.Range(1, 200).Select(number => $"{number} {text}").ToValueList(),
            };
            await Genie(fake).DeliverAsync(new Message(alert), Ct);
            await Genie(fake).DeliverAsync(new Message(alert with { Reason = AlertReason.Resolved }), Ct);
            var said = fake.Requests[^2].Json;
            Assert.False(Provided.HasLink(said.GetProperty("message").GetString()!));
            Assert.False(Provided.HasLink(said.GetProperty("description").GetString()!
                .Replace(Alerts.Night.WarRoom.AbsoluteUri, "", StringComparison.Ordinal)));
        }

        Assert.Empty(fake.Open);
    }

    [Fact]
    public async Task The_world_reads_the_words_of_people_alone()
    {
        await using var fake = await OpsgenieFake.StartAsync();
        var told = Alerts.Night with { Statement = new Statement("We are looking into it", true, new("users", 1)) };

        await Genie(fake).DeliverAsync(new Message(told), Ct);

        var said = fake.Requests[0].Json;
        Assert.Equal("We are looking into it", said.GetProperty("message").GetString());
        Assert.Equal("We are looking into it", said.GetProperty("description").GetString());
        Assert.DoesNotContain("Flash-loan", fake.Requests[0].Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SECRET with spaces")]
    [InlineData("SECRET\r\nX-Injected: yes")]
    [InlineData("SECRETÄ")]
    [InlineData("")]
    public void A_key_that_no_header_can_hold_is_refused_without_repeating_it(string key)
    {
        var refusal = Assert.Throws<FormatException>(
            () => Opsgenie.Kind.Create(Provided.Section(("key", key)), new ChannelTools(http, clock)));

        Assert.DoesNotContain("SECRET", refusal.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Acknowledge", "s3cret-s3cret-s3cret", Alias, true)]
    [InlineData("Close", "s3cret-s3cret-s3cret", Alias, false)]
    [InlineData("Acknowledge", "s3cret-s3cret-s3cret", "tocsin:other.example.org:INC-7", false)]
    [InlineData("Acknowledge", "s3cret-s3cret-s3cret", "INC-7", false)]
    public void Who_acknowledges_there_has_answered(string action, string secret, string alias, bool isAnswer)
    {
        var reading = Hear(action, secret, alias);

        Assert.Equal(
            isAnswer
                ? [new CallbackWord.Answered("INC-7", "ada@example.org", PageAnswer.Informed) { SaysWhich = false }]
                : [],
            Assert.IsType<CallbackReading>(reading).Words);
        Assert.Equal(reading.ReplayKey, Hear(action, secret, alias)!.ReplayKey);
    }

    [Theory]
    [InlineData("S3cret")]
    [InlineData("s3cret-s3cret-s3cret ")]
    [InlineData("")]
    [InlineData(null)]
    public void Without_the_secret_that_was_set_there_nothing_is_heard(string? secret) =>
        Assert.Null(Hear("Acknowledge", secret, Alias));

    private CallbackReading? Hear(string action, string? secret, string alias)
    {
        var genie = new Opsgenie(
            Provided.Section(("key", "k"), ("callback_secret", "s3cret-s3cret-s3cret")), new ChannelTools(http, clock));
        var body = $$"""
            {"action": "{{action}}", "alert": {"alias": "{{alias}}", "username": "ada@example.org"} }
            """;
        return genie.Hear(secret is null
            ? Provided.Callback(body)
            : Provided.Callback(body, (Opsgenie.SecretHeader, secret)));
    }

    private Opsgenie Genie(OpsgenieFake fake, string? team = null) => new(
        Provided.Section(("key", OpsgenieFake.Key), ("team", team), ("api", fake.Api)), new ChannelTools(http, clock));
}
