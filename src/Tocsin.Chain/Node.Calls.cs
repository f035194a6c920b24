using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Evm.Transactions;

namespace Tocsin.Chain;

/// <content>The typed calls. Names and shapes of methods: ethereum/execution-apis.</content>
public sealed partial class Node
{
    private static readonly Action<Utf8JsonWriter> None = _ => { };

    public Task<ChainId> ChainIdAsync(CancellationToken cancellationToken) =>
        RequestAsync("eth_chainId", None, result => new ChainId(RpcJson.ToNumber(result, "result")), cancellationToken);

    /// <summary>The latest block the node knows.</summary>
    public Task<BlockRef> HeadAsync(CancellationToken cancellationToken) =>
        RequestAsync("eth_getBlockByNumber", BlockParameters("latest", false), BlockJson.ParseRef, cancellationToken);

    /// <summary>The latest block the node knows, and the time of that block.</summary>
    internal Task<(BlockRef Block, DateTimeOffset Time)> DatedHeadAsync(CancellationToken cancellationToken) =>
        RequestAsync(
            "eth_getBlockByNumber",
            BlockParameters("latest", false),
            header => (BlockJson.ParseRef(header), BlockJson.Time(header)),
            cancellationToken);

    /// <summary>The hash the node holds for that number; null where it has no such block yet.</summary>
    public Task<BlockRef?> BlockRefAsync(ulong number, CancellationToken cancellationToken) => RequestAsync(
        "eth_getBlockByNumber",
        BlockParameters(RpcParameters.Quantity(number), false),
        result => IsNull(result) ? default(BlockRef?) : CheckedRef(BlockJson.ParseRef(result), number),
        cancellationToken);

    /// <summary>Executes without a transaction, on the state after that block, or the latest.</summary>
    /// <returns>The bytes returned. A revert is a <see cref="NodeFault.Refused"/> with the revert data.</returns>
    public Task<byte[]> CallAsync(
        Address? from,
        Address to,
        byte[] data,
        UInt256 valueWei,
        ulong? blockNumber,
        CancellationToken cancellationToken)
    {
        var block = blockNumber is { } number ? RpcParameters.Quantity(number) : "latest";
        return RequestAsync(
            "eth_call",
            writer =>
            {
                WriteCall(writer, from, to, data, valueWei);
                writer.WriteStringValue(block);
            },
            result => RpcJson.ToBytes(result, "result"),
            cancellationToken);
    }

    /// <summary>The gas the transaction would need on the latest state.</summary>
    /// <param name="to">Null where the data creates a contract.</param>
    public Task<ulong> EstimateGasAsync(
        Address? from, Address? to, byte[] data, UInt256 valueWei, CancellationToken cancellationToken) =>
        RequestAsync(
            "eth_estimateGas",
            writer => WriteCall(writer, from, to, data, valueWei),
            result => RpcJson.ToNumber(result, "result"),
            cancellationToken);

    /// <summary>Hands a signed transaction to the node, which may still drop it.</summary>
    /// <returns>The transaction hash as the node computed it.</returns>
    public async Task<Hash32> BroadcastAsync(byte[] rawTransaction, CancellationToken cancellationToken)
    {
        const string Method = "eth_sendRawTransaction";
        using var answer = await SendAsync(
            Method,
            writer => writer.WriteStringValue(Hex.Format(rawTransaction)),
            cancellationToken,
            urgent: true);
        return Parse(Method, () => RpcJson.ToHash(answer.Result, "result"));
    }

    /// <summary>Null while the transaction is in no block the node knows.</summary>
    public Task<TransactionReceipt?> ReceiptAsync(Hash32 transaction, CancellationToken cancellationToken) =>
        RequestAsync(
            "eth_getTransactionReceipt",
            writer => writer.WriteStringValue(transaction.ToString()),
            result => IsNull(result) ? null : CheckedReceipt(result, transaction),
            cancellationToken);

    /// <summary>The bids of those that this node knows and has in no block, in as few requests as it takes.</summary>
    public async Task<IReadOnlyList<FeeOffer>> PendingBidsAsync(
        IReadOnlyList<Hash32> transactions, CancellationToken cancellationToken)
    {
        var calls = transactions
            .Select(transaction => new BatchCall(
                "eth_getTransactionByHash", writer => writer.WriteStringValue(transaction.ToString())))
            .ToList();
        var answers = await BatchAsync(calls, PendingBid, cancellationToken);
        return [.. answers.Select(answer => answer.Refusal is null ? answer.Value : null).OfType<FeeOffer>()];
    }

    private static FeeOffer? PendingBid(JsonElement result) =>
        IsNull(result) || !IsNull(result, "blockHash") ? null : Bid(result);

    // Before EIP-1559 all that is above the base fee goes to the proposer.
    private static FeeOffer Bid(JsonElement transaction)
    {
        var name = IsNull(transaction, "maxFeePerGas") ? "gasPrice" : "maxFeePerGas";
        var fee = RpcJson.Quantity(transaction, name);
        return new FeeOffer(
            fee, name == "gasPrice" ? fee : RpcJson.Quantity(transaction, "maxPriorityFeePerGas"));
    }

    private static bool IsNull(JsonElement parent, string name) =>
        !parent.TryGetProperty(name, out var value) || IsNull(value);

    /// <summary>The next nonce of the account.</summary>
    /// <param name="tag">latest, pending, safe, finalized or a quantity.</param>
    public Task<ulong> NonceAsync(Address account, string tag, CancellationToken cancellationToken) => RequestAsync(
        "eth_getTransactionCount",
        AccountParameters(account, tag),
        result => RpcJson.ToNumber(result, "result"),
        cancellationToken);

