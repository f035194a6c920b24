using Tocsin.Detection.Reading;
using Tocsin.Findings;

namespace Tocsin.Detection.Indicators;

/// <summary>
/// <c>rapid_trades</c>: several swaps on one watched pool by the same origin within the flash-loan window, this
/// transaction's included. Measured in swaps. Default 2 within 60 s.
/// Blind to: trades through pools that are not watched, one actor behind addresses that share no contract. Common among
/// honest traders too; it only counts together with others.
/// </summary>
internal static class RapidTrades
{
    public static Indicator? In(Scene scene)
    {
        var pool = "";
        var most = 0;
        foreach (var trade in scene.Reading.Trades)
        {
            if (trade.Pool == pool)
                continue;
            var count = Count(scene, trade.Pool);
            if (count > most)
                (pool, most) = (trade.Pool, count);
        }
        var threshold = scene.Thresholds.RapidTrades;
        if (most < threshold)
            return null;
        var seconds = scene.Thresholds.FlashLoanWindow.TotalSeconds;
        return scene.Indicate(IndicatorNames.RapidTrades, pool, most, threshold,
            $"Made {most} swaps on {pool} within {seconds:0} s.");
    }

    private static int Count(Scene scene, string pool)
    {
        var count = 0;
        foreach (var trade in scene.Reading.Trades)
            count += trade.Pool == pool ? 1 : 0;
        var since = scene.Time - scene.Thresholds.FlashLoanWindow;
        foreach (var earlier in scene.Earlier)
        {
            if (earlier.Time < since)
                continue;
            foreach (var trade in earlier.Facts.Trades.AsSpan())
                count += trade.Pool == pool ? 1 : 0;
        }
        return count;
    }
}
