using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Tocsin.Chains;

namespace Tocsin.Chain;

/// <summary>
/// There may be something new up to this block, or another block at its height. A hint and no more: heads are
/// coalesced, may be stale, and a reorg may already have taken this one back.
/// </summary>
public readonly record struct HeadNotice(BlockRef Head);

/// <summary>Where heads come from, and how long to wait for what.</summary>
public sealed record HeadFeedOptions
{
    /// <summary>ws or wss; null where the node offers none and polling is all there is.</summary>
    public Uri? WebSocket { get; init; }

    /// <summary>Between two questions for the head while no socket tells.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// After this long without a head from an open socket the node is asked anyway: a subscription can die quietly.
    /// </summary>
    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For connecting and for the node to confirm the subscription.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Between two attempts to connect.</summary>
    public Backoff Reconnect { get; init; } = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
}

/// <summary>
/// The heads of a node: by subscription (<c>eth_subscribe newHeads</c>) where there is a socket, by polling while there
/// is none. Polling goes on beside an open socket that has fallen silent.
/// </summary>
/// <param name="tell">Told of changes of state in one sentence each, for the log.</param>
public sealed class HeadFeed(Node node, HeadFeedOptions options, TimeProvider time, Action<string>? tell = null)
{
    /// <summary>
    /// Begins with the present head and never ends by itself. A reader slower than the chain gets the latest head only.
    /// </summary>
    public async IAsyncEnumerable<HeadNotice> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var latest = Channel.CreateBounded<HeadNotice>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var run = new Run(node, options, time, tell, latest.Writer);
        var running = run.WhileAsync(stop.Token);
        try
        {
            await foreach (var notice in latest.Reader.ReadAllAsync(cancellationToken))
                yield return notice;
        }
        finally
        {
            await stop.CancelAsync();
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // What one reader's feed remembers. Poller and socket run beside each other; the gate covers what they share.
    private sealed class Run(
        Node node, HeadFeedOptions options, TimeProvider time, Action<string>? tell, ChannelWriter<HeadNotice> heads)
    {
        private readonly Lock gate = new();
        private BlockRef? told;
        private HeadSocket? open;
        private long lastSocketHead;
        private bool pollFails;

        public Task WhileAsync(CancellationToken cancellationToken)
        {
            var poll = GuardedAsync(PollAsync(cancellationToken));
            if (options.WebSocket is { } address)
                return Task.WhenAll(poll, GuardedAsync(SubscribeAsync(address, cancellationToken)));
            tell?.Invoke($"heads of {node.Label}: polling every {options.PollInterval.TotalSeconds:0.###} s");
            return poll;
        }

        // A fault of ours, not of the node: the reader must not wait for ever on a feed that has died.
        private async Task GuardedAsync(Task loop)
        {
            try
            {
                await loop;
            }
            catch (Exception failure)
            {
                heads.TryComplete(failure);
                throw;
            }
        }

        private async Task PollAsync(CancellationToken cancellationToken)
        {
            var suspect = default(HeadSocket);
            while (true)
            {
                var silent = Silent();
                // One tick of grace: on a quiet chain the answer may merely have overtaken the subscription.
                if (silent is not null && silent == suspect)
                    silent.GiveUp("the node has newer blocks than its subscription tells");
                var news = (silent is not null || !IsOpen()) && await AskAsync(cancellationToken);
                suspect = news ? silent : null;
                await Task.Delay(options.PollInterval, time, cancellationToken);
            }
        }

        // True where the answer was news.
        private async Task<bool> AskAsync(CancellationToken cancellationToken)
        {
            try
            {
                var before = Told();
                var news = NoticeUnlessOvertaken(await node.HeadAsync(cancellationToken), before);
                if (pollFails)
                    tell?.Invoke($"heads of {node.Label}: the node answers again");
                pollFails = false;
                return news;
            }
            catch (NodeException fault)
            {
                if (!pollFails)
                    tell?.Invoke($"heads of {node.Label}: {fault.Message}");
                pollFails = true;
                return false;
            }
        }

        private async Task SubscribeAsync(Uri address, CancellationToken cancellationToken)
        {
            var failures = 0;
            while (true)
            {
                string reason;
                using (var socket = new HeadSocket(address, options.ConnectTimeout, time))
                {
                    try
                    {
                        await socket.OpenAsync(cancellationToken);
                        SetOpen(socket);
                        tell?.Invoke($"heads of {socket.Label}: subscribed");
                        // What came between the last poll and the subscription would otherwise wait for the next head.
                        await AskAsync(cancellationToken);
                        while (true)
                        {
                            NoticeFromSocket(await socket.NextAsync(cancellationToken));
                            failures = 0;
                        }
                    }
                    catch (NodeException fault)
                    {
                        reason = fault.Message;
                    }
                    finally
                    {
                        SetOpen(null);
                    }
                }
                var wait = options.Reconnect.After(++failures);
                tell?.Invoke($"{reason}; polling meanwhile, next attempt in {wait.TotalSeconds:0.###} s");
                await Task.Delay(wait, time, cancellationToken);
            }
        }

        private BlockRef? Told()
        {
            lock (gate)
                return told;
        }

        // A head that the socket told while the node was answering is newer than an answer that is no higher.
        private bool NoticeUnlessOvertaken(BlockRef head, BlockRef? before)
        {
            lock (gate)
            {
                var overtaken = told != before && told is { } since && head.Number <= since.Number;
                return !overtaken && Notice(head);
            }
        }

        private bool Notice(BlockRef head)
        {
            lock (gate)
            {
                if (told == head)
                    return false;
                told = head;
                heads.TryWrite(new HeadNotice(head));
                return true;
            }
        }

        private void NoticeFromSocket(BlockRef head)
        {
            lock (gate)
                lastSocketHead = time.GetTimestamp();
            Notice(head);
        }

        private void SetOpen(HeadSocket? socket)
        {
            lock (gate)
            {
                open = socket;
                lastSocketHead = time.GetTimestamp();
            }
        }

        private bool IsOpen()
        {
            lock (gate)
                return open is not null;
        }

        // The open socket, where it has said nothing for too long.
        private HeadSocket? Silent()
        {
            lock (gate)
                return time.GetElapsedTime(lastSocketHead) >= options.SilenceLimit ? open : null;
        }
    }
}
