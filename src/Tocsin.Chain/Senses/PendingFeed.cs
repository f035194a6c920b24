using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using Tocsin.Chains;

namespace Tocsin.Chain.Senses;

/// <summary>
/// The transactions that a node's pool takes in (<c>eth_subscribe newPendingTransactions</c>, with bodies where the
/// node gives them), each with what it would do. Nothing is missed silently: what overflows is counted and said.
/// </summary>
/// <param name="warn">Told of troubles in one sentence each, for the log.</param>
/// <param name="tell">Told in the same way of what is as it should be.</param>
public sealed class PendingFeed(
    Node node,
    PendingOptions options,
    TimeProvider time,
    Action<string>? warn = null,
    Action<string>? tell = null)
{
    /// <summary>Never ends by itself. A slow reader misses transactions, and is told how many.</summary>
    public async IAsyncEnumerable<PendingNotice> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var run = new Run(node, options, time, warn, tell);
        var running = run.WhileAsync(stop.Token);
        try
        {
            await foreach (var notice in run.Notices.ReadAllAsync(cancellationToken))
                yield return notice;
        }
        finally
        {
            await stop.CancelAsync();
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // A transaction, no more than its hash, or neither where the node sent something that cannot be read.
    private readonly record struct Announced(Hash32? Hash, PendingBody? Body);

    private sealed class Run
    {
        private readonly Node node;
        private readonly PendingOptions options;
        private readonly TimeProvider time;
        private readonly Action<string>? warn;
        private readonly Action<string>? tell;
        private readonly PendingSimulation simulation;
        private readonly Pace lookUps;
        private readonly Channel<Announced> queue;
        private readonly Channel<PendingNotice> notices;
        private long overflowed;
        private long unreadable;
        private long gone;
        private bool withBodies = true;

        public Run(
            Node node, PendingOptions options, TimeProvider time, Action<string>? warn, Action<string>? tell)
        {
            (this.node, this.options, this.time, this.warn, this.tell) = (node, options, time, warn, tell);
            simulation = new PendingSimulation(node, options.Traces);
            lookUps = new Pace(options.LookUpsPerSecond, time);
            queue = Channel.CreateBounded<Announced>(
                new BoundedChannelOptions(options.QueueLength) { FullMode = BoundedChannelFullMode.DropOldest },
                _ => Interlocked.Increment(ref overflowed));
            // A reader that does not keep up lets the queue before it overflow, where it is counted.
            notices = Channel.CreateBounded<PendingNotice>(new BoundedChannelOptions(1) { SingleReader = true });
        }

        public ChannelReader<PendingNotice> Notices => notices.Reader;

        public Task WhileAsync(CancellationToken cancellationToken) => Task.WhenAll(
            Enumerable.Range(0, options.Concurrency).Select(_ => LookAsync(cancellationToken))
                .Append(SubscribeAsync(cancellationToken))
                .Select(GuardedAsync));

        // A fault of ours, not of the node: the reader must not wait for ever on a feed that has died.
        private async Task GuardedAsync(Task loop)
        {
            try
            {
                await loop;
            }
            catch (Exception failure)
            {
                notices.Writer.TryComplete(failure);
                throw;
            }
        }

        private async Task SubscribeAsync(CancellationToken cancellationToken)
        {
            var failures = 0;
            while (true)
            {
                NodeException end;
                using (var socket = new SubscriptionSocket(options.WebSocket, Topic, options.ConnectTimeout, time))
                {
                    try
                    {
                        await socket.OpenAsync(cancellationToken);
                        tell?.Invoke($"pending transactions of {socket.Label}: subscribed");
                        while (true)
                        {
                            queue.Writer.TryWrite(await socket.NextAsync(ReadAnnounced, cancellationToken));
                            failures = 0;
                        }
                    }
                    catch (NodeException fault)
                    {
                        end = fault;
                    }
                }
                // Older nodes know no second parameter; hashes must do then.
                withBodies = !(withBodies && end.Fault == NodeFault.Refused);
                if (!withBodies)
                {
                    warn?.Invoke($"{end.Message}; asking for hashes only");
                    continue;
                }
                var wait = options.Reconnect.After(++failures);
                warn?.Invoke($"{end.Message}; next attempt in {wait.TotalSeconds:0.###} s");
                await notices.Writer.WriteAsync(new PendingNotice.Interrupted(end.Message), cancellationToken);
                await Task.Delay(wait, time, cancellationToken);
            }
        }

        private void Topic(Utf8JsonWriter writer)
        {
            writer.WriteStringValue("newPendingTransactions");
            if (withBodies)
                writer.WriteBooleanValue(true);
        }

        // Anyone may make a transaction: one that cannot be read must not end the subscription.
        private static Announced ReadAnnounced(JsonElement announced)
        {
            try
            {
                if (announced.ValueKind == JsonValueKind.String)
                    return new Announced(RpcJson.ToHash(announced, "result"), null);
                var body = PendingBody.Parse(announced);
                return new Announced(body.Transaction.Hash, body);
            }
            catch (RpcFormatException)
            {
                return default;
            }
        }

        private async Task LookAsync(CancellationToken cancellationToken)
        {
            await foreach (var announced in queue.Reader.ReadAllAsync(cancellationToken))
            {
                if (await BodyAsync(announced, cancellationToken) is { } body)
                {
                    var transaction = options.Simulate(body.Transaction)
                        ? await simulation.RunAsync(body, cancellationToken)
                        : body.Transaction;
                    if (options.Keep(transaction))
                        await notices.Writer.WriteAsync(new PendingNotice.Seen(transaction), cancellationToken);
                }
                await SayMissedAsync(cancellationToken);
            }
        }

        private async Task<PendingBody?> BodyAsync(Announced announced, CancellationToken cancellationToken)
        {
            if (announced.Body is { } told)
                return told;
            if (announced.Hash is not { } hash)
            {
                Interlocked.Increment(ref unreadable);
                return null;
            }
            await lookUps.WaitAsync(cancellationToken);
            try
            {
                var body = await node.RequestAsync(
                    "eth_getTransactionByHash",
                    writer => writer.WriteStringValue(hash.ToString()),
                    result => result.ValueKind == JsonValueKind.Null ? null : PendingBody.Parse(result),
                    cancellationToken);
                if (body?.Transaction.Hash == hash)
                    return body;
                Interlocked.Increment(ref gone);
            }
            catch (NodeException)
            {
                Interlocked.Increment(ref unreadable);
            }
            return null;
        }

        private async Task SayMissedAsync(CancellationToken cancellationToken)
        {
            await SayAsync(Interlocked.Exchange(ref overflowed, 0), "more came than could be looked at");
            await SayAsync(Interlocked.Exchange(ref unreadable, 0), "the node gave no readable transaction");
            await SayAsync(Interlocked.Exchange(ref gone, 0), "they had left the pool before they could be read");

            async Task SayAsync(long count, string why)
            {
                if (count > 0)
                    await notices.Writer.WriteAsync(new PendingNotice.Missed(count, why), cancellationToken);
            }
        }
    }

    // Evenly spaced, so that a burst of hashes is no burst of questions.
    private sealed class Pace(int perSecond, TimeProvider time)
    {
        private readonly Lock gate = new();
        private DateTimeOffset next = DateTimeOffset.MinValue;

        public Task WaitAsync(CancellationToken cancellationToken)
        {
            TimeSpan wait;
            lock (gate)
            {
                var now = time.GetUtcNow();
                wait = next > now ? next - now : TimeSpan.Zero;
                next = now + wait + (TimeSpan.FromSeconds(1) / perSecond);
            }
            return wait > TimeSpan.Zero ? Task.Delay(wait, time, cancellationToken) : Task.CompletedTask;
        }
    }
}
