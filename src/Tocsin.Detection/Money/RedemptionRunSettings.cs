using Tocsin.Detection.Detectors;
using Tocsin.Findings;

namespace Tocsin.Detection.Money;

/// <summary>How redemptions of one asset are watched.</summary>
/// <param name="Asset">A watched asset, by name or address.</param>
/// <param name="HourlyUsd">Redeemed less issued within an hour, at par: below it nothing is told.</param>
/// <param name="Unusual">Where the usual is learnt: so many spreads above it is told as unusual.</param>
/// <param name="Run">So many spreads above it is a run.</param>
/// <param name="RedeemersMin">With fewer redeemers than this it is a large redemption, not a run; null for 3 where the
/// asset is issued by a protected contract and otherwise for 1, because issuers burn for all their customers.</param>
/// <param name="LimitAlone">Whether <paramref name="HourlyUsd"/> alone is told while the usual is not learnt; null for
/// true where the asset is issued by a protected contract.</param>
public sealed record RedemptionRunSettings(
    string Asset,
    decimal HourlyUsd = 1_000_000m,
    decimal Unusual = 6m,
    decimal Run = 8m,
    int? RedeemersMin = null,
    bool? LimitAlone = null) : DetectorSettings
{
    private const decimal SpreadsMax = 1_000m;

    public static DetectorCard TheCard { get; } = new(
        "redemption-run",
        Threat.RedemptionRun,
        "Holders want their money back faster than usual: within an hour more units of the asset were redeemed than "
            + "issued, by more than a fixed limit and, once the usual of that hour of the day is learnt, by far more "
            + "than that. A run empties the reserve and, if it cannot pay, breaks the peg.",
        "Transfers of the asset to and from the zero address, and Mint, Burn (Circle) and Issue, Redeem (Tether) where "
            + "a token tells it by these; counted once where it tells both.",
        [
            "asset: which asset, by its name in the plan or its address.",
            "hourly_usd: 1000000. Redeemed less issued within an hour, in US dollars at par, from which on it can be "
                + "told. Severity 1 while nothing is learnt; once the usual is known (7 days of that hour), an amount "
                + "that is usual is not told, however large.",
            "unusual: 6. So many spreads above the usual of that hour is severity 2.",
            "run: 8. So many spreads above the usual is severity 1.",
            "redeemers_min: 3, or 1 for an asset that no protected contract issues. With fewer redeeming accounts it "
                + "is told at severity 3, as a large redemption.",
            "limit_alone: true, or false for an asset that no protected contract issues. Whether the fixed limit is "
                + "told while the usual is not learnt.",
        ],
        [
            "A run that begins within the first 7 days is seen by the fixed limit alone, for assets that others issue "
                + "not at all.",
            "A run that grows over weeks becomes the usual.",
            "Redeemers are counted by the accounts that send the transactions: one keeper who redeems for many is one, "
                + "one holder with many accounts is many.",
            "Moving a large amount to another chain by burning it there and minting it here looks like a redemption.",
            "Issues are taken off redemptions: a large mint within the hour hides a run of its size.",
            "Selling instead of redeeming is not seen here: pegs and pools tell that.",
        ]);

    public override DetectorCard Card => TheCard;

    public override string Subject => Asset;

    public override IEnumerable<string> Problems(Watch watch)
    {
        if (WatchedMoney.AssetOf(watch, Asset) is null)
            yield return $"{Name}: '{Asset}' is no watched asset";
        if (HourlyUsd <= 0)
            yield return $"{Name}: hourly_usd must be above 0";
        if (Unusual <= 0 || Run < Unusual || Run > SpreadsMax)
            yield return $"{Name}: unusual must be above 0, run not below it and at most {SpreadsMax}";
        if (RedeemersMin < 1)
            yield return $"{Name}: redeemers_min begins at 1";
    }

    internal override Detector Create(Watch watch) => new RedemptionRun(this, watch);
}
