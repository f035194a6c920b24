using Tocsin.Detection.Detectors;
using Tocsin.Findings;

namespace Tocsin.Detection.Risk;

/// <summary>A market that trusts the price of one pool, and what an attacker would have to work with.</summary>
/// <param name="Market">The protected contract that lends, by its name.</param>
/// <param name="Pool">The watched pool whose price it trusts; its base asset serves as collateral.</param>
/// <param name="Lends">The assets that the market lends out, by their names.</param>
public sealed record StandingRiskSettings(string Market, string Pool, ValueList<string> Lends) : DetectorSettings
{
    private const int AssetsMax = 32;

    /// <summary>Which part of what the market holds of them can be borrowed.</summary>
    public decimal Share { get; init; } = 1m;

    /// <summary>What the market lends on collateral, as a fraction of its price.</summary>
    public decimal LoanToValue { get; init; } = 0.7m;

    /// <summary>What a trade costs on the pool.</summary>
    public decimal PoolFee { get; init; } = 0.003m;

    /// <summary>Whole units of collateral that an attacker can get hold of; null for any amount.</summary>
    public decimal? CollateralMax { get; init; }

    /// <summary>What can be borrowed for one transaction in US dollars; null for any amount.</summary>
    public decimal? LoanMaxUsd { get; init; }

    public decimal LoanFee { get; init; } = 0.0005m;

    public decimal GasUsd { get; init; } = 100m;

    /// <summary>How long the attack takes; 0 where it is one transaction.</summary>
    public TimeSpan Attack { get; init; } = TimeSpan.Zero;

    /// <summary>The median time in which the team has stopped something, as drills and incidents measured it.</summary>
    public TimeSpan Response { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>An expected profit below this attracts nobody.</summary>
    public decimal MinimumUsd { get; init; } = 10_000m;

    /// <summary>So long below, and it is over.</summary>
    public TimeSpan OverAfter { get; init; } = TimeSpan.FromMinutes(10);

    public static DetectorCard TheCard { get; } = new(
        "standing-risk",
        Threat.StandingRisk,
        "Nobody attacks, but it would pay: what a market would lend on collateral whose price was pushed up in the "
        + "pool that it trusts, less the collateral left behind, the trading there and back, the loan and the gas, "
        + "times the chance that nobody intervenes in time. Told with the payment that would pay most, while the "
        + "expected profit is above the minimum. Severity 3: lower limits or deepen the pool before somebody does it.",
        "Sync events of the pool, and the market's balances of what it lends after every block.",
        [
            "market, pool, lends: required",
            "share: 1; which part of the market's balances can be borrowed",
            "loan_to_value: 0.7; what it lends on collateral",
            "pool_fee: 0.003; what a trade costs on the pool",
            "collateral_max: any; units of collateral that an attacker can get hold of",
            "loan_usd_max: any; what can be borrowed for one transaction; loan_fee: 0.0005; gas_usd: 100",
            "attack: 0s; how long the attack takes, 0s where it is one transaction; response: 10min; the median "
            + "time in which the team has stopped something",
            "usd_min: 10000; an expected profit below this is no alarm",
            "over_after: 10min; so long below, and it is over",
        ],
        [
            "Pools of constant product only; other pools that arbitrage would bring in make the attack dearer than "
            + "is told.",
            "The market's balance counts, not its own ledger: money given to it that it does not lend makes the prize "
            + "look larger, borrowing limits that are not told here make it smaller.",
            "Only pushing the price of collateral up is reckoned, not pushing the price of what is borrowed down.",
            "Before the pool's first event nothing is known of it. What was found is said when next anything arrives "
            + "from beside the chain, for example the next head; in a replay of blocks alone, at its end.",
        ]);

    /// <inheritdoc/>
    public override DetectorCard Card => TheCard;

    public override string Subject => $"{Market} by {Pool}";

    public override IEnumerable<string> Problems(Watch watch)
    {
        if (watch.FindContract(Market) is null)
            yield return $"'standing-risk' is about '{Market}', which is no protected contract";
        if (watch.FindPool(Pool) is null)
            yield return $"'{Market}' trusts the pool '{Pool}', which is not watched";
        if (Lends.Count is 0 or > AssetsMax)
            yield return $"'{Market}' lends 1 to {AssetsMax} assets";
        foreach (var asset in Lends)
            if (watch.FindAsset(asset) is null)
                yield return $"'{Market}' lends '{asset}', which is not watched";
        if (Share is <= 0 or > 1 || LoanToValue is <= 0 or > 1 || PoolFee is < 0 or >= 1 || LoanFee is < 0 or >= 1)
            yield return $"share, loan to value and fees of '{Market}' must be fractions";
        if (CollateralMax <= 0 || LoanMaxUsd <= 0 || GasUsd < 0 || MinimumUsd < 0
            || Math.Max(CollateralMax ?? 0, Math.Max(LoanMaxUsd ?? 0, Math.Max(GasUsd, MinimumUsd))) > Amounts.UsdMax)
            yield return $"the amounts of 'standing-risk' of '{Market}' must not be below 0, nor beyond any money";
        if (Attack < TimeSpan.Zero || Response < TimeSpan.Zero || OverAfter < TimeSpan.Zero)
            yield return $"the times of 'standing-risk' of '{Market}' must not be negative";
    }

    internal override Detector Create(Watch watch) => new StandingRisk(watch, this);
}

/// <summary>What is known of the market, and what attacking it would bring.</summary>
/// <param name="LendableUsd">What it can lend out; null before that was read.</param>
/// <param name="Best">The attack that pays most; null where none does.</param>
public sealed record RiskMemory(Reserves? Pool, decimal? LendableUsd, Robbery? Best);

public sealed record StandingRiskState(NotebookState<string, RiskMemory> Risk) : DetectorState;
