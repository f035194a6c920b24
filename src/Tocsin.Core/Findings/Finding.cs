using Tocsin.Chains;

namespace Tocsin.Findings;

/// <summary>Where a finding stands.</summary>
public enum FindingStatus
{
    /// <summary>At first sight; of a condition: it lasts.</summary>
    Seen,

    /// <summary>Past finality.</summary>
    Confirmed,

    /// <summary>Taken back by a reorg: it never happened on the chain as it is now.</summary>
    Retracted,

    /// <summary>It was true and is true no more, as a stall that ended. Nothing follows it in this finding.</summary>
    Over,
}

/// <summary>
/// What is being done to the protocol, or keeps us from seeing it. The identifiers are part of the plan's text and of
/// every output.
/// </summary>
public enum Threat
{
    FlashLoanAttack,
    OracleManipulation,
    LargeTransfer,

    /// <summary>A transaction does to a contract what attacks do, whatever their kind.</summary>
    ContractAnomaly,

    /// <summary>An asset is not worth what it is meant to be worth.</summary>
    PegDeviation,

    /// <summary>The watch sees less than it should, or what is prepared against an attack could not be done: while this
    /// lasts, an attack may go unseen or unanswered.</summary>
    MonitoringImpaired,

    /// <summary>A keeper or bot of ours gave no sign of life in time.</summary>
    MissedHeartbeat,

    /// <summary>A contract is not, or not any more, what we know of it: its code, who may change that, its
    /// ABI.</summary>
    ContractChange,

    /// <summary>A page that users are sent to changed, or is gone.</summary>
    FrontEndChange,

    /// <summary>Holders want their money back faster than usual.</summary>
    RedemptionRun,

    /// <summary>A market that others rely on has lost depth or balance.</summary>
    LiquidityDrop,

    /// <summary>Units were made that nothing stands behind, or by somebody who never made any.</summary>
    UnbackedMint,

    /// <summary>The issuer of an asset that we depend on used its powers: froze, paused, changed minters.</summary>
    IssuerControl,

    /// <summary>What tells a price is stale, frozen, replaced, or out of line with the market.</summary>
    OracleFailure,

    /// <summary>Somebody is taking the power to decide over the protocol.</summary>
    GovernanceAttack,

    /// <summary>Who may change, pause or empty a contract is somebody else now.</summary>
    PrivilegeChange,

    /// <summary>What attackers do before: fresh accounts with hidden funds, contracts made against ours.</summary>
    SuspiciousPreparation,

    /// <summary>Accounts of an attack move what they took out of reach.</summary>
    Laundering,

    /// <summary>Trading far out of the ordinary, without anything taken from us yet.</summary>
    UnusualTrading,

    /// <summary>Far more transactions, failures or gas at our contracts than is usual.</summary>
    ActivitySpike,

    /// <summary>An attack would pay now, though nobody has begun one.</summary>
    StandingRisk,

    /// <summary>People tell us that something is wrong.</summary>
    UserReports,
}

/// <summary>Names of threats as the plan and every output write them, for example <c>flash-loan-attack</c>.</summary>
public static class ThreatNames
{
    public static string ToName(this Threat threat) => threat switch
    {
        Threat.FlashLoanAttack => "flash-loan-attack",
        Threat.OracleManipulation => "oracle-manipulation",
        Threat.LargeTransfer => "large-transfer",
        Threat.ContractAnomaly => "contract-anomaly",
        Threat.PegDeviation => "peg-deviation",
        Threat.MonitoringImpaired => "monitoring-impaired",
        Threat.MissedHeartbeat => "missed-heartbeat",
        Threat.ContractChange => "contract-change",
        Threat.FrontEndChange => "front-end-change",
        Threat.RedemptionRun => "redemption-run",
        Threat.LiquidityDrop => "liquidity-drop",
        Threat.UnbackedMint => "unbacked-mint",
        Threat.IssuerControl => "issuer-control",
        Threat.OracleFailure => "oracle-failure",
        Threat.GovernanceAttack => "governance-attack",
        Threat.PrivilegeChange => "privilege-change",
        Threat.SuspiciousPreparation => "suspicious-preparation",
        Threat.Laundering => "laundering",
        Threat.UnusualTrading => "unusual-trading",
        Threat.ActivitySpike => "activity-spike",
        Threat.StandingRisk => "standing-risk",
        Threat.UserReports => "user-reports",
    };

    /// <summary>True where accounts act against us by transactions; false for what lasts and has no hands: what the
    /// watch says of itself, of what it relies on, and of markets. The two never share an incident.</summary>
    public static bool IsAttack(this Threat threat) => threat switch
    {
        Threat.FlashLoanAttack or Threat.OracleManipulation or Threat.LargeTransfer or Threat.ContractAnomaly
            or Threat.UnbackedMint or Threat.GovernanceAttack or Threat.PrivilegeChange or Threat.SuspiciousPreparation
            or Threat.Laundering => true,
        Threat.PegDeviation or Threat.MonitoringImpaired or Threat.MissedHeartbeat or Threat.ContractChange
            or Threat.FrontEndChange or Threat.RedemptionRun or Threat.LiquidityDrop or Threat.IssuerControl
            or Threat.OracleFailure or Threat.UnusualTrading or Threat.ActivitySpike or Threat.StandingRisk
            or Threat.UserReports => false,
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
/// <param name="Time">The time of the block that gave this revision; where no block did, the instant at which what
/// gave it arrived here.</param>
/// <param name="Block">The block that gave this revision; where none did, the newest that was taken before.</param>
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
