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
public sealed record ActivitySpikeState(
    NotebookState<Address, ActivityHour> Hours, NotebookState<Address, ActivityCustom> Customs) : DetectorState;
