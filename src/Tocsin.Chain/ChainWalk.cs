using Tocsin.Chains;
using Tocsin.Evm.Blocks;

namespace Tocsin.Chain;

/// <summary>
/// The state of one follower: which blocks were taken last, and what follows from a head. Not safe for concurrent use.
/// </summary>
internal sealed class ChainWalk
{
    private readonly Node node;
    private readonly ulong startAt;
    private readonly FollowOptions options;
    private readonly TimeProvider time;
    private readonly Action<FollowNotice>? tell;
    private readonly BlocksAhead ahead;
    private readonly List<BlockRef> taken;
    private int failures;
    private bool troubled;

    /// <exception cref="ArgumentException">The recent blocks are not in ascending order.</exception>
    public ChainWalk(
        Node node,
        IReadOnlyList<BlockRef> recent,
        ulong startAt,
        FollowOptions options,
        TimeProvider time,
        Action<FollowNotice>? tell)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.RememberedBlocks, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BlocksAhead, 1);
        for (var index = 1; index < recent.Count; index++)
        {
            if (recent[index].Number <= recent[index - 1].Number)
                throw new ArgumentException($"block {recent[index]} follows {recent[index - 1]}", nameof(recent));
        }
        this.node = node;
        this.startAt = startAt;
        this.options = options;
        this.time = time;
        this.tell = tell;
        ahead = new BlocksAhead(node, options.BlocksAhead);
        taken = [.. recent.TakeLast(options.RememberedBlocks)];
    }

    private enum Outcome
    {
        Stepped,
        NothingToDo,
        LowerHead,
        NotThereYet,
        TooDeep,
    }

    /// <exception cref="NodeException">The node is on another chain.</exception>
    public async Task VerifyChainAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            ChainId chain;
            try
            {
                chain = await node.ChainIdAsync(cancellationToken);
            }
            catch (NodeException fault)
            {
                await WaitAsync(FollowNoticeKind.Fault, fault.Message, fault.Fault, cancellationToken);
                continue;
            }
            if (chain == options.ExpectedChain)
                return;
            throw new NodeException(
                NodeFault.Inconsistent,
                $"the node at {node.Label} is on chain {chain}, not on chain {options.ExpectedChain}: "
                + "check the address of the node and the configured chain id");
        }
    }

    /// <summary>One step towards the head, or one wait where the node fails.</summary>
    /// <returns>The step, if there was one; and whether nothing is left to do for this head.</returns>
    /// <exception cref="NodeException">The reorg goes deeper than what is remembered.</exception>
    public async Task<(ChainStep? Step, bool Done)> TurnAsync(BlockRef head, CancellationToken cancellationToken)
    {
        (Outcome Outcome, ChainStep? Step) turn;
        try
        {
            turn = await NextAsync(head, cancellationToken);
        }
        catch (NodeException fault)
        {
            await WaitAsync(FollowNoticeKind.Fault, fault.Message, fault.Fault, cancellationToken);
            return (null, false);
        }
        switch (turn.Outcome)
        {
            case Outcome.Stepped:
                Recover();
                return (turn.Step, false);
            case Outcome.NothingToDo:
                Recover();
                return (null, true);
            case Outcome.LowerHead:
                Trouble(FollowNoticeKind.Behind, $"the node at {node.Label} is back at block {head} after {taken[^1]}");
                return (null, true);
            case Outcome.NotThereYet:
                await WaitAsync(
                    FollowNoticeKind.Behind,
                    $"the node at {node.Label} announced block {head} but does not have all blocks up to it yet",
                    fault: null,
                    cancellationToken);
                return (null, false);
            default:
                throw TooDeep();
        }
    }

    /// <summary>Lets go of blocks that were asked for ahead.</summary>
    public void Forget() => ahead.Forget();

    private async Task<(Outcome Outcome, ChainStep? Step)> NextAsync(BlockRef head, CancellationToken cancellationToken)
    {
        if (taken.Count > 0 && head.Number <= taken[^1].Number)
            return await CompareAsync(head, cancellationToken);
        var number = taken.Count > 0 ? taken[^1].Number + 1 : startAt;
        if (number > head.Number)
            return (Outcome.NothingToDo, null);
        // A node in trouble is asked for one block at a time.
        var last = failures == 0 ? head.Number : number;
        if (await ahead.TakeAsync(number, last, cancellationToken) is not { } block)
            return (Outcome.NotThereYet, null);
        if (taken.Count > 0 && block.ParentHash != taken[^1].Hash)
            return await RollBackAsync(taken.Count - 1, cancellationToken);
        // The parent of the very first block is known by hash, so that even the first one can be taken back.
        if (taken.Count == 0 && number > 0)
            taken.Add(new BlockRef(number - 1, block.ParentHash));
        taken.Add(block.Ref);
        if (taken.Count > options.RememberedBlocks)
            taken.RemoveAt(0);
        return (Outcome.Stepped, new ChainStep.Forward(block));
    }

    // A head no higher than what was taken: the same chain, a shorter view of it, or a reorg at or below that height.
    private async Task<(Outcome Outcome, ChainStep? Step)> CompareAsync(
        BlockRef head, CancellationToken cancellationToken)
    {
        var index = taken.FindLastIndex(block => block.Number <= head.Number);
        if (index < 0)
            return (Outcome.LowerHead, null);
        if (taken[index] != head)
        {
            var canonical = await node.BlockRefAsync(taken[index].Number, cancellationToken);
            if (canonical is null)
                return (Outcome.NotThereYet, null);
            if (canonical != taken[index])
                return await RollBackAsync(index, cancellationToken);
        }
        return (index == taken.Count - 1 ? Outcome.NothingToDo : Outcome.LowerHead, null);
    }

    // The blocks above the index are orphaned or unknown to the node; the search begins at the index itself.
    private async Task<(Outcome Outcome, ChainStep? Step)> RollBackAsync(int index, CancellationToken cancellationToken)
    {
        ahead.Forget();
        for (; index >= 0; index--)
        {
            var canonical = await node.BlockRefAsync(taken[index].Number, cancellationToken);
            if (canonical is null)
                return (Outcome.NotThereYet, null);
            if (canonical == taken[index])
                break;
        }
        if (index < 0)
            return (Outcome.TooDeep, null);
        var tip = taken[^1];
        var ancestor = taken[index];
        if (ancestor == tip)
        {
            // Either the chain changed its mind between two questions or the node makes its blocks up: ask again.
            throw new NodeException(
                NodeFault.Inconsistent,
                $"the node at {node.Label} gave a successor of block {tip} that names another parent: "
                + "compare with another node if it goes on");
        }
        taken.RemoveRange(index + 1, taken.Count - index - 1);
        var depth = (int)(tip.Number - ancestor.Number);
        tell?.Invoke(new FollowNotice(
            FollowNoticeKind.Reorg, $"a reorg takes back {depth} blocks: {tip} down to {ancestor}", Depth: depth));
        return (Outcome.Stepped, new ChainStep.Rollback(ancestor));
    }

    private NodeException TooDeep() => new(
        NodeFault.Inconsistent,
        $"none of the {taken.Count} remembered blocks from {taken[0]} to {taken[^1]} is on the chain of the node at "
        + $"{node.Label}: check that the node is on the right network and was not reset, "
        + "then begin again at a block you trust");

    private Task WaitAsync(FollowNoticeKind kind, string text, NodeFault? fault, CancellationToken cancellationToken)
    {
        ahead.Forget();
        Trouble(kind, text, fault);
        return Task.Delay(options.Retry.After(++failures), time, cancellationToken);
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
            tell?.Invoke(new FollowNotice(FollowNoticeKind.Recovered, $"the node at {node.Label} gives blocks again"));
        troubled = false;
    }
}
