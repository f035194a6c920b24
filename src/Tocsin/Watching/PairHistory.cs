using Tocsin.Evm.Reads;

namespace Tocsin.Watching;

/// <summary>
/// The counters of a pair after recent blocks of one chain: what an average is made from. Kept for twice the window, so
/// that a reorg within one window takes nothing away from the far end of it.
/// </summary>
internal sealed class PairHistory(TimeSpan window)
{
    private readonly List<(BlockTime Block, CumulativePrice Counter)> counters = [];

    /// <summary>Takes the counter after a block, and gives the one to compare it with: the newest that is at least a
    /// window older, or else the oldest. Null where no older one is known.</summary>
    public CumulativePrice? Take(BlockTime block, CumulativePrice counter)
    {
        // A block read again stands where it stood.
        TakeBack(block.Number == 0 ? 0 : block.Number - 1);
        var before = counters.FindLastIndex(earlier => earlier.Block.Time <= block.Time - window);
        var earlier = counters.Count == 0 ? default : counters[Math.Max(before, 0)];
        counters.Add((block, counter));
        counters.RemoveRange(
            0, Math.Max(0, counters.FindLastIndex(old => old.Block.Time <= block.Time - (2 * window))));
        return earlier.Block.Time != default && earlier.Block.Time < block.Time ? earlier.Counter : null;
    }

    /// <summary>Forgets the counters above that block.</summary>
    public void TakeBack(ulong ancestor) => counters.RemoveAll(counter => counter.Block.Number > ancestor);
}
