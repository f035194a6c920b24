using Tocsin.Chains;
using Tocsin.Evm.Inputs;

namespace Tocsin.Chain.Senses;

/// <summary>What the pool of a node told, and what we missed of it.</summary>
public abstract record PendingNotice
{
    private PendingNotice()
    {
    }

    /// <summary>A transaction that passed the filters.</summary>
    public sealed record Seen(PendingTransaction Transaction) : PendingNotice;

    /// <summary>So many transactions were not looked at since this was last said.</summary>
    public sealed record Missed(long Count, string Why) : PendingNotice;

    /// <summary>The subscription is gone; nobody counts what is missed until it is back.</summary>
    public sealed record Interrupted(string Why) : PendingNotice;
}

/// <summary>Where pending transactions come from, which matter, and how much looking at them may cost.</summary>
public sealed record PendingOptions
{
    /// <summary>ws or wss.</summary>
    public required Uri WebSocket { get; init; }

    /// <summary>
    /// Which transactions to ask the outcome of, judged by the transaction alone. By default all: an attack's contract
    /// is new and names nobody in its input.
    /// </summary>
    public Func<PendingTransaction, bool> Simulate { get; init; } = _ => true;

    /// <summary>Which to give out, judged with the outcome.</summary>
    public Func<PendingTransaction, bool> Keep { get; init; } = _ => true;

    /// <summary>Transactions that wait to be looked at. Beyond it the oldest are missed, and counted.</summary>
    public int QueueLength { get; init; } = 1_024;

    /// <summary>Transactions that are looked at together.</summary>
    public int Concurrency { get; init; } = 4;

    /// <summary>How many transactions are asked for by their hash, where the node tells no more than hashes.</summary>
    public int LookUpsPerSecond { get; init; } = 20;

    /// <summary>For connecting and for the node to confirm the subscription.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Between two attempts to connect.</summary>
    public Backoff Reconnect { get; init; } = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));

    /// <summary>The cost of one outcome. Anyone may make a pending transaction, so less than for a block.</summary>
    public TraceOptions Traces { get; init; } = new() { MaximumItems = 50_000, MaximumBytes = 32 << 20 };

    /// <summary>
    /// A filter for <see cref="Keep"/>: the transaction or one of its calls is from, to or written about one of these.
    /// </summary>
    public static Func<PendingTransaction, bool> Touching(IReadOnlySet<Address> watched) => transaction =>
        watched.Contains(transaction.From)
        || (transaction.To is { } callee && watched.Contains(callee))
        || transaction.Outcome?.Frames.Any(frame =>
            watched.Contains(frame.From)
            || (frame.To is { } called && watched.Contains(called))
            || frame.Logs.ToArray().Any(log => watched.Contains(log.Address))) == true;
}
