using Tocsin.Chains;

namespace Tocsin.Chain;

/// <summary>
/// None of the remembered blocks is on the node's chain: the reorg is deeper than can be taken back, or this is another
/// chain. Following again from the same place throws again; <see cref="FollowStart.At"/> is the way out.
/// </summary>
public sealed class ReorgTooDeepException(string label, BlockRef oldest, BlockRef newest, BlockRef instead) : Exception(
    $"none of the remembered blocks from {oldest} to {newest} is on the chain of the node at {label}, "
    + $"which has {instead}: check that the node is on the right network and was not reset, "
    + "then begin again at a block you trust")
{
    /// <summary>The oldest block that is remembered.</summary>
    public BlockRef Oldest { get; } = oldest;

    /// <summary>The block last taken.</summary>
    public BlockRef Newest { get; } = newest;

    /// <summary>What the node has at the height of the oldest.</summary>
    public BlockRef Instead { get; } = instead;
}
