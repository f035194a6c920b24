namespace Tocsin.Detection;

/// <summary>Prices as the engine sees them, for whoever counts money afterwards.</summary>
public static class Prices
{
    /// <summary>
    /// US dollars for one whole unit; null where neither a fixed price nor a pool's reserves give one.
    /// </summary>
    public static decimal? Usd(Watch watch, string asset, ValueList<PoolReserves> pools)
    {
        var index = new WatchIndex(watch);
        var book = new ReserveBook(watch.Pools.Count);
        book.Apply(pools, index);
        for (var i = 0; i < watch.Assets.Count; i++)
            if (watch.Assets[i].Name == asset)
                return index.UsdPrice(i, book);
        return null;
    }
}
