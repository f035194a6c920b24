using System.Diagnostics.Metrics;

namespace Tocsin.Chain;

/// <summary>The counters of all nodes, for whoever listens to the meter "Tocsin.Chain"; tagged with "node".</summary>
internal static class ChainMeter
{
    public const string Name = "Tocsin.Chain";

    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> Asks = Meter.CreateCounter<long>(
        "tocsin.node.asks", "{ask}", "What was asked of a node; a block is one ask and several HTTP requests.");

    private static readonly Counter<long> Faults = Meter.CreateCounter<long>(
        "tocsin.node.faults", "{fault}", "Asks without a usable answer, by kind of fault.");

    private static readonly Counter<long> Throttles = Meter.CreateCounter<long>(
        "tocsin.node.throttles", "{throttle}", "How often a node asked us to slow down.");

    private static readonly Counter<long> Hedges = Meter.CreateCounter<long>(
        "tocsin.node.hedges", "{hedge}", "Asks that went to this node because another was slow.");

    private static readonly Histogram<double> Latency = Meter.CreateHistogram<double>(
        "tocsin.node.latency", "s", "From an ask to its answer.");

    public static void Asked(string node) => Asks.Add(1, Node(node));

    public static void Answered(string node, TimeSpan latency) => Latency.Record(latency.TotalSeconds, Node(node));

    public static void Hedged(string node) => Hedges.Add(1, Node(node));

    public static void Failed(string node, NodeFault fault)
    {
        if (fault == NodeFault.Throttled)
            Throttles.Add(1, Node(node));
        Faults.Add(1, Node(node), new KeyValuePair<string, object?>("fault", fault.ToString()));
    }

    private static KeyValuePair<string, object?> Node(string name) => new("node", name);
}
