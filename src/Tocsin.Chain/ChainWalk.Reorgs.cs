using Tocsin.Chains;
using Tocsin.Evm.Blocks;

namespace Tocsin.Chain;

/// <content>Where the chain changed its mind, and where it says that it never will.</content>
internal sealed partial class ChainWalk
{
    /// <summary>
    /// Takes back what the node's chain left, where the search begins at the index: blocks above it are orphaned, or
    /// unknown to the node, or of no concern while the block at the index is on the chain.
    /// </summary>
    /// <returns>Null where the block at the index is on the node's chain.</returns>
    private async Task<(ChainStep? Step, TurnEnd End)?> RollBackAsync(int index, CancellationToken cancellationToken)
    {
        await ahead.ForgetAsync();
        // All that stands on an orphan is orphaned: strides that double, then halving, find the ancestor.
        var (kept, gone, stride) = (index, index + 1, 1);
        while (true)
        {
            if (await source.BlockRefAsync(taken[kept].Number, cancellationToken) is not { } there)
                return Ended(TurnEnd.NotThere);
            if (there == taken[kept])
                break;
            if (kept == 0)
                throw TooDeep(there);
            (gone, kept, stride) = (kept, Math.Max(0, kept - stride), stride * 2);
        }
        if (gone > index)
            return null;
        while (gone - kept > 1)
        {
            var middle = kept + ((gone - kept) / 2);
            if (await source.BlockRefAsync(taken[middle].Number, cancellationToken) is not { } there)
                return Ended(TurnEnd.NotThere);
            (kept, gone) = there == taken[middle] ? (middle, gone) : (kept, middle);
        }
        return Stepped(TakeBack(kept));
    }

    private ChainStep.Rollback TakeBack(int kept)
    {
        var tip = taken.Tip;
        var ancestor = taken[kept];
        var depth = (int)(tip.Number - ancestor.Number);
        taken.RemoveAbove(kept);
        settled = false;
        counters.Reorg(depth);
        tell?.Invoke(new FollowNotice(
            FollowNoticeKind.Reorg, $"a reorg takes back {depth} blocks: {tip} down to {ancestor}", Depth: depth));
        if (final.RolledBack(ancestor) is { } broken)
            BrokeFinality(broken, depth, $"a reorg takes back {depth} blocks down to {ancestor}");
        return new ChainStep.Rollback(ancestor);
    }

    private ReorgTooDeepException TooDeep(BlockRef there)
    {
        if (final.Block is { } broken)
        {
            var depth = (int)(taken.Tip.Number - taken[0].Number) + 1;
            BrokeFinality(broken, depth, $"a reorg goes at least {depth} blocks deep");
        }
        return new ReorgTooDeepException(source.Label, taken[0], taken.Tip, there);
    }

    private async Task<ChainStep?> FinalAsync(BlockRef head, CancellationToken cancellationToken)
    {
        var word = final.TakeReached(taken) ?? await AskFinalAsync(head, cancellationToken);
        if (word is not { } block)
            return null;
        switch (final.Told(block, taken))
        {
            case FinalMark.Meaning.Advanced:
                return new ChainStep.Final(block);
            case FinalMark.Meaning.Nothing:
                return null;
        }
        // Most likely we stand on an orphan and do not know it yet; what is final is not for the node to contradict.
        var turn = await RollBackAsync(taken.IndexUpTo(block.Number), cancellationToken);
        if (turn is null)
            BrokeFinality(block, depth: 0, $"the node has block {taken.At(block.Number)} there all the same");
        final.Told(block, taken);
        return turn?.Step;
    }

    // A node that cannot tell what is final must not keep us from its blocks.
    private async Task<BlockRef?> AskFinalAsync(BlockRef head, CancellationToken cancellationToken)
    {
        if (!final.IsDue(head))
            return null;
        final.Asked(head);
        try
        {
            var word = await source.TaggedAsync(options.Finality.Tag!, cancellationToken);
            if (tagTroubled)
                tell?.Invoke(new FollowNotice(
                    FollowNoticeKind.Recovered, $"the node at {source.Label} says again what is final"));
            tagTroubled = false;
            return word;
        }
        catch (NodeException fault)
        {
            if (!tagTroubled)
                tell?.Invoke(new FollowNotice(
                    FollowNoticeKind.Fault, $"what is final is not known: {fault.Message}", fault.Fault));
            tagTroubled = true;
            return null;
        }
    }

    private void BrokeFinality(BlockRef broken, int depth, string how)
    {
        counters.BrokeFinality();
        tell?.Invoke(new FollowNotice(
            FollowNoticeKind.BrokeFinality,
            $"FINALITY IS BROKEN: block {broken} was final ({options.Finality}), but {how}",
            Depth: depth)
        {
            Final = broken,
        });
    }
}
