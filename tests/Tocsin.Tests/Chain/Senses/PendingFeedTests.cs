using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tocsin.Chain.Senses;
using Tocsin.Chains;
using Tocsin.Evm.Inputs;

namespace Tocsin.Tests.Chain.Senses;

public sealed class PendingFeedTests
{
    private const string Alice = "0x00000000000000000000000000000000000a11ce";
    private const string Bob = "0x0000000000000000000000000000000000000b0b";
    private const string Vault = "0x0000000000000000000000000000000000007a07";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_transaction_comes_with_what_it_would_do_on_the_pending_state()
    {
        await using var run = await Run.StartAsync(pool => pool.Script = Scripted(trace: _ => Frame(Vault)));
        await run.TellAsync(Body(1));

        var transaction = await run.SeenAsync();

        Assert.Equal((Hash(1), 5UL, (UInt256)7), (transaction.Hash, transaction.Nonce, transaction.ValueWei));
        Assert.Equal([0, 1], transaction.Outcome!.Frames.Select(frame => frame.Depth));
        Assert.Equal(Hash(1), transaction.Outcome.Transaction);
        Assert.Null(transaction.OutcomeMissing);
        Assert.Contains(run.Pool.Requests, asked => asked == "eth_subscribe [\"newPendingTransactions\",true]");
        Assert.Contains(run.Pool.Requests, asked =>
            asked.StartsWith("debug_traceCall", StringComparison.Ordinal)
                && asked.Contains("\"pending\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_node_without_a_pending_state_is_asked_about_the_latest_and_only_once_in_vain()
    {
        await using var run = await Run.StartAsync(pool => pool.Script = Scripted(trace: tag => tag == "latest"
            ? Frame(Vault)
            : throw new InvalidOperationException("tracing on top of pending is not supported")));
        await run.TellAsync(Body(1));
        Assert.NotNull((await run.SeenAsync()).Outcome);
        await run.TellAsync(Body(2));
        Assert.NotNull((await run.SeenAsync()).Outcome);

        Assert.Single(run.Pool.Requests, asked => asked.Contains("\"pending\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_node_without_tracers_is_asked_to_simulate()
    {
        var log = new JsonObject
        {
            ["address"] = Vault,
            ["topics"] = new JsonArray(Hash(9).ToString()),
            ["data"] = "0x01",
        };
        await using var run = await Run.StartAsync(pool => pool.Script = Scripted(simulation: () => new JsonArray(
            new JsonObject
            {
                ["calls"] = new JsonArray(new JsonObject
                {
                    ["status"] = "0x1",
                    ["returnData"] = "0x02",
                    ["logs"] = new JsonArray(log.DeepClone()),
                }),
            })));
        await run.TellAsync(Body(1));

        var outcome = (await run.SeenAsync()).Outcome!;

        Assert.Equal(Address.Parse(Vault), Assert.Single(Assert.Single(outcome.Frames).Logs.ToArray()).Address);
    }

    [Fact]
    public async Task A_node_that_cannot_say_leaves_the_transaction_without_outcome()
    {
        await using var run = await Run.StartAsync(pool => pool.Script = Scripted());
        await run.TellAsync(Body(1));

        var transaction = await run.SeenAsync();

        Assert.Null(transaction.Outcome);
        Assert.Contains("knows no way to say", transaction.OutcomeMissing, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_of_one_transaction_says_why_and_the_next_is_asked_again()
    {
        var refuse = true;
        await using var run = await Run.StartAsync(pool => pool.Script = Scripted(trace: _ => refuse
            ? throw new InvalidOperationException("insufficient funds for transfer")
            : Frame(Vault)));
        await run.TellAsync(Body(1));
        Assert.Contains("insufficient funds", (await run.SeenAsync()).OutcomeMissing, StringComparison.Ordinal);
        refuse = false;
        await run.TellAsync(Body(2));

        Assert.NotNull((await run.SeenAsync()).Outcome);
    }

    [Fact]
    public async Task Only_hashes_are_looked_up_and_what_has_left_the_pool_is_counted()
    {
        await using var run = await Run.StartAsync(pool => pool.Script = Scripted(
            bodies: false,
            lookUp: hash => hash == Hash(1).ToString() ? Body(1) : null,
            trace: _ => Frame(Vault)));
        await run.TellAsync(Hash(1).ToString());
        Assert.Equal(Hash(1), (await run.SeenAsync()).Hash);
        Assert.Contains(run.Told, text => text.EndsWith("asking for hashes only", StringComparison.Ordinal));

        await run.TellAsync(Hash(2).ToString());

        // The second look-up waits its turn.
        await run.Time.UntilWaitingAsync(TimeSpan.FromMilliseconds(50));
        run.Time.Advance(TimeSpan.FromMilliseconds(50));
        var missed = Assert.IsType<PendingNotice.Missed>(await run.NextAsync());
        Assert.Equal(1, missed.Count);
        Assert.Contains("left the pool", missed.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_read_is_counted_and_ends_nothing()
    {
        await using var run = await Run.StartAsync(pool => pool.Script = Scripted(trace: _ => Frame(Vault)));
        await run.TellAsync(new JsonObject { ["hash"] = "0x01" });
        Assert.Equal(1, Assert.IsType<PendingNotice.Missed>(await run.NextAsync()).Count);
        await run.TellAsync(Body(1));

        Assert.Equal(Hash(1), (await run.SeenAsync()).Hash);
    }

    [Fact]
    public async Task What_overflows_is_the_oldest_and_is_counted()
    {
        var asked = new TaskCompletionSource();
        var answer = new TaskCompletionSource<JsonNode?>();
        await using var run = await Run.StartAsync(
            pool =>
            {
                var scripted = Scripted(trace: _ => Frame(Vault));
                pool.Script = (method, parameters) =>
                {
                    if (method != "debug_traceCall" || !asked.TrySetResult())
                        return scripted(method, parameters);
                    return answer.Task;
                };
            },
            options => options with { QueueLength = 2, Concurrency = 1 });
        await run.TellAsync(Body(1));
        await asked.Task;
        for (var number = 2; number <= 7; number++)
            await run.TellAsync(Body(number));
        // A socket that ends has been read to its end.
        await run.Socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Cancel);
        await run.UntilToldAsync("was closed by the node");
        answer.SetResult(Frame(Vault));

        var notices = new List<PendingNotice>();
        while (notices is not [.., PendingNotice.Seen { Transaction.Hash: var last }] || last != Hash(7))
            notices.Add(await run.NextAsync());
        Assert.Equal(
            [Hash(1), Hash(6), Hash(7)],
            notices.OfType<PendingNotice.Seen>().Select(notice => notice.Transaction.Hash));
        Assert.Equal(
            new PendingNotice.Missed(4, "more came than could be looked at"),
            Assert.Single(notices.OfType<PendingNotice.Missed>()));
    }

    [Fact]
    public async Task Filters_spare_the_node_and_the_reader()
    {
        var watched = new HashSet<Address> { Address.Parse(Vault) };
        await using var run = await Run.StartAsync(
            pool => pool.Script = Scripted(trace: tag => Frame(Vault)),
            options => options with
            {
                Simulate = transaction => transaction.Hash != Hash(1),
                Keep = PendingOptions.Touching(watched),
            });
        await run.TellAsync(Body(1));
        await run.TellAsync(Body(2));

        Assert.Equal(Hash(2), (await run.SeenAsync()).Hash);
        Assert.Single(run.Pool.Requests, asked => asked.StartsWith("debug_traceCall", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_lost_subscription_is_said_and_opened_again()
    {
        await using var run = await Run.StartAsync(pool => pool.Script = Scripted(trace: _ => Frame(Vault)));
        await run.UntilToldAsync("subscribed");
        run.Socket.Abort();

        var interrupted = Assert.IsType<PendingNotice.Interrupted>(await run.NextAsync());
        Assert.Contains("was lost", interrupted.Why, StringComparison.Ordinal);
        await run.Time.UntilWaitingAsync(TimeSpan.FromSeconds(1));
        run.Time.Advance(TimeSpan.FromSeconds(1));
        await run.SubscribeAsync();
        await run.TellAsync(Body(1));

        Assert.Equal(Hash(1), (await run.SeenAsync()).Hash);
    }

    private static Func<string, JsonElement, Task<JsonNode?>> Scripted(
        bool bodies = true,
        Func<string, JsonNode?>? trace = null,
        Func<JsonNode>? simulation = null,
        Func<string, JsonNode?>? lookUp = null) => (method, parameters) => Task.FromResult(method switch
        {
            "eth_subscribe" when parameters.GetArrayLength() == 1 || bodies => "0x1",
            "eth_subscribe" => throw new InvalidOperationException("too many arguments, want at most 1"),
            "debug_traceCall" => trace?.Invoke(parameters[1].GetString()!),
            "eth_simulateV1" => simulation?.Invoke(),
            "eth_getTransactionByHash" => lookUp?.Invoke(parameters[0].GetString()!)
                ?? PoolNode.Null,
            _ => null,
        });

    private static JsonObject Body(int number) => new()
    {
        ["hash"] = Hash(number).ToString(),
        ["from"] = Alice,
        ["to"] = Bob,
        ["nonce"] = "0x5",
        ["value"] = "0x7",
        ["input"] = "0x12345678",
        ["gas"] = "0x5208",
        ["blockHash"] = null,
    };

    private static JsonObject Frame(string called) => new()
    {
        ["type"] = "CALL",
        ["from"] = Alice,
        ["to"] = Bob,
        ["calls"] = new JsonArray(new JsonObject { ["type"] = "CALL", ["from"] = Bob, ["to"] = called }),
    };

    private static Hash32 Hash(int number) => new([.. new byte[31], (byte)number]);

    private sealed class Run : IAsyncDisposable
    {
        private readonly CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        private readonly SemaphoreSlim told = new(0);
        private IAsyncEnumerator<PendingNotice> notices = null!;
        private Task<bool>? pending;

        public required PoolNode Pool { get; init; }

        public WebSocket Socket { get; private set; } = null!;

        public ManualTime Time { get; } = new();

        public ConcurrentQueue<string> Told { get; } = new();

        public static async Task<Run> StartAsync(
            Action<PoolNode> script, Func<PendingOptions, PendingOptions>? change = null)
        {
            var run = new Run { Pool = await PoolNode.StartAsync() };
            script(run.Pool);
            var options = new PendingOptions { WebSocket = run.Pool.SocketAddress };
            var feed = new PendingFeed(
                run.Pool.Client(), change?.Invoke(options) ?? options, run.Time, run.Tell, run.Tell);
            run.notices = feed.ReadAsync(run.stop.Token).GetAsyncEnumerator();
            run.pending = run.notices.MoveNextAsync().AsTask();
            await run.SubscribeAsync();
            return run;
        }

        public async Task SubscribeAsync() => Socket = await Pool.SubscribedAsync();

        public Task TellAsync(JsonNode announced) => PoolNode.TellAsync(Socket, announced);

        public async Task<PendingNotice> NextAsync()
        {
            Assert.True(await (pending ?? notices.MoveNextAsync().AsTask()));
            pending = null;
            return notices.Current;
        }

        public async Task<PendingTransaction> SeenAsync() =>
            Assert.IsType<PendingNotice.Seen>(await NextAsync()).Transaction;

        public async Task UntilToldAsync(string what)
        {
            while (!Told.Any(text => text.Contains(what, StringComparison.Ordinal)))
                await told.WaitAsync(Cancel);
        }

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            try
            {
                while (await (pending ?? notices.MoveNextAsync().AsTask()))
                    pending = null;
            }
            catch (OperationCanceledException)
            {
                // The feed has no end of its own.
            }
            await notices.DisposeAsync();
            await Pool.DisposeAsync();
            stop.Dispose();
            told.Dispose();
        }

        private void Tell(string text)
        {
            Told.Enqueue(text);
            told.Release();
        }
    }
}
