using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Evm.Inputs;

namespace Tocsin.Chain.Senses;

/// <summary>A call or a view of a rehearsal.</summary>
/// <param name="From">Null for a view, which nobody in particular asks.</param>
public sealed record RehearsedCall(Address? From, SimulatedCall Call);

/// <summary>What came of it.</summary>
/// <param name="Returned">The bytes returned; those of the refusal where it failed.</param>
public sealed record RehearsedOutcome(SimulatedOutcome Outcome, ValueList<byte> Returned);

/// <summary>
/// Calls and views one after the other on one state (<c>eth_simulateV1</c>, execution-apis): each stands on what those
/// before it did, so that the same view before and after a call tells what the call did to it.
/// </summary>
public static class Rehearsal
{
    /// <summary>So many calls and views at most are asked at once.</summary>
    public const int CallsMax = 128;

    private const int BytesMax = 4 << 20;
    private const int JsonDepth = 32;

    /// <param name="tag">latest or pending.</param>
    /// <exception cref="NodeException">The node could not say.</exception>
    public static Task<ValueList<RehearsedOutcome>> RunAsync(
        Node node, ValueList<RehearsedCall> calls, string tag, CancellationToken cancellationToken) =>
        node.RequestRawAsync(
            "eth_simulateV1",
            writer =>
            {
                writer.WriteStartObject();
                writer.WriteStartArray("blockStateCalls");
                writer.WriteStartObject();
                writer.WriteStartArray("calls");
                foreach (var (from, call) in calls)
                    WriteCall(writer, from, call);
                writer.WriteEndArray();
                writer.WriteEndObject();
                writer.WriteEndArray();
                writer.WriteBoolean("validation", false);
                writer.WriteBoolean("traceTransfers", true);
                writer.WriteEndObject();
                writer.WriteStringValue(tag);
            },
            BytesMax,
            JsonDepth,
            json =>
            {
                using var document = JsonDocument.Parse(json.ToArray());
                return SimulationJson.Calls(document.RootElement, calls.Count).Select(Outcome).ToValueList();
            },
            cancellationToken);

    internal static void WriteCall(Utf8JsonWriter writer, Address? from, SimulatedCall call)
    {
        writer.WriteStartObject();
        if (from is { } sender)
            writer.WriteString("from", sender.ToString());
        writer.WriteString("to", call.To.ToString());
        writer.WriteString("data", Hex.Format(call.Data.AsSpan()));
        writer.WriteString("value", call.ValueWei.ToQuantity());
        writer.WriteEndObject();
    }

    private static RehearsedOutcome Outcome(SimulatedCallJson call) =>
        new(Simulations.Outcome(call), RpcJson.Bytes(call.Element, "returnData").ToValueList());
}
