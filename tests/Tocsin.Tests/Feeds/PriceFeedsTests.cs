using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Tocsin.Evm.Inputs;
using Tocsin.Feeds;
using Tocsin.Tests.Configuration;

namespace Tocsin.Tests.Feeds;

public sealed class PriceFeedsTests : IAsyncDisposable
{
    private readonly ConfigurationFolder folder = new();
    private readonly ManualTime time = new();
    private readonly CancellationTokenSource stop = new();
    private readonly Channel<Arrival> taken = Channel.CreateUnbounded<Arrival>();

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        stop.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task A_feed_that_breaks_stops_neither_the_others_nor_the_watch()
    {
        await using var server = await LoopbackServer.StartAsync(context =>
            context.Response.WriteAsync(context.Request.Headers["X-Key"] == "good" ? """{"p":2}""" : """{"p":1}"""));
        folder.Write("key", "hunter2\nX-Other: hunter2");
        using var feeds = PriceFeeds.Open(folder.Load($$"""
            feeds:
              broken: { kind: http, asset: A, stale_after: 1m, price: $.p, url: "{{server.Address}}",
                  headers: { X-Key: file:key } }
              sound: { kind: http, asset: B, stale_after: 1m, price: $.p, url: "{{server.Address}}" }
            """), time);

        var running = feeds.RunAsync(taken.Writer.WriteAsync, stop.Token);
        var first = new[] { await TakeAsync(), await TakeAsync() };

        Assert.Equal(1, Assert.Single(first.OfType<Arrival.Tick>()).Price);
        var failed = Assert.Single(first.OfType<Arrival.FeedFailed>());
        Assert.Equal("broken", failed.Feed);
        Assert.Contains("'file:key' holds a line break", failed.Why, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", failed.Why, StringComparison.Ordinal);
        Assert.False(running.IsCompleted);

        folder.Write("key", "good");
        await time.UntilWaitingAsync(TimeSpan.FromMinutes(1));
        await time.UntilWaitingAsync(TimeSpan.FromSeconds(10));
        time.Advance(TimeSpan.FromMinutes(1));
        while (await TakeAsync() is not Arrival.Tick { Feed: "broken", Price: 2 })
        {
        }
    }

    [Fact]
    public async Task What_cannot_be_recorded_ends_them_all()
    {
        await using var server = await LoopbackServer.StartAsync("""{"p":1}""");
        using var feeds = PriceFeeds.Open(folder.Load($$"""
            feeds:
              sound: { kind: http, asset: B, stale_after: 1m, price: $.p, url: "{{server.Address}}" }
            """), time);

        await Assert.ThrowsAsync<IOException>(() => feeds.RunAsync((_, _) => throw new IOException(), stop.Token));
    }

    private async Task<Arrival> TakeAsync() => await taken.Reader.ReadAsync(TestContext.Current.CancellationToken);
}
