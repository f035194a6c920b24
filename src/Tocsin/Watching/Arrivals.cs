using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Tocsin.Chain;
using Tocsin.Evm.Inputs;

namespace Tocsin.Watching;

/// <summary>
/// What reaches us from beside the blocks and cannot wait for its turn: heads that nodes announce, and what is wrong
/// with nodes. Kept in order until the engine takes it; what is more than that holds is counted and told.
/// </summary>
internal sealed class Arrivals(TimeProvider time, ILogger<Arrivals> logger)
{
    private const int Capacity = 8192;

    private readonly Channel<Arrival> waiting = System.Threading.Channels.Channel.CreateBounded<Arrival>(
        new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });

    private readonly ConcurrentDictionary<(string Node, NodeSymptom Symptom), bool> symptoms = [];
    private readonly ConcurrentDictionary<string, ulong> heads = [];
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
            "tocsin.chain.head", () => (long)CommonHead, description: "The head that all nodes heard announced");
        meter.CreateObservableCounter(
            "tocsin.watch.inputs.lost", () => Interlocked.Read(ref lost), description: "Inputs that were lost");
    }

    public void Hear(HeadNotice notice)
    {
        heads[notice.Source] = notice.Head.Number;
        Put(new Arrival.HeadSeen(time.GetUtcNow(), notice.Head));
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

    /// <summary>Gives them to the engine until cancelled.</summary>
    public async Task PumpAsync(Intake intake, CancellationToken cancellationToken)
    {
        await foreach (var arrival in waiting.Reader.ReadAllAsync(cancellationToken))
            await intake.TakeAsync(arrival, cancellationToken);
    }
}
