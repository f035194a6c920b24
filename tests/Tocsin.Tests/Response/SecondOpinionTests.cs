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
        logbook = new Logbook(folder.Open(), new Links(_ => page, (_, _, _) => page), new FixedTime(At(20)));
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

        Assert.True(await opinion.IsAgreedAsync(incident, Cancel));
        Assert.False(await opinion.IsAgreedAsync(incident, [trigger], Cancel));
        Assert.False(await opinion.IsAgreedAsync(incident, [main, trigger], Cancel));

        Assert.True(opinion.IsKnown(First, main));
        Assert.False(opinion.IsKnown(First, trigger));
        Assert.False(logbook.Book[First]!.Evidence!.Agreed);
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
            Assert.False(await opinion.IsAgreedAsync(logbook.Book[First]!, Cancel));
            Assert.False(await opinion.IsAgreedAsync(logbook.Book[First]!, [other], Cancel));
        }

        Assert.Equal(incident.Id, First);
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

        Assert.False(await opinion.IsAgreedAsync(incident, [pending], Cancel));
        Assert.False(opinion.IsKnown(First, pending));
        Assert.Contains(
            "was taken to do is not known any more", logbook.Book[First]!.Evidence!.Words, StringComparison.Ordinal);
        Assert.True(await opinion.IsAgreedAsync(incident, Cancel));
    }

    [Fact]
    public async Task One_node_alone_is_believed_where_no_more_must_agree()
    {
        await using var run = await NodesRun.StartAsync(1);
        var trigger = Of("trigger", Block(99));

        Assert.True(await Opinion(run).IsAgreedAsync(Open(trigger), [trigger], Cancel));
    }

    private SecondOpinion Opinion(NodesRun run) =>
        new(run.Nodes, new FindingDesk(logbook, MinimalPlan.Plan, exercise: false), logbook, new FixedTime(At(20)));

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
