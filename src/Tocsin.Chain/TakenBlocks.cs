using Tocsin.Chains;
using Tocsin.Evm.Blocks;

namespace Tocsin.Chain;

/// <summary>The blocks last taken, oldest first, and the one below them that they may be taken back to.</summary>
internal sealed class TakenBlocks
{
    private readonly List<BlockRef> blocks;
    private readonly int depthMax;
    private readonly ulong first;
    private ulong next;

    /// <exception cref="ArgumentException">The recent blocks are not in ascending order.</exception>
    public TakenBlocks(FollowStart start, int depthMax)
    {
        var recent = start.Recent;
        for (var index = 1; index < recent.Count; index++)
        {
            if (recent[index].Number <= recent[index - 1].Number)
                throw new ArgumentException($"block {recent[index]} follows {recent[index - 1]}", nameof(start));
        }
        this.depthMax = depthMax;
        blocks = [.. recent.TakeLast(depthMax + 1)];
        first = blocks.Count > 0 ? blocks[0].Number : start.FirstBlock;
        next = blocks.Count > 0 ? blocks[^1].Number + 1 : start.FirstBlock;
    }

    public IReadOnlyList<BlockRef> All => [.. blocks];

    public int Count => blocks.Count;

    public BlockRef this[int index] => blocks[index];

    /// <summary>The block last taken.</summary>
    public BlockRef Tip => blocks[^1];

    /// <summary>The number of the block to take next; may be read by another thread.</summary>
    public ulong Next => Volatile.Read(ref next);

    /// <summary>True where the block can be the next one.</summary>
    public bool Supports(Block block) => blocks.Count == 0 || block.ParentHash == Tip.Hash;

    public void Add(Block block)
    {
        // The parent of the very first block is known by hash, so that even the first one can be taken back.
        if (blocks.Count == 0 && block.Ref.Number > 0)
            blocks.Add(new BlockRef(block.Ref.Number - 1, block.ParentHash));
        blocks.Add(block.Ref);
        if (blocks.Count > depthMax + 1)
            blocks.RemoveAt(0);
        Volatile.Write(ref next, block.Ref.Number + 1);
    }

    /// <summary>Takes back every block above the index.</summary>
    public void RemoveAbove(int index)
    {
        blocks.RemoveRange(index + 1, blocks.Count - index - 1);
        Volatile.Write(ref next, Tip.Number + 1);
    }

    /// <summary>The index of the newest block no higher than that number; below 0 where none is remembered.</summary>
    public int IndexUpTo(ulong number) => blocks.FindLastIndex(block => block.Number <= number);

    /// <summary>The block taken at that number; null where none was or it is forgotten.</summary>
    public BlockRef? At(ulong number)
    {
        var index = number < first ? -1 : IndexUpTo(number);
        return index >= 0 && blocks[index].Number == number ? blocks[index] : null;
    }
}
