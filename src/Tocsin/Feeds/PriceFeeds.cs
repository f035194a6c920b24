using Tocsin.Configuration;
using Tocsin.Evm.Inputs;
using Tocsin.Texts;

namespace Tocsin.Feeds;

/// <summary>
/// All feeds that are read from outside the chain. Those on chain are reads that the watch declares for each block.
/// A feed that breaks is told as failing and tried again; the others and the watch go on.
/// </summary>
internal sealed class PriceFeeds : IDisposable
{
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromMinutes(1);

    private readonly HttpClient http = HttpFeed.CreateClient();
    private readonly TocsinConfiguration configuration;
    private readonly TimeProvider time;

    private PriceFeeds(TocsinConfiguration configuration, TimeProvider time) =>
        (this.configuration, this.time) = (configuration, time);

    private delegate ValueTask Take(Arrival arrival, CancellationToken cancellationToken);

    /// <summary>Connects to nothing yet, and reads no secret.</summary>
    public static PriceFeeds Open(TocsinConfiguration configuration, TimeProvider time) => new(configuration, time);

    /// <summary>Reveals what a feed needs, so that a start is refused rather than a feed lost.</summary>
    /// <exception cref="InputException">A reference leads nowhere, or to something that cannot be used.</exception>
    public static void Check(FeedSettings feed, TocsinConfiguration configuration)
    {
        using var feeds = Open(configuration, TimeProvider.System);
        feeds.Loop(feed);
    }

    /// <summary>
    /// Until cancelled, or until something cannot be taken. <paramref name="take"/> is called by several at once.
    /// </summary>
    public Task RunAsync(Func<Arrival, CancellationToken, ValueTask> take, CancellationToken cancellationToken) =>
        Together.RunAsync(
            configuration.Feeds
                .Where(feed => feed is HttpFeedSettings or WebSocketFeedSettings)
                .Select(feed => (Func<CancellationToken, Task>)(stop => KeepAsync(feed, new Take(take), stop))),
            cancellationToken);

    public void Dispose() => http.Dispose();

    private async Task KeepAsync(FeedSettings feed, Take take, CancellationToken stop)
    {
        var isTaken = true;
        while (true)
        {
            try
            {
                await Loop(feed)(TakeAsync, stop);
            }
            // What was heard and could not be recorded is no fault of the feed: the watch begins again from it.
            catch (Exception e) when (isTaken && !stop.IsCancellationRequested)
            {
                var why = e is InputException ? e.Message : $"it cannot be read by a fault of ours, {e.GetType().Name}";
                await take(new Arrival.FeedFailed(time.GetUtcNow(), feed.Name, why), stop);
            }
            await Task.Delay(TryAgainAfter, time, stop);
        }

        async ValueTask TakeAsync(Arrival arrival, CancellationToken cancellationToken)
        {
            isTaken = false;
            await take(arrival, cancellationToken);
            isTaken = true;
        }
    }

    /// <summary>What reads the feed until it is cancelled.</summary>
    private Func<Func<Arrival, CancellationToken, ValueTask>, CancellationToken, Task> Loop(FeedSettings feed)
    {
        switch (feed)
        {
            case HttpFeedSettings asked:
                var url = Addresses.Reveal(asked.Url, configuration, "http", "https");
                return new HttpFeed(asked, url, Reveal(asked.Headers), http, time).RunAsync;
            case WebSocketFeedSettings sent:
                var place = Addresses.Reveal(sent.Url, configuration, "ws", "wss");
                var subscribe = sent.Subscribe is { } text && Secret.IsReference(text)
                    ? new Secret(text).RevealText(configuration.Directory)
                    : sent.Subscribe;
                return new WebSocketFeed(sent, place, subscribe, Reveal(sent.Headers), time).RunAsync;
            default:
                return (_, stop) => Task.Delay(Timeout.InfiniteTimeSpan, time, stop);
        }
    }

    private List<(string, string)> Reveal(ValueList<FeedHeader> headers) =>
        [.. headers.Select(header => (header.Name, Reveal(header.Value)))];

    private string Reveal(string value)
    {
        var revealed = Secret.IsReference(value) ? new Secret(value).Reveal(configuration.Directory) : value;
        return FeedHeader.IsSendable(revealed)
            ? revealed
            : throw new InputException($"'{value}' holds characters that no header can");
    }
}
