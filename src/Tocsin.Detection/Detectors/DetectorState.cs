using System.Text.Json.Serialization;
using Tocsin.Detection.Accounts;
using Tocsin.Detection.Contracts;
using Tocsin.Detection.Governance;
using Tocsin.Detection.Laundering;
using Tocsin.Detection.Mempool;
using Tocsin.Detection.Money;
using Tocsin.Detection.Operations;
using Tocsin.Detection.Preparation;

namespace Tocsin.Detection.Detectors;

/// <summary>
/// What a detector remembers, as plain values. Each kind has its own, named here so that it can be written and read.
/// </summary>
[JsonDerivedType(typeof(Loans.FlashLoanProfitState), "flash-loan-profit")]
[JsonDerivedType(typeof(Oracles.OracleFailureState), "oracle-failure")]
[JsonDerivedType(typeof(Oracles.OracleSpotState), "oracle-spot")]
[JsonDerivedType(typeof(Shares.SharePriceJumpState), "share-price-jump")]
[JsonDerivedType(typeof(Risk.StandingRiskState), "standing-risk")]
[JsonDerivedType(typeof(GovernanceAttackState), GovernanceAttackSettings.CardName)]
[JsonDerivedType(typeof(PrivilegeChangeState), PrivilegeChangeSettings.CardName)]
[JsonDerivedType(typeof(PendingAttackState), "pending-attack")]
[JsonDerivedType(typeof(ApprovalDrainState), "approval-drain")]
[JsonDerivedType(typeof(SilentChangeState), "silent-change")]
[JsonDerivedType(typeof(SuspiciousPreparationState), "suspicious-preparation")]
[JsonDerivedType(typeof(SuspiciousTransferState), "suspicious-transfer")]
[JsonDerivedType(typeof(LaunderingState), "laundering")]
[JsonDerivedType(typeof(RedemptionRunState), "redemption-run")]
[JsonDerivedType(typeof(UnbackedMintState), "unbacked-mint")]
[JsonDerivedType(typeof(LiquidityDropState), "liquidity-drop")]
[JsonDerivedType(typeof(OutflowDrainState), "outflow-drain")]
[JsonDerivedType(typeof(ActivitySpikeState), "activity-spike")]
[JsonDerivedType(typeof(UnusualTradingState), "unusual-trading")]
[JsonDerivedType(typeof(UserReportsState), "user-reports")]
public abstract record DetectorState
{
    private protected DetectorState()
    {
    }
}

/// <param name="Detector">The detector's name.</param>
public sealed record NamedState(string Detector, DetectorState State);

/// <summary>All that the detectors remember.</summary>
/// <param name="Now">The instant of the last arrival.</param>
public sealed record DetectorsSnapshot(
    DateTimeOffset Now, ValueList<Monitoring.Condition> Conditions, ValueList<NamedState> States);