    /// <summary>Base fee of the latest block and the priority fee the node suggests.</summary>
    public async Task<Fees> FeesAsync(CancellationToken cancellationToken)
    {
        var baseFee = RequestAsync(
            "eth_getBlockByNumber",
            BlockParameters("latest", false),
            header => RpcJson.Quantity(header, "baseFeePerGas"),
            cancellationToken);
        var priorityFee = RequestAsync(
            "eth_maxPriorityFeePerGas", None, result => RpcJson.ToQuantity(result, "result"), cancellationToken);
        await Task.WhenAll(baseFee, priorityFee);
        return new Fees(await baseFee, await priorityFee);
    }

    /// <summary>The balance in wei on the latest state.</summary>
    public Task<UInt256> BalanceAsync(Address account, CancellationToken cancellationToken) => RequestAsync(
        "eth_getBalance",
        AccountParameters(account, "latest"),
        result => RpcJson.ToQuantity(result, "result"),
        cancellationToken);

    /// <summary>The code on the latest state; empty where the address is no contract.</summary>
    public Task<byte[]> CodeAsync(Address account, CancellationToken cancellationToken) => RequestAsync(
        "eth_getCode",
        AccountParameters(account, "latest"),
        result => RpcJson.ToBytes(result, "result"),
        cancellationToken);

    /// <summary>A word of the contract's storage on the latest state.</summary>
    public Task<Hash32> StorageAsync(Address account, Hash32 slot, CancellationToken cancellationToken) => RequestAsync(
        "eth_getStorageAt",
        writer =>
        {
            writer.WriteStringValue(account.ToString());
            writer.WriteStringValue(slot.ToString());
            writer.WriteStringValue("latest");
        },
        result => RpcJson.ToHash(result, "result"),
        cancellationToken);

    /// <summary>Logs of both blocks and those between, in the order of the chain.</summary>
    /// <param name="address">Of the contract that wrote them; null for all.</param>
    /// <param name="topic0">Usually the hash of an event's signature; null for all.</param>
    public Task<IReadOnlyList<LocatedLog>> LogsAsync(
        ulong fromBlock, ulong toBlock, Address? address, Hash32? topic0, CancellationToken cancellationToken) =>
        RequestAsync<IReadOnlyList<LocatedLog>>(
            "eth_getLogs",
            writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("fromBlock", RpcParameters.Quantity(fromBlock));
                writer.WriteString("toBlock", RpcParameters.Quantity(toBlock));
                if (address is { } contract)
                    writer.WriteString("address", contract.ToString());
                if (topic0 is { } topic)
                {
                    writer.WriteStartArray("topics");
                    writer.WriteStringValue(topic.ToString());
                    writer.WriteEndArray();
                }
                writer.WriteEndObject();
            },
            result => CheckedLogs(result, fromBlock, toBlock, address, topic0),
            cancellationToken);

    private static List<LocatedLog> CheckedLogs(
        JsonElement result, ulong fromBlock, ulong toBlock, Address? address, Hash32? topic0)
    {
        var logs = new List<LocatedLog>(RpcJson.ToArray(result, "result").GetArrayLength());
        foreach (var item in result.EnumerateArray())
        {
            var log = BlockJson.ParseLocatedLog(item);
            var asked = log.Block.Number >= fromBlock && log.Block.Number <= toBlock
                && (address is null || log.Log.Address == address)
                && (topic0 is null || (log.Log.Topics.Count > 0 && log.Log.Topics[0] == topic0));
            if (!asked)
                throw RpcJson.Inconsistent($"log {log.Log.Index} of block {log.Block} was not asked for");
            if (logs.Count > 0 && !Follows(logs[^1], log))
                throw RpcJson.Inconsistent($"log {log.Log.Index} of block {log.Block} is out of order");
            logs.Add(log);
        }
        return logs;
    }

    private static bool Follows(LocatedLog before, LocatedLog log) => log.Block.Number == before.Block.Number
        ? log.Block.Hash == before.Block.Hash && log.Log.Index > before.Log.Index
        : log.Block.Number > before.Block.Number;

    private static BlockRef CheckedRef(BlockRef block, ulong number) => block.Number == number
        ? block
        : throw RpcJson.Inconsistent($"the block is number {block.Number}, not {number}");

    private static TransactionReceipt CheckedReceipt(JsonElement result, Hash32 transaction)
    {
        var receipt = BlockJson.ParseReceipt(result);
        return receipt.TransactionHash == transaction
            ? receipt
            : throw RpcJson.Inconsistent($"the receipt is that of {receipt.TransactionHash}, not of {transaction}");
    }

    private static bool IsNull(JsonElement value) => value.ValueKind == JsonValueKind.Null;

    private static Action<Utf8JsonWriter> BlockParameters(string block, bool fullTransactions) => writer =>
    {
        writer.WriteStringValue(block);
        writer.WriteBooleanValue(fullTransactions);
    };

    private static Action<Utf8JsonWriter> AccountParameters(Address account, string tag) => writer =>
    {
        writer.WriteStringValue(account.ToString());
        writer.WriteStringValue(tag);
    };

    private static void WriteCall(
        Utf8JsonWriter writer, Address? from, Address? to, byte[] data, UInt256 valueWei)
    {
        writer.WriteStartObject();
        if (from is { } sender)
            writer.WriteString("from", sender.ToString());
        if (to is { } callee)
            writer.WriteString("to", callee.ToString());
        // "data" is the name every node knows; "input" came later and some still ignore it.
        writer.WriteString("data", Hex.Format(data));
        writer.WriteString("value", valueWei.ToQuantity());
        writer.WriteEndObject();
    }
}
