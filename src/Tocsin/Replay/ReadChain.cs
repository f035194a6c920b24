using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Evm.Blocks;

namespace Tocsin.Replay;

/// <summary>Where a block stands, against those that were read before.</summary>
internal enum Footing
{
    /// <summary>On the newest, or it is the first.</summary>
    OnHead,

    /// <summary>On an earlier one: those above that were orphans.</summary>
    OnEarlier,

    /// <summary>It is one of them.</summary>
    Known,

    /// <summary>Above them, on a block that was not read.</summary>
    AboveGap,

    /// <summary>Not above the newest, on a block that was not read.</summary>
    OnUnknown,
}

/// <summary>The blocks that were read and stand, as far back as a rollback may reach.</summary>
internal sealed class ReadChain(IEnumerable<BlockRef> recent)
{
    private readonly List<BlockRef> blocks = [.. recent.TakeLast(Engine.RollbackDepthMax + 1)];

    public BlockRef? Head => blocks.Count == 0 ? null : blocks[^1];

    /// <param name="ancestor">For <see cref="Footing.OnEarlier"/>, the block that it stands on.</param>
    public Footing Of(Block block, out BlockRef ancestor)
    {
        ancestor = default;
        if (Head is not { } head)
            return Footing.OnHead;
        if (block.ParentHash == head.Hash && block.Ref.Number == head.Number + 1)
            return Footing.OnHead;
        foreach (var earlier in blocks)
        {
            if (earlier == block.Ref)
                return Footing.Known;
            if (earlier.Hash == block.ParentHash && earlier.Number + 1 == block.Ref.Number)
                ancestor = earlier;
        }
        if (ancestor != default)
            return Footing.OnEarlier;
        return block.Ref.Number > head.Number ? Footing.AboveGap : Footing.OnUnknown;
    }

    public void Forward(Block block)
    {
        // Even the first block may be taken back: then its parent is the end of what is known.
        if (blocks.Count == 0 && block.Ref.Number > 0)
            blocks.Add(new BlockRef(block.Ref.Number - 1, block.ParentHash));
        blocks.Add(block.Ref);
        if (blocks.Count > Engine.RollbackDepthMax + 1)
            blocks.RemoveAt(0);
    }

    public void Rollback(BlockRef ancestor) => blocks.RemoveAll(block => block.Number > ancestor.Number);

    public void RemoveHead() => blocks.RemoveAt(blocks.Count - 1);

    public void Clear() => blocks.Clear();
}
