using Tocsin.Detection.Detectors;
using Tocsin.Detection.Monitoring;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;

namespace Tocsin.Detection.Oracles;

/// <summary>Tells while a pool's price stands apart from what the feeds of its base asset say.</summary>
/// <param name="limitOf">From where on a pool is apart at an instant.</param>
internal sealed class FeedGap(
    Watch watch, ValueList<Pool> pools, OracleSpotSettings settings, Func<string, DateTimeOffset, decimal> limitOf)
{
    private const string Kind = "spot-off-feeds";
    private const decimal SureOfMarket = 0.8m;

    private readonly SortedDictionary<string, MarketPrices> feeds = new(
        pools.Select(pool => pool.Base).Distinct().ToDictionary(asset => asset, asset =>
            new MarketPrices(watch, asset, [])), StringComparer.Ordinal);

    private readonly SortedDictionary<string, DateTimeOffset> apart = new(StringComparer.Ordinal);

    public void Take(Arrival arrival, PoolPrices prices, ArrivalScene scene)
    {
        foreach (var market in feeds.Values)
            market.Take(arrival, scene.Now);
        foreach (var pool in pools)
            if (prices.Settled(pool.Name) is { } spot && feeds[pool.Base].Median(scene.Now) is { } median)
                Judge(pool, spot, median, scene);
    }

    public ValueList<AssetFeeds> Feeds() =>
        feeds.Select(one => new AssetFeeds(one.Key, one.Value.Snapshot())).ToValueList();

    public ValueList<ApartSince> Apart() =>
        apart.Select(one => new ApartSince(one.Key, one.Value)).ToValueList();

    public void Restore(ValueList<AssetFeeds> known, ValueList<ApartSince> since)
    {
        foreach (var (asset, prices) in known)
            if (feeds.TryGetValue(asset, out var market))
                market.Restore(prices);
        apart.Clear();
        foreach (var (pool, begin) in since)
            apart[pool] = begin;
    }

    private void Judge(Pool pool, decimal spot, decimal median, ArrivalScene scene)
    {
        var key = new ConditionKey(Kind, pool.Name);
        var far = Amounts.Deviation(spot, median);
        if (far < limitOf(pool.Name, scene.Now))
        {
            apart.Remove(pool.Name);
            scene.Absent(key, $"{pool.Name} and the feeds agree again.", settings.HeldFor);
            return;
        }
        if (!apart.TryGetValue(pool.Name, out var since) || since > scene.Now)
            apart[pool.Name] = since = scene.Now;
        if (scene.Now - since >= settings.HeldFor)
            scene.Present(new Trouble(
                key, Threat.OracleManipulation, Severity.Elevated, SureOfMarket, pool.Name,
                $"{pool.Name} says {Words.Price(spot)} for {pool.Base}, the feeds {Words.Price(median)}: "
                + $"{Words.Share(far)} apart for {Words.Length(scene.Now - since)}. Who reads the price there reads a "
                + "wrong one.")
            {
                Detector = settings.Card.Name,
            });
    }
}
