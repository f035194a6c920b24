using Tocsin.Chains;

namespace Tocsin.Chain;

/// <summary>
/// Up to which of the taken blocks the chain is final. It never goes back by itself: only a reorg below it takes it
/// back, and that is finality broken.
/// </summary>
internal sealed class FinalMark
{
    private readonly Finality finality;
    private readonly TimeSpan interval;
    private readonly TimeProvider time;
    private BlockRef? askedAtHead;
    private long askedAt;
    private BlockRef? awaited;

    public FinalMark(FollowOptions options, BlockRef? known, TimeProvider time)
    {
        finality = options.Finality;
        interval = options.FinalityInterval;
        this.time = time;
        Block = known;
    }

    /// <summary>What the chain's word on a block means for what was taken.</summary>
    public enum Meaning
    {
        /// <summary>Nothing new, or a block that is not taken yet.</summary>
        Nothing,

        /// <summary>The mark went on to this block.</summary>
        Advanced,

        /// <summary>Another block was taken at its height.</summary>
        Contradicted,
    }

    /// <summary>The newest final block that is on the taken chain; null where none is known.</summary>
    public BlockRef? Block { get; private set; }

    /// <summary>Whether the chain should be asked now, at this head.</summary>
    public bool IsDue(BlockRef head)
    {
        if (finality.Tag is null || awaited is not null || askedAtHead == head)
            return false;
        return askedAtHead is null || time.GetElapsedTime(askedAt) >= interval;
    }

    /// <summary>The chain was asked at this head.</summary>
    public void Asked(BlockRef head) => (askedAtHead, askedAt) = (head, time.GetTimestamp());

    /// <summary>A block that the chain called final and that has been reached since; null without one.</summary>
    public BlockRef? TakeReached(TakenBlocks taken)
    {
        if (awaited is not { } block || block.Number >= taken.Next)
            return null;
        awaited = null;
        return block;
    }

    /// <summary>The chain says that this block is final.</summary>
    public Meaning Told(BlockRef block, TakenBlocks taken)
    {
        if (block.Number >= taken.Next)
        {
            // Later words wait until this one is reached: otherwise it might always be a newer one that is awaited.
            awaited = block;
            return Meaning.Nothing;
        }
        if (taken.At(block.Number) is not { } ours)
            return Meaning.Nothing;
        if (ours != block)
            return Meaning.Contradicted;
        if (block.Number <= Block?.Number)
            return Meaning.Nothing;
        Block = block;
        return Meaning.Advanced;
    }

    /// <summary>Counts confirmations, where that is what makes final.</summary>
    public void Count(TakenBlocks taken)
    {
        var confirmations = (ulong)finality.Confirmations;
        if (confirmations == 0 || taken.Count == 0 || taken.Tip.Number < confirmations)
            return;
        if (taken.At(taken.Tip.Number - confirmations) is { } block && !(block.Number <= Block?.Number))
            Block = block;
    }

    /// <summary>Blocks above the ancestor are taken back.</summary>
    /// <returns>The block that was final until then; null where finality holds.</returns>
    public BlockRef? RolledBack(BlockRef ancestor)
    {
        if (Block is not { } final || final.Number <= ancestor.Number)
            return null;
        Block = ancestor;
        return final;
    }
}
