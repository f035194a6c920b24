using System.Diagnostics.CodeAnalysis;
using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Evm.Abi;
using Tocsin.Findings;

namespace Tocsin.Detection.Oracles;

/// <summary>How one source of an asset's price is watched.</summary>
/// <param name="Asset">The asset's name in the plan.</param>
/// <param name="Source">The address that the protocol reads: in the style of Chainlink, mostly a proxy.</param>
public sealed record OracleFailureSettings(string Asset, Address Source) : DetectorSettings
{
    private const int NamesMax = 32;

    /// <summary>The source promises an answer at least this often.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How much later is still in time.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>So far from the market, as a fraction, is wrong.</summary>
    public decimal Deviation { get; init; } = 0.02m;

    /// <summary>From here on it is critical.</summary>
    public decimal CriticalDeviation { get; init; } = 0.10m;

    /// <summary>So far may the market move without a new answer.</summary>
    public decimal FrozenMove { get; init; } = 0.03m;

    /// <summary>How long the two must be apart: sources follow the market a little later.</summary>
    public TimeSpan HeldFor { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>An answer that changes so much from one to the next, as a fraction of the smaller, is absurd.</summary>
    public decimal Jump { get; init; } = 1m;

    /// <summary>The least that the source can answer, in US dollars; null for no limit.</summary>
    public decimal? Minimum { get; init; }

    /// <summary>The most, likewise.</summary>
    public decimal? Maximum { get; init; }

    /// <summary>A function without arguments that returns the most that the source answers, with the source's decimals,
    /// for example <c>maxAnswer()</c>; null for none.</summary>
    public string? CapFunction { get; init; }

    /// <summary>Where the function is; null for the source itself.</summary>
    public Address? CapAt { get; init; }

    /// <summary>A watched pool of the asset whose average counts as a market; null for none.</summary>
    public string? Pool { get; init; }

    /// <summary>What the pool's price is averaged over.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>The feeds that count as the market; empty for all of the asset. Name them where one of them reads this
    /// very source.</summary>
    public ValueList<string> Feeds { get; init; } = [];

    /// <summary>Aggregators that the proxy may be pointed to without alarm.</summary>
    public ValueList<Address> Known { get; init; } = [];

    public static DetectorCard TheCard { get; } = new(
        "oracle-failure",
        Threat.OracleFailure,
        "A source of prices that the protocol trusts is late, gives what is no price, stands still or apart from the "
        + "market, answers at its limit or with a limit that cuts off the market's price, or is replaced. Healthy "
        + "positions are liquidated, or money is lent on what is not there.",
        "The source's latestRoundData(), decimals(), aggregator() and proposedAggregator() after every block: answers "
        + "and replacements alike are read from the proxy that the protocol reads, so that the detector follows it to "
        + "whatever aggregator stands behind it, whose own events it does not need. Where a proxy writes "
        + "AggregatorProposed and AggregatorConfirmed (most do not), these name the transaction as well. And the "
        + "market: the median of the fresh feeds of the asset, and the average of a watched pool where one is named.",
        [
            "asset, source: required",
            "heartbeat: 1h, grace: 10min; severity 2 when an answer is older than both, 1 from three times that on",
            "deviation: 0.02; severity 2 when the answer is so far from the market for held_for: 5min",
            "critical_deviation: 0.10; from here on severity 1",
            "frozen_move: 0.03; severity 2 when the market moved so far without a new answer, for held_for",
            "jump: 1; severity 1 when an answer is twice, or half, of the one before",
            "price_min, price_max: none; limits of the source in USD. Severity 2 when an answer is at one of them, 1 "
            + "when the market is beyond it by deviation for held_for",
            "cap_function, cap_at: none; where the upper limit is read on the chain. maxAnswer() is a function of the "
            + "aggregator and not of the proxy: cap_at must name the aggregator then, and anew when that is replaced, "
            + "which is said",
            "pool: none, window: 30min; a watched pool whose average counts as a market",
            "feeds: all of the asset; those that count as the market",
            "known: none; aggregators that the proxy may be pointed to (severity 4 instead of 2)",
        ],
        [
            "What is no market cannot be compared: without feeds and pool, only age, jumps, limits and replacements "
            + "are seen.",
            "Sources that push prices by other interfaces, or whose answer is put together inside the protocol.",
            "A quiet market: an answer that stands still while nothing moves is right, and no alarm.",
            "Without reads of the state, a replacement behind a proxy that writes no event.",
            "A feed that reads the same source agrees with it always: name the other feeds then.",
        ]);

    /// <inheritdoc/>
    public override DetectorCard Card => TheCard;

    public override string Subject => $"{Asset} at {Source}";

    public override IEnumerable<string> Problems(Watch watch)
    {
        if (watch.FindAsset(Asset) is null)
            yield return $"'oracle-failure' is about the asset '{Asset}', which is not watched";
        if (Pool is not null && watch.FindPool(Pool)?.Base != Asset)
            yield return $"'oracle-failure' of '{Asset}' compares with '{Pool}', which is no pool that prices it";
        if (Deviation <= 0 || CriticalDeviation < Deviation || FrozenMove <= 0 || Jump <= 0)
            yield return $"the limits of 'oracle-failure' of '{Asset}' must be above 0 and rise with the severity";
        if (Heartbeat <= TimeSpan.Zero || Grace < TimeSpan.Zero || HeldFor < TimeSpan.Zero || Window <= TimeSpan.Zero)
            yield return $"the times of 'oracle-failure' of '{Asset}' must be longer than nothing";
        if (Minimum is <= 0 || Maximum is <= 0 || Minimum >= Maximum)
            yield return $"the price_min of 'oracle-failure' of '{Asset}' must be above 0 and below its price_max";
        if (CapFunction is not null && !TryCap(out _))
            yield return $"'{CapFunction}' is no function without arguments, such as maxAnswer()";
        if (Feeds.Count > NamesMax || Known.Count > NamesMax)
            yield return $"'oracle-failure' of '{Asset}' takes at most {NamesMax} feeds and {NamesMax} aggregators";
    }

    internal bool TryCap([NotNullWhen(true)] out AbiFunction? function)
    {
        function = null;
        if (CapFunction is not { } text || !text.EndsWith("()", StringComparison.Ordinal))
            return false;
        try
        {
            function = AbiFunction.Parse($"{text} returns (int256)");
        }
        catch (AbiException)
        {
            return false;
        }
        return function.Inputs.Count == 0;
    }

    internal override Detector Create(Watch watch) => new OracleFailure(watch, this);
}

/// <summary>What is remembered of a source.</summary>
/// <param name="Price">The last answer; 0 where it was none.</param>
/// <param name="Aggregator">What stands behind the proxy; null where it is none, or did not say.</param>
/// <param name="Proposed">What the proxy's operator proposes to put there; zero for nothing, null where it did not
/// say.</param>
/// <param name="Unanswered">So many blocks in a row it was silent.</param>
public sealed record SourceMemory(
    decimal Price, Address? Aggregator, Address? Proposed, decimal? Maximum, int Unanswered, Comparison Pool);

/// <param name="Market">How the last answer stands against the feeds.</param>
public sealed record OracleFailureState(
    NotebookState<string, SourceMemory> Source, PoolPricesState Pool, ValueList<FeedPrice> Feeds, Comparison Market)
    : DetectorState;
