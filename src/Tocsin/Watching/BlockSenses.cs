using Tocsin.Chain;
using Tocsin.Chain.Senses;
using Tocsin.Chains;
using Tocsin.Configuration;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Evm.Reads;

namespace Tocsin.Watching;

/// <summary>
/// What is asked of the nodes after each block: declared reads and simulations, prices on chain, traces, state changes.
/// A sense that
/// fails is told and asked again after the next block; one that keeps us waiting rests first. The next block waits for
/// the reads, which mean nothing on any other state. The others are asked for beside the blocks, one at a time: however
/// slow they are, they hold no block up, and, but for simulations, what comes after the next block was taken is not
/// taken.
/// </summary>
internal sealed class BlockSenses(
    Nodes nodes, ChainSettings settings, OnChainFeeds feeds, ValueList<HeartbeatSettings> heartbeats,
    TimeProvider time, ILogger logger)
    : IAsyncDisposable
{
    // What is taken must fit a line of the input log, or it could not be replayed.
    private static readonly TraceOptions Limits = new() { MaximumBytes = 48 << 20 };

    private readonly BlockSense reads = new("reads", Asking.On, time, logger);
    private readonly BlockSense traces = new("traces", settings.Traces, time, logger);
    private readonly BlockSense changes = new("state changes", settings.StateChanges, time, logger);
    private readonly SimulationSense simulations = new(nodes, time, logger);
    private readonly CancellationTokenSource stop = new();
    private Task tracing = Task.CompletedTask;
    private Task changing = Task.CompletedTask;
    private Task simulating = Task.CompletedTask;

    /// <param name="block">Its memory must be its own, as that of <see cref="Nodes.BlockAsync"/> is: what goes on
    /// beside the blocks reads it later.</param>
    /// <param name="historic">The block is far behind the head: nodes may no longer hold its state.</param>
    public async Task FeelAsync(Block block, Intake intake, bool historic, CancellationToken cancellationToken)
    {
        await BeatAsync(block, intake, cancellationToken);
        if (historic)
            return;
        await ReadAsync(block, intake, cancellationToken);
        simulating = await SimulateAsync(block.Ref, intake);
        tracing = await NextAsync(tracing, traces, block.Ref, intake, async cancel =>
            new ChainStep.Traced(block.Ref, await nodes.AskAsync(
                (node, token) => Traces.OfBlockAsync(node, block, Limits, token), cancel)));
        changing = await NextAsync(changing, changes, block.Ref, intake, async cancel =>
            new ChainStep.Changed(block.Ref, await nodes.AskAsync(
                (node, token) => Traces.ChangesOfBlockAsync(node, block, Limits, token), cancel)));
    }

    /// <summary>Ends what still goes on beside the blocks.</summary>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(tracing, changing, simulating).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    private async Task BeatAsync(Block block, Intake intake, CancellationToken cancellationToken)
    {
        foreach (var heartbeat in heartbeats)
        {
            if (heartbeat.From is { } account && HasSent(block, account))
                await intake.TakeAsync(
                    new Arrival.Acted(time.GetUtcNow(), heartbeat.Name, block.Time), cancellationToken);
        }
    }

    private static bool HasSent(Block block, Address account)
    {
        foreach (ref readonly var transaction in block.Transactions.Span)
            if (transaction.Succeeded && transaction.From == account)
                return true;
        return false;
    }

    private async Task ReadAsync(Block block, Intake intake, CancellationToken cancellationToken)
    {
        StateRead[] wanted = [.. intake.Reads.Concat(feeds.Reads).Distinct()];
        if (wanted.Length == 0)
            return;
        var answered = await reads.AskAsync(cancel => nodes.AskAsync(
            (node, token) => StateReads.AnswerAsync(node, block.Ref, wanted, token), cancel), cancellationToken);
        if (answered is null)
            return;
        await intake.TakeAsync(new ChainStep.Answered(block.Ref, answered), cancellationToken);
        var answers = new ReadAnswers(answered);
        var at = new BlockTime(block.Ref.Number, block.Time);
        foreach (var arrival in feeds.Arrivals(answers, at, time.GetUtcNow()))
            await intake.TakeAsync(arrival, cancellationToken);
    }

    // One round at a time; unlike the others, its answer is taken however many blocks came meanwhile.
    private async ValueTask<Task> SimulateAsync(BlockRef block, Intake intake)
    {
        if (!simulating.IsCompleted)
            return simulating;
        await simulating;
        var wanted = intake.Simulations;
        return simulations.IsWanted(wanted) ? BesideAsync() : Task.CompletedTask;

        async Task BesideAsync()
        {
            if (await simulations.AskAsync(block, wanted, stop.Token) is { } step)
                await intake.TakeAsync(step, stop.Token);
        }
    }

    // While one goes on, the blocks that come meanwhile go without: a node that is slow is not asked for more.
    private async ValueTask<Task> NextAsync(
        Task running, BlockSense sense, BlockRef block, Intake intake, Func<CancellationToken, Task<ChainStep>> ask)
    {
        if (!running.IsCompleted)
            return running;
        // A fault in here is none of a node's: the watch must hear of it.
        await running;
        return sense.IsWanted ? BesideAsync() : Task.CompletedTask;

        async Task BesideAsync()
        {
            if (await sense.AskAsync(ask, stop.Token) is { } step)
                await intake.TakeIfHeadAsync(step, block, stop.Token);
        }
    }
}
