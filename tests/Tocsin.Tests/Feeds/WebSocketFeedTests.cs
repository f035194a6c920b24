using System.Net.WebSockets;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Tocsin.Configuration;
using Tocsin.Evm.Inputs;
using Tocsin.Feeds;

namespace Tocsin.Tests.Feeds;

public sealed class WebSocketFeedTests : IAsyncDisposable
{
    private const string Secret = "hunter2hunter2";
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StaleAfter = TimeSpan.FromMinutes(1);

    private readonly ManualTime time = new();
    private readonly CancellationTokenSource stop = new();
    private readonly Channel<Arrival> taken = Channel.CreateUnbounded<Arrival>();
    private readonly Channel<WebSocket> connected = Channel.CreateUnbounded<WebSocket>();
    private readonly List<HttpContext> requests = [];
    private LoopbackServer? server;
    private WebSocketFeed? feed;
    private Task running = Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (server is not null)
            await server.DisposeAsync();
        stop.Dispose();
    }

    [Fact]
    public async Task It_subscribes_and_passes_prices_on()
    {
        var socket = await ConnectAsync();

        await SendAsync(socket, Price("0.9987", 0));

        Assert.Equal(
            new Arrival.Tick(time.GetUtcNow(), "feed", "USDX", 0.9987m, time.GetUtcNow()), await TakeAsync());
        Assert.Equal(Secret, requests[0].Request.Headers["X-Key"]);
    }

    [Fact]
    public async Task Messages_about_other_things_and_older_prices_are_counted_and_nothing_else()
    {
        var socket = await ConnectAsync();
        await SendAsync(socket, """{"event":"subscribed"}""");
        await SendAsync(socket, "pong");
        await socket.SendAsync(new byte[] { 1, 2, 3 }, WebSocketMessageType.Binary, true, Stop);
        await SendAsync(socket, Price("1", 0));
        Assert.IsType<Arrival.Tick>(await TakeAsync());
        await SendAsync(socket, Price("0.5", -1));
        await SendAsync(socket, Price("0.99", 0));
        await NextTurnAsync();

        Assert.Equal(0.99m, Assert.IsType<Arrival.Tick>(await TakeAsync()).Price);
        Assert.Equal(4, feed!.Ignored);
    }

    [Theory]
    [InlineData("\"NaN\"", "NaN")]
    [InlineData("\"-Infinity\"", "infinite")]
    [InlineData("-1", "negative")]
    [InlineData("0", "zero")]
    [InlineData("1e300", "exponent")]
    [InlineData("[]", "neither a number nor a text")]
    public async Task A_price_that_is_none_is_a_failure_in_words(string price, string says)
    {
        var socket = await ConnectAsync();

        await SendAsync(socket, Price(price, 0));

        Assert.Contains(says, Assert.IsType<Arrival.FeedFailed>(await TakeAsync()).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_many_prices_in_one_interval_the_last_counts()
    {
        var socket = await ConnectAsync();
        await SendAsync(socket, Price("1", 0));
        Assert.Equal(1, Assert.IsType<Arrival.Tick>(await TakeAsync()).Price);
        for (var i = 2; i <= 50; i++)
            await SendAsync(socket, Price($"{i}", 0));
        await SendAsync(socket, "{}");
        while (feed!.Ignored == 0)
            await Task.Yield();
        await NextTurnAsync();

        var tick = Assert.IsType<Arrival.Tick>(await TakeAsync());

        Assert.Equal((50m, time.GetUtcNow()), (tick.Price, tick.ArrivedAt));
        Assert.False(taken.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_connection_that_ends_is_told_and_made_again()
    {
        var socket = await ConnectAsync();
        await socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, Secret, Stop);

        await EndsAsync("closed the connection (1001)");

        await SendAsync(await ConnectedAsync(), Price("1", 0));
        Assert.IsType<Arrival.Tick>(await TakeAsync());
    }

    [Fact]
    public async Task A_connection_that_breaks_is_told_and_made_again()
    {
        await ConnectAsync();
        requests[0].Abort();

        await EndsAsync("lost the connection");

        Assert.NotNull(await ConnectedAsync());
    }

    [Fact]
    public async Task A_message_without_end_ends_the_connection()
    {
        var socket = await ConnectAsync();
        var piece = new byte[64 << 10];
        for (var i = 0; i < 5; i++)
            await socket.SendAsync(piece, WebSocketMessageType.Text, endOfMessage: false, Stop);

        await EndsAsync("sent a message of more than 256 KiB");

        Assert.NotNull(await ConnectedAsync());
    }

    [Fact]
    public async Task Of_more_messages_than_can_be_judged_the_newest_counts_and_the_rest_is_counted()
    {
        const int Sent = 300;
        var socket = await ConnectAsync();
        for (var i = 1; i <= WebSocketFeed.JudgedPerSecond; i++)
        {
            await SendAsync(socket, "{}");
            while (feed!.Ignored < i)
                await Task.Yield();
        }
        for (var i = 1; i <= Sent; i++)
            await SendAsync(socket, Price($"{i}", 0));
        // The clock stands still, so no more are judged: 32 wait, one may be in hand, and the rest is dropped.
        while (feed!.Dropped < Sent - 33)
            await Task.Yield();
        await time.UntilWaitingAsync(TimeSpan.FromSeconds(1));
        time.Advance(TimeSpan.FromSeconds(1));

        while (Assert.IsType<Arrival.Tick>(await TakeAsync()).Price < Sent)
            await NextTurnAsync();
        Assert.InRange(feed.Dropped, Sent - 33, Sent - 32);
    }

    [Fact]
    public async Task A_flood_ends_the_connection()
    {
        var socket = await ConnectAsync();
        for (var i = 0; i <= WebSocketFeed.PartsPerSecond; i++)
            await socket.SendAsync(new byte[1], WebSocketMessageType.Binary, endOfMessage: true, Stop);

        await EndsAsync("sent more than 5000 messages or 8 MiB in a second");

        Assert.NotNull(await ConnectedAsync());
    }

    [Fact]
    public async Task A_subscription_that_falls_silent_is_made_again()
    {
        var socket = await ConnectAsync();
        await SendAsync(socket, """{"event":"heartbeat"}""");
        while (feed!.Ignored == 0)
            await Task.Yield();
        time.Advance(StaleAfter);

        await EndsAsync("sent no price for 60 s, and 1 messages of another kind");

        Assert.NotNull(await ConnectedAsync());
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_asked_ever_more_rarely()
    {
        server = await LoopbackServer.StartAsync("not a WebSocket");
        Start();
        foreach (var wait in new[] { 1, 2, 4 })
        {
            await time.UntilWaitingAsync(TimeSpan.FromSeconds(wait));
            time.Advance(TimeSpan.FromSeconds(wait));
        }
        Assert.Contains(
            "could not be connected to",
            Assert.IsType<Arrival.FeedFailed>(await TakeAsync()).Why, StringComparison.Ordinal);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static Task SendAsync(WebSocket socket, string text) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, Stop);

    private string Price(string price, int secondsFromNow) =>
        $$"""{"p":{{price}},"t":{{time.GetUtcNow().ToUnixTimeSeconds() + secondsFromNow}}}""";

    private async Task<Arrival> TakeAsync() => await taken.Reader.ReadAsync(Stop);

    private async Task EndsAsync(string why)
    {
        var failed = Assert.IsType<Arrival.FeedFailed>(await TakeAsync());
        Assert.Contains(why, failed.Why, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, failed.Why, StringComparison.Ordinal);
        // Both the next connection and the next turn to pass something on.
        await time.UntilWaitingAsync(TimeSpan.FromSeconds(1));
        await NextTurnAsync();
    }

    private async Task NextTurnAsync()
    {
        await time.UntilWaitingAsync(Every);
        time.Advance(Every);
    }

    private async Task<WebSocket> ConnectAsync()
    {
        server = await LoopbackServer.StartAsync(async context =>
        {
            requests.Add(context);
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            await connected.Writer.WriteAsync(socket);
            await Task.Delay(Timeout.Infinite, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        Start();
        return await ConnectedAsync();
    }

    private async Task<WebSocket> ConnectedAsync()
    {
        var socket = await connected.Reader.ReadAsync(Stop);
        var buffer = new byte[100];
        var message = await socket.ReceiveAsync(buffer, Stop);
        Assert.Equal("""{"op":"subscribe"}""", Encoding.UTF8.GetString(buffer, 0, message.Count));
        return socket;
    }

    private void Start()
    {
        var message = new PriceMessage(JsonPath.Parse("$.p", out _)!, JsonPath.Parse("$.t", out _));
        var settings = new WebSocketFeedSettings(
            "feed", "USDX", StaleAfter, default, "env:URL", null, message, Every, []);
        var address = new Uri(server!.WebSocketAddress, $"?key={Secret}");
        feed = new WebSocketFeed(settings, address, """{"op":"subscribe"}""", [("X-Key", Secret)], time);
        running = feed.RunAsync(taken.Writer.WriteAsync, stop.Token);
    }
}
