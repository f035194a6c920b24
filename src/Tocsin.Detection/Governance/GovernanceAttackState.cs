using Tocsin.Chains;
using Tocsin.Detection.Detectors;

namespace Tocsin.Detection.Governance;

/// <summary>What is known of a proposal.</summary>
/// <param name="Votes">All that were cast, in whole tokens.</param>
/// <param name="Fresh">Those of them whose tokens came shortly before.</param>
/// <param name="Borrowed">Those of them whose tokens came in the transaction of the vote itself.</param>
/// <param name="FreshVoters">Some of who cast them.</param>
public sealed record ProposalNote(
    ulong Block,
    DateTimeOffset Time,
    Hash32 Transaction,
    Address Proposer,
    bool IsNewProposer,
    ProposalReading Reading,
    decimal Votes,
    decimal Fresh,
    decimal Borrowed,
    ValueList<Address> FreshVoters)
{
    /// <summary>The hash of the block that it was made in; zero in a note from before that was kept.</summary>
    public Hash32 BlockHash { get; init; }

    /// <summary>Tells its calls from others; zero where they are not known.</summary>
    public Hash32 Actions { get; init; }

    /// <summary>What its simulation showed; null while there is none yet.</summary>
    public SimulationNote? Simulation { get; init; }

    public bool IsExecuted { get; init; }
}

/// <summary>Votes that came to an account within the window, in whole tokens.</summary>
/// <param name="Net">Tokens that came less those that went.</param>
/// <param name="Peak">The most that was there of it at once.</param>
/// <param name="Delegated">What its votes grew by, however that came.</param>
/// <param name="LastIn">The transaction of the last that came.</param>
public sealed record Accumulation(
    DateTimeOffset First, DateTimeOffset Last, decimal Net, decimal Peak, decimal Delegated, Hash32 LastIn)
{
    /// <summary>The votes that its last holder was told to have by delegation.</summary>
    public decimal DelegatedNow { get; init; }

    public decimal Votes => Math.Max(Peak, Delegated);
}

/// <summary>A time that governance sets itself, as it was last told.</summary>
/// <param name="CutTo">The fraction of it that the last change left; 1 where it did not fall.</param>
public sealed record DelayNote(decimal Value, decimal CutTo, DateTimeOffset At);

/// <param name="Shortest">The least time between proposal and execution that was seen.</param>
public sealed record PaceNote(int Executions, TimeSpan Shortest);

/// <summary>What <c>governance-attack</c> remembers.</summary>
/// <param name="Simulations">Null in a state from before there were simulations.</param>
public sealed record GovernanceAttackState(
    NotebookState<string, ProposalNote> Proposals,
    NotebookState<Address, Accumulation> Arrivals,
    NotebookState<Address, int> Proposers,
    NotebookState<string, DelayNote> Delays,
    NotebookState<string, PaceNote> Pace,
    SimulationQueueState? Simulations = null) : DetectorState;
