using Microsoft.Extensions.Logging.Abstractions;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Communications;
using Tocsin.Configuration;
using Tocsin.Detection;
using Tocsin.Evm.Blocks;
using Tocsin.Inputs;
using Tocsin.Recording;
using Tocsin.Tests.Chain;
using Tocsin.Tests.Plans;
using Tocsin.Tests.Storage;
using Tocsin.Watching;

namespace Tocsin.Tests.Watching;

/// <summary>What is asked of nodes after each block, and who waits for it.</summary>
public sealed class BlockSensesTests : IDisposable
{
    private readonly StoreFolder folder = new();
    private readonly ManualTime time = new();
    private readonly Logbook logbook;
    private readonly InputLog inputs;
    private readonly Intake intake;

    public BlockSensesTests()
    {
        var page = new Uri("https://tocsin.example/");
        var store = folder.Open();
        logbook = new Logbook(store, new Links(_ => page, (_, _, _) => page, page), time);
        logbook.Adopt(MinimalPlan.Read());
        var desk = new FindingDesk(logbook, exercise: false);
        inputs = InputLog.Open(folder.PathOf("inputs"), new InputLogOptions(), time, Assert.Fail);
        var watch = WatchOfPlan.Build(MinimalPlan.Plan, new Thresholds());
        intake = Intake.Open(watch, store, inputs, desk, null, time);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        intake.Dispose();
        inputs.Dispose();
        logbook.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Blocks_do_not_wait_for_traces_however_slow()
    {
        await using var run = await NodesRun.StartAsync(1);
        using var traces = new AskedTraces(run, one => new Reply("", Hang: true));
        await using var senses = Senses(run.Nodes);

        // The node never answers.
        await FeelAsync(run, senses, 1);
        await traces.BothAsync();
        for (var number = 2UL; number <= 5; number++)
            await FeelAsync(run, senses, number);

        Assert.Equal(2, traces.Count);
        Assert.Equal(5UL, intake.State!.Head.Number);
    }

    [Fact]
    public async Task A_node_that_refuses_to_trace_is_asked_once()
    {
        await using var run = await NodesRun.StartAsync(1);
        using var traces = new AskedTraces(run, one => Reply.Error(one.Id, -32601, "no such method"));
        var senses = Senses(run.Nodes);

        await FeelAsync(run, senses, 1);
        await traces.BothAsync();
        for (var number = 2UL; number <= 20; number++)
            await FeelAsync(run, senses, number);
        await senses.DisposeAsync();

        Assert.Equal(2, traces.Count);
    }

    [Fact]
    public async Task What_is_found_out_of_a_block_that_is_not_the_newest_is_not_taken()
    {
        await using var run = await NodesRun.StartAsync(1);
        await using var senses = Senses(run.Nodes, Asking.Off);
        await FeelAsync(run, senses, 1);
        await FeelAsync(run, senses, 2);
        var before = inputs.Position.Count;

        var late = run.A.Chain[1].Ref;
        await intake.TakeIfHeadAsync(new ChainStep.Traced(late, []), late, Cancel);
        Assert.Equal(before, inputs.Position.Count);
        var newest = run.A.Chain[2].Ref;
        await intake.TakeIfHeadAsync(new ChainStep.Traced(newest, []), newest, Cancel);
        Assert.Equal(before + 1, inputs.Position.Count);
    }

    private BlockSenses Senses(Nodes nodes, Asking traces = Asking.Auto)
    {
        var chain = new ChainSettings(
            new ChainId(31337), [], TimeSpan.FromSeconds(2), null, FinalityMark.Confirmations, 12, 12, 1,
            TimeSpan.FromMinutes(2), traces, traces, Pending: false);
        return new BlockSenses(
            nodes, chain, new OnChainFeeds([], MinimalPlan.Plan), [], time, NullLogger.Instance);
    }

    private async Task FeelAsync(NodesRun run, BlockSenses senses, ulong number)
    {
        var block = (await run.Nodes.BlockAsync(number, Cancel))!;
        await intake.TakeAsync(new ChainStep.Forward(block), FollowStart.After([block.Ref]), Cancel);
        await senses.FeelAsync(block, intake, historic: false, Cancel);
    }
    /// <summary>A node's answer to who asks it for traces, and how often it was asked.</summary>
    private sealed class AskedTraces : IDisposable
    {
        private readonly SemaphoreSlim asked = new(0);
        private int count;

        public AskedTraces(NodesRun run, Func<Asked, Reply> answer) => run.A.Script = one =>
        {
            if (one.Method != "debug_traceBlockByHash")
                return null;
            Interlocked.Increment(ref count);
            asked.Release();
            return answer(one);
        };

        public int Count => count;

        public void Dispose() => asked.Dispose();

        /// <summary>Until the sense of calls and that of state changes have each asked once.</summary>
        public async Task BothAsync()
        {
            await asked.WaitAsync(Cancel);
            await asked.WaitAsync(Cancel);
        }
    }
}
