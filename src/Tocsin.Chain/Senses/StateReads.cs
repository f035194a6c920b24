using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Evm.Inputs;

namespace Tocsin.Chain.Senses;

/// <summary>
/// Answers declared reads on the state after one block. The block is named by hash (EIP-1898), so an answer never comes
/// from the other side of a reorg; where a node does not know that form, by number, and the number is checked after.
/// </summary>
public sealed class StateReads
{
    private const int CallReverted = 3;
    private const int InvalidParameters = -32602;

    // What an execution ends with by itself, in the words of geth, Nethermind, Erigon, Besu, Reth and Anvil. Anything
    // else a node refuses with is about the node: state it has pruned, a method it lacks, a limit it keeps.
    private static readonly string[] ExecutionFailures =
    [
        "revert", "invalid opcode", "InvalidFEOpcode", "out of gas", "OutOfGas", "stack underflow", "stack limit",
        "StackUnderflow", "invalid jump", "InvalidJump", "write protection", "return data out of bounds",
        "VM execution error", "EVM error", "max call depth", "gas uint64 overflow",
    ];

    private readonly Node node;
    private readonly BlockRef block;
    private readonly CancellationToken cancellationToken;

    private StateReads(Node node, BlockRef block, CancellationToken cancellationToken) =>
        (this.node, this.block, this.cancellationToken) = (node, block, cancellationToken);

    /// <summary>Answers in the order asked. A call that reverted has no result. Equal reads are asked once.</summary>
    /// <exception cref="NodeException">
    /// The node could not say, for one of them or all: it no longer holds that state, or holds another block there.
    /// </exception>
    public static async Task<ValueList<ReadAnswer>> AnswerAsync(
        Node node, BlockRef block, IReadOnlyList<StateRead> reads, CancellationToken cancellationToken)
    {
        var asking = new StateReads(node, block, cancellationToken);
        StateRead[] distinct = [.. reads.Distinct()];
        var answers = await asking.AskAllAsync(distinct);
        var byRead = distinct.Zip(answers).ToDictionary(pair => pair.First, pair => pair.Second);
        return reads.Select(read => new ReadAnswer(read, byRead[read])).ToValueList();
    }

    private async Task<ValueList<byte>?[]> AskAllAsync(StateRead[] reads)
    {
        var answers = await AskAsync(reads, byNumber: false);
        if (answers.Any(answer => answer.Refusal?.Error is { Code: InvalidParameters }))
        {
            answers = await AskAsync(reads, byNumber: true);
            await CheckNumberAsync();
        }
        return [.. reads.Zip(answers, Result)];
    }

    private Task<IReadOnlyList<BatchAnswer<ValueList<byte>>>> AskAsync(StateRead[] reads, bool byNumber) =>
        node.BatchAsync(
            [.. reads.Select(read => Question(read, byNumber))],
            result => new ValueList<byte>(RpcJson.ToBytes(result, "result")),
            cancellationToken);

    private ValueList<byte>? Result(StateRead read, BatchAnswer<ValueList<byte>> answer)
    {
        if (read is StateRead.Call && answer.Refusal is { } refusal && IsExecutionFailure(refusal))
            return null;
        if (read is StateRead.Slot && answer.Result.Count != Hash32.ByteCount)
            throw new NodeException(
                NodeFault.Garbage, $"the node at {node.Label} gave a slot of {answer.Result.Count} bytes");
        return answer.Result;
    }

    private BatchCall Question(StateRead read, bool byNumber) => read switch
    {
        StateRead.Call call => new BatchCall("eth_call", writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("to", call.To.ToString());
            writer.WriteString("data", call.Data);
            writer.WriteEndObject();
            WriteBlock(writer, byNumber);
        }),
        StateRead.Slot slot => new BatchCall("eth_getStorageAt", writer =>
        {
            writer.WriteStringValue(slot.Of.ToString());
            writer.WriteStringValue(slot.Place.ToString());
            WriteBlock(writer, byNumber);
        }),
        _ => throw new ArgumentException($"{read} is no read that a node answers", nameof(read)),
    };

    private void WriteBlock(Utf8JsonWriter writer, bool byNumber)
    {
        if (byNumber)
        {
            writer.WriteStringValue(RpcParameters.Quantity(block.Number));
            return;
        }
        writer.WriteStartObject();
        writer.WriteString("blockHash", block.Hash.ToString());
        writer.WriteBoolean("requireCanonical", false);
        writer.WriteEndObject();
    }

    private async Task CheckNumberAsync()
    {
        if (await node.BlockRefAsync(block.Number, cancellationToken) is { } held && held == block)
            return;
        throw new NodeException(
            NodeFault.Inconsistent,
            $"the node at {node.Label} no longer holds block {block}, on whose state it was asked: ask again");
    }

    private static bool IsExecutionFailure(NodeException fault) =>
        fault is { Fault: NodeFault.Refused, Error: { } error }
        && (error.Code == CallReverted || error.Data.Length > 0
            || ExecutionFailures.Any(words => error.Message.Contains(words, StringComparison.OrdinalIgnoreCase)));
}
