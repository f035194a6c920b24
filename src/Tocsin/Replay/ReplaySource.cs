using Tocsin.Chains;
using Tocsin.Evm.Inputs;

namespace Tocsin.Replay;

/// <summary>What a source gives at once: inputs that are taken together or not at all.</summary>
/// <param name="Position">Where the source goes on after this; null where it cannot be left here.</param>
/// <param name="Inputs">In order. A block in it is valid until the next unit is asked for.</param>
internal sealed record ReplayUnit(long? Position, IReadOnlyList<Input> Inputs)
{
    /// <summary>True where nothing before has to do with this: detection begins anew.</summary>
    public bool Anew { get; init; }

    public int Blocks { get; init; }

    public int Transactions { get; init; }
}

/// <summary>History, as units in order.</summary>
internal abstract class ReplaySource
{
    /// <summary>How much was read, from 0 to 1; null where that is not known.</summary>
    public virtual double? Fraction => null;

    /// <summary>True where everything is read again from the start to get to a position, and rejected again.</summary>
    public virtual bool RejectsAgain => false;

    /// <summary>True where blocks follow each other and nothing comes from beside the chain.</summary>
    public virtual bool IsChainAlone => false;

    /// <param name="position">0, or the position of a unit that was taken.</param>
    /// <param name="recent">The blocks that were taken and stand, oldest first.</param>
    public abstract IAsyncEnumerable<ReplayUnit> ReadAsync(
        long position, IReadOnlyList<BlockRef> recent, CancellationToken cancellationToken);
}
