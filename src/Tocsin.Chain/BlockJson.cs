using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;

namespace Tocsin.Chain;

/// <summary>
/// Single headers, receipts and logs as nodes write them (execution-apis: <c>eth_getTransactionReceipt</c>,
/// <c>eth_getLogs</c>); whole blocks go through <see cref="BlockReader"/>. Unknown fields are ignored; what is read is
/// checked against everything else that is read, because a node that leaves out a log hides an attack.
/// </summary>
public static class BlockJson
{
    private const int MaximumTopics = 4;

    /// <summary>Number and hash of a header.</summary>
    /// <exception cref="RpcFormatException">Malformed.</exception>
    public static BlockRef ParseRef(JsonElement header) =>
        new(RpcJson.ToHeight(RpcJson.Number(header, "number")), RpcJson.Hash(header, "hash"));

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
            hash, index, block, succeeded, RpcJson.Number(receipt, "gasUsed"), succeeded ? created
                : null, parsed.ToArray());
    }

    internal static LocatedLog ParseLocatedLog(JsonElement log)
    {
        var block = new BlockRef(RpcJson.Number(log, "blockNumber"), RpcJson.Hash(log, "blockHash"));
        if (RpcJson.Optional(log, "removed") is { ValueKind: not JsonValueKind.False })
            throw RpcJson.Inconsistent($"a log of block {block} is marked as removed");
        var topics = RpcJson.Array(log, "topics");
        if (topics.GetArrayLength() > MaximumTopics)
            throw RpcJson.Garbage($"'topics' has {topics.GetArrayLength()} entries, more than {MaximumTopics}");
        Span<Hash32> parsed = stackalloc Hash32[topics.GetArrayLength()];
        var next = 0;
        foreach (var topic in topics.EnumerateArray())
            parsed[next++] = RpcJson.ToHash(topic, "topics");
        return new LocatedLog(
            block,
            RpcJson.Hash(log, "transactionHash"),
            RpcJson.Index(log, "transactionIndex"),
            new Log(
                RpcJson.Index(log, "logIndex"), RpcJson.Address(log, "address"), LogTopics.Create(parsed),
                    RpcJson.Bytes(log, "data")));
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

    internal static DateTimeOffset Time(JsonElement header)
    {
        var seconds = RpcJson.Number(header, "timestamp");
        return seconds <= (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds((long)seconds)
            : throw RpcJson.Garbage($"'timestamp' is {seconds}, beyond any calendar");
    }
}
