using Tocsin.Chains;
using Tocsin.Evm.Blocks;

namespace Tocsin.Chain;

/// <content>Where the chain changed its mind, and where it says that it never will.</content>
internal sealed partial class ChainWalk
{
    // A second node that cannot say is waited for so many turns, before the word of the first alone counts.
    private const int TurnsBeforeTooDeep = 5;

    /// <summary>
    /// Takes back what the chain left, where the search begins at the index: blocks above it are orphaned, or unknown
    /// to the node, or of no concern while the block at the index is on the chain. The search is made on one node, for
    /// two may be on two chains; another one is asked where that one has none of the remembered blocks.
    /// </summary>
    /// <returns>Null where the block at the index is on the node's chain.</returns>
    private async Task<(ChainStep? Step, TurnEnd End)?> RollBackAsync(int index, CancellationToken cancellationToken)
    {
        await ahead.ForgetAsync();
        var views = source.Views?.Invoke() ?? [new ChainView(source.Label, source.BlockRefAsync)];
        var (tooDeep, silent, fault) = (default((string Label, BlockRef There)?), 0, default(NodeException));
        var stillThere = false;
        foreach (var view in views)
        {
            try
            {
                switch (await AncestorSearch.RunAsync(view, taken, index, cancellationToken))
                {
                    case AncestorSearch.Found { Index: var kept }:
                        return Stepped(TakeBack(kept));
                    case AncestorSearch.StillThere when failures < TurnsBeforeTooDeep:
                        return null;
                    case AncestorSearch.StillThere:
                        // It says so turn after turn, and nothing follows: it may stand still on an orphan.
                        stillThere = true;
                        break;
                    case AncestorSearch.NoneThere { Instead: var there }:
                        tooDeep ??= (view.Label, there);
                        break;
                    default:
                        silent++;
                        break;
                }
            }
            catch (NodeException e)
            {
                (silent, fault) = (silent + 1, fault ?? e);
            }
        }
        if (stillThere)
            return null;
        if (tooDeep is { } deep && (silent == 0 || failures >= TurnsBeforeTooDeep))
            throw TooDeep(deep.Label, deep.There);
        return fault is null ? Ended(TurnEnd.NotThere) : throw fault;
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

    private ReorgTooDeepException TooDeep(string label, BlockRef there)
    {
        if (final.Block is { } broken)
        {
            var depth = (int)(taken.Tip.Number - taken[0].Number) + 1;
            BrokeFinality(broken, depth, $"a reorg goes at least {depth} blocks deep");
        }
        return new ReorgTooDeepException(label, taken[0], taken.Tip, there);
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
