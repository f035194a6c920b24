using Tocsin.Detection.Reading;
using Tocsin.Findings;

namespace Tocsin.Detection.Indicators;

/// <summary>
/// <c>price_deviation</c>: the price of a watched pool inside the transaction against the price before the block, or
/// before the attack that the transaction continues. The peak over the transaction's own swaps counts, and only swaps
/// that moved the price away. Measured as a fraction, a rise and the fall that undoes it alike. Default 2 %.
/// Blind to: a price walked away in small steps over many blocks by an origin that is not yet an attacker, prices that
/// the protocol reads elsewhere, donations that change reserves without a swap.
/// </summary>
internal static class PriceDeviation
{
    public static Indicator? In(Scene scene)
    {
        Trade? peak = null;
        var measured = 0m;
        foreach (var trade in scene.Reading.Trades)
        {
            var reference = scene.ReferencePrice(trade.Pool) ?? trade.PriceBefore;
            var deviation = Amounts.Deviation(trade.PriceAfter, reference);
            if (deviation > measured && deviation > Amounts.Deviation(trade.PriceBefore, reference))
                (peak, measured) = (trade, deviation);
        }
        var threshold = scene.Thresholds.PriceDeviation;
        if (peak is not { } worst || measured < threshold)
            return null;
        var before = scene.ReferencePrice(worst.Pool) ?? worst.PriceBefore;
        return scene.Indicate(IndicatorNames.PriceDeviation, worst.Pool, measured, threshold,
            Reason(scene, worst, before));
    }

    private static string Reason(Scene scene, Trade worst, decimal before)
    {
        scene.Index.TryPool(worst.Pool, out var pool);
        var asset = scene.Index.Watch.Pools[pool].Base;
        var change = worst.PriceAfter / before - 1;
        return $"Moved the price of {asset} on {worst.Pool} from {Words.Price(scene.Index.ToUsd(pool, before))} "
            + $"to {Words.Price(scene.Index.ToUsd(pool, worst.PriceAfter))} ({Words.Change(change)}).";
    }
}
