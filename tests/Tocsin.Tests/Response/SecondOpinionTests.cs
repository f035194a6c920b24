using Tocsin.Communications;
using Tocsin.Detection.Mempool;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Recording;
using Tocsin.Response;
using Tocsin.Tests.Chain;
using Tocsin.Tests.Plans;
using Tocsin.Tests.Signing;
using Tocsin.Tests.Storage;
using Tocsin.Watching;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Response;

/// <summary>What other nodes must say before anything follows without people.</summary>
public sealed class SecondOpinionTests : IDisposable
{
    private readonly StoreFolder folder = new();
    private readonly Logbook logbook;

    public SecondOpinionTests()
    {
        var page = new Uri("https://tocsin.example/");
        logbook = new Logbook(folder.Open(), new Links(_ => page, (_, _, _) => page, page), new FixedTime(At(20)));
        logbook.Adopt(MinimalPlan.Read());
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        logbook.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task The_nodes_are_asked_about_what_is_acted_upon_and_not_about_what_the_incident_is_about()
    {
        await using var run = await NodesRun.StartAsync();
        var main = Of("attack", run.A.Chain[20].Ref);
        // No other node has that block.
        var trigger = Of("trigger", Block(99)) with { Severity = Severity.High };
        var incident = Open(main, trigger);
        var opinion = Opinion(run);

        await opinion.AskBeforePeopleAsync(incident, [trigger], () => false, Cancel);

        Assert.True(opinion.MayAskPeople(incident));
        Assert.True(opinion.IsConfirmed(First, main));
        Assert.False(opinion.IsConfirmed(First, trigger));
        Assert.Equal(
            [true, false], logbook.TimelineOf(First).Select(happened => happened.Event)
                .OfType<IncidentEvent.EvidenceChecked>().OrderByDescending(check => check.Agreed)
                .Select(check => check.Agreed));
    }

    [Fact]
    public async Task What_no_block_shows_is_not_asked_of_nodes_and_nothing_is_done_by_itself_upon_it()
    {
        await using var run = await NodesRun.StartAsync();
        var told = Of("outside", default);
        var incident = Open(told);
        var opinion = Opinion(run);

        await opinion.AskBeforePeopleAsync(incident, [], () => false, Cancel);

        Assert.True(opinion.MayAskPeople(incident));
        Assert.False(opinion.IsConfirmed(First, told));
        Assert.DoesNotContain(
            logbook.TimelineOf(First), happened => happened.Event is IncidentEvent.EvidenceChecked);
    }

    [Fact]
    public async Task Two_blocks_that_are_asked_for_in_turn_do_not_fill_the_log()
    {
        await using var run = await NodesRun.StartAsync();
        var (one, other) = (Of("attack", Block(98)), Of("trigger", Block(99)));
        var incident = Open(one, other);
        var opinion = Opinion(run);

        for (var round = 0; round < 5; round++)
        {
            await opinion.AskBeforePeopleAsync(logbook.Book[First]!, [], () => false, Cancel);
            await opinion.AskBeforeActingAsync(logbook.Book[First]!, [other], () => false, Cancel);
        }

        Assert.Equal(incident.Id, First);
        Assert.False(opinion.MayAskPeople(incident));
        Assert.Equal(
            2, logbook.TimelineOf(First).Count(happened => happened.Event is IncidentEvent.EvidenceChecked));
    }

    /// <summary>The block before it says nothing of what is in no block.</summary>
    [Fact]
    public async Task A_pending_attack_is_not_borne_out_by_the_block_before_it()
    {
        await using var run = await NodesRun.StartAsync();
        var pending = Of("pending", run.A.Chain[20].Ref) with { Detector = PendingAttackSettings.TheCard.Name };
        var incident = Open(pending);
        var opinion = Opinion(run);

        await opinion.AskBeforeActingAsync(incident, [pending], () => false, Cancel);

        Assert.False(opinion.IsConfirmed(First, pending));
        Assert.Contains(
            "was taken to do is not known any more", logbook.Book[First]!.Evidence!.Words, StringComparison.Ordinal);
        await opinion.AskBeforePeopleAsync(incident, [], () => false, Cancel);
        Assert.True(opinion.MayAskPeople(incident));
    }

    [Fact]
    public async Task One_node_alone_is_believed_where_no_more_must_agree()
    {
        await using var run = await NodesRun.StartAsync(1);
        var trigger = Of("trigger", Block(99));
        var (incident, opinion) = (Open(trigger), Opinion(run));

        await opinion.AskBeforePeopleAsync(incident, [trigger], () => false, Cancel);

        Assert.True(opinion.MayAskPeople(incident));
        Assert.True(opinion.IsConfirmed(First, trigger));
        Assert.Null(logbook.Book[First]!.Evidence);
    }

    [Fact]
    public async Task A_node_that_hangs_keeps_people_from_being_asked_for_two_seconds_and_no_longer()
    {
        await using var run = await NodesRun.StartAsync();
        run.B.Script = _ => new Reply("", Hang: true);
        var (main, time) = (Of("attack", run.A.Chain[20].Ref), new ManualTime(At(20)));
        var incident = Open(main);
        var opinion = Opinion(run, time);

        var asking = opinion.AskBeforePeopleAsync(incident, [main], () => false, Cancel);
        await time.UntilWaitingAsync(TimeSpan.FromSeconds(2));
        Assert.False(opinion.MayAskPeople(incident));
        time.Advance(TimeSpan.FromSeconds(2));
        await asking;

        Assert.True(opinion.MayAskPeople(incident));
        Assert.False(opinion.IsConfirmed(First, main));
        Assert.Contains("have not said in time", logbook.Book[First]!.Evidence!.Words, StringComparison.Ordinal);

        // It answers again: what was asked of people can still be taken by itself.
        run.B.Script = null;
        await opinion.AskBeforeActingAsync(incident, [main], () => false, Cancel);
        Assert.True(opinion.IsConfirmed(First, main));
    }

    [Fact]
    public async Task What_is_confirmed_does_not_wait_for_what_a_node_hangs_over()
    {
        await using var run = await NodesRun.StartAsync();
        run.B.Script = asked => asked.Method.StartsWith("eth_getBlock", StringComparison.Ordinal)
            && asked.FirstText == "0x19" ? new Reply("", Hang: true) : null;
        var (hanging, confirmed) = (Of("attack", run.A.Chain[25].Ref), Of("trigger", run.A.Chain[20].Ref));
        var (incident, opinion) = (Open(hanging, confirmed), Opinion(run));

        await opinion.AskBeforeActingAsync(
            incident, [hanging, confirmed], () => opinion.IsConfirmed(First, confirmed), Cancel);

        Assert.True(opinion.IsConfirmed(First, confirmed));
        Assert.False(opinion.IsConfirmed(First, hanging));
    }

    private SecondOpinion Opinion(NodesRun run, TimeProvider? time = null) => new(
        run.Nodes, new FindingDesk(logbook, exercise: false), logbook,
        time ?? new FixedTime(At(20)));

    private static Finding Of(string id, Tocsin.Chains.BlockRef block) =>
        Finding(id) with { Block = block, Indicators = [] };

    private Incident Open(params Finding[] findings)
    {
        logbook.Record((_, _) =>
        [
            Recorded(findings[0], First), Opened() with { Finding = findings[0].Id },
            .. findings.Skip(1).Select(finding => Recorded(finding, First)),
        ]);
        return logbook.Book[First]!;
    }
}
