using Tocsin.Chains;

namespace Tocsin.Findings;

/// <summary>Where a finding stands against the chain: first sight, past finality, or taken back by a reorg.</summary>
public enum FindingStatus
{
    Seen,
    Confirmed,
    Retracted,
}

/// <summary>
/// What is being done to the protocol. The identifiers are part of the plan's text and of every output.
/// </summary>
public enum Threat
{
    FlashLoanAttack,
    OracleManipulation,
    LargeTransfer,
}

/// <summary>Names of threats as the plan and every output write them, for example <c>flash-loan-attack</c>.</summary>
public static class ThreatNames
{
    public static string ToName(this Threat threat) => threat switch
    {
        Threat.FlashLoanAttack => "flash-loan-attack",
        Threat.OracleManipulation => "oracle-manipulation",
        Threat.LargeTransfer => "large-transfer",
    };

    public static bool TryParse(string name, out Threat threat)
    {
        foreach (var candidate in Enum.GetValues<Threat>())
        {
            if (candidate.ToName() == name)
            {
                threat = candidate;
                return true;
            }
        }
        threat = default;
        return false;
    }
}

/// <summary>Names one finding over all its revisions. Derived from the chain's content, never random.</summary>
public readonly record struct FindingId(string Value)
{
    public override string ToString() => Value;
}

/// <summary>
/// One observation that bears on a threat: what was measured, against which threshold, and how strongly it speaks
/// (0–1). <paramref name="Name"/> is the indicator's identifier, for example <c>large_loan</c>.
/// </summary>
public sealed record Indicator(
    string Name,
    BlockRef Block,
    DateTimeOffset BlockTime,
    Hash32 Transaction,
    Address Origin,
    string Subject,
    decimal Measured,
    decimal Threshold,
    decimal Strength,
    string Reason);

/// <summary>The verdict of a detector: one attack is one finding that grows by revisions.</summary>
/// <param name="Id">The same for all revisions.</param>
/// <param name="Revision">1 for the first; each change of what is known adds one.</param>
/// <param name="Time">The time of the block that gave this revision.</param>
/// <param name="Confidence">From 0 to 1.</param>
/// <param name="Subject">The protected thing concerned, by its name in the plan.</param>
/// <param name="Transactions">Every transaction of the attack so far, in chain order.</param>
/// <param name="Addresses">The accounts that act against us: senders and their contracts.</param>
/// <param name="ImpactUsd">Estimated value lost so far in US dollars.</param>
/// <param name="Reason">What was seen, against what, and why it matters, in words for a person woken at night.</param>
public sealed record Finding(
    FindingId Id,
    int Revision,
    FindingStatus Status,
    DateTimeOffset Time,
    ChainId Chain,
    BlockRef Block,
    ValueList<Hash32> Transactions,
    Threat Threat,
    Severity Severity,
    decimal Confidence,
    string Subject,
    ValueList<Address> Addresses,
    decimal ImpactUsd,
    ValueList<Indicator> Indicators,
    string Detector,
    string Reason);
