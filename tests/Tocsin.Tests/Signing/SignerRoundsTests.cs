using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Tocsin.Audit;
using Tocsin.Chains;
using Tocsin.Communications;
using Tocsin.Configuration;
using Tocsin.Findings;
using Tocsin.Heartbeats;
using Tocsin.Incidents;
using Tocsin.Recording;
using Tocsin.Response;
using Tocsin.Signing;
using Tocsin.Tests.Plans;
using Tocsin.Tests.Storage;
using Tocsin.Watching;
using static Tocsin.Tests.Signing.SignerDesk;

namespace Tocsin.Tests.Signing;

/// <summary>The server's rounds with a real signer behind a real socket.</summary>
public sealed class SignerRoundsTests : IAsyncLifetime
{
    private readonly SignerDesk desk = new();
    private readonly StoreFolder folder = new();
    private readonly CancellationTokenSource stop = new();
    private Logbook logbook = null!;
    private Socket listener = null!;
    private Task serving = Task.CompletedTask;
    private SignerRounds rounds = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        var page = new Uri("https://tocsin.example/");
        logbook = new Logbook(folder.Open(), new Links(_ => page, (_, _, _) => page, page), desk.Time);
        logbook.Adopt(MinimalPlan.Read());
        listener = SignerServer.Bind(desk.Policy);
        serving = new SignerServer(desk.Signer, desk.Policy, _ => { }).ServeAsync(listener, stop.Token);
        var client = new SignerClient(desk.Policy.SocketPath);
        var findings = new FindingDesk(logbook, exercise: false);
        // No brake is in the policy, so no node is asked.
        var beats = new PauserBeats(null!, client, findings, LocalChain, desk.Time);
        // No chain is acted on, so the account is looked at nowhere.
        var agent = new AgentWatch(
            logbook, client, new SignerSettings(desk.Policy.SocketPath, Key.Address), new ActingChains([]), findings,
            desk.Time, NullLogger<AgentWatch>.Instance);
        rounds = new SignerRounds(
            logbook, client, findings, beats, agent, LocalChain, desk.Time, NullLogger<SignerRounds>.Instance);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => serving);
        listener.Dispose();
        stop.Dispose();
        rounds.Dispose();
        logbook.Dispose();
        folder.Dispose();
        desk.Dispose();
    }

    [Fact]
    public async Task The_log_is_countersigned_when_something_was_recorded_and_seldom_otherwise()
    {
        var before = logbook.Head;
        await rounds.RoundAsync(Cancel);

        var first = logbook.Book.Countersigned!.Value.Event;
        Assert.Equal(before, first.Head);
        Assert.Equal(Key.Address, LogHeadTypedData.Signer(first));

        await AfterAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(first, logbook.Book.Countersigned!.Value.Event);

        logbook.Record((_, _) => [new FindingRecorded(Tests.Incidents.Story.Finding(), Noon, null)]);
        var news = logbook.Head;
        await AfterAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(news, logbook.Book.Countersigned!.Value.Event.Head);

        await AfterAsync(TimeSpan.FromHours(1));
        Assert.Equal(news.Sequence + 1, logbook.Book.Countersigned!.Value.Event.Head.Sequence);
    }

    [Fact]
    public async Task A_log_that_was_taken_back_is_a_finding()
    {
        desk.Answer(new SignerRequest(Head: new HeadRequest(new LogHead(1_000, Hash32.Zero))));

        await rounds.RoundAsync(Cancel);

        Assert.Null(logbook.Book.Countersigned);
        var told = Assert.Single(logbook.Book.Findings.Values).Finding;
        Assert.Equal(Severity.High, told.Severity);
        Assert.Contains("does not countersign the log", told.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Somebody_else_who_asks_is_a_finding_and_we_are_none()
    {
        await rounds.RoundAsync(Cancel);
        await new SignerClient(desk.Policy.SocketPath)
            .AskAsync(new SignerRequest(Sign: Request(Decision(use: 9))), Cancel);
        await AfterAsync(TimeSpan.FromSeconds(31));

        var told = Assert.Single(logbook.Book.Findings.Values).Finding;
        Assert.Equal(Severity.High, told.Severity);
        Assert.Contains("refused 1 request that this server did not make", told.Reason, StringComparison.Ordinal);
        Assert.Contains("WrongDecisionId 1", told.Reason, StringComparison.Ordinal);

        await AfterAsync(TimeSpan.FromSeconds(31));
        Assert.Equal(1, Assert.Single(logbook.Book.Findings.Values).Finding.Revision);
    }

    private Task AfterAsync(TimeSpan passed)
    {
        desk.Time.Now += passed;
        return rounds.RoundAsync(Cancel);
    }
}
