using System.Text.Json;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;

namespace Tocsin.Chain.Senses;

/// <summary>
/// What a pending transaction would do, asked in the best way that the node knows: traced on the pending state, traced
/// on the latest (geth knows no pending state to trace on), or simulated, which tells logs but no inner calls. A way
/// that the node turns out not to know is not tried again.
/// </summary>
internal sealed class PendingSimulation(Node node, TraceOptions limits)
{
    private static readonly (string Method, string Tag)[] Ways =
    [
        ("debug_traceCall", "pending"), ("debug_traceCall", "latest"),
        ("eth_simulateV1", "pending"), ("eth_simulateV1", "latest"),
    ];

    // Grows only; a race costs a question that was asked once too often.
    private volatile int way;
    private volatile string unknown = "";

    /// <summary>The transaction with its outcome, or with the reason why there is none.</summary>
    public async Task<PendingTransaction> RunAsync(PendingBody body, CancellationToken cancellationToken)
    {
        while (way is var tried && tried < Ways.Length)
        {
            try
            {
                var (method, tag) = Ways[tried];
                var outcome = method == "debug_traceCall"
                    ? await TraceAsync(body, tag, cancellationToken)
                    : await SimulateAsync(body, tag, cancellationToken);
                return body.Transaction with { Outcome = outcome, OutcomeMissing = null };
            }
            catch (NodeException fault) when (IsUnknown(fault, Ways[tried].Tag))
            {
                unknown = fault.Message;
                way = Math.Max(way, tried + 1);
            }
            catch (NodeException fault)
            {
                return body.Transaction with { OutcomeMissing = fault.Message };
            }
        }
        return body.Transaction with { OutcomeMissing = $"the node knows no way to say; the last try: {unknown}" };
    }

    /// <summary>Whether a refusal is about the question's form rather than about this transaction.</summary>
    internal static bool IsUnknown(NodeException fault, string tag)
    {
        const int methodNotFound = -32601;
        if (fault is not { Fault: NodeFault.Refused, Error: { } error })
            return false;
        string[] words =
            ["does not exist", "not available", "not found", "not supported", "unsupported", "not allowed", "disabled"];
        return error.Code == methodNotFound
            || (error.Data.Length == 0 && words.Any(word => Says(error, word)))
            || (tag == "pending" && Says(error, "pending"));
    }

    private static bool Says(NodeError error, string word) =>
        error.Message.Contains(word, StringComparison.OrdinalIgnoreCase);

    private Task<TransactionTrace> TraceAsync(PendingBody body, string tag, CancellationToken cancellationToken) =>
        node.RequestRawAsync(
            "debug_traceCall",
            writer =>
            {
                body.WriteCall(writer);
                writer.WriteStringValue(tag);
                Traces.WriteCallTracer(writer);
            },
            limits.MaximumBytes,
            limits.MaximumJsonDepth,
            json =>
            {
                var trace = TraceJson.ParseCall(json, body.Transaction.Hash, limits);
                var isAsked = trace.Frames[0].From == body.Transaction.From
                    && (body.Transaction.To is null || trace.Frames[0].To == body.Transaction.To);
                return isAsked ? trace : throw RpcJson.Inconsistent("it traced another call");
            },
            cancellationToken);

    private Task<TransactionTrace> SimulateAsync(PendingBody body, string tag, CancellationToken cancellationToken) =>
        node.RequestAsync(
            "eth_simulateV1",
            writer =>
            {
                writer.WriteStartObject();
                writer.WriteStartArray("blockStateCalls");
                writer.WriteStartObject();
                writer.WriteStartArray("calls");
                body.WriteCall(writer);
                writer.WriteEndArray();
                writer.WriteEndObject();
                writer.WriteEndArray();
                writer.WriteEndObject();
                writer.WriteStringValue(tag);
            },
            result => ParseSimulation(result, body.Transaction),
            cancellationToken);

    // The root alone, with all logs: a simulation does not say which inner call wrote them (execution-apis).
    private static TransactionTrace ParseSimulation(JsonElement blocks, PendingTransaction transaction)
    {
        var call = SimulationJson.Calls(blocks, 1)[0];
        var root = new CallFrame(
            0,
            transaction.To is null ? CallKind.Create : CallKind.Call,
            transaction.From,
            transaction.To,
            transaction.ValueWei,
            transaction.Input,
            RpcJson.Bytes(call.Element, "returnData"),
            call.Error,
            call.Error is null ? call.Logs.ToArray() : default(ReadOnlyMemory<Log>));
        return new TransactionTrace(transaction.Hash, [root]);
    }
}
