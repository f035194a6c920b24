using Tocsin.Detection.Detectors;
using Tocsin.Findings;

namespace Tocsin.Detection.Oracles;

/// <summary>How the prices of watched pools are held against their own past and against feeds.</summary>
/// <param name="Pools">The names of the pools; empty for all that are watched.</param>
public sealed record OracleSpotSettings(ValueList<string> Pools) : DetectorSettings
{
    private const int BlocksMax = 200;

    /// <summary>So far from its average, or from the feeds, a price is away, as a fraction.</summary>
    public decimal Deviation { get; init; } = 0.02m;

    /// <summary>So many spreads above what is usual at an hour of the day, a price is away from its average or the
    /// feeds; never below <see cref="Deviation"/> nor beyond <see cref="Push"/>.</summary>
    public decimal Spreads { get; init; } = 6m;

    /// <summary>So far must one sender have moved a price himself to be held for its mover.</summary>
    public decimal Push { get; init; } = 0.10m;

    /// <summary>So many blocks away is more than one trade.</summary>
    public int HeldBlocks { get; init; } = 3;

    /// <summary>What prices are averaged over.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How long a pool must stand apart from the feeds before that is told.</summary>
    public TimeSpan HeldFor { get; init; } = TimeSpan.FromMinutes(5);

    public static DetectorCard TheCard { get; } = new(
        "oracle-spot",
        Threat.OracleManipulation,
        "The price of a watched pool is led away while a protected contract pays out: within one transaction that also "
        + "leads it back, or over several blocks by the very sender who is then paid. Severity 1 where protected "
        + "contracts lost at least the minimum; otherwise 3, which wakes nobody, because arbitrage moves prices all "
        + "day. It complements the oracle pattern, which needs a large trade and trades both ways.",
        "Sync events of watched pools and transfers of watched assets; the feeds of the pools' base assets.",
        [
            "pools: all watched; those that are looked at",
            "deviation: 0.02; so far away from the average, or from the feeds, counts",
            "spreads: 6; once a week was seen, a pair that swings widely at this hour of every day is away only so "
            + "many times its usual spread above its usual swing: never below deviation, never beyond push, and not "
            + "for what one transaction moves and moves back",
            "push: 0.10; so far must the sender who is paid have moved the price himself",
            "held_blocks: 3; so many blocks away from the average",
            "window: 30min; what prices are averaged over",
            "held_for: 5min; so long apart from the feeds, and that is told (severity 3)",
        ],
        [
            "Pools that are not watched, pools of concentrated liquidity, and prices the protocol reads elsewhere.",
            "One account moves the price and another is paid, in different transactions: severity 3 only.",
            "A price that is walked away more slowly than the average follows.",
            "Who moves a price by 10 % and soon after takes his own money out of a protected contract looks the same.",
        ]);

    /// <inheritdoc/>
    public override DetectorCard Card => TheCard;

    public override string Subject => "";

    public override IEnumerable<string> Problems(Watch watch)
    {
        foreach (var pool in Pools)
            if (watch.FindPool(pool) is null)
                yield return $"'oracle-spot' is about the pool '{pool}', which is not watched";
        if (Deviation <= 0 || Push < Deviation || HeldBlocks is < 1 or > BlocksMax)
            yield return $"deviation and push of 'oracle-spot' must be above 0, the push not below the deviation, and "
                + $"held blocks 1 to {BlocksMax}";
        if (Spreads is < 1 or > 1_000)
            yield return $"the spreads of 'oracle-spot' are 1 to 1,000, not {Spreads}";
        if (Window <= TimeSpan.Zero || HeldFor < TimeSpan.Zero)
            yield return "the times of 'oracle-spot' must be longer than nothing";
    }

    internal override Detector Create(Watch watch) => new OracleSpot(watch, this);
}

/// <summary>Who moved the price of a pool.</summary>
public readonly record struct Mover(string Pool, Chains.Address Sender);

/// <param name="Push">Net of all pushes, as a fraction; below 0 downwards.</param>
public readonly record struct Pushed(decimal Push, DateTimeOffset Last);

/// <summary>How far a pool's price usually is from its average.</summary>
public readonly record struct PoolSwings(string Pool, UsualSwingsState Usual);

/// <summary>Since when a pool stands apart from its feeds.</summary>
public readonly record struct ApartSince(string Pool, DateTimeOffset Since);

/// <summary>What an asset's feeds said.</summary>
public sealed record AssetFeeds(string Asset, ValueList<FeedPrice> Prices);

/// <param name="Away">By pool the first block after which it stood away from its average.</param>
public sealed record OracleSpotState(
    PoolPricesState Prices, NotebookState<Mover, Pushed> Movers, NotebookState<string, ulong> Away,
    ValueList<PoolSwings> Swings,
    ValueList<AssetFeeds> Feeds, ValueList<ApartSince> Apart) : DetectorState;
