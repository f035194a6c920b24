using Tocsin.Findings;

namespace Tocsin.Detection;

/// <summary>
/// How much each indicator counts, in one place. A weight is the confidence that its pattern would have if this
/// indicator alone were there, infinitely far above its threshold.
/// </summary>
internal static class Weights
{
    /// <summary>A flash-loan attack that is complete within one transaction leaves hardly an innocent
    /// reading.</summary>
    public const decimal SingleTransactionFlashLoan = 0.9m;

    /// <summary>A large transfer alone says little: it stays below the alert threshold on purpose.</summary>
    public const decimal LargeTransfer = 0.6m;

    /// <summary>What a contract of ours says of itself leaves little doubt that it happened.</summary>
    public const decimal PrivilegeChange = 0.95m;

    /// <summary>A place that decides over a contract was written, and its event is missing.</summary>
    public const decimal SilentSlot = 0.95m;

    /// <summary>Deployed code does not change by itself.</summary>
    public const decimal CodeChanged = 0.95m;

    /// <summary>Code of a stranger in the name of a contract that never ran it: taken over, or a new library.</summary>
    public const decimal UnexpectedDelegatecall = 0.75m;

    /// <summary>Logs tell that tokens left accounts, not by whose call: that alone does not wake people.</summary>
    public const decimal PullsUnproven = 0.65m;

    /// <summary>An account of an attack that pays into such a place hides money; it can hardly mean anything
    /// else.</summary>
    public const decimal MovedOutOfReach = 0.9m;

    /// <summary>Many recipients may also be wages.</summary>
    public const decimal SplitUp = 0.7m;

    /// <summary>An account of one attack that shows up at another thing.</summary>
    public const decimal SameHands = 0.5m;

    /// <summary>A contract of the same code as that of an attack, made by somebody else.</summary>
    public const decimal SameCode = 0.4m;

    /// <summary>Such a contract touches ours: hardly anybody else uses it.</summary>
    public const decimal ToolOfAttack = 0.8m;

    /// <summary>What is done to a contract while an asset that it depends on is in trouble may also be a way
    /// out.</summary>
    public const decimal TroubledAsset = 0.25m;

    /// <summary>Redemptions above the fixed limit by several, while nothing is known of what is usual.</summary>
    public const decimal RedemptionsOverLimit = 0.75m;

    /// <summary>Redemptions far above what was learnt to be usual.</summary>
    public const decimal RedemptionsUnusual = 0.85m;

    /// <summary>One large holder leaving is no run: it stays below the alert threshold on purpose.</summary>
    public const decimal RedemptionsOfFew = 0.6m;

    /// <summary>Read from the chain itself: only a wrong description of the backing speaks against it.</summary>
    public const decimal SupplyAboveBacking = 0.9m;

    /// <summary>A large part of a supply made at once, with nothing paid in.</summary>
    public const decimal MintOfSupply = 0.9m;

    public const decimal MintByStranger = 0.85m;

    public const decimal MintAboveHistory = 0.75m;

    /// <summary>Anybody may mint through a new contract: below the alert threshold on purpose.</summary>
    public const decimal MintBySomebodyNew = 0.5m;

    /// <summary>The issuer's own event says so.</summary>
    public const decimal IssuerActed = 0.95m;

    /// <summary>What the issuer did hit somebody else: for the record.</summary>
    public const decimal IssuerActedElsewhere = 0.5m;

    /// <summary>Liquidity that left a pool is a fact; why it left is not.</summary>
    public const decimal LiquidityLeft = 0.8m;

    /// <summary>Liquidity in range comes and goes with the price: below the alert threshold on purpose.</summary>
    public const decimal LiquidityOutOfRange = 0.5m;

    /// <summary>A large part of what a contract held left it by several transactions, with nothing in return.</summary>
    public const decimal ManyOutflows = 0.85m;

    /// <summary>The same where what it held is not known.</summary>
    public const decimal ManyOutflowsOfUnknown = 0.72m;

    private const decimal RatioMax = 1_000_000m;

