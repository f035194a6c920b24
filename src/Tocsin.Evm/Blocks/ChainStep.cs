using Tocsin.Chains;
using Tocsin.Evm.Inputs;

namespace Tocsin.Evm.Blocks;

/// <summary>
/// What the chain told, in the order in which it must be taken. What detection makes of it bears the block's time.
/// </summary>
public abstract record ChainStep : Input
{
    private ChainStep()
    {
    }

    /// <summary>The next block; its parent is the block of the step before it.</summary>
    public sealed record Forward(Block Block) : ChainStep;

    /// <summary>A reorg: every block above <paramref name="Ancestor"/> that was taken before is taken back.</summary>
    public sealed record Rollback(BlockRef Ancestor) : ChainStep;

    /// <summary>
    /// The chain says that this block, which was taken before, and everything below it is final. Given only where
    /// finality is the chain's own word (<c>safe</c>, <c>finalized</c>); counted confirmations need no word.
    /// </summary>
    public sealed record Final(BlockRef Block) : ChainStep;

    /// <summary>The calls that the newest block's transactions made; comes after its block or not at all.</summary>
    public sealed record Traced(BlockRef Block, ValueList<TransactionTrace> Traces) : ChainStep;

    /// <summary>What declared reads gave on the state after the newest block; comes after its block.</summary>
    public sealed record Answered(BlockRef Block, ValueList<ReadAnswer> Answers) : ChainStep;

    /// <summary>What the newest block's transactions changed in the state; after its block or not at all.</summary>
    public sealed record Changed(BlockRef Block, ValueList<StateChange> Changes) : ChainStep;

    /// <summary>What declared simulations gave on the state after a block that was taken; later blocks may have come
    /// since.</summary>
    public sealed record Simulated(BlockRef Block, ValueList<SimulationAnswer> Answers) : ChainStep;
}
