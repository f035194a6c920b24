using Tocsin.Chain;
using Tocsin.Chain.Senses;
using Tocsin.Chains;
using Tocsin.Configuration;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;

namespace Tocsin.Watching;

/// <summary>
/// What is asked of the nodes after each block: declared reads, prices on chain, traces, state changes. A sense that
/// fails is told and asked again after the next block; one that keeps us waiting rests first, or every block would be
/// held up by it, and the watch would fall behind for ever.
/// </summary>
internal sealed class BlockSenses(
    Nodes nodes, ChainSettings settings, OnChainFeeds feeds, ValueList<HeartbeatSettings> heartbeats,
    TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    // What is taken must fit a line of the input log, or it could not be replayed.
    private static readonly TraceOptions Limits = new() { MaximumBytes = 48 << 20 };

    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, (NodeFault Fault, string Words)> faults = [];
    private readonly Dictionary<string, DateTimeOffset> restingUntil = [];
    private readonly HashSet<string> missing = [];

    /// <param name="historic">The block is far behind the head: nodes may no longer hold its state.</param>
    public async Task FeelAsync(Block block, Intake intake, bool historic, CancellationToken cancellationToken)
    {
        await BeatAsync(block, intake, cancellationToken);
        if (!historic)
            await ReadAsync(block, intake, cancellationToken);
        await TryAsync("traces", settings.Traces, async cancel =>
            new ChainStep.Traced(block.Ref, await nodes.AskAsync(
                (node, token) => Traces.OfBlockAsync(node, block, Limits, token), cancel)), intake, cancellationToken);
        await TryAsync("state changes", settings.StateChanges, async cancel =>
            new ChainStep.Changed(block.Ref, await nodes.AskAsync(
                (node, token) => Traces.ChangesOfBlockAsync(node, block, Limits, token), cancel)),
            intake, cancellationToken);
    }

    private async Task BeatAsync(Block block, Intake intake, CancellationToken cancellationToken)
    {
        foreach (var heartbeat in heartbeats)
        {
            if (heartbeat.From is { } account && HasSent(block, account))
                await intake.TakeAsync(new Arrival.Beat(time.GetUtcNow(), heartbeat.Name), cancellationToken);
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
        StateRead[] reads = [.. intake.Reads.Concat(feeds.Reads).Distinct()];
        if (reads.Length == 0)
            return;
        var answered = await AskAsync("reads", cancel => nodes.AskAsync(
            (node, token) => StateReads.AnswerAsync(node, block.Ref, reads, token), cancel), cancellationToken);
        if (answered is null)
            return;
        await intake.TakeAsync(new ChainStep.Answered(block.Ref, answered), cancellationToken);
        var answers = new ReadAnswers(answered);
        foreach (var arrival in feeds.Arrivals(answers, block.Time, time.GetUtcNow()))
            await intake.TakeAsync(arrival, cancellationToken);
    }

    private async Task TryAsync(
        string sense,
        Asking asking,
        Func<CancellationToken, Task<ChainStep>> ask,
        Intake intake,
        CancellationToken cancellationToken)
    {
        if (asking == Asking.Off || missing.Contains(sense))
            return;
        if (await AskAsync(sense, ask, cancellationToken) is { } step)
            await intake.TakeAsync(step, cancellationToken);
        else if (asking == Asking.Auto && faults[sense].Fault == NodeFault.Refused)
        {
            missing.Add(sense);
            logger.LogWarning(
                "no {Sense}: the node does not give them; 'tocsin node check' lists what it gives", sense);
        }
    }

    private async Task<T?> AskAsync<T>(
        string sense, Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
        where T : class
    {
        if (restingUntil.TryGetValue(sense, out var until) && time.GetUtcNow() < until)
            return null;
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            var answer = await ask(either.Token);
            if (faults.Remove(sense))
                logger.LogWarning("{Sense} are given again", sense);
            return answer;
        }
        catch (NodeException fault)
        {
            Tell(sense, fault.Fault, fault.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            restingUntil[sense] = time.GetUtcNow() + Rest;
            Tell(sense, NodeFault.TimedOut, $"no node gave them within {Patience.TotalSeconds:0} s");
        }
        return null;
    }

    private void Tell(string sense, NodeFault fault, string words)
    {
        if (faults.GetValueOrDefault(sense).Words != words)
            logger.LogWarning("no {Sense}: {Fault}", sense, words);
        faults[sense] = (fault, words);
    }
}
