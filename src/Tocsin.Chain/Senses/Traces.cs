using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;

namespace Tocsin.Chain.Senses;

/// <summary>
/// The calls that a block's transactions made (<c>debug_traceBlockByHash</c> with geth's callTracer and its logs).
/// Nodes trace only blocks whose state they still hold.
/// </summary>
public static class Traces
{
    // A pause changes a handful of slots; what changes thousands is refused unread.
    private static readonly TraceOptions OfCall = new() { MaximumBytes = 8 << 20, MaximumItems = 10_000 };

    /// <exception cref="NodeException">No usable traces; <see cref="NodeFault.TooLarge"/> beyond limits.</exception>
    public static Task<ValueList<TransactionTrace>> OfBlockAsync(
        Node node, Block block, TraceOptions? options, CancellationToken cancellationToken)
    {
        // Named by hash: a number could name another block by the time the node looks.
        var limits = options ?? new TraceOptions();
        return node.RequestRawAsync(
            "debug_traceBlockByHash",
            writer =>
            {
                writer.WriteStringValue(block.Ref.Hash.ToString());
                WriteCallTracer(writer);
            },
            limits.MaximumBytes,
            limits.MaximumJsonDepth,
            json => TraceJson.ParseBlock(json, block, limits),
            cancellationToken);
    }

    /// <summary>The same for a block that is known by its number alone; the traces name their transactions.</summary>
    /// <exception cref="NodeException">No usable traces.</exception>
    public static Task<ValueList<TransactionTrace>> OfBlockAsync(
        Node node, ulong number, TraceOptions? options, CancellationToken cancellationToken)
    {
        var limits = options ?? new TraceOptions();
        return node.RequestRawAsync(
            "debug_traceBlockByNumber",
            writer =>
            {
                writer.WriteStringValue(RpcParameters.Quantity(number));
                WriteCallTracer(writer);
            },
            limits.MaximumBytes,
            limits.MaximumJsonDepth,
            json => TraceJson.ParseBlock(json, limits),
            cancellationToken);
    }

    /// <summary>
    /// What a block's transactions changed in the state (prestateTracer with diffMode), by transaction and account.
    /// </summary>
    /// <exception cref="NodeException">No usable differences.</exception>
    public static Task<ValueList<StateChange>> ChangesOfBlockAsync(
        Node node, Block block, TraceOptions? options, CancellationToken cancellationToken)
    {
        var limits = options ?? new TraceOptions();
        return node.RequestRawAsync(
            "debug_traceBlockByHash",
            writer =>
            {
                writer.WriteStringValue(block.Ref.Hash.ToString());
                WriteTracer(writer, "prestateTracer", "diffMode");
            },
            limits.MaximumBytes,
            limits.MaximumJsonDepth,
            json => StateChangeJson.ParseBlock(json, block, limits),
            cancellationToken);
    }

    /// <summary>What one call would change in the state (prestateTracer with diffMode), by account.</summary>
    /// <param name="tag">latest or pending; geth knows no pending state to trace on.</param>
    /// <exception cref="NodeException">No usable difference.</exception>
    public static Task<ValueList<StateChange>> ChangesOfCallAsync(
        Node node, Address from, SimulatedCall call, string tag, CancellationToken cancellationToken) =>
        node.RequestRawAsync(
            "debug_traceCall",
            writer =>
            {
                Rehearsal.WriteCall(writer, from, call);
                writer.WriteStringValue(tag);
                WriteTracer(writer, "prestateTracer", "diffMode");
            },
            OfCall.MaximumBytes,
            OfCall.MaximumJsonDepth,
            json => StateChangeJson.ParseCall(json, OfCall),
            cancellationToken);

    internal static void WriteCallTracer(Utf8JsonWriter writer) => WriteTracer(writer, "callTracer", "withLog");

    private static void WriteTracer(Utf8JsonWriter writer, string tracer, string setting)
    {
        writer.WriteStartObject();
        writer.WriteString("tracer", tracer);
        writer.WriteStartObject("tracerConfig");
        writer.WriteBoolean(setting, true);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
