using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;

namespace Tocsin.Chain;

/// <summary>
/// Blocks, receipts and logs as nodes and recordings write them (execution-apis: <c>eth_getBlockByNumber</c>,
/// <c>eth_getBlockReceipts</c>, <c>eth_getLogs</c>). Unknown fields are ignored; what is read is checked against
/// everything else that is read, because a node that leaves out a log hides an attack.
/// </summary>
public static class BlockJson
{
    private const int MaximumTopics = 4;

    /// <summary>A block with full transactions, and the receipts of the same block, as one checked whole.</summary>
    /// <exception cref="RpcFormatException">Malformed, or the two do not belong together.</exception>
    public static Block Parse(JsonElement block, JsonElement receipts)
    {
        var reference = ParseRef(block);
        var bodies = RpcJson.Array(block, "transactions");
        RpcJson.ToArray(receipts, "receipts");
        var count = bodies.GetArrayLength();
        if (receipts.GetArrayLength() != count)
        {
            throw RpcJson.Inconsistent(
                $"block {reference} has {count} transactions but {receipts.GetArrayLength()} receipts");
        }

        var transactions = new Transaction[count];
        var logs = 0;
        using var receipt = receipts.EnumerateArray();
        using var body = bodies.EnumerateArray();
        for (var index = 0; index < count; index++)
        {
            body.MoveNext();
            receipt.MoveNext();
            transactions[index] = ParseTransaction(reference, index, body.Current, receipt.Current, logs);
            logs += transactions[index].Logs.Count;
        }
        CheckBloom(reference, block, transactions);
        return new Block(reference, RpcJson.Hash(block, "parentHash"), Time(block), transactions);
    }

    /// <summary>Number and hash of a header.</summary>
    /// <exception cref="RpcFormatException">Malformed.</exception>
    public static BlockRef ParseRef(JsonElement header) =>
        new(RpcJson.Number(header, "number"), RpcJson.Hash(header, "hash"));

    internal static TransactionReceipt ParseReceipt(JsonElement receipt)
    {
        var hash = RpcJson.Hash(receipt, "transactionHash");
        var index = RpcJson.Index(receipt, "transactionIndex");
        var block = new BlockRef(RpcJson.Number(receipt, "blockNumber"), RpcJson.Hash(receipt, "blockHash"));
        var succeeded = Status(receipt);
        var created = OptionalAddress(receipt, "contractAddress");
        var logs = RpcJson.Array(receipt, "logs");
        var parsed = new List<Log>(logs.GetArrayLength());
        foreach (var item in logs.EnumerateArray())
        {
            var log = ParseLocatedLog(item);
            if (log.Block != block || log.TransactionHash != hash || log.TransactionIndex != index)
                throw RpcJson.Inconsistent($"the receipt of {hash} holds a log of another transaction");
            if (parsed.Count > 0 && log.Log.Index != parsed[^1].Index + 1)
                throw RpcJson.Inconsistent($"the receipt of {hash} leaves out a log after log {parsed[^1].Index}");
            parsed.Add(log.Log);
        }
        if (!succeeded && parsed.Count > 0)
            throw RpcJson.Inconsistent($"transaction {hash} reverted and yet has logs");
        return new TransactionReceipt(
            hash, index, block, succeeded, RpcJson.Number(receipt, "gasUsed"), succeeded ? created : null, [.. parsed]);
    }

