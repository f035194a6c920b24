using Tocsin.Chains;
using Tocsin.Configuration;
using Tocsin.Evm.Inputs;
using Tocsin.Evm.Reads;
using Tocsin.Plans;

namespace Tocsin.Watching;

/// <summary>The price feeds that are contracts: what to read after each block, and the ticks that the answers
/// give.</summary>
internal sealed class OnChainFeeds
{
    private readonly List<Feed> feeds = [];
    private readonly List<PairHistory> histories = [];

    public OnChainFeeds(IEnumerable<FeedSettings> settings, Plan plan)
    {
        var addresses = plan.Protected.Assets.ToDictionary(asset => asset.Name, asset => asset.Address);
        foreach (var feed in settings)
        {
            if (feed is ChainlinkFeedSettings chainlink)
                feeds.Add(Chainlink(chainlink));
            else if (feed is UniswapFeedSettings { Version: 2 } pair)
                feeds.Add(Pair(pair, addresses[pair.Asset]));
            else if (feed is UniswapFeedSettings pool)
                feeds.Add(Pool(pool, addresses[pool.Asset]));
        }
        Reads = feeds.SelectMany(feed => feed.Reads).Distinct().ToValueList();
    }

    public ValueList<StateRead> Reads { get; }

    /// <param name="block">On whose state was read: how old a price is does not depend on us.</param>
    public IEnumerable<Arrival> Arrivals(ReadAnswers answers, BlockTime block, DateTimeOffset arrivedAt) =>
        feeds.Select(feed => feed.Price(answers, block) switch
        {
            PriceReading.Price price => (Arrival)new Arrival.Tick(
                arrivedAt, feed.Name, feed.Asset, price.Value, price.MadeAt ?? block.Time),
            PriceReading.None none => new Arrival.FeedFailed(arrivedAt, feed.Name, none.Why),
            var other => throw new InvalidOperationException($"no price is {other.GetType().Name}"),
        });

    /// <summary>Forgets what was read of blocks above that one: a reorg took them back, or they are taken
    /// again.</summary>
    public void TakeBack(ulong ancestor)
    {
        foreach (var history in histories)
            history.TakeBack(ancestor);
    }

    private static Feed Chainlink(ChainlinkFeedSettings settings)
    {
        var feed = new ChainlinkFeed(settings.Contract, settings.StaleAfter);
        return new Feed(
            settings.Name, settings.Asset, feed.Reads, (answers, block) => feed.PriceIn(answers, block.Time));
    }

    private Feed Pair(UniswapFeedSettings settings, Address priced)
    {
        var pair = new UniswapV2Pair(settings.Contract, priced, settings.Quote);
        if (settings.Twap is not { } window)
            return new Feed(settings.Name, settings.Asset, pair.Reads, (answers, _) => pair.SpotIn(answers));
        var history = new PairHistory(window);
        histories.Add(history);
        return new Feed(settings.Name, settings.Asset, pair.Reads, (answers, block) =>
        {
            if (pair.CounterIn(answers, block.Time) is not { } counter)
                return new PriceReading.None($"pair {settings.Contract} gives no cumulative price");
            return history.Take(block, counter) is { } earlier
                ? UniswapV2Pair.Average(earlier, counter)
                : new PriceReading.None($"pair {settings.Contract} is known for less than a block");
        });
    }

    private static Feed Pool(UniswapFeedSettings settings, Address priced)
    {
        var pool = new UniswapV3Pool(
            settings.Contract, priced, settings.Quote, settings.Twap ?? TimeSpan.FromSeconds(1));
        return new Feed(settings.Name, settings.Asset, pool.Reads, (answers, _) =>
            settings.Twap is null ? pool.SpotIn(answers) : pool.AverageIn(answers));
    }

    private sealed record Feed(
        string Name,
        string Asset,
        ValueList<StateRead> Reads,
        Func<ReadAnswers, BlockTime, PriceReading> Price);
}

/// <summary>A block by its number, and its own time.</summary>
internal readonly record struct BlockTime(ulong Number, DateTimeOffset Time);
