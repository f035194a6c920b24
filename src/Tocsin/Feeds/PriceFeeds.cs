using Tocsin.Configuration;
using Tocsin.Evm.Inputs;
using Tocsin.Texts;

namespace Tocsin.Feeds;

/// <summary>
/// All feeds that are read from outside the chain. Those on chain are reads that the watch declares for each block.
/// </summary>
internal sealed class PriceFeeds : IDisposable
{
    private readonly HttpClient http = HttpFeed.CreateClient();
    private readonly List<Func<Func<Arrival, CancellationToken, ValueTask>, CancellationToken, Task>> loops = [];

    private PriceFeeds()
    {
    }

    /// <summary>Reveals what the feeds need, and connects to nothing yet.</summary>
    /// <exception cref="InputException">A reference leads nowhere, or to something that cannot be used.</exception>
    public static PriceFeeds Open(TocsinConfiguration configuration, TimeProvider time)
    {
        var feeds = new PriceFeeds();
        foreach (var feed in configuration.Feeds)
        {
            if (feed is HttpFeedSettings asked)
            {
                var url = Addresses.Reveal(asked.Url, configuration, "http", "https");
                feeds.loops.Add(new HttpFeed(asked, url, Reveal(asked.Headers, configuration), feeds.http, time)
                    .RunAsync);
            }
            else if (feed is WebSocketFeedSettings sent)
            {
                var url = Addresses.Reveal(sent.Url, configuration, "ws", "wss");
                var subscribe = sent.Subscribe is { } text && Secret.IsReference(text)
                    ? new Secret(text).Reveal(configuration.Directory)
                    : sent.Subscribe;
                feeds.loops.Add(new WebSocketFeed(sent, url, subscribe, Reveal(sent.Headers, configuration), time)
                    .RunAsync);
            }
        }
        return feeds;
    }

    /// <summary>Until cancelled. <paramref name="take"/> is called by several at once.</summary>
    public Task RunAsync(Func<Arrival, CancellationToken, ValueTask> take, CancellationToken cancellationToken) =>
        Together.RunAsync(
            loops.Select(loop => (Func<CancellationToken, Task>)(stop => loop(take, stop))), cancellationToken);

    public void Dispose() => http.Dispose();

    private static List<(string, string)> Reveal(ValueList<FeedHeader> headers, TocsinConfiguration configuration) =>
        [.. headers.Select(header => (header.Name, Reveal(header.Value, configuration)))];

    private static string Reveal(string value, TocsinConfiguration configuration)
    {
        var revealed = Secret.IsReference(value) ? new Secret(value).Reveal(configuration.Directory) : value;
        // A line break would begin another header.
        return revealed.All(c => c is >= ' ' and <= '~')
            ? revealed
            : throw new InputException($"'{value}' holds characters that no header can");
    }
}