    internal static LocatedLog ParseLocatedLog(JsonElement log)
    {
        var block = new BlockRef(RpcJson.Number(log, "blockNumber"), RpcJson.Hash(log, "blockHash"));
        if (RpcJson.Optional(log, "removed") is { ValueKind: not JsonValueKind.False })
            throw RpcJson.Inconsistent($"a log of block {block} is marked as removed");
        var topics = RpcJson.Array(log, "topics");
        if (topics.GetArrayLength() > MaximumTopics)
            throw RpcJson.Garbage($"'topics' has {topics.GetArrayLength()} entries, more than {MaximumTopics}");
        var parsed = new Hash32[topics.GetArrayLength()];
        var next = 0;
        foreach (var topic in topics.EnumerateArray())
            parsed[next++] = RpcJson.ToHash(topic, "topics");
        return new LocatedLog(
            block,
            RpcJson.Hash(log, "transactionHash"),
            RpcJson.Index(log, "transactionIndex"),
            new Log(
                RpcJson.Index(log, "logIndex"), RpcJson.Address(log, "address"), parsed, RpcJson.Bytes(log, "data")));
    }

    private static Transaction ParseTransaction(
        BlockRef block, int index, JsonElement body, JsonElement receipt, int firstLog)
    {
        var hash = RpcJson.Hash(body, "hash");
        if (RpcJson.Index(body, "transactionIndex") != index || RpcJson.Hash(body, "blockHash") != block.Hash)
            throw RpcJson.Inconsistent($"transaction {hash} is not the one at index {index} of block {block}");
        var outcome = ParseReceipt(receipt);
        if (outcome.TransactionHash != hash || outcome.TransactionIndex != index || outcome.Block != block)
            throw RpcJson.Inconsistent($"receipt {index} does not belong to transaction {hash} of block {block}");
        // Logs are numbered through the block: a hole is a log that was left out.
        if (outcome.Logs.Count > 0 && outcome.Logs[0].Index != firstLog)
            throw RpcJson.Inconsistent($"log {firstLog} of block {block} is missing: {outcome.Logs[0].Index} follows");

        // Absent or null is a creation; the receipt must agree, or a node could turn a call into one by silence.
        var callee = OptionalAddress(body, "to");
        if (RpcJson.Optional(receipt, "to") is not null && OptionalAddress(receipt, "to") != callee)
            throw RpcJson.Inconsistent($"transaction {hash} and its receipt name different callees");
        if (callee is null && outcome.Succeeded && outcome.ContractCreated is null)
            throw RpcJson.Inconsistent($"transaction {hash} created a contract that its receipt does not name");
        return new Transaction(
            hash,
            index,
            RpcJson.Address(body, "from"),
            callee,
            RpcJson.Number(body, "nonce"),
            RpcJson.Quantity(body, "value"),
            RpcJson.Bytes(body, "input"),
            outcome.Succeeded,
            callee is null ? outcome.ContractCreated : null,
            outcome.Logs);
    }

    // Only the logs after the last one given escape the numbering; the header's bloom shows those too.
    private static void CheckBloom(BlockRef reference, JsonElement block, Transaction[] transactions)
    {
        if (RpcJson.Optional(block, "logsBloom") is not { ValueKind: not JsonValueKind.Null })
            return;
        if (!LogsBloom.TryParse(RpcJson.Text(block, "logsBloom"), out var bloom))
            throw RpcJson.Garbage("'logsBloom' is not 256 bytes of hexadecimal");
        if (!bloom.Equals(LogsBloom.Of(transactions.SelectMany(transaction => transaction.Logs))))
            throw RpcJson.Inconsistent($"the node left out or made up logs of block {reference}: the bloom differs");
    }

    private static bool Status(JsonElement receipt) => RpcJson.Number(receipt, "status") switch
    {
        0 => false,
        1 => true,
        var other => throw RpcJson.Garbage($"'status' is {other}, neither 0 nor 1"),
    };

    private static Address? OptionalAddress(JsonElement parent, string name) =>
        RpcJson.Optional(parent, name) is { ValueKind: not JsonValueKind.Null } value
            ? RpcJson.ToAddress(value, name)
            : null;

    private static DateTimeOffset Time(JsonElement header)
    {
        var seconds = RpcJson.Number(header, "timestamp");
        return seconds <= (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds((long)seconds)
            : throw RpcJson.Garbage($"'timestamp' is {seconds}, beyond any calendar");
    }
}
