using Tocsin.Chains;
using Tocsin.Detection.Monitoring;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Evm.Reads;

namespace Tocsin.Detection.Detectors;

/// <summary>
/// One rule about one subject: it is shown what it asked for, remembers what it needs, and reports hits. All that it
/// remembers of blocks lies in <see cref="Trail{T}"/> and <see cref="Notebook{TKey,TValue}"/>, so that a rollback takes
/// it back and a restart loses nothing. It must be deterministic: no clock, no chance, no I/O.
/// </summary>
internal abstract class Detector
{
    /// <summary>Which logs of successful transactions it is shown.</summary>
    public virtual IEnumerable<LogInterest> Interests => [];

    /// <summary>True to be shown every transaction, failed ones too, and every end of a block. Otherwise it is shown
    /// the end of a transaction and of a block only where it was shown a log.</summary>
    public virtual bool SeesAll => false;

    /// <summary>What is to be read on the state after each block.</summary>
    public virtual ValueList<StateRead> Reads => [];

    /// <summary>What is to be simulated on the state after the newest block, by what it remembers: asked again after
    /// each block until it is answered.</summary>
    public virtual IEnumerable<StateSimulation> Simulations => [];

    /// <summary>A log that it asked for.</summary>
    public virtual void Log(in Log log, in Transaction transaction, BlockScene scene)
    {
    }

    /// <summary>The end of a transaction; its logs came before.</summary>
    public virtual void EndTransaction(in Transaction transaction, BlockScene scene)
    {
    }

    public virtual void EndBlock(BlockScene scene)
    {
    }

    /// <summary>The calls of a transaction of the newest block; after the block's end, or not at all.</summary>
    public virtual void Traced(TransactionTrace trace, BlockScene scene)
    {
    }

    /// <summary>What the newest block changed in the state; after the block's end, or not at all.</summary>
    public virtual void Changed(ValueList<StateChange> changes, BlockScene scene)
    {
    }

    /// <summary>The answers to all reads of everybody; after the block's end, or not at all.</summary>
    public virtual void Answered(ReadAnswers answers, BlockScene scene)
    {
    }

    /// <summary>The answer to a simulation of anybody.</summary>
    /// <param name="on">The block on whose state it ran; others may have come since.</param>
    public virtual void Simulated(SimulationAnswer answer, BlockRef on, BlockScene scene)
    {
    }

    /// <summary>What came from beside the chain. What it finds there lasts, as <see cref="Conditions"/>.</summary>
    public virtual void Arrived(Arrival arrival, ArrivalScene scene)
    {
    }

    /// <summary>Blocks above the ancestor never were.</summary>
    public virtual void Rollback(BlockRef ancestor)
    {
    }

    /// <summary>All that it remembers; null where it remembers nothing.</summary>
    public virtual DetectorState? Snapshot() => null;

    /// <summary>Goes on from what it remembered. A state of another kind, from before a change of the configuration,
    /// is passed over.</summary>
    public virtual void Restore(DetectorState state)
    {
    }
}

/// <summary>A log is shown to whoever named its address, its first topic, or both.</summary>
/// <param name="Address">Null for whatever contract wrote it.</param>
/// <param name="Topic">Null for whatever event it is.</param>
internal readonly record struct LogInterest(Address? Address, Hash32? Topic);
