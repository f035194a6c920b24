using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;

namespace Tocsin.Chain.Senses;

/// <summary>
/// What calls would do on the state after a block: all of them in sequence by <c>eth_simulateV1</c>, and, where the
/// node
/// traces, each by itself by <c>debug_traceCall</c>, which shows the calls within. Where the node knows the second
/// alone, each call stands on the block and not on those before it, and the answer says so.
/// </summary>
public sealed class Simulations
{
    private const int InvalidParameters = -32602;
    private const int BytesMax = 8 << 20;

    // Who writes the transfers of native value that are asked for with traceTransfers (execution-apis).
    private static readonly Address Native = Address.Parse("0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee");
    private static readonly Hash32 Transfer = Keccak256.Hash("Transfer(address,address,uint256)");

    private static readonly TraceOptions Limits = new() { MaximumBytes = BytesMax, MaximumItems = 10_000 };

    private readonly Node node;
    private readonly BlockRef block;
    private readonly StateSimulation asked;
    private readonly CancellationToken cancellationToken;

    private Simulations(Node node, BlockRef block, StateSimulation asked, CancellationToken cancellationToken) =>
        (this.node, this.block, this.asked, this.cancellationToken) = (node, block, asked, cancellationToken);

    /// <summary>The answer, which has a reason in the place of outcomes where they are more than is kept.</summary>
    /// <exception cref="NodeException">The node could not say: it knows neither way, no longer holds that state, or
    /// gave something that is no answer.</exception>
    public static async Task<SimulationAnswer> RunAsync(
        Node node, BlockRef block, StateSimulation asked, CancellationToken cancellationToken)
    {
        var data = asked.Calls.Sum(call => (long)call.Data.Count);
        if (asked.Calls.Count is 0 or > StateSimulation.CallsMax || data > StateSimulation.BytesMax)
            return SimulationAnswer.None(asked, $"it is {asked.Calls.Count} calls with {data} bytes of data");
        return await new Simulations(node, block, asked, cancellationToken).RunAsync();
    }

    private async Task<SimulationAnswer> RunAsync()
    {
        NodeException? unknown = null;
        var sequence = default(ValueList<SimulatedOutcome>);
        try
        {
            sequence = await AtBlockAsync(SequenceAsync);
        }
        catch (NodeException refusal) when (refusal is { Fault: NodeFault.Refused, Error: not null })
        {
            unknown = refusal;
        }
        var outcomes = new List<SimulatedOutcome>();
        for (var i = 0; i < asked.Calls.Count; i++)
        {
            if (sequence is not null && (sequence[i].Error is not null || unknown is not null))
                outcomes.Add(sequence[i]);
            else
                outcomes.Add(await TracedAsync(i));
        }
        return SimulationAnswer.Of(asked, outcomes.ToValueList(), sequence is not null);

        async Task<SimulatedOutcome> TracedAsync(int i)
        {
            try
            {
                var alone = await AtBlockAsync(byNumber => TraceAsync(asked.Calls[i], byNumber));
                return sequence is null ? alone : sequence[i] with { Inner = alone.Inner };
            }
            catch (NodeException refusal) when (sequence is not null && refusal.Fault == NodeFault.Refused)
            {
                // It does not trace: the others are not asked for either.
                unknown = refusal;
                return sequence[i];
            }
            catch (NodeException refusal) when (IsAboutFunds(refusal))
            {
                return new SimulatedOutcome(JsonToken.Plain(refusal.Error!.Message), [], [], []);
            }
            catch (NodeException refusal) when (unknown is not null && refusal is
            { Fault: NodeFault.Refused, Error: not null })
            {
                throw new NodeException(
                    NodeFault.Refused,
                    $"the node at {node.Label} knows no way to simulate: \"{unknown.Error!.Message}\" "
                        + $"(eth_simulateV1), \"{refusal.Error.Message}\" (debug_traceCall)",
                    refusal.Error);
            }
        }
    }

