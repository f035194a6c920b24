using System.Collections.Concurrent;
using System.Net;

namespace Tocsin.Demo.Scenarios;

/// <summary>The exchanges of the demo: over real HTTP on this machine, each tells the price it was given.</summary>
internal sealed class PriceBoard : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentDictionary<string, decimal> prices = new();

    private PriceBoard(WebApplication app) => this.app = app;

    public static async Task<PriceBoard> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var board = new PriceBoard(builder.Build());
        board.app.MapGet("/{venue}", (string venue) =>
            board.prices.TryGetValue(venue, out var price) ? Results.Json(new { price }) : Results.NotFound());
        await board.app.StartAsync(cancellationToken);
        return board;
    }

    /// <summary>Where a venue tells its price, as <c>{"price":1.00}</c>.</summary>
    public Uri UrlOf(string venue) => new($"{app.Urls.First()}/{venue}");

    public void Set(string venue, decimal price) => prices[venue] = price;

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
