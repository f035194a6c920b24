using Tocsin.Detection.Accounts;
using Tocsin.Detection.Conduct;
using Tocsin.Detection.Contracts;
using Tocsin.Detection.Governance;
using Tocsin.Detection.Laundering;
using Tocsin.Detection.Loans;
using Tocsin.Detection.Mempool;
using Tocsin.Detection.Money;
using Tocsin.Detection.Monitoring;
using Tocsin.Detection.Operations;
using Tocsin.Detection.Oracles;
using Tocsin.Detection.Patterns;
using Tocsin.Detection.Pegs;
using Tocsin.Detection.Preparation;
using Tocsin.Detection.Risk;
using Tocsin.Detection.Shares;

namespace Tocsin.Detection.Detectors;

/// <summary>Everything that detects, for people: the documentation is made of it.</summary>
public static class DetectorCatalog
{
    /// <summary>In the order of the threats.</summary>
    public static ValueList<DetectorCard> All { get; } =
    [
        .. new[]
        {
            PatternCards.FlashLoanAttack,
            PatternCards.OracleManipulation,
            PatternCards.LargeTransfer,
            ConductHits.Card,
            PegWatch.Card,
            MonitoringCards.Impaired,
            MonitoringCards.Heartbeat,
            MonitoringCards.Contract,
            MonitoringCards.FrontEnd,
            ApprovalDrainSettings.TheCard,
            SilentChangeSettings.TheCard,
            GovernanceAttackSettings.TheCard,
            PrivilegeChangeSettings.TheCard,
            LaunderingSettings.TheCard,
            FlashLoanProfitSettings.TheCard,
            PendingAttackSettings.TheCard,
            IssuerControlSettings.TheCard,
            LiquidityDropSettings.TheCard,
            OutflowDrainSettings.TheCard,
            RedemptionRunSettings.TheCard,
            UnbackedMintSettings.TheCard,
            ActivitySpikeSettings.TheCard,
            UnusualTradingSettings.TheCard,
            UserReportsSettings.TheCard,
            OracleFailureSettings.TheCard,
            OracleSpotSettings.TheCard,
            SuspiciousPreparationSettings.TheCard,
            SuspiciousTransferSettings.TheCard,
            AttackCodeSettings.TheCard,
            StandingRiskSettings.TheCard,
            SharePriceJumpSettings.TheCard,
        }.OrderBy(card => card.Threat),
    ];
}
