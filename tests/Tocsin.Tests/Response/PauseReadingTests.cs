using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Plans;
using Tocsin.Response;
using Tocsin.Tests.Chain;
using Tocsin.Tests.Plans;

namespace Tocsin.Tests.Response;

/// <summary>A pause is read on the chain that detection judged, and on one node at a time.</summary>
public sealed class PauseReadingTests
{
    private static readonly PlannedCall Planned = MinimalPlan.Plan.Actions[0].Calls[0];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_on_another_chain_is_not_asked_whether_it_is_paused()
    {
        await using var run = await NodesRun.StartAsync();
        var head = run.B.Chain.Head.Ref;
        run.A.Chain.Reorg(depth: 2, count: 3, "b");
        run.A.Script = asked => Answer(asked, holds: 0, until: 0);
        run.B.Script = asked => Answer(asked, holds: 1, until: 1_800_000_000);

        var until = await new PauseReading(run.Nodes).UntilAsync(Planned, head, Cancel);

        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000), until);
        Assert.DoesNotContain(run.A.Requests, asked => asked.Method == "eth_call");
    }

    [Fact]
    public async Task Where_no_node_has_the_block_nothing_is_said()
    {
        await using var run = await NodesRun.StartAsync();
        var head = run.A.Chain.Head.Ref;
        run.A.Chain.Reorg(depth: 2, count: 3, "b");
        run.B.Chain.Reorg(depth: 2, count: 3, "b");

        await Assert.ThrowsAsync<NodeException>(
            () => new PauseReading(run.Nodes).HoldsAsync(Planned, head, Cancel));
    }

    [Fact]
    public async Task When_it_ends_is_asked_only_where_it_holds()
    {
        await using var run = await NodesRun.StartAsync(1);
        run.A.Script = asked => Answer(asked, holds: 0, until: 0);

        Assert.Null(await new PauseReading(run.Nodes).UntilAsync(Planned, run.A.Chain.Head.Ref, Cancel));

        Assert.Single(run.A.Requests, asked => asked.Method == "eth_call");
    }

    private static Reply? Answer(Asked asked, ulong holds, ulong until)
    {
        if (asked.Method != "eth_call")
            return null;
        var isHolds = asked.Parameters[0].GetProperty("data").GetString() == Hex.Format(Planned.Holds.ToArray());
        return Reply.Result(asked.Id, $"0x{(isHolds ? holds : until):x64}");
    }
}