    // Named by hash, so that the answer never comes from the other side of a reorg; some nodes know numbers alone.
    private async Task<T> AtBlockAsync<T>(Func<bool, Task<T>> ask)
    {
        try
        {
            return await ask(false);
        }
        catch (NodeException refusal) when (refusal.Error is { Code: InvalidParameters })
        {
            var answer = await ask(true);
            return await node.BlockRefAsync(block.Number, cancellationToken) is { } held && held == block
                ? answer
                : throw new NodeException(
                    NodeFault.Inconsistent,
                    $"the node at {node.Label} no longer holds block {block}, on whose state it simulated: ask again");
        }
    }

    private Task<ValueList<SimulatedOutcome>> SequenceAsync(bool byNumber) => node.RequestRawAsync(
        "eth_simulateV1",
        writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("blockStateCalls");
            writer.WriteStartObject();
            writer.WriteStartArray("calls");
            foreach (var call in asked.Calls)
                WriteCall(writer, call);
            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteBoolean("validation", false);
            writer.WriteBoolean("traceTransfers", true);
            writer.WriteEndObject();
            WriteBlock(writer, byNumber);
        },
        BytesMax,
        64,
        json =>
        {
            using var document = JsonDocument.Parse(json.ToArray());
            return SimulationJson.Calls(document.RootElement, asked.Calls.Count).Select(Outcome).ToValueList();
        },
        cancellationToken);

    private Task<SimulatedOutcome> TraceAsync(SimulatedCall call, bool byNumber) => node.RequestRawAsync(
        "debug_traceCall",
        writer =>
        {
            WriteCall(writer, call);
            WriteBlock(writer, byNumber);
            Traces.WriteCallTracer(writer);
        },
        Limits.MaximumBytes,
        Limits.MaximumJsonDepth,
        json =>
        {
            var frames = TraceJson.ParseCall(json, default, Limits).Frames;
            return frames[0].From == asked.From && frames[0].To == call.To
                ? SimulatedOutcome.Of(frames)
                : throw RpcJson.Inconsistent("it traced another call");
        },
        cancellationToken);

    internal static SimulatedOutcome Outcome(SimulatedCallJson call)
    {
        var (logs, payments) = (new List<Log>(), new List<SimulatedPayment>());
        foreach (var log in call.Logs)
            if (log.Address == Native && log.Topics.Count == 3 && log.Topics[0] == Transfer
                && log.Data.Length == UInt256.ByteCount)
                payments.Add(new SimulatedPayment(
                    AddressOf(log.Topics[1]), AddressOf(log.Topics[2]), new UInt256(log.Data.Span)));
            else
                logs.Add(log);
        return new SimulatedOutcome(call.Error, logs.ToValueList(), payments.ToValueList(), []);
    }

    private static Address AddressOf(Hash32 topic) => new(topic.ToArray().AsSpan(Hash32.ByteCount - Address.ByteCount));

    // No fees and no gas: what the caller can pay for execution is not the question.
    private void WriteCall(Utf8JsonWriter writer, SimulatedCall call)
    {
        writer.WriteStartObject();
        writer.WriteString("from", asked.From.ToString());
        writer.WriteString("to", call.To.ToString());
        writer.WriteString("value", call.ValueWei.ToQuantity());
        writer.WriteString("data", Hex.Format(call.Data.AsSpan()));
        writer.WriteEndObject();
    }

    private void WriteBlock(Utf8JsonWriter writer, bool byNumber)
    {
        if (byNumber)
        {
            writer.WriteStringValue(RpcParameters.Quantity(block.Number));
            return;
        }
        writer.WriteStartObject();
        writer.WriteString("blockHash", block.Hash.ToString());
        writer.WriteEndObject();
    }

    // In the words of geth, Nethermind, Reth and Anvil: the caller does not hold what the call would pay.
    private static bool IsAboutFunds(NodeException refusal) =>
        refusal is { Fault: NodeFault.Refused, Error.Message: var message }
        && message.Contains("insufficient", StringComparison.OrdinalIgnoreCase);
}
