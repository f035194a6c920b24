using Tocsin.Chains;
using Tocsin.Evm.Blocks;

namespace Tocsin.Chain;

/// <summary>How one turn of a walk ended.</summary>
internal enum TurnEnd
{
    /// <summary>With a step; there may be more for the same head.</summary>
    Stepped,

    /// <summary>Nothing is left to do for this head.</summary>
    Done,

    /// <summary>The node has less than it had before; nothing is left to do for this head.</summary>
    Lower,

    /// <summary>The node does not have what was announced: to be tried again, or with another head.</summary>
    NotThere,

    /// <summary>The node gave no usable answer: to be tried again.</summary>
    Failed,
}

/// <summary>
/// The state of one follower: which blocks were taken last, and what follows from a head. Not safe for concurrent use.
/// </summary>
internal sealed partial class ChainWalk
{
    // So many blocks, taken one by one, until the node that is preferred is trusted again to be on our chain.
    private const int ContestedFor = 64;

    private readonly BlockSource source;
    private readonly FollowOptions options;
    private readonly TimeProvider time;
    private readonly FollowCounters counters;
    private readonly Action<FollowNotice>? tell;
    private readonly BlocksAhead ahead;
    private readonly TakenBlocks taken;
    private readonly FinalMark final;
    private readonly CatchUp catchUp;
    private BlockRef? aim;
    private BlockRef target;
    private bool settled;
    private int failures;
    private int contested;
    private bool troubled;
    private bool tagTroubled;

