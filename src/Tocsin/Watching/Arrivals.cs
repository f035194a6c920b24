using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Tocsin.Chain;
using Tocsin.Evm.Inputs;

namespace Tocsin.Watching;

/// <summary>
/// What reaches us from beside the blocks and cannot wait for its turn: heads that nodes announce, what is wrong with
/// nodes, and beats. Of heads only each node's newest waits, so that a node which announces without end takes nobody's
/// place; the rest is kept in order until the engine takes it, and what is more than that holds is counted and told.
/// </summary>
internal sealed class Arrivals(TimeProvider time, ILogger<Arrivals> logger)
{
    private const int Capacity = 8192;

    /// <summary>Heads are given to the engine, and recorded, no more often than this.</summary>
    public static readonly TimeSpan HeadsEvery = TimeSpan.FromMilliseconds(100);

    private readonly Channel<Arrival> waiting = System.Threading.Channels.Channel.CreateBounded<Arrival>(
        new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });

    private readonly ConcurrentDictionary<(string Node, NodeSymptom Symptom), bool> symptoms = [];
    private readonly ConcurrentDictionary<string, ulong> heads = [];
    private readonly ConcurrentDictionary<string, Arrival.HeadSeen> newest = [];
    private readonly Channel<bool> news = System.Threading.Channels.Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private long lost;

    /// <summary>What every node that was heard has by its own last word: one that makes heads up does not raise
    /// it.</summary>
    public ulong CommonHead => heads.IsEmpty ? 0 : heads.Values.Min();

    /// <summary>Offers what is known of nodes to whoever reads the meter.</summary>
    public void Measure(Meter meter)
    {
        meter.CreateObservableGauge(
            "tocsin.node.symptom",
            () => symptoms.Select(pair => new Measurement<int>(
                pair.Value ? 1 : 0,
                new KeyValuePair<string, object?>("node", pair.Key.Node),
                new KeyValuePair<string, object?>("symptom", pair.Key.Symptom.ToString()))),
            description: "1 while a node has that symptom");
        meter.CreateObservableGauge(
            "tocsin.node.head",
            () => heads.Select(pair => new Measurement<long>(
                (long)pair.Value, new KeyValuePair<string, object?>("node", pair.Key))),
            description: "The head that a node announced last");
        meter.CreateObservableCounter(
            "tocsin.watch.inputs.lost", () => Interlocked.Read(ref lost), description: "Inputs that were lost");
    }

    public void Hear(HeadNotice notice)
    {
        heads[notice.Source] = notice.Head.Number;
        newest[notice.Source] = new Arrival.HeadSeen(time.GetUtcNow(), notice.Head);
        news.Writer.TryWrite(true);
    }

    public void Hear(NodeNotice notice)
    {
        symptoms[(notice.Node, notice.Symptom)] = notice.Present;
        if (notice.Present)
            logger.LogWarning("{Node}: {Symptom}: {Words}", notice.Node, notice.Symptom, notice.Words);
        else
            logger.LogInformation("{Node}: no longer {Symptom}: {Words}", notice.Node, notice.Symptom, notice.Words);
        Put(new Arrival.NodeTold(notice.At, notice.Node, notice.Symptom, notice.Present, notice.Words));
    }

    public void Put(Arrival arrival)
    {
        if (waiting.Writer.TryWrite(arrival))
            return;
        if (Interlocked.Increment(ref lost) is var count && (count == 1 || count % 1000 == 0))
            logger.LogError("{Count} inputs were lost: the watch does not keep up", count);
    }

    /// <summary>Gives everything but heads to the engine until cancelled.</summary>
    public async Task PumpAsync(
        Func<Arrival, CancellationToken, ValueTask> take, CancellationToken cancellationToken)
    {
        while (await waiting.Reader.WaitToReadAsync(cancellationToken))
        {
            // It leaves the queue once it was taken: whoever told it does not tell it again.
            while (waiting.Reader.TryPeek(out var arrival))
            {
                await take(arrival, cancellationToken);
                waiting.Reader.TryRead(out _);
            }
        }
    }

    /// <summary>Gives each node's newest head to the engine until cancelled.</summary>
    public async Task PumpHeadsAsync(
        Func<Arrival, CancellationToken, ValueTask> take, CancellationToken cancellationToken)
    {
        await foreach (var _ in news.Reader.ReadAllAsync(cancellationToken))
        {
            foreach (var source in newest.Keys)
                if (newest.TryRemove(source, out var head))
                    await take(head, cancellationToken);
            await Task.Delay(HeadsEvery, time, cancellationToken);
        }
    }
}
