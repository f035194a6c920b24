using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Tocsin.Api;
using Tocsin.Communications;
using Tocsin.Configuration;
using Tocsin.Findings;
using Tocsin.OutsideAlerts;
using Tocsin.Recording;
using Tocsin.Tests.Configuration;
using Tocsin.Tests.Plans;
using Tocsin.Tests.Storage;
using Tocsin.Tests.Tidy;
using Tocsin.Texts;

namespace Tocsin.Tests.OutsideAlerts;

/// <summary>The routes as senders see them, over a real log.</summary>
public sealed class OutsideApiTests : IAsyncDisposable
{
    private const string Alertmanager = "/api/outside/alertmanager";
    private const string PagerDuty = "/api/outside/pagerduty/v2/enqueue";
    private const string Opsgenie = "/api/outside/opsgenie/v2/alerts";
    private const string Key = "0123456789abcdef0123456789abcde";

    private const string Group = """
        {"version":"4","groupKey":"g","alerts":[{"status":"firing","fingerprint":"f",
         "labels":{"alertname":"PoolDrained","severity":"critical"},"startsAt":"2026-03-10T01:58:00Z"}]}
        """;

    private const string Trigger = $$"""
        {"routing_key":"{{Key}}b","event_action":"trigger","dedup_key":"drain",
         "payload":{"summary":"The pool is empty","source":"keeper-1","severity":"critical"} }
        """;

    private const string Created = """{"message":"The pool is empty","alias":"drain","priority":"P1"}""";

    private readonly ManualTime time = new();
    private readonly StoreFolder store = new();
    private readonly ConfigurationFolder folder = new();
    private readonly Logbook logbook;
    private readonly OutsideDesk desk;
    private readonly HttpClient http = new();
    private WebApplication? app;

    public OutsideApiTests()
    {
        var uri = new Uri("https://tocsin.example");
        logbook = new Logbook(store.Open(), new Links(_ => uri, (_, _, _) => uri, uri), time);
        logbook.Adopt(MinimalPlan.Read());
        foreach (var which in "abc")
            folder.Write($"token-{which}", Key + which);
        desk = Open("""
            outside:
              prometheus: { kind: alertmanager, token: file:token-a, issue: flash-loan }
              old-pager: { kind: pagerduty, token: file:token-b, issue: flash-loan }
              old-genie: { kind: opsgenie, token: file:token-c, issue: flash-loan }
            """);
    }

