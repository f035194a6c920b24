using Tocsin.Detection.Detectors;
using Tocsin.Findings;

namespace Tocsin.Detection.Money;

/// <summary>How the depth and balance of one pool are watched.</summary>
/// <param name="Pool">A watched pool by name, or the address of any pool.</param>
/// <param name="Tokens">Watched assets that the pool holds, for a pool that is no watched pair: read by balanceOf.
/// </param>
/// <param name="InRange">Whether <c>liquidity()</c> of Uniswap v3 is read, the liquidity that trades at the price of
/// now meet.</param>
/// <param name="HourDrop">Which share of the liquidity must leave within an hour.</param>
/// <param name="DayDrop">Which share must leave within a day.</param>
/// <param name="InRangeDrop">Which share of the liquidity in range must be gone for an hour.</param>
/// <param name="ShareMax">Where all tokens are meant to be worth the same: one side beyond this share is remarkable.
/// </param>
/// <param name="MinimumUsd">A pool that was worth less is not told of.</param>
/// <param name="Spreads">So many spreads above the usual fall of that hour of the day, an hour's fall is told; never
/// below <paramref name="HourDrop"/>.</param>
public sealed record LiquidityDropSettings(
    string Pool,
    ValueList<string>? Tokens = null,
    bool InRange = false,
    decimal HourDrop = 0.3m,
    decimal DayDrop = 0.5m,
    decimal InRangeDrop = 0.9m,
    decimal ShareMax = 0.8m,
    decimal MinimumUsd = 1_000_000m,
    decimal Spreads = 6m) : DetectorSettings
{
    private const int TokensMax = 8;

    public static DetectorCard TheCard { get; } = new(
        "liquidity-drop",
        Threat.LiquidityDrop,
        "A market that others rely on has lost depth or balance: much of what a pool held was taken out, at once or "
            + "over a day; or a pool of assets that are worth the same holds almost only one of them, which means that "
            + "everybody wants to be rid of it. Afterwards prices there are cheap to move, and liquidations and "
            + "redemptions fail. A swap moves the two sides in opposite directions and is no drop.",
        "Sync events of a watched pair; for any other pool reads of balanceOf() of its tokens, or of liquidity(), "
            + "after each block.",
        [
            "pool: which pool, by its name in the plan or its address. Without an entry, every watched pair.",
            "tokens: none. The watched assets that a pool holds which is no watched pair.",
            "in_range: false. Whether liquidity() of Uniswap v3 is read, too.",
            "hour_drop: 0.3. The share of the liquidity that left within an hour, against what stood there for the "
                + "hour before that: severity 2.",
            "spreads: 6. Once a week was seen, a pool that loses much at this hour of every day is told only so many "
                + "times its usual spread above its usual fall: never below hour_drop, and at most halfway from there "
                + "to all of it.",
            "day_drop: 0.5. The same within a day, against the lowest of the day before's hour: severity 3.",
            "in_range_drop: 0.9. The share of the liquidity in range that was missing for a whole hour: severity 3.",
            "share_max: 0.8. One side's share, where all assets have a peg or a fixed price of 1: severity 2.",
            "usd_min: 1000000. A pool that was worth less is passed over.",
        ],
        [
            "Liquidity in range falls whenever the price leaves where most of it lies: that alone wakes nobody.",
            "In a pool of assets with different prices read by balanceOf, a price that falls looks like liquidity that "
                + "left; for watched pairs it does not.",
            "A watched pair is known from its first Sync event after the start: what was taken out until then, and by "
                + "the transaction of that event, is not seen.",
            "Within the first hour after it began to watch, it compares with the first that it saw.",
            "A provider who leaves for good looks the same as one who flees.",
        ]);

    public override DetectorCard Card => TheCard;

    public override string Subject => Pool;

    internal ValueList<string> TokensRead => Tokens ?? [];

    public override IEnumerable<string> Problems(Watch watch)
    {
        if (watch.AddressOf(Pool) is null)
            yield return $"{Name}: '{Pool}' is neither a watched pool nor an address";
        else if (!IsPair(watch) && TokensRead.Count == 0 && !InRange)
            yield return $"{Name}: '{Pool}' is no watched pair: say its tokens, or in_range";
        if (TokensRead.Count > TokensMax)
            yield return $"{Name}: at most {TokensMax} tokens";
        foreach (var token in TokensRead)
            if (WatchedMoney.AssetOf(watch, token) is null)
                yield return $"{Name}: the token '{token}' is no watched asset";
        foreach (var share in new[] { HourDrop, DayDrop, InRangeDrop, ShareMax })
            if (share is <= 0 or >= 1)
                yield return $"{Name}: the share {share} must be above 0 and below 1";
        if (Spreads is < 1 or > 1_000)
            yield return $"{Name}: spreads must be from 1 to 1,000";
        if (MinimumUsd is < 0 or > Amounts.PriceMax)
            yield return $"{Name}: usd_min must be from 0 to {Amounts.PriceMax}";
    }

    internal bool IsPair(Watch watch) => PairOf(watch) is not null;

    internal Detection.Pool? PairOf(Watch watch)
    {
        var address = watch.AddressOf(Pool);
        foreach (var pool in watch.Pools.AsSpan())
            if (pool.Address == address)
                return pool;
        return null;
    }

    internal override Detector Create(Watch watch) => new LiquidityDrop(this, watch);
}
