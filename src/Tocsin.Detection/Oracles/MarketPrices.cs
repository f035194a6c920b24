using Tocsin.Evm.Inputs;

namespace Tocsin.Detection.Oracles;

/// <summary>The last price that a feed told.</summary>
public readonly record struct FeedPrice(string Feed, decimal Usd, DateTimeOffset At);

/// <summary>What the market says an asset is worth: the median of its feeds that are fresh.</summary>
/// <param name="only">The feeds that count; empty for all that price the asset.</param>
internal sealed class MarketPrices(Watch watch, string asset, ValueList<string> only)
{
    private const int FeedsMax = 64;

    // A feed whose own limit is not known counts for so long, as venues of a peg do.
    private static readonly TimeSpan StaleAfter = TimeSpan.FromMinutes(10);

    private readonly List<FeedPrice> feeds = [];

    /// <summary>True where the tick is one of the market's.</summary>
    public bool Take(Arrival arrival, DateTimeOffset now)
    {
        if (arrival is not Arrival.Tick tick || tick.Asset != asset
            || tick.Price is < Amounts.PriceMin or > Amounts.PriceMax
            || (only.Count > 0 && !only.Contains(tick.Feed)))
            return false;
        var place = feeds.FindIndex(known => known.Feed == tick.Feed);
        var price = new FeedPrice(tick.Feed, tick.Price, now);
        if (place >= 0)
            feeds[place] = price;
        else if (feeds.Count < FeedsMax)
            feeds.Add(price);
        return true;
    }

    /// <summary>Null while no feed is fresh. Of an even number the lower of the two in the middle.</summary>
    public decimal? Median(DateTimeOffset now)
    {
        var fresh = feeds.Where(feed => now - feed.At <= StaleAfterOf(feed.Feed) && feed.At <= now)
            .Select(feed => feed.Usd).Order().ToArray();
        return fresh.Length == 0 ? null : fresh[(fresh.Length - 1) / 2];
    }

    public ValueList<FeedPrice> Snapshot() => feeds.ToValueList();

    public void Restore(ValueList<FeedPrice> known)
    {
        feeds.Clear();
        feeds.AddRange(known);
    }

    private TimeSpan StaleAfterOf(string feed)
    {
        foreach (var sense in watch.Senses.Feeds)
            if (sense.Name == feed && sense.Asset == asset)
                return sense.StaleAfter;
        return StaleAfter;
    }
}