    public static TheoryData<string> Routes =>
        [Alertmanager, PagerDuty, Opsgenie, $"{Opsgenie}/drain/close?identifierType=alias",
            $"{Opsgenie}/drain/acknowledge?identifierType=alias"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        if (app is not null)
            await app.DisposeAsync();
        logbook.Dispose();
        store.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Each_sender_is_answered_as_its_own_system_does()
    {
        await StartAsync();

        using (var answer = await PostAsync(Alertmanager, Group))
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        using (var answer = await PostAsync(PagerDuty, Trigger))
            Assert.Equal(
                (HttpStatusCode.Accepted,
                    """{"status":"success","message":"Event processed","dedup_key":"drain"}"""),
                (answer.StatusCode, await answer.Content.ReadAsStringAsync(Stop)));
        using (var answer = await PostAsync(Opsgenie, Created))
        {
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
            var said = await JsonAsync(answer);
            Assert.Equal("Request will be processed", said.GetProperty("result").GetString());
            Assert.True(said.GetProperty("took").GetDecimal() >= 0);
            Assert.True(Guid.TryParse(said.GetProperty("requestId").GetString(), out _));
        }
        Assert.Equal(
            [Severity.High, Severity.Critical, Severity.Critical],
            logbook.Book.Incidents.Values.Select(incident => incident.Severity));
    }

    [Fact]
    public async Task What_is_delivered_twice_records_nothing_more()
    {
        await StartAsync();
        foreach (var (route, body) in new[] { (Alertmanager, Group), (PagerDuty, Trigger), (Opsgenie, Created) })
        {
            using var first = await PostAsync(route, body);
            var head = logbook.Head;
            using var second = await PostAsync(route, body);

            Assert.Equal(HttpStatusCode.Accepted, second.StatusCode);
            Assert.Equal(head, logbook.Head);
        }
    }

    [Theory]
    [InlineData(Alertmanager, Group, "Bearer ")]
    [InlineData(Alertmanager, Group, "Bearer " + Key + "b")]
    [InlineData(Alertmanager, Group, "Basic " + Key + "a")]
    [InlineData(Alertmanager, Group, null)]
    [InlineData(Opsgenie, Created, "GenieKey " + Key + "a")]
    [InlineData(Opsgenie, Created, "Bearer " + Key + "c")]
    [InlineData(Opsgenie, Created, null)]
    [InlineData(PagerDuty, """
        {"routing_key":"0123456789abcdef0123456789abcdea","event_action":"resolve","dedup_key":"d"}
        """, null)]
    public async Task A_wrong_key_is_refused_and_counted_and_records_nothing(string route, string body, string? shown)
    {
        await StartAsync();
        var head = logbook.Head;

        using var answer = await PostAsync(route, body, shown);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal(JsonValueKind.Object, (await JsonAsync(answer)).ValueKind);
        Assert.Equal(head, logbook.Head);
        Assert.Equal(1, desk.Refused);
    }

    [Fact]
    public async Task Strangers_who_guess_are_turned_away_and_lock_no_sender_out()
    {
        await StartAsync();
        for (var i = 0; i < 60; i++)
            Assert.Equal(OutsideEntry.Stranger, desk.Enter(OutsideKind.Opsgenie, $"guess {i}", out _));

        using var refused = await PostAsync(Opsgenie, Created, "GenieKey guess");
        using var taken = await PostAsync(Opsgenie, Created);

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, taken.StatusCode);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(OutsideEntry.Stranger, desk.Enter(OutsideKind.Opsgenie, "guess", out _));
        Assert.Equal(62, desk.Refused);
    }

    // Alertmanager tries again after a 5xx alone.
    [Theory]
    [InlineData(Alertmanager, Group, 'a', HttpStatusCode.ServiceUnavailable)]
    [InlineData(PagerDuty, Trigger, 'b', HttpStatusCode.TooManyRequests)]
    [InlineData(Opsgenie, Created, 'c', HttpStatusCode.TooManyRequests)]
    public async Task A_sender_gone_wild_is_told_to_try_again_in_a_minute(
        string route, string body, char which, HttpStatusCode status)
    {
        await StartAsync();
        for (var i = 0; i < OutsideDesk.RequestsAMinute; i++)
            Assert.Equal(OutsideEntry.Known, desk.Enter((OutsideKind)(which - 'a'), Key + which, out _));

        using (var answer = await PostAsync(route, body))
        {
            Assert.Equal(status, answer.StatusCode);
            Assert.Equal("60", answer.Headers.RetryAfter!.ToString());
        }
        Assert.Empty(logbook.Book.Findings);
        time.Advance(TimeSpan.FromMinutes(1));
        using (var answer = await PostAsync(route, body))
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
    }

    /// <summary>The log is for ever and the book is in memory: a stolen key must fill neither.</summary>
    [Fact]
    public async Task What_opens_nothing_is_recorded_only_so_often_an_hour_and_what_does_is_taken_all_the_same()
    {
        await StartAsync();
        for (var i = 0; i < 10; i++)
        {
            using var answer = await PostAsync(Alertmanager, Many(i, "info"));
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        }
        Assert.Equal(OutsideDesk.RecordsAnHour, logbook.Book.Findings.Count);

        using (await PostAsync(Alertmanager, Many(99, "critical")))
            Assert.Single(logbook.Book.Incidents);
        // Another sender has its own.
        using (await PostAsync(PagerDuty, Trigger.Replace("critical", "info", StringComparison.Ordinal)))
            Assert.Equal(OutsideDesk.RecordsAnHour + 2, logbook.Book.Findings.Count);
        time.Advance(TimeSpan.FromHours(1));
        using (await PostAsync(Alertmanager, Many(100, "info")))
            Assert.Equal(OutsideDesk.RecordsAnHour + 502, logbook.Book.Findings.Count);
    }

