using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Evm.Blocks;

namespace Tocsin.Detection.Oracles;

/// <summary>How a block changed the price of a pool, in US dollars for one unit of its base asset.</summary>
/// <param name="Before">0 where it was not known.</param>
public readonly record struct PriceMove(string Pool, decimal Before, decimal After);

/// <summary>All that is remembered of the prices of pools.</summary>
public sealed record PoolPricesState(NotebookState<string, decimal> Last, ValueList<Trailed<PriceMove>> Moves);

/// <summary>
/// The prices of a few watched pools: now, and averaged over time, by the reserves that their <c>Sync</c> events tell.
/// One sample a block: what happens within a block is nobody's price for longer than that.
/// </summary>
internal sealed class PoolPrices(Watch watch, ValueList<Pool> pools, TimeSpan window)
{
    private readonly Dictionary<Address, Pool> places = pools.ToDictionary(pool => pool.Address);
    private readonly Notebook<string, decimal> last = new(Math.Max(1, pools.Count));
    private readonly Trail<PriceMove> moves = new(window);
    private readonly SortedDictionary<string, decimal> current = new(StringComparer.Ordinal);

    public IEnumerable<LogInterest> Interests =>
        pools.Select(pool => new LogInterest(pool.Address, Topics.PoolSync));

    /// <summary>Reads a <c>Sync</c>; null where the log is something else or leaves the pool without a price.</summary>
    public (Pool Pool, decimal Usd)? Take(in Log log)
    {
        if (log.Topics.Count == 0 || log.Topics[0] != Topics.PoolSync || !places.TryGetValue(log.Address, out var pool)
            || !TryReserves(watch, pool, log, out var reserves) || reserves.Price is not { } price)
            return null;
        var usd = Amounts.Usd(price, watch.FindAsset(pool.Quote)!.UsdPrice!.Value);
        current[pool.Name] = usd;
        return (pool, usd);
    }

    public void EndBlock(BlockScene scene)
    {
        foreach (var (pool, after) in current)
        {
            last.TryGet(pool, out var before);
            moves.Add(scene, new PriceMove(pool, before, after));
            last.Set(pool, after, scene);
        }
        current.Clear();
    }

    /// <summary>The price after the newest block, or in it where that is not over; null before the first
    /// event.</summary>
    public decimal? Spot(string pool) =>
        current.TryGetValue(pool, out var now) ? now : Settled(pool);

    /// <inheritdoc cref="Spot"/>
    public decimal? SpotAt(Address pool) => places.TryGetValue(pool, out var known) ? Spot(known.Name) : null;

    /// <summary>The price after the newest block that is over.</summary>
    public decimal? Settled(string pool) => last.TryGet(pool, out var price) ? price : null;

    /// <summary>
    /// The time-weighted mean of the window up to an instant: ∑ price × seconds ∕ seconds, each price from its block to
    /// the next. Where the price was not known at the window's begin, from the first block that told it.
    /// </summary>
    public decimal? Average(string pool, DateTimeOffset now)
    {
        var (sum, seconds) = (0m, 0m);
        var (price, since) = (0m, now - window);
        foreach (var (_, time, move) in moves.Since(now))
        {
            if (move.Pool != pool)
                continue;
            Weigh(move.Before > 0 ? move.Before : price, time);
            (price, since) = (move.After, time);
        }
        Weigh(price, now);
        return seconds > 0 ? sum / seconds : Settled(pool);

        void Weigh(decimal held, DateTimeOffset until)
        {
            var length = held > 0 ? (decimal)(until - since).TotalSeconds : 0;
            sum += Amounts.Usd(length, held);
            seconds += length;
        }
    }

    public void Rollback(BlockRef ancestor)
    {
        current.Clear();
        last.Rollback(ancestor);
        moves.Rollback(ancestor);
    }

    public PoolPricesState Snapshot() => new(last.Snapshot(), moves.ToList());

    public void Restore(PoolPricesState state)
    {
        last.Restore(state.Last);
        moves.Restore(state.Moves);
    }

    /// <summary>The reserves that a <c>Sync(uint112 reserve0, uint112 reserve1)</c> tells, in whole units.</summary>
    public static bool TryReserves(Watch watch, Pool pool, in Log log, out Reserves reserves)
    {
        reserves = default;
        if (!LogWords.TryRead(log.Data.Span, 0, out var amount0)
            || !LogWords.TryRead(log.Data.Span, 1, out var amount1))
            return false;
        var (ofBase, ofQuote) = pool.BaseIsToken0 ? (amount0, amount1) : (amount1, amount0);
        reserves = new Reserves(
            Amounts.Units(ofBase, watch.FindAsset(pool.Base)!.Decimals),
            Amounts.Units(ofQuote, watch.FindAsset(pool.Quote)!.Decimals));
        return true;
    }
}
