using Tocsin.Detection.Detectors;
using Tocsin.Findings;

namespace Tocsin.Detection.Operations;

/// <param name="Of">A pool of the plan, or an asset of it wherever it is traded.</param>
public sealed record UnusualTradingSettings(string Of) : DetectorSettings
{
    private const decimal UsdMax = 1_000_000_000_000m;
    private const int AccountsMax = 1_000;

    public static DetectorCard TheCard { get; } = new(
        "unusual-trading", Threat.UnusualTrading,
        "More is traded than usual at this hour of the day, nearly all of it in one direction, or by accounts that "
            + "belong together: several senders that trade the same way through a contract nobody used the day before, "
            + "with tokens that one account gave them, or from accounts that never did anything. Insiders who leave "
            + "and attackers who build or sell a position look like this; so does good news. Severity 3: it is written "
            + "down and wakes nobody by itself.",
        "Blocks. For a pool its swaps (Uniswap V2, V3 and whatever writes the same events); for an asset the swaps of "
            + "Uniswap V2, V3, V4 and Balancer. A pool needs its base asset, and every asset a price.",
        [
            "`market`: every pool of the plan; a pool or an asset by its name",
            "`spreads`: 6; so many times its usual spread above the mean of this hour of the day, an hour is unusual",
            "`usd_min`: 50000; an hour with less never is",
            "`usd_max`: none; an hour with more always is, also before anything was learnt",
            "`one_sided`: 0.9; the share of purchases, or of sales, from which trading is one-sided: told from 20 "
                + "trades and half of an unusual hour on",
            "`accounts`: 5; so many that belong together, with `usd_min` together",
            "`accounts_within`: 10min",
        ],
        [
            "What is usual is known after seven days; before, and without `usd_max`, it says nothing.",
            "Hours are those of the clock: what falls into two of them counts half in each.",
            "Trades off the chain, and on venues that write other events.",
            "Accounts that were given the chain's own coin by one account, unless they are new (fewer than four "
                + "transactions sent); of those that were given tokens the last 256 are remembered, for an hour.",
            "Whoever trades slowly teaches it that this is usual.",
            "The start of an incentive, a listing or a release looks the same.",
        ]);

    public override DetectorCard Card => TheCard;

    public override string Subject => Of;

    public decimal Spreads { get; init; } = 6;

    public decimal UsdLeast { get; init; } = 50_000;

    /// <summary>Null for none.</summary>
    public decimal? UsdLimit { get; init; }

    /// <summary>From 0.5 to 1.</summary>
    public decimal OneSided { get; init; } = 0.9m;

    public int Accounts { get; init; } = 5;

    public TimeSpan AccountsWithin { get; init; } = TimeSpan.FromMinutes(10);

    public override IEnumerable<string> Problems(Watch watch)
    {
        if (watch.FindPool(Of) is null && watch.FindAsset(Of) is null)
            yield return $"{Card.Name}: '{Of}' is neither a pool nor an asset of the plan";
        if (Spreads is < 1 or > 1_000)
            yield return $"{Name}: an hour is unusual from 1 to 1,000 spreads on, not {Spreads}";
        if (UsdLeast is <= 0 or > UsdMax || UsdLimit is <= 0 or > UsdMax)
            yield return $"{Name}: volumes are above 0 and at most {UsdMax:#,0} USD";
        if (OneSided is <= 0.5m or > 1)
            yield return $"{Name}: trading is one-sided from a share above 0.5 on, and at most 1";
        if (Accounts is < 2 or > AccountsMax)
            yield return $"{Name}: 2 to {AccountsMax:#,0} accounts belong together";
        if (AccountsWithin < TimeSpan.FromSeconds(1) || AccountsWithin > TimeSpan.FromHours(1))
            yield return $"{Name}: accounts belong together within 1 second to 1 hour";
    }

    internal override Detector Create(Watch watch) => new UnusualTrading(this, watch);
}
