using Tocsin.Detection.Reading;
using Tocsin.Findings;

namespace Tocsin.Detection.Indicators;

/// <summary>
/// <c>coordinated_trades</c>: opposite swaps on one watched pool by one origin within the oracle window that move the
/// price away and back. The way out must reach the price-deviation threshold, counted from the origin's first swap in
/// the window; the swap that closes the round must be this transaction's.
/// Measured: the part of the way out that was taken back. Default one half.
/// Blind to: a way back that others trade, round trips longer than the window, an actor behind addresses that share no
/// contract.
/// </summary>
internal static class CoordinatedTrades
{
    public static Indicator? In(Scene scene)
    {
        var trades = scene.Reading.Trades;
        for (var i = trades.Count - 1; i >= 0; i--)
        {
            if (IsLastOnItsPool(trades, i) && InPool(scene, trades[i]) is { } indicator)
                return indicator;
        }
        return null;
    }

    private static bool IsLastOnItsPool(List<Trade> trades, int place)
    {
        for (var i = place + 1; i < trades.Count; i++)
            if (trades[i].Pool == trades[place].Pool)
                return false;
        return true;
    }

    private static Indicator? InPool(Scene scene, Trade last)
    {
        var way = default(Way);
        var since = scene.Time - scene.Thresholds.OracleWindow;
        foreach (var earlier in scene.Earlier)
        {
            if (earlier.Time < since)
                continue;
            foreach (var trade in earlier.Facts.Trades.AsSpan())
                way = trade.Pool == last.Pool ? way.Then(trade) : way;
        }
        foreach (var trade in scene.Reading.Trades)
            way = trade.Pool == last.Pool ? way.Then(trade) : way;
        if (way.Peak < scene.Thresholds.PriceDeviation || last.BuysBase == way.IsPeakAbove)
            return null;
        var back = 1 - Amounts.Deviation(last.PriceAfter, way.Start) / way.Peak;
        var threshold = scene.Thresholds.PriceReturn;
        return back < threshold
            ? null
            : scene.Indicate(IndicatorNames.CoordinatedTrades, last.Pool, back, threshold,
                $"Moved {last.Pool} by {Words.Share(way.Peak)} and took {Words.Share(back)} of the move back "
                + "with opposite swaps.");
    }

    /// <summary>How far swaps led a price from where the first of them found it.</summary>
    private readonly record struct Way(decimal Start, decimal Peak, bool IsPeakAbove)
    {
        public Way Then(Trade trade)
        {
            var start = Start == 0 ? trade.PriceBefore : Start;
            var deviation = Amounts.Deviation(trade.PriceAfter, start);
            return deviation > Peak
                ? new Way(start, deviation, trade.PriceAfter > start)
                : this with { Start = start };
        }
    }
}
