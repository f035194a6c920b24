using System.Diagnostics.Metrics;
using Tocsin.Chains;

namespace Tocsin.Chain;

/// <summary>
/// What one follower has counted since it was made; may be read at any time. The same goes to the meter
/// <c>Tocsin.Chain</c>, by chain.
/// </summary>
public sealed class FollowCounters
{
    private static readonly Meter Meter = new("Tocsin.Chain");
    private static readonly Counter<long> BlocksMeter = Meter.CreateCounter<long>(
        "tocsin.chain.blocks", "{block}", "Blocks taken");
    private static readonly Counter<long> GapsMeter = Meter.CreateCounter<long>(
        "tocsin.chain.gaps", "{gap}", "Heads that came more than one block after the head before");
    private static readonly Histogram<long> ReorgsMeter = Meter.CreateHistogram<long>(
        "tocsin.chain.reorg.depth", "{block}", "Blocks that a reorg took back");
    private static readonly Counter<long> BrokenMeter = Meter.CreateCounter<long>(
        "tocsin.chain.finality.broken", "{time}", "Times that finality was broken");

    private readonly KeyValuePair<string, object?> chain;
    private long blocksTaken;
    private long gaps;
    private long reorgs;
    private long deepestReorg;
    private long finalityBroken;
    private long previewsDropped;

    internal FollowCounters(ChainId chain) => this.chain = new("chain", chain.ToString());

    public long BlocksTaken => Volatile.Read(ref blocksTaken);

    /// <summary>How often a head came more than one block after the head before; each gap is filled.</summary>
    public long Gaps => Volatile.Read(ref gaps);

    public long Reorgs => Volatile.Read(ref reorgs);

    /// <summary>The most blocks that one reorg took back.</summary>
    public long DeepestReorg => Volatile.Read(ref deepestReorg);

    /// <summary>How often <see cref="FollowNoticeKind.BrokeFinality"/> was told.</summary>
    public long FinalityBroken => Volatile.Read(ref finalityBroken);

    /// <summary>Heads that were not shown as a preview because one was still being looked at.</summary>
    public long PreviewsDropped => Volatile.Read(ref previewsDropped);

    internal void BlockTaken()
    {
        Interlocked.Increment(ref blocksTaken);
        BlocksMeter.Add(1, chain);
    }

    internal void Gap()
    {
        Interlocked.Increment(ref gaps);
        GapsMeter.Add(1, chain);
    }

    internal void Reorg(int depth)
    {
        Interlocked.Increment(ref reorgs);
        Volatile.Write(ref deepestReorg, Math.Max(deepestReorg, depth));
        ReorgsMeter.Record(depth, chain);
    }

    internal void BrokeFinality()
    {
        Interlocked.Increment(ref finalityBroken);
        BrokenMeter.Add(1, chain);
    }

    internal void PreviewDropped() => Interlocked.Increment(ref previewsDropped);
}
