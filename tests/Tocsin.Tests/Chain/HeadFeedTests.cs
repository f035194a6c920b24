using System.Collections.Concurrent;
using Tocsin.Chain;

namespace Tocsin.Tests.Chain;

public sealed class HeadFeedTests
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstReconnect = TimeSpan.FromSeconds(1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_socket_the_head_is_polled_and_told_once()
    {
        await using var run = await Run.StartAsync(socket: false);
        Assert.Equal(1UL, await run.NextAsync());

        var next = run.NextAsync();
        await run.TickAsync();
        run.Node.Chain.Extend(2);
        await run.TickAsync();

        Assert.Equal(3UL, await next);
        Assert.Single(run.Told, text => text.EndsWith("polling every 5 s", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_slow_reader_gets_the_latest_head_only()
    {
        await using var run = await Run.StartAsync(socket: false);
        Assert.Equal(1UL, await run.NextAsync());

        foreach (var _ in (int[])[1, 2, 3])
        {
            run.Node.Chain.Extend(1);
            await run.TickAsync();
        }
        await run.TickAsync();

        Assert.Equal(4UL, await run.NextAsync());
    }

    [Fact]
    public async Task Another_block_at_the_same_height_is_news()
    {
        await using var run = await Run.StartAsync(socket: false);
        Assert.Equal(1UL, await run.NextAsync());

        run.Node.Chain.Reorg(1, 1, "b");
        await run.TickAsync();

        Assert.Equal(1UL, await run.NextAsync());
    }

    [Fact]
    public async Task A_poll_that_fails_is_told_once_and_so_is_its_end()
    {
        await using var run = await Run.StartAsync(socket: false);
        Assert.Equal(1UL, await run.NextAsync());

        run.Node.Script = _ => new Reply("<html>");
        await run.TickAsync();
        await run.TickAsync();
        run.Node.Script = null;
        run.Node.Chain.Extend(1);
        await run.TickAsync();

        Assert.Equal(2UL, await run.NextAsync());
        Assert.Single(run.Told, text => text.Contains("is not one JSON value", StringComparison.Ordinal));
        Assert.Single(run.Told, text => text.EndsWith("the node answers again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_socket_tells_without_polling()
    {
        await using var run = await Run.StartAsync(socket: true);
        Assert.Equal(1UL, await run.NextAsync());
        await run.UntilToldAsync("subscribed");

        await run.Node.PushHeadAsync(run.Node.Chain.Extend(1).Head);
        Assert.Equal(2UL, await run.NextAsync());
        await run.Node.PushHeadAsync(run.Node.Chain.Extend(1).Head);
        Assert.Equal(3UL, await run.NextAsync());
    }

    [Fact]
    public async Task A_lost_socket_is_told_polled_around_and_opened_again()
    {
        await using var run = await Run.StartAsync(socket: true);
        Assert.Equal(1UL, await run.NextAsync());
        await run.UntilToldAsync("subscribed");

        await run.Time.UntilWaitingAsync(Poll);
        run.Node.AcceptsSockets = false;
        run.Node.DropSockets();
        await run.Time.UntilWaitingAsync(FirstReconnect);
        run.Node.Chain.Extend(5);
        run.Time.Advance(FirstReconnect);
        await run.Time.UntilWaitingAsync(2 * FirstReconnect);
        run.Time.Advance(2 * FirstReconnect);
        await run.Time.UntilWaitingAsync(4 * FirstReconnect);
        run.Time.Advance(2 * FirstReconnect);
        Assert.Equal(6UL, await run.NextAsync());

        run.Node.AcceptsSockets = true;
        run.Node.Chain.Extend(1);
        run.Time.Advance(2 * FirstReconnect);
        await run.UntilToldAsync("subscribed");
        Assert.Equal(7UL, await run.NextAsync());
        await run.Node.PushHeadAsync(run.Node.Chain.Extend(1).Head);
        Assert.Equal(8UL, await run.NextAsync());
        Assert.Contains(run.Told, text => text.Contains("was lost", StringComparison.Ordinal));
        Assert.All(run.Routine, text => Assert.EndsWith("subscribed", text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("<html>")]
    [InlineData("""{"jsonrpc":"2.0","method":"eth_subscription","params":{"subscription":"0xcd0c","result":{}}}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"eth_subscription","params":{"subscription":"0x1","result":{}}}""")]
    public async Task A_socket_that_sends_garbage_is_left(string message)
    {
        await using var run = await Run.StartAsync(socket: true);
        Assert.Equal(1UL, await run.NextAsync());
        await run.UntilToldAsync("subscribed");

        await run.Node.PushAsync(message);

        await run.UntilToldAsync("sent something that is no head");
        await run.Time.UntilWaitingAsync(FirstReconnect);
    }

    [Fact]
    public async Task A_message_too_large_is_not_read()
    {
        await using var run = await Run.StartAsync(socket: true);
        Assert.Equal(1UL, await run.NextAsync());
        await run.UntilToldAsync("subscribed");

        await run.Node.PushAsync(new string('[', 300 << 10));

        await run.UntilToldAsync("sent a message of more than 262144 bytes");
    }

    [Fact]
    public async Task A_refused_subscription_is_told_without_our_key()
    {
        await using var run = await Run.StartAsync(socket: true, path: "/KEY4711KEY", script: asked =>
            asked.Method == "eth_subscribe"
                ? new Reply("""{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"not for KEY4711KEY"}}""")
                : null);

        await run.UntilToldAsync("refused the subscription: \"not for …\"");
        Assert.All(run.Told, text => Assert.DoesNotContain("KEY4711KEY", text));
    }

    [Fact]
    public async Task A_socket_that_fell_silent_while_the_chain_goes_on_is_given_up()
    {
        await using var run = await Run.StartAsync(socket: true);
        var start = run.Time.GetUtcNow();
        Assert.Equal(1UL, await run.NextAsync());
        await run.UntilToldAsync("subscribed");

        await run.Node.PushHeadAsync(run.Node.Chain.Extend(1).Head);
        Assert.Equal(2UL, await run.NextAsync());
        while (!run.Told.Any(text => text.Contains("than its subscription tells", StringComparison.Ordinal)))
        {
            run.Node.Chain.Extend(1);
            await run.TickAsync();
        }

        Assert.True(await run.NextAsync() > 2);
        Assert.True(run.Time.GetUtcNow() - start >= TimeSpan.FromSeconds(30));
    }

    private sealed class Run : IAsyncDisposable
    {
        private readonly CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        private readonly SemaphoreSlim told = new(0);
        private IAsyncEnumerator<HeadNotice>? notices;
        private Task<ulong>? pending;
        private bool started;
        private int read;

        public ManualTime Time { get; } = new();

        public required ScriptedNode Node { get; init; }

        public ConcurrentQueue<string> Told { get; } = new();

        /// <summary>What of that is as it should be.</summary>
        public ConcurrentQueue<string> Routine { get; } = new();

        public static async Task<Run> StartAsync(bool socket, string path = "/", Func<Asked, Reply?>? script = null)
        {
            var run = new Run { Node = await ScriptedNode.StartAsync() };
            run.Node.Script = script;
            run.Node.Chain.Extend(1);
            var address = socket ? new Uri(run.Node.SocketAddress, path) : null;
            var feed = new HeadFeed(
                [HeadSource.Of(run.Node.Client(run.Time), address)],
                new HeadFeedOptions { PollInterval = Poll },
                run.Time,
                run.Tell,
                tell: text =>
                {
                    run.Routine.Enqueue(text);
                    run.Tell(text);
                });
            run.notices = feed.ReadAsync(run.stop.Token).GetAsyncEnumerator(run.stop.Token);
            run.pending = run.StepAsync();
            return run;
        }

        public Task<ulong> NextAsync()
        {
            if (started)
                pending = StepAsync();
            started = true;
            return pending!;
        }

        /// <summary>Lets one poll interval pass, and waits until the poller waits for the next.</summary>
        public async Task TickAsync()
        {
            await Time.UntilWaitingAsync(Poll);
            Time.Advance(Poll);
            await Time.UntilWaitingAsync(Poll);
        }

        /// <summary>Reads what is told up to a sentence with that part.</summary>
        public async Task UntilToldAsync(string part)
        {
            do
                await told.WaitAsync(Cancel);
            while (!Told.ElementAt(read++).Contains(part, StringComparison.Ordinal));
        }

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            await ((Task)pending!).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await notices!.DisposeAsync();
            await Node.DisposeAsync();
            told.Dispose();
            stop.Dispose();
        }

        private void Tell(string text)
        {
            Told.Enqueue(text);
            told.Release();
        }

        private async Task<ulong> StepAsync()
        {
            Assert.True(await notices!.MoveNextAsync());
            return notices.Current.Head.Number;
        }
    }
}
