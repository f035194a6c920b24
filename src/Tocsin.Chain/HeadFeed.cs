using System.Runtime.CompilerServices;
using Tocsin.Chains;

namespace Tocsin.Chain;

/// <summary>
/// There may be something new up to this block, or another block at its height. A hint and no more: heads are
/// coalesced, may be stale, and a reorg may already have taken this one back.
/// </summary>
/// <param name="Source">The label of the node that told; empty where nobody in particular did.</param>
public readonly record struct HeadNotice(BlockRef Head, string Source = "");

/// <summary>A node that heads come from.</summary>
/// <param name="Label">How messages name it; without credentials.</param>
/// <param name="HeadAsync">The latest block; throws <see cref="NodeException"/> without a usable answer.</param>
/// <param name="WebSocket">ws or wss; null where the node offers none and polling is all there is.</param>
public sealed record HeadSource(string Label, Func<CancellationToken, Task<BlockRef>> HeadAsync, Uri? WebSocket = null)
{
    public static HeadSource Of(Node node, Uri? webSocket = null) => new(node.Label, node.HeadAsync, webSocket);
}

/// <summary>How long to wait for what.</summary>
public sealed record HeadFeedOptions
{
    /// <summary>Between two questions for the head while no socket tells.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// After this long without a head from an open socket the node is asked anyway: a subscription can die quietly. A
    /// node without a socket is asked this often while the socket of another tells.
    /// </summary>
    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>After this long without a new head from any node the chain is said to stand still.</summary>
    public TimeSpan StandstillLimit { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>For connecting and for the node to confirm the subscription.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Between two attempts to connect.</summary>
    public Backoff Reconnect { get; init; } = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
}

/// <summary>
/// The heads of one or several nodes: by subscription (<c>eth_subscribe newHeads</c>) where there is a socket, by
/// polling while there is none. Polling goes on beside an open socket that has fallen silent. Whatever any of the nodes
/// tells is passed on: the one that is first serves all.
/// </summary>
/// <param name="warn">Told of troubles and their end in one sentence each, for the log.</param>
/// <param name="seen">Told of every head whenever a node has another one than before; one at a time.</param>
/// <param name="tell">Told in the same way of what is as it should be.</param>
public sealed class HeadFeed(
    IReadOnlyList<HeadSource> sources,
    HeadFeedOptions options,
    TimeProvider time,
    Action<string>? warn = null,
    Action<HeadNotice>? seen = null,
    Action<string>? tell = null)
{
    private readonly IReadOnlyList<HeadSource> sources = sources.Count > 0
        ? sources
        : throw new ArgumentException("heads of no node at all", nameof(sources));

    /// <summary>
    /// Begins with the present head and never ends by itself. A reader slower than the chain gets the highest head
    /// only, and the newest of every node that tells a lower one.
    /// </summary>
    public async IAsyncEnumerable<HeadNotice> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var hints = new HeadHints();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = WhileAsync(hints, stop.Token);
        try
        {
            while (await hints.WaitAsync(cancellationToken))
                while (hints.TryTake(out var notice))
                    yield return notice.Value;
        }
        finally
        {
            await stop.CancelAsync();
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // A fault of ours, not of a node: the reader must not wait for ever on a feed that has died.
    private async Task WhileAsync(HeadHints hints, CancellationToken cancellationToken)
    {
        var news = new HeadNews(hints, options.StandstillLimit, time, warn, seen);
        var watches = new List<HeadWatch>();
        foreach (var source in sources)
            watches.Add(new HeadWatch(
                source, options, news, () => watches.Exists(watch => watch.Tells), time, warn, tell));
        await Task.WhenAll(watches.SelectMany(watch => watch.Loops(cancellationToken)).Select(GuardedAsync));

        async Task GuardedAsync(Task loop)
        {
            try
            {
                await loop;
            }
            catch (Exception failure)
            {
                hints.Complete(failure);
                throw;
            }
        }
    }
}