    public static decimal Of(Threat threat, string indicator) => (threat, indicator) switch
    {
        (Threat.FlashLoanAttack, IndicatorNames.LargeLoan) => 0.60m,
        (Threat.FlashLoanAttack, IndicatorNames.RapidTrades) => 0.30m,
        (Threat.FlashLoanAttack, IndicatorNames.ArbitragePattern) => 0.85m,
        (Threat.OracleManipulation, IndicatorNames.PriceDeviation) => 0.70m,
        (Threat.OracleManipulation, IndicatorNames.LowLiquidity) => 0.50m,
        (Threat.OracleManipulation, IndicatorNames.CoordinatedTrades) => 0.60m,
        (Threat.FlashLoanAttack, IndicatorNames.FlashLoan) => 0.60m,
        (Threat.FlashLoanAttack, IndicatorNames.LoanProfit) => 0.90m,
        (Threat.OracleManipulation, IndicatorNames.SpotRoundTrip) => 0.70m,
        (Threat.OracleManipulation, IndicatorNames.SpotHeldAway) => 0.70m,
        (Threat.OracleManipulation, IndicatorNames.PaidOutMeanwhile) => 0.80m,
        (Threat.GovernanceAttack, IndicatorNames.ProposalSubmission) => 0.60m,
        (Threat.GovernanceAttack, IndicatorNames.LargeTokenAccumulation) => 0.85m,
        (Threat.GovernanceAttack, IndicatorNames.VotingAnomaly) => 0.85m,
        (Threat.GovernanceAttack, IndicatorNames.EarlyExecution) => 0.90m,
        (Threat.GovernanceAttack, IndicatorNames.ShortenedDelay) => 0.85m,
        (Threat.GovernanceAttack, IndicatorNames.HiddenEffect) => 0.95m,
        (Threat.GovernanceAttack, IndicatorNames.SimulatedOutflow) => 0.95m,
        (Threat.GovernanceAttack, IndicatorNames.SimulatedPower) => 0.95m,
        (Threat.GovernanceAttack, IndicatorNames.NotSimulated) => 0.30m,
        (Threat.ContractAnomaly, IndicatorNames.ManyVictims) => 0.75m,
        (Threat.ContractAnomaly, IndicatorNames.PulledValue) => 0.55m,
        (Threat.ContractAnomaly, IndicatorNames.OurContractPulls) => 0.60m,
        (Threat.UnusualTrading, IndicatorNames.UnusualVolume) => 0.50m,
        (Threat.UnusualTrading, IndicatorNames.OneSidedTrading) => 0.40m,
        (Threat.UnusualTrading, IndicatorNames.LinkedAccounts) => 0.60m,
        (Threat.ActivitySpike, IndicatorNames.CallSpike) => 0.50m,
        (Threat.ActivitySpike, IndicatorNames.EventSpike) => 0.40m,
        (Threat.ActivitySpike, IndicatorNames.FailedCalls) => 0.50m,
        (Threat.ActivitySpike, IndicatorNames.GasSpike) => 0.50m,
        _ => 0m,
    };

    /// <summary>Strength = r / (r + 1) with r = measured / threshold, to four places: one half at the threshold,
    /// two thirds at twice the threshold, towards 1 beyond.</summary>
    public static decimal Strength(decimal measured, decimal threshold)
    {
        if (measured <= 0)
            return 0;
        // Compared before dividing: the ratio of a huge amount and a tiny threshold fits no decimal.
        var ratio = measured / RatioMax >= threshold ? RatioMax : measured / threshold;
        return Math.Round(ratio / (ratio + 1), 4);
    }

    /// <summary>Noisy-or, 1 − ∏(1 − weight × strength): each indicator is an independent chance to be right.</summary>
    public static decimal NoisyOr(ReadOnlySpan<decimal> weightedStrengths)
    {
        var doubt = 1m;
        foreach (var chance in weightedStrengths)
            doubt *= 1 - chance;
        return Math.Round(1 - doubt, 4);
    }
}
