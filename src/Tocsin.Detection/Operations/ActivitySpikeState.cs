using Tocsin.Chains;
using Tocsin.Detection.Detectors;

namespace Tocsin.Detection.Operations;

/// <summary>What happened at a contract in an hour of the clock.</summary>
/// <param name="Calls">Transactions sent to it, failed ones too.</param>
public sealed record ActivityHour(DateTimeOffset Start, int Calls, int Failed, int Events);

/// <param name="Began">Since when it is counted.</param>
/// <param name="Calls">An hour.</param>
/// <param name="Events">An hour.</param>
public sealed record ActivityCustom(DateTimeOffset Began, Baseline Calls, Baseline Events);

/// <summary>What is remembered of the activity at contracts.</summary>
/// <param name="Fees">Null in a state from before fees were looked at.</param>
public sealed record ActivitySpikeState(
    NotebookState<Address, ActivityHour> Hours,
    NotebookState<Address, ActivityCustom> Customs,
    BaseFeesState? Fees = null) : DetectorState;

/// <summary>What the base fee was in an hour of the clock, and since when it is dear.</summary>
/// <param name="Blocks">Of the hour that told it.</param>
/// <param name="Gwei">The sum over these blocks.</param>
/// <param name="DearBlocks">In a row up to now.</param>
/// <param name="DearSince">The time of the first of them; meaningless where there is none.</param>
/// <param name="DearLeast">The lowest of them in gwei.</param>
public sealed record FeeHour(
    DateTimeOffset Start, int Blocks, decimal Gwei, int DearBlocks, DateTimeOffset DearSince, decimal DearLeast);

/// <param name="Began">Since when it is looked at.</param>
/// <param name="Gwei">On average over an hour.</param>
public sealed record FeeCustom(DateTimeOffset Began, Baseline Gwei);

/// <summary>What is remembered of the base fee.</summary>
public sealed record BaseFeesState(NotebookState<string, FeeHour> Hour, NotebookState<string, FeeCustom> Custom);
