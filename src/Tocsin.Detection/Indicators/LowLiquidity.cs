using Tocsin.Detection.Reading;
using Tocsin.Findings;

namespace Tocsin.Detection.Indicators;

/// <summary>
/// <c>low_liquidity</c>: a trade that the pool is too small for, or liquidity taken out at once. Measured as the part
/// of the reserve paid in by one swap (default 10 %), or the part of both reserves that left without a swap
/// (default 30 %); the one further above its threshold counts.
/// Blind to: one large trade split into many small ones, pools that are not watched, concentrated liquidity.
/// </summary>
internal static class LowLiquidity
{
    public static Indicator? In(Scene scene)
    {
        var (trade, ofReserve) = LargestTrade(scene);
        var (drop, gone) = LargestDrop(scene);
        var thresholds = scene.Thresholds;
        var isTrade = ofReserve >= thresholds.TradeOfReserve;
        var isDrop = gone >= thresholds.LiquidityDrop;
        if (isTrade && (!isDrop || ofReserve / thresholds.TradeOfReserve >= gone / thresholds.LiquidityDrop))
            return scene.Indicate(IndicatorNames.LowLiquidity, trade, ofReserve, thresholds.TradeOfReserve,
                $"One swap paid in {Words.Share(ofReserve)} of what {trade} held.");
        if (isDrop)
            return scene.Indicate(IndicatorNames.LowLiquidity, drop, gone, thresholds.LiquidityDrop,
                $"{Words.Share(gone)} of the liquidity of {drop} was taken out.");
        return null;
    }

    private static (string Pool, decimal Share) LargestTrade(Scene scene)
    {
        var (pool, share) = ("", 0m);
        foreach (var trade in scene.Reading.Trades)
            if (trade.ShareOfReserve > share)
                (pool, share) = (trade.Pool, trade.ShareOfReserve);
        return (pool, share);
    }

    private static (string Pool, decimal Share) LargestDrop(Scene scene)
    {
        var (pool, share) = ("", 0m);
        foreach (var drop in scene.Reading.Drops)
            if (drop.Share > share)
                (pool, share) = (scene.Index.Watch.Pools[drop.Pool].Name, drop.Share);
        return (pool, share);
    }
}
