using Tocsin.Chains;

namespace Tocsin.Evm.Blocks;

/// <summary>One step of the chain as a follower sees it, in the order in which it must be taken.</summary>
public abstract record ChainStep
{
    private ChainStep()
    {
    }

    /// <summary>The next block; its parent is the block of the step before it.</summary>
    public sealed record Forward(Block Block) : ChainStep;

    /// <summary>A reorg: every block above <paramref name="Ancestor"/> that was taken before is taken back.</summary>
    public sealed record Rollback(BlockRef Ancestor) : ChainStep;
}
