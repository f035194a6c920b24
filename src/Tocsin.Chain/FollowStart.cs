using Tocsin.Chains;

namespace Tocsin.Chain;

/// <summary>Where following begins.</summary>
/// <param name="FirstBlock">The first block to take where nothing is remembered.</param>
/// <param name="Recent">The blocks last taken, oldest first, as stored; empty to begin anew.</param>
/// <param name="Final">The last of them that was final by the chain's own word; null where none is known.</param>
public sealed record FollowStart(ulong FirstBlock, IReadOnlyList<BlockRef> Recent, BlockRef? Final)
{
    /// <summary>Anew at that block, whatever came before: also the way out of a reorg that is too deep.</summary>
    public static FollowStart At(ulong block) => new(block, [], null);

    /// <summary>On from the last stored block, or from where the chain left the stored ones.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static FollowStart After(IReadOnlyList<BlockRef> recent, BlockRef? final = null) => recent.Count > 0
        ? new(recent[^1].Number + 1, recent, final)
        : throw new ArgumentException("no block to go on after", nameof(recent));
}
