using Tocsin.Chains;

namespace Tocsin.Chain;

/// <summary>The search for the newest taken block that is on the chain of one node.</summary>
internal abstract record AncestorSearch
{
    private AncestorSearch()
    {
    }

    /// <summary>The block at that index is the one; what stands on it is not on the node's chain.</summary>
    public sealed record Found(int Index) : AncestorSearch;

    /// <summary>The block at which the search began is on the node's chain.</summary>
    public sealed record StillThere : AncestorSearch;

    /// <summary>None of the taken blocks is on the node's chain.</summary>
    /// <param name="Instead">What it has at the height of the oldest.</param>
    public sealed record NoneThere(BlockRef Instead) : AncestorSearch;

    /// <summary>The node has nothing at a height that had a block.</summary>
    public sealed record Unknown : AncestorSearch;

    /// <param name="index">The newest block to ask for.</param>
    /// <exception cref="NodeException">No usable answer.</exception>
    public static async Task<AncestorSearch> RunAsync(
        ChainView view, TakenBlocks taken, int index, CancellationToken cancellationToken)
    {
        // All that stands on an orphan is orphaned: strides that double, then halving, find the ancestor.
        var (kept, gone, stride) = (index, index + 1, 1);
        while (true)
        {
            if (await view.BlockRefAsync(taken[kept].Number, cancellationToken) is not { } there)
                return new Unknown();
            if (there == taken[kept])
                break;
            if (kept == 0)
                return new NoneThere(there);
            (gone, kept, stride) = (kept, Math.Max(0, kept - stride), stride * 2);
        }
        if (gone > index)
            return new StillThere();
        while (gone - kept > 1)
        {
            var middle = kept + ((gone - kept) / 2);
            if (await view.BlockRefAsync(taken[middle].Number, cancellationToken) is not { } there)
                return new Unknown();
            (kept, gone) = there == taken[middle] ? (middle, gone) : (kept, middle);
        }
        return new Found(kept);
    }
}
