using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Detection.Governance;
using Tocsin.Detection.Monitoring;
using Tocsin.Detection.Pegs;
using Tocsin.Evm.Inputs;

namespace Tocsin.Detection;

/// <summary>All that the engine remembers, as plain values: what continues from it continues identically.</summary>
/// <param name="Start">The parent of the first block ever taken; null before it.</param>
/// <param name="StartTime">The time of that first block.</param>
/// <param name="Pools">What the watched pools hold now.</param>
/// <param name="Blocks">Oldest first.</param>
/// <param name="Final">The newest block that the chain called final; null where it did not yet.</param>
/// <param name="Monitoring">Null in a snapshot from before there was monitoring: it then begins anew.</param>
/// <param name="Pegs">Null in a snapshot from before pegs were watched.</param>
/// <param name="Detectors">Null in a snapshot from before there were detectors beside the patterns.</param>
/// <param name="Planned">Transactions that were announced, as far back as a rollback may go.</param>
/// <param name="Proven">Null in a snapshot from before attacks were held against other places for a day.</param>
/// <param name="Expected">The operations that were announced while the server ran; null for none.</param>
/// <param name="Crowds">What is counted because there is too much of it, as far back as a rollback may go.</param>
public sealed record EngineSnapshot(
    BlockRef? Start,
    DateTimeOffset StartTime,
    ValueList<PoolReserves> Pools,
    ValueList<BlockFacts> Blocks,
    ValueList<OpenFinding> Open,
    ValueList<RetractedFinding> Retracted,
    BlockRef? Final = null,
    MonitoringSnapshot? Monitoring = null,
    PegSnapshot? Pegs = null,
    DetectorsSnapshot? Detectors = null,
    ValueList<PlannedSeen>? Planned = null,
    ProvenAttacksState? Proven = null,
    ValueList<CrowdCount>? Crowds = null,
    ValueList<ExpectedOperation>? Expected = null);

/// <summary>A reorg goes back further than the engine remembers: it must start again from an older block.</summary>
public sealed class RollbackTooDeepException(BlockRef ancestor, BlockRef newest) : Exception(
    $"the chain went back from block {newest} to {ancestor}, which is not remembered: start again from before it")
{
    public BlockRef Ancestor { get; } = ancestor;

    public BlockRef Newest { get; } = newest;
}
