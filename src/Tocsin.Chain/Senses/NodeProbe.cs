using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;

namespace Tocsin.Chain.Senses;

/// <summary>One run of questions that find out what a node can do.</summary>
internal sealed class NodeProbe(
    Node node, Uri? webSocket, TimeProvider time, BlockRef head, CancellationToken cancellationToken)
{
    private const ulong SampledBlocks = 8;
    private static readonly ulong[] Depths = [1, 16, 64, 128, 1_024, 10_000, 100_000, 1_000_000, 10_000_000];
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PendingPatience = TimeSpan.FromSeconds(3);

    private readonly List<Capability> found = [];
    private ulong stateDepth;

    public async Task<NodeSenses> RunAsync()
    {
        var sample = await SampleAsync();
        await AskAsync(Sense.Batches, async () => await node.AnswersBatchesAsync(cancellationToken)
            ? Present("answers two questions in one request")
            : Absent("answers no two questions in one request: each is asked on its own"));
        await AskStateAsync();
        await AskTagAsync(Sense.SafeBlock, "safe");
        await AskTagAsync(Sense.FinalBlock, "finalized");
        await AskTracesAsync(sample);
        await AskCallsAsync();
        await AskSocketAsync();
        return new NodeSenses(node.Label, head, stateDepth, found.OrderBy(item => item.Sense).ToValueList());
    }

    /// <summary>A recent block to try tracers on: one with logs if there is one.</summary>
    private async Task<Block?> SampleAsync()
    {
        var sample = default(Block);
        var proof = Unknown("no recent block could be read");
        await AskAsync(Sense.BlockReceipts, async () =>
        {
            for (var back = 0UL; back < SampledBlocks && back <= head.Number; back++)
            {
                var reader = new BlockReader();
                if (await node.BlockAsync(head.Number - back, reader, cancellationToken) is not { } block)
                    continue;
                if (back == 0 || HasLogs(block))
                    proof = Proof(reader.Unproven);
                if (sample is null || block.Transactions.Length > sample.Transactions.Length)
                    sample = block;
                if (HasLogs(block))
                {
                    sample = block;
                    break;
                }
            }
            return sample is null
                ? Absent("gives no recent block")
                : Present("gives the receipts of a block in one answer");
        });
        Add(Sense.BlockProof, proof);
        return sample;
    }

    private static (Presence, string) Proof(string? unproven) => unproven is null
        ? Present("gives blocks whose hash commits to what is in them, and is recomputed each time")
        : Absent($"gives blocks that are not held against their hash: {unproven}");

    private async Task AskStateAsync()
    {
        await AskAsync(Sense.StateByHash, async () =>
        {
            await node.RequestAsync(
                "eth_call",
                writer =>
                {
                    WriteEmptyCall(writer);
                    writer.WriteStartObject();
                    writer.WriteString("blockHash", head.Hash.ToString());
                    writer.WriteBoolean("requireCanonical", false);
                    writer.WriteEndObject();
                },
                result => RpcJson.ToBytes(result, "result"),
                cancellationToken);
            return Present("reads the state of a block named by its hash");
        });
        await AskAsync(Sense.HistoricState, async () =>
        {
            foreach (var depth in Depths.Where(depth => depth < head.Number).Append(head.Number))
            {
                try
                {
                    await node.CallAsync(
                        null, Address.Zero, [], UInt256.Zero, head.Number - depth, cancellationToken);
                    stateDepth = depth;
                }
                catch (NodeException fault) when (fault.Fault == NodeFault.Refused && stateDepth > 0)
                {
                    return Present($"holds the state of {stateDepth} blocks back, but not of {depth}");
                }
            }
            return Present($"holds the state back to the first block, {stateDepth} blocks");
        });
    }

    private Task AskTagAsync(Sense sense, string tag) => AskAsync(sense, async () =>
    {
        var block = await node.RequestAsync(
            "eth_getBlockByNumber",
            writer =>
            {
                writer.WriteStringValue(tag);
                writer.WriteBooleanValue(false);
            },
            result => result.ValueKind == JsonValueKind.Null ? default(BlockRef?) : BlockJson.ParseRef(result),
            cancellationToken);
        return block is { Number: var number }
            ? Present($"calls block {number} {tag}, {head.Number - Math.Min(number, head.Number)} behind its head")
            : Absent($"has no {tag} block yet");
    });

    private async Task AskTracesAsync(Block? sample)
    {
        if (sample is not { Transactions.Length: > 0 })
        {
            foreach (var sense in (Sense[])[Sense.CallTraces, Sense.LogsInTraces, Sense.StateChanges])
                Add(sense, Unknown("no recent block with transactions could be read"));
            return;
        }
        var traces = default(ValueList<TransactionTrace>);
        await AskAsync(Sense.CallTraces, async () =>
        {
            traces = await Traces.OfBlockAsync(node, sample, null, cancellationToken);
            return Present("traces the calls of a block's transactions");
        });
        Add(
            Sense.LogsInTraces,
            traces is null || !HasLogs(sample) ? Unknown("no recent block with logs could be traced")
            : traces.Any(trace => trace.Frames.Any(frame => !frame.Logs.IsEmpty))
                ? Present("tells which call wrote which log")
                : Absent("leaves the logs out of traces: which call wrote an event cannot be told"));
        await AskAsync(Sense.StateChanges, async () =>
        {
            await Traces.ChangesOfBlockAsync(node, sample, null, cancellationToken);
            return Present("tells what transactions changed in the state");
        });
    }

    private async Task AskCallsAsync()
    {
        await AskAsync(Sense.TraceOfCall, () => TraceAsync("latest"));
        await AskAsync(Sense.TraceOnPending, () => TraceAsync("pending"));
        await AskAsync(Sense.Simulation, async () =>
        {
            await node.RequestAsync(
                "eth_simulateV1",
                writer =>
                {
                    writer.WriteStartObject();
                    writer.WriteStartArray("blockStateCalls");
                    writer.WriteStartObject();
                    writer.WriteStartArray("calls");
                    WriteEmptyCall(writer);
                    writer.WriteEndArray();
                    writer.WriteEndObject();
                    writer.WriteEndArray();
                    writer.WriteEndObject();
                    writer.WriteStringValue("latest");
                },
                result => RpcJson.Array(RpcJson.ToArray(result, "result")[0], "calls").GetArrayLength(),
                cancellationToken);
            return Present("simulates calls");
        });
    }

    private async Task<(Presence, string)> TraceAsync(string tag)
    {
        await node.RequestAsync(
            "debug_traceCall",
            writer =>
            {
                WriteEmptyCall(writer);
                writer.WriteStringValue(tag);
                Traces.WriteCallTracer(writer);
            },
            result => RpcJson.Address(result, "from"),
            cancellationToken);
        return Present($"traces a call on the {tag} state");
    }

    private async Task AskSocketAsync()
    {
        if (webSocket is not { } address)
        {
            foreach (var sense in (Sense[])[Sense.NewHeads, Sense.PendingTransactions, Sense.PendingBodies])
                Add(sense, Unknown("no WebSocket address is given"));
            return;
        }
        await AskAsync(Sense.NewHeads, async () =>
        {
            using var socket = await SubscribeAsync(address, writer => writer.WriteStringValue("newHeads"));
            return Present("tells new heads");
        });
        await AskAsync(Sense.PendingTransactions, async () =>
        {
            using var socket = await SubscribeAsync(
                address, writer => writer.WriteStringValue("newPendingTransactions"));
            return Present("tells pending transactions");
        });
        await AskAsync(Sense.PendingBodies, () => BodiesAsync(address));
    }

    private async Task<(Presence, string)> BodiesAsync(Uri address)
    {
        using var socket = await SubscribeAsync(address, writer =>
        {
            writer.WriteStringValue("newPendingTransactions");
            writer.WriteBooleanValue(true);
        });
        using var patience = new CancellationTokenSource(PendingPatience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            return await socket.NextAsync(told => told.ValueKind == JsonValueKind.Object, either.Token)
                ? Present("tells pending transactions with their bodies")
                : Absent("tells hashes although bodies were asked for");
        }
        catch (Exception e) when (e is NodeException or OperationCanceledException && patience.IsCancellationRequested)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Unknown(
                $"accepts to tell bodies, but nothing was pending for {PendingPatience.TotalSeconds:0} s");
        }
    }

    private async Task<SubscriptionSocket> SubscribeAsync(Uri address, Action<Utf8JsonWriter> topic)
    {
        var socket = new SubscriptionSocket(address, topic, ConnectTimeout, time);
        try
        {
            await socket.OpenAsync(cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task AskAsync(Sense sense, Func<Task<(Presence, string)>> ask)
    {
        try
        {
            Add(sense, await ask());
        }
        catch (NodeException fault)
        {
            // A refusal is the node's word; anything else may be different the next time.
            var presence = fault.Fault == NodeFault.Refused ? Presence.Absent : Presence.Unknown;
            Add(sense, (presence, fault.Message));
        }
    }

    private void Add(Sense sense, (Presence Presence, string Words) answer) =>
        found.Add(new Capability(sense, answer.Presence, answer.Words));

    private static bool HasLogs(Block block)
    {
        foreach (ref readonly var transaction in block.Transactions.Span)
            if (!transaction.Logs.IsEmpty)
                return true;
        return false;
    }

    private static void WriteEmptyCall(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("from", Address.Zero.ToString());
        writer.WriteString("to", Address.Zero.ToString());
        writer.WriteEndObject();
    }

    private static (Presence, string) Present(string words) => (Presence.Present, words);

    private static (Presence, string) Absent(string words) => (Presence.Absent, words);

    private static (Presence, string) Unknown(string words) => (Presence.Unknown, words);
}
