using Tocsin.Detection.Detectors;
using Tocsin.Findings;

namespace Tocsin.Detection.Money;

/// <summary>How the making of units of one asset is watched.</summary>
/// <param name="Asset">A watched asset, by name or address.</param>
/// <param name="Backing">What stands behind all units together; empty where that is not compared.</param>
/// <param name="Tolerance">How much of the supply may be without backing, as a fraction of the backing.</param>
/// <param name="Minters">Accounts and contracts that mint, by name or address.</param>
/// <param name="LearnFor">So long after the first block whoever mints is learnt as a minter.</param>
/// <param name="MintUsd">A smaller mint without a deposit is not told.</param>
/// <param name="StrangerShare">Which share of the supply a stranger mints to be told as an attack.</param>
/// <param name="MintShare">Which share of the supply whoever mints at once is told as an attack.</param>
/// <param name="TimesLargest">So many times the largest mint seen is far above history.</param>
public sealed record UnbackedMintSettings(
    string Asset,
    ValueList<Backing> Backing,
    decimal Tolerance = 0.01m,
    ValueList<string>? Minters = null,
    TimeSpan? LearnFor = null,
    decimal MintUsd = 100_000m,
    decimal StrangerShare = 0.05m,
    decimal MintShare = 0.5m,
    decimal TimesLargest = 5m) : DetectorSettings
{
    private const int BackingsMax = 32;
    private const decimal TimesMax = 1_000_000m;
    private static readonly TimeSpan LearnForDefault = TimeSpan.FromDays(7);

    public static DetectorCard TheCard { get; } = new(
        "unbacked-mint",
        Threat.UnbackedMint,
        "Units of the asset were made that nothing stands behind: there are more of them than the reserve, the "
            + "bridge's lock or the attested reserve covers; or somebody who never minted made many; or one "
            + "transaction made more than ever before. Such units are sold for real value until somebody stops it. A "
            + "mint against a matching deposit in the same transaction is innocent.",
        "Transfers of the asset from and to the zero address, Mint and Issue events, transfers of other watched assets "
            + "in the same transaction; reads of totalSupply(), and for each backing of balanceOf() and decimals() or "
            + "of latestRoundData(), after each block.",
        [
            "asset: which asset, by its name in the plan or its address.",
            "backing: none. A list of {token, holder, rate} for what a holder has of a token, and of {feed, "
                + "stale_after} for an attested reserve. Above it by more than the tolerance is severity 1.",
            "tolerance: 0.01. How much more supply than backing is borne, as a fraction.",
            "minters: none. Who mints, by name or address: accounts that send or contracts that are called.",
            "learn_for: 7d. So long whoever mints is taken for a minter: the one that the token names, the contract "
                + "that is called, or the sender where that is the token. With minters given nothing is learnt.",
            "mint_usd: 100000. A mint below it, less what was paid in, is not told.",
            "stranger_share: 0.05. A stranger who mints this share of the supply is severity 1; a fifth of it is 3.",
            "mint_share: 0.5. Whoever mints this share of the supply at once without a deposit is severity 1.",
            "times_largest: 5. A mint so many times larger than any seen before, by a known minter, is severity 2.",
        ],
        [
            "Without backing configured, many small mints by a known minter are not seen.",
            "A deposit counts at the watch's prices: one that was overvalued passes here.",
            "Who mints through a contract that never did so before, with collateral paid in earlier, looks like a "
                + "stranger.",
            "A backing that does not answer, or an attestation that is stale, gives no verdict at all.",
            "A reserve on another chain is not read.",
        ]);

    public override DetectorCard Card => TheCard;

    public override string Subject => Asset;

    internal TimeSpan LearnsFor => LearnFor ?? LearnForDefault;

    internal ValueList<string> KnownMinters => Minters ?? [];

    public override IEnumerable<string> Problems(Watch watch)
    {
        if (WatchedMoney.AssetOf(watch, Asset) is null)
            yield return $"{Name}: '{Asset}' is no watched asset";
        if (Backing.Count > BackingsMax)
            yield return $"{Name}: at most {BackingsMax} backings";
        foreach (var one in Backing)
            if (BackingReading.Of(one, watch) is null)
                yield return $"{Name}: a backing names a token or holder that is neither watched nor an address";
        if (Backing.OfType<Backing.Holding>().Any(holding => holding.Rate is <= 0 or > Amounts.PriceMax))
            yield return $"{Name}: the rate of a backing must be above 0 and at most {Amounts.PriceMax}";
        if (Backing.OfType<Backing.Attested>().Any(attested => attested.StaleAfter <= TimeSpan.Zero))
            yield return $"{Name}: an attestation is stale after a time longer than nothing";
        foreach (var minter in KnownMinters)
            if (watch.AddressOf(minter) is null)
                yield return $"{Name}: the minter '{minter}' is neither watched nor an address";
        if (Tolerance is < 0 or > 1 || StrangerShare is <= 0 or > 1 || MintShare is <= 0 or > 10)
            yield return $"{Name}: tolerance and stranger_share are fractions of 1, mint_share at most 10";
        if (MintUsd <= 0 || TimesLargest is < 1 or > TimesMax || LearnsFor < TimeSpan.Zero)
            yield return $"{Name}: mint_usd must be above 0, times_largest from 1 to {TimesMax}, "
                + "learn_for not negative";
    }

    internal override Detector Create(Watch watch) => new UnbackedMint(this, watch);
}