    /// <exception cref="ArgumentException">The recent blocks are not in ascending order.</exception>
    public ChainWalk(
        BlockSource source,
        FollowStart start,
        FollowOptions options,
        TimeProvider time,
        FollowCounters counters,
        Action<FollowNotice>? tell)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.RememberedBlocks, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BlocksAhead, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BlocksAheadMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.LagBlocks, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Finality.Confirmations, options.RememberedBlocks);
        this.source = source;
        this.options = options;
        this.time = time;
        this.counters = counters;
        this.tell = tell;
        ahead = new BlocksAhead(source, options.BlocksAhead, options.BlocksAheadMax);
        taken = new TakenBlocks(start, options.RememberedBlocks);
        final = new FinalMark(options, start.Final, time);
        final.Count(taken);
        catchUp = new CatchUp(source.Label, options, time, counters, tell);
    }

    /// <summary>The blocks last taken, oldest first, and the newest of them that is final.</summary>
    public FollowStart Standing => new(taken.Next, taken.All, final.Block);

    /// <summary>The number of the block to take next; may be read by another thread.</summary>
    public ulong Next => taken.Next;

    /// <summary>How long to wait after a turn that failed or found nothing.</summary>
    public TimeSpan Patience => options.Retry.After(failures);

    /// <exception cref="NodeException">The node is on another chain.</exception>
    public async Task VerifyChainAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            ChainId chain;
            try
            {
                chain = await source.ChainIdAsync(cancellationToken);
            }
            catch (NodeException fault)
            {
                await FailAsync(fault);
                await Task.Delay(Patience, time, cancellationToken);
                continue;
            }
            if (chain == options.ExpectedChain)
                return;
            throw new NodeException(
                NodeFault.Inconsistent,
                $"the node at {source.Label} is on chain {chain}, not on chain {options.ExpectedChain}: "
                + "check the address of the node and the configured chain id");
        }
    }

    /// <summary>One step towards the head, if there is one.</summary>
    /// <exception cref="ReorgTooDeepException">The reorg goes deeper than what is remembered.</exception>
    public async Task<(ChainStep? Step, TurnEnd End)> TurnAsync(BlockRef head, CancellationToken cancellationToken)
    {
        try
        {
            var turn = await NextAsync(head, cancellationToken);
            if (turn.End is TurnEnd.Stepped or TurnEnd.Done)
                Recover();
            else
                await MissAsync(head, turn.End);
            return turn;
        }
        catch (NodeException fault)
        {
            await FailAsync(fault);
            return (null, TurnEnd.Failed);
        }
    }

    /// <summary>Lets go of blocks that were asked for ahead.</summary>
    public Task ForgetAsync() => ahead.ForgetAsync();

    private static (ChainStep?, TurnEnd) Stepped(ChainStep step) => (step, TurnEnd.Stepped);

    private static (ChainStep?, TurnEnd) Ended(TurnEnd end) => (null, end);

    private async Task<(ChainStep? Step, TurnEnd End)> NextAsync(BlockRef head, CancellationToken cancellationToken)
    {
        if (head != aim)
            await AimAsync(head, cancellationToken);
        if (settled && await FinalAsync(head, cancellationToken) is { } word)
            return Stepped(word);
        var number = taken.Next;
        if (number <= target.Number)
            return await ForwardAsync(number, cancellationToken);
        if (taken.Count > 0 && !settled && await CompareAsync(target, cancellationToken) is { } other)
            return other;
        settled = true;
        if (target.Number < head.Number)
            return Ended(TurnEnd.NotThere);
        return await FinalAsync(head, cancellationToken) is { } last ? Stepped(last) : Ended(TurnEnd.Done);
    }

    // Anyone may announce anything: far away, and whenever something went wrong, the source's own word counts.
    private async Task AimAsync(BlockRef head, CancellationToken cancellationToken)
    {
        var number = taken.Next;
        var isFar = head.Number >= number && head.Number - number >= (ulong)options.LagBlocks;
        target = isFar || troubled ? await source.HeadAsync(cancellationToken) : head;
        catchUp.Aim(number, target.Number);
        (aim, settled) = (head, false);
    }

    private async Task<(ChainStep? Step, TurnEnd End)> ForwardAsync(ulong number, CancellationToken cancellationToken)
    {
        catchUp.Towards(number, target.Number);
        // A node in trouble is asked for one block at a time.
        var last = failures == 0 ? target.Number : number;
        // And for some time after one on another fork was met, whoever has it is asked for what follows our tip.
        var asked = contested > 0 && taken.Count > 0 && source.ChildAsync is { } child
            ? child(number, taken.Tip.Hash, cancellationToken)
            : ahead.TakeAsync(number, last, cancellationToken);
        if (await asked is not { } block)
            return await MissingAsync(number, cancellationToken);
        if (!taken.Supports(block))
        {
            contested = ContestedFor;
            return await RollBackAsync(taken.Count - 1, cancellationToken) ?? throw Contradiction();
        }
        contested -= contested > 0 ? 1 : 0;
        taken.Add(block);
        final.Count(taken);
        counters.BlockTaken();
        catchUp.Reached(taken.Next);
        settled = true;
        return Stepped(new ChainStep.Forward(block));
    }

    // Not there yet, or never: the chain may have become shorter than what was taken.
    private async Task<(ChainStep? Step, TurnEnd End)> MissingAsync(ulong number, CancellationToken cancellationToken)
    {
        var own = await source.HeadAsync(cancellationToken);
        return own.Number < number && taken.Count > 0
            && await CompareAsync(own, cancellationToken) is { End: not TurnEnd.Lower } turn
            ? turn
            : Ended(TurnEnd.NotThere);
    }

    // A head no higher than what was taken: a stale one, a shorter view of the same chain, or a reorg.
    private async Task<(ChainStep? Step, TurnEnd End)?> CompareAsync(
        BlockRef head, CancellationToken cancellationToken)
    {
        var tip = taken.Tip;
        if (head == tip)
            return null;
        if (await source.BlockRefAsync(tip.Number, cancellationToken) is { } there)
            return there == tip ? null : await RollBackAsync(taken.Count - 1, cancellationToken);
        var own = await source.HeadAsync(cancellationToken);
        if (own.Number >= tip.Number)
            return Ended(TurnEnd.NotThere);
        var index = taken.IndexUpTo(own.Number);
        if (index >= 0 && taken[index] != own)
        {
            if (await source.BlockRefAsync(taken[index].Number, cancellationToken) is not { } lower)
                return Ended(TurnEnd.NotThere);
            if (lower != taken[index])
                return await RollBackAsync(index, cancellationToken);
        }
        return Ended(TurnEnd.Lower);
    }

    private NodeException Contradiction() => new(
        // Either the chain changed its mind between two questions or the node makes its blocks up: ask again.
        NodeFault.Inconsistent,
        $"the node at {source.Label} gave a successor of block {taken.Tip} that names another parent: "
        + "compare with another node if it goes on");

    private async Task FailAsync(NodeException fault)
    {
        ahead.Shrink();
        await ahead.ForgetAsync();
        failures++;
        Trouble(FollowNoticeKind.Fault, fault.Message, fault.Fault);
    }

    private async Task MissAsync(BlockRef head, TurnEnd end)
    {
        await ahead.ForgetAsync();
        // Looked at anew the next time, as if it had just been announced.
        aim = null;
        if (end == TurnEnd.NotThere)
            failures++;
        Trouble(FollowNoticeKind.Behind, end == TurnEnd.NotThere
            ? $"block {head} was announced but the node at {source.Label} does not have all blocks up to it yet"
            : $"the node at {source.Label} does not have block {taken.Tip} any more, nor another in its place");
    }

    private void Trouble(FollowNoticeKind kind, string text, NodeFault? fault = null)
    {
        troubled = true;
        tell?.Invoke(new FollowNotice(kind, text, fault));
    }

    private void Recover()
    {
        failures = 0;
        if (troubled)
            tell?.Invoke(new FollowNotice(
                FollowNoticeKind.Recovered, $"the node at {source.Label} gives blocks again"));
        troubled = false;
    }
}
