using Tocsin.Chains;

namespace Tocsin.Chain.Senses;

/// <summary>Something that a node can or cannot do for us.</summary>
public enum Sense
{
    /// <summary><c>eth_getBlockReceipts</c>: without it, receipts are asked one by one.</summary>
    BlockReceipts,

    /// <summary>Block hashes that can be recomputed from the header, and its root from the receipts.</summary>
    BlockProof,

    /// <summary>Two questions in one request.</summary>
    Batches,

    /// <summary>Questions about the state of a block named by hash (EIP-1898).</summary>
    StateByHash,

    /// <summary>Questions about the state of older blocks.</summary>
    HistoricState,

    /// <summary>The block that only an attack on the chain can take back, <c>safe</c>.</summary>
    SafeBlock,

    /// <summary>The block that the chain calls final, <c>finalized</c>.</summary>
    FinalBlock,

    /// <summary>Calls within transactions (<c>debug_traceBlockByHash</c>, callTracer).</summary>
    CallTraces,

    /// <summary>The same with the logs of each call (<c>withLog</c>).</summary>
    LogsInTraces,

    /// <summary>What transactions changed (prestateTracer, <c>diffMode</c>).</summary>
    StateChanges,

    /// <summary>Calls of a transaction that is in no block (<c>debug_traceCall</c>).</summary>
    TraceOfCall,

    /// <summary>The same on the pending state; the latest must do otherwise.</summary>
    TraceOnPending,

    /// <summary><c>eth_simulateV1</c>.</summary>
    Simulation,

    /// <summary>New heads by subscription; they are polled otherwise.</summary>
    NewHeads,

    /// <summary>Pending transactions by subscription.</summary>
    PendingTransactions,

    /// <summary>The same with bodies; each is asked for by its hash otherwise.</summary>
    PendingBodies,
}

/// <summary>Whether a node has a sense.</summary>
public enum Presence
{
    Present,
    Absent,

    /// <summary>Could not be told now; the words say why.</summary>
    Unknown,
}

/// <param name="Words">One sentence for an operator.</param>
public sealed record Capability(Sense Sense, Presence Presence, string Words);

/// <summary>What a node can do for us, as found out by asking it.</summary>
/// <param name="Node">Host and port.</param>
/// <param name="StateDepthBlocks">How many blocks back the state was found to be held; more may be.</param>
public sealed record NodeSenses(
    string Node, BlockRef Head, ulong StateDepthBlocks, ValueList<Capability> Capabilities)
{
    public Capability this[Sense sense] => Capabilities.First(capability => capability.Sense == sense);

    public bool Has(Sense sense) => this[sense].Presence == Presence.Present;

    /// <summary>Asks for one thing after the other; about thirty small requests.</summary>
    /// <param name="webSocket">ws or wss; null where the node offers none.</param>
    /// <exception cref="NodeException">The node does not even tell its head.</exception>
    public static async Task<NodeSenses> ProbeAsync(
        Node node, Uri? webSocket, TimeProvider time, CancellationToken cancellationToken)
    {
        var head = await node.HeadAsync(cancellationToken);
        var probe = new NodeProbe(node, webSocket, time, head, cancellationToken);
        return await probe.RunAsync();
    }
}