    private static string Many(int group, string severity) => JsonSerializer.Serialize(new
    {
        version = "4",
        groupKey = $"{group}",
        alerts = Enumerable.Range(0, 500).Select(i => new
        {
            status = "firing",
            fingerprint = $"{group}-{i}",
            labels = new { severity },
        }),
    });

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Any_bytes_are_refused_with_JSON_and_record_nothing(string route)
    {
        await StartAsync();
        var head = logbook.Head;
        var random = new Random(7);
        for (var i = 0; i < 100; i++)
        {
            var bytes = new byte[1 + random.Next(2_000)];
            random.NextBytes(bytes);
            // Such as begin like theirs, too.
            if (i % 2 == 0)
                bytes = [.. Encoding.UTF8.GetBytes(Trigger).AsSpan(0, random.Next(Trigger.Length - 1)), .. bytes];

            using var answer = await PostAsync(route, bytes);

            Assert.InRange((int)answer.StatusCode, 400, 499);
            Assert.Equal(JsonValueKind.Object, (await JsonAsync(answer)).ValueKind);
        }
        Assert.Equal(head, logbook.Head);
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task A_body_is_bounded(string route)
    {
        await StartAsync();

        using var answer = await PostAsync(route, new byte[(256 * 1024) + 1]);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Equal(JsonValueKind.Object, (await JsonAsync(answer)).ValueKind);
    }

    [Fact]
    public async Task A_web_site_cannot_send_alerts()
    {
        await StartAsync();
        using var request = Request(Opsgenie, Encoding.UTF8.GetBytes(Created), "GenieKey " + Key + "c");
        request.Headers.Add("Origin", "https://evil.example");

        using var answer = await http.SendAsync(request, Stop);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Empty(logbook.Book.Findings);
    }

    [Fact]
    public void The_issue_is_chosen_by_a_label_and_the_severity_by_the_level()
    {
        var source = folder.Load("""
            outside:
              prometheus:
                kind: alertmanager
                token: file:token-a
                issue: other-trouble
                label: alertname
                issues: { PoolDrained: flash-loan }
                severities: { critical: 1, page: 2, other: 4 }
            """).Outside.Single();

        Assert.Equal(("flash-loan", "other-trouble"), (source.IssueOf("PoolDrained"), source.IssueOf("Lag")));
        Assert.Equal(
            [Severity.Critical, Severity.High, Severity.Elevated, Severity.Minor, Severity.Minor],
            new[] { "critical", "page", "warning", "unheard-of", "" }.Select(source.SeverityOf));
    }

    [Fact]
    public async Task What_the_page_shows_is_true()
    {
        await StartAsync();
        var page = Repository.Lines("docs/outside-alerts.md");
        var begins = Array.IndexOf(page, "    outside:");
        var source = folder.Load(string.Join('\n', page.Skip(begins).TakeWhile(line => line.Length > 0)
            .Select(line => line[4..])) + "\n").Outside.Single();
        Assert.Equal(
            ("bridge-attack", Severity.Critical, Severity.Elevated),
            (source.IssueOf("BridgeDrained"), source.SeverityOf("critical"), source.SeverityOf("unheard-of")));

        var shown = string.Concat(page.SkipWhile(line => !line.Contains("curl", StringComparison.Ordinal)).Take(2));
        var body = shown[(shown.IndexOf('\'', StringComparison.Ordinal) + 1)..shown.LastIndexOf('\'')]
            .Replace("'$KEY'", Key + "b", StringComparison.Ordinal);
        using var answer = await PostAsync(PagerDuty, body);

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var text = string.Join('\n', page);
        Assert.All([Alertmanager, PagerDuty, "/api/outside/opsgenie"], route =>
            Assert.Contains($"http://127.0.0.1:8420{route}", text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("alertmanager", "critical", Severity.High)]
    [InlineData("alertmanager", "warning", Severity.Elevated)]
    [InlineData("alertmanager", "", Severity.High)]
    [InlineData("pagerduty", "critical", Severity.Critical)]
    [InlineData("pagerduty", "error", Severity.High)]
    [InlineData("pagerduty", "info", Severity.Routine)]
    [InlineData("opsgenie", "P1", Severity.Critical)]
    [InlineData("opsgenie", "P5", Severity.Routine)]
    public void What_is_not_configured_is_understood_by_custom(string kind, string level, Severity severity) =>
        Assert.Equal(
            severity,
            folder.Load($"outside: {{ s: {{ kind: {kind}, token: env:T, issue: i }} }}").Outside.Single()
                .SeverityOf(level));

    [Theory]
    [InlineData("kind: nagios, token: env:T, issue: i", "one of alertmanager, pagerduty, opsgenie")]
    [InlineData("kind: opsgenie, token: hunter2, issue: i", "by reference")]
    [InlineData("kind: opsgenie, issue: i", "'token' is missing")]
    [InlineData("kind: opsgenie, token: env:T", "'issue' is missing")]
    [InlineData("kind: opsgenie, token: env:T, issue: i, label: l", "'label' and 'issues' go together")]
    [InlineData("kind: opsgenie, token: env:T, issue: i, severities: { P1: 6 }", "a whole number from 1 to 5")]
    public void What_cannot_be_meant_is_refused(string settings, string says)
    {
        var message = Assert.Throws<InputException>(() => folder.Load($"outside: {{ s: {{ {settings} }} }}")).Message;

        Assert.Contains(says, message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_issue_that_the_plan_does_not_have_is_an_error_of_the_configuration()
    {
        var configuration = folder.Load(
            "outside: { s: { kind: opsgenie, token: env:T, issue: flash-lone, label: l, issues: { a: nothing } } }");

        var errors = ConfigurationCheck.Check(configuration, MinimalPlan.Plan)
            .Select(complaint => complaint.Message).Where(message => message.Contains("'s'", StringComparison.Ordinal))
            .ToList();

        Assert.Equal(2, errors.Count);
        Assert.Contains("did you mean 'flash-loan'", errors[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hunter2", "fewer than 16 characters")]
    [InlineData(Key + "b", "have the same token")]
    public void A_token_that_could_be_guessed_or_is_anothers_is_refused_and_not_shown(string token, string says)
    {
        folder.Write("token-a", token);

        var message = Assert.Throws<InputException>(() => Open("""
            outside:
              one: { kind: pagerduty, token: file:token-b, issue: flash-loan }
              two: { kind: pagerduty, token: file:token-a, issue: flash-loan }
            """)).Message;

        Assert.Contains(says, message, StringComparison.Ordinal);
        Assert.DoesNotContain(token, message, StringComparison.Ordinal);
    }

    private OutsideDesk Open(string text) =>
        OutsideDesk.Open(folder.Load(text), logbook, time, NullLogger<OutsideDesk>.Instance);

    private async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MaxRequestBodySize = 256 * 1024;
        });
        app = builder.Build();
        app.Use(Guards.RefuseStrangers(new Uri("https://tocsin.example")));
        app.MapOutside(desk);
        await app.StartAsync(Stop);
    }

    private static string? KeyOf(string route) => route.StartsWith(Opsgenie, StringComparison.Ordinal)
        ? $"GenieKey {Key}c"
        : route == Alertmanager ? $"Bearer {Key}a" : null;

    private Task<HttpResponseMessage> PostAsync(string route, string body) => PostAsync(route, body, KeyOf(route));

    private Task<HttpResponseMessage> PostAsync(string route, byte[] body) =>
        SendAsync(Request(route, body, KeyOf(route)));

    private Task<HttpResponseMessage> PostAsync(string route, string body, string? authorization) =>
        SendAsync(Request(route, Encoding.UTF8.GetBytes(body), authorization));

    private HttpRequestMessage Request(string route, byte[] body, string? authorization)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, app!.Urls.Single() + route)
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } },
        };
        if (authorization is not null)
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        return request;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request)
    {
        using (request)
            return await http.SendAsync(request, Stop);
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage answer) =>
        JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Stop)).RootElement;
}
