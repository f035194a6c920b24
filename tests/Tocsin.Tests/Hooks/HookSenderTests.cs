using Tocsin.Api;
using Tocsin.Communications;
using Tocsin.Hooks;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Recording;
using Tocsin.Tests.Configuration;
using Tocsin.Tests.Storage;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Hooks;

public sealed class HookSenderTests : IDisposable
{
    private readonly StoreFolder store = new();
    private readonly ConfigurationFolder folder = new();
    private readonly ManualTime time = new(Noon);
    private Logbook logbook = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private Incident Incident => logbook.Book[First]!;

    public void Dispose()
    {
        logbook.Dispose();
        store.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task What_answers_as_expected_has_done_its_step_for_whoever_asked()
    {
        await using var receiver = new HookReceiver(HookReceiver.Status(204));
        Begin(receiver.Address);

        await SendAsync();

        var request = Assert.Single(receiver.Requests);
        Assert.StartsWith("PUT /hunter2 HTTP/1.1\r\n", request, StringComparison.Ordinal);
        Assert.Contains("\r\nauthorization: Bearer hunter3\r\n", request, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("X-Exercise", request, StringComparison.OrdinalIgnoreCase);
        Assert.EndsWith("\r\n\r\n{}", request, StringComparison.Ordinal);
        Assert.Equal(204, Incident.Hook(HookPlan.Action)!.Status);
        var step = Assert.Single(Incident.Steps);
        Assert.Equal(
            ("page", "the server, asked by Ada Commander", "PUT file:hook.url answered 204"),
            (step.Step, step.Person, step.Result));
        Assert.Empty(Due());
    }

    [Theory]
    [InlineData("HTTP/1.1 200 Fine\r\nContent-Length: 7\r\n\r\nhunter2", "it answered 200, not 204")]
    [InlineData("HTTP/1.1 302 Go\r\nLocation: http://127.0.0.1:1/hunter2\r\nContent-Length: 0\r\n\r\n", "a redirect")]
    [InlineData("HTTP/1.1 307 Go\r\nLocation: /hunter2\r\nContent-Length: 0\r\n\r\n", "a redirect")]
    [InlineData("hunter2\r\n\r\n", "its answer is none of HTTP")]
    [InlineData("", "the connection was lost before its answer came")]
    public async Task What_answers_otherwise_is_a_failure_that_is_told_without_secrets(string answer, string reason)
    {
        await using var receiver = new HookReceiver(answer);
        Begin(receiver.Address);

        await SendAsync();

        Assert.Contains(reason, Assert.Single(Incident.Hook(HookPlan.Action)!.Failures).Reason,
            StringComparison.Ordinal);
        Assert.Single(receiver.Requests);
        Assert.Empty(Incident.Steps);
        AssertNoSecret();
    }

    [Fact]
    public async Task A_body_without_end_is_not_read()
    {
        await using var receiver = new HookReceiver(HookReceiver.Endless);
        Begin(receiver.Address);

        await SendAsync();

        Assert.Equal(204, Incident.Hook(HookPlan.Action)!.Status);
    }

    [Fact]
    public async Task Silence_ends_after_ten_seconds()
    {
        await using var receiver = new HookReceiver(HookReceiver.Silence);
        Begin(receiver.Address);

        var sending = SendAsync();
        await time.UntilWaitingAsync(TimeSpan.FromSeconds(10));
        time.Advance(TimeSpan.FromSeconds(10));
        await sending;

        Assert.Equal("it did not answer within 10 s", Incident.Hook(HookPlan.Action)!.Failures[0].Reason);
    }

    [Fact]
    public async Task An_attempt_whose_record_was_lost_is_made_again_with_the_same_key()
    {
        await using var receiver = new HookReceiver(
            HookReceiver.Status(204), HookReceiver.Status(503), HookReceiver.Status(204));
        Begin(receiver.Address);
        var due = Assert.Single(Due());

        await Assert.ThrowsAsync<IOException>(() => SendAsync(new LostLog(logbook)));
        Assert.Equal(due, Assert.Single(Due()));
        await SendAsync();
        Assert.Empty(Due());
        time.Advance(TimeSpan.FromSeconds(3));
        await SendAsync();

        Assert.Equal(3, receiver.Requests.Count);
        Assert.Single(receiver.Requests.Select(Key).Distinct());
        Assert.Equal(204, Incident.Hook(HookPlan.Action)!.Status);
    }

    [Theory]
    [InlineData("file:hook.url", "http://127.0.0.1:1/hunter2", "it cannot be reached")]
    [InlineData("file:hook.url", "http://status.tocsin.dev/hunter2", "is no https address")]
    [InlineData("file:hook.url", "ftp://127.0.0.1/hunter2", "is no https address")]
    [InlineData("file:hook.url", "https://status.tocsin.dev/\nhunter2", "a line break")]
    [InlineData("file:missing.url", "", "cannot be read")]
    public async Task What_cannot_be_sent_says_why_without_secrets(string reference, string url, string reason)
    {
        Begin(url, reference);

        await SendAsync();

        Assert.Contains(reason, Incident.Hook(HookPlan.Action)!.Failures[0].Reason, StringComparison.Ordinal);
        AssertNoSecret();
    }

    [Fact]
    public async Task An_exercise_that_sends_it_says_that_it_is_one()
    {
        await using var receiver = new HookReceiver(HookReceiver.Status(204));
        Begin(receiver.Address, more: ", exercise: true", exercise: true);

        await SendAsync();

        Assert.Contains("\r\nX-Exercise: true\r\n", Assert.Single(receiver.Requests), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_asked_for_by_people_of_the_plan_while_there_is_something_to_do()
    {
        await using var receiver = new HookReceiver(HookReceiver.Status(503), HookReceiver.Status(204));
        Begin(receiver.Address, person: null);
        Assert.Contains("names no person", Ask("eve"), StringComparison.Ordinal);
        Assert.Contains("no such hook", Ask("ada", "pause-all"), StringComparison.Ordinal);
        Assert.Null(Ask("ada"));
        Assert.Null(Ask("ben"));
        Assert.Equal(("Ada Commander", 1), (Incident.Hooks[0].AskedBy, Incident.Hooks[0].Ask));

        await SendAsync();
        for (var attempt = 2; attempt <= HookProgress.MostAttempts; attempt++)
            logbook.Record((_, _) => [new IncidentEvent.HookFailed(First, HookPlan.Action, attempt, "no")]);
        Assert.Null(Ask("ben"));
        await SendAsync();

        Assert.Equal(2, receiver.Requests.Select(Key).Distinct().Count());
        Assert.Contains("done already", Ask("ada"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_exercise_refuses_and_says_to_do_it_as_a_drill()
    {
        Begin("http://127.0.0.1:1/", exercise: true, person: null);

        Assert.Contains("this is an EXERCISE", Ask("ada"), StringComparison.Ordinal);
        Assert.Empty(Incident.Hooks);
    }

    private string? Ask(string person, string action = HookPlan.Action) =>
        IncidentCommands.SendHook(logbook, First, action, person);

    private void Begin(
        string url, string reference = "file:hook.url", string more = "", bool exercise = false, string? person = "ada")
    {
        folder.Write("hook.url", url);
        folder.Write("hook.secret", "Bearer hunter3");
        var page = new Uri("https://tocsin.example/");
        logbook = new Logbook(store.Open(), new Links(_ => page, (_, _, _) => page, page), time);
        var read = HookPlan.Read(more, reference);
        logbook.Adopt(read);
        logbook.Record((_, _) =>
            [Recorded(Finding(), First), Opened(exercise: exercise) with { Plan = read.Plan.ContentHash }]);
        if (person is not null)
            Assert.Null(Ask(person));
    }

    private List<Duty.SendHook> Due() =>
        [.. Duties.Of(Incident, logbook.PlanOf(Incident), time.GetUtcNow()).OfType<Duty.SendHook>()];

    private async Task SendAsync(IIncidentLog? log = null)
    {
        using var sender = new HookSender(log ?? logbook, folder.Load(""), time);
        await sender.SendAsync(Incident, Assert.Single(Due()), Cancelled);
    }

    private void AssertNoSecret() => Assert.All(logbook.TimelineOf(First), happened =>
        Assert.DoesNotContain(
            "hunter", EventJson.Write(happened.Event) + Tocsin.Reports.Timeline.Line(happened.Event),
            StringComparison.Ordinal));

    private static string Key(string request) =>
        request.Split("\r\n").Single(line => line.StartsWith("Idempotency-Key: ", StringComparison.Ordinal));

    /// <summary>What the server's end between the request and its record leaves behind: nothing.</summary>
    private sealed class LostLog(IIncidentLog log) : IIncidentLog
    {
        public Plan PlanOf(Incident incident) => log.PlanOf(incident);

        public IReadOnlyList<LogEvent> Record(
            Func<IncidentBook, DateTimeOffset, IReadOnlyList<LogEvent>> decide) => throw new IOException("killed");
    }
}
