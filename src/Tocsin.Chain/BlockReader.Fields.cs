using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;

namespace Tocsin.Chain;

/// <content>The fields of each kind of object, and what must hold within one object whatever the others say.</content>
public sealed partial class BlockReader
{
    private const RpcFields HeaderRequired =
        RpcFields.Number | RpcFields.Hash | RpcFields.ParentHash | RpcFields.Timestamp;

    private const RpcFields HeaderFields = HeaderRequired | RpcFields.ReceiptsRoot | RpcFields.LogsBloom
        | RpcFields.GasUsed | RpcFields.GasLimit | RpcFields.BaseFeePerGas;

    private const RpcFields BodyRequired = RpcFields.Hash | RpcFields.TransactionIndex | RpcFields.BlockHash
        | RpcFields.From | RpcFields.Nonce | RpcFields.Value | RpcFields.Input;

    private const RpcFields LogPlace = RpcFields.TransactionHash | RpcFields.TransactionIndex
        | RpcFields.BlockHash | RpcFields.BlockNumber;

    private const RpcFields ReceiptRequired = LogPlace | RpcFields.Status | RpcFields.GasUsed | RpcFields.Logs;

    private const RpcFields ReceiptFields = ReceiptRequired | RpcFields.ContractAddress | RpcFields.To
        | RpcFields.Type | RpcFields.CumulativeGasUsed;

    private const RpcFields LogRequired =
        LogPlace | RpcFields.LogIndex | RpcFields.Address | RpcFields.Topics | RpcFields.Data;

    /// <param name="transactions">Takes the transactions; null where only the header is read.</param>
    private static BlockHeader ReadHeader(ref Utf8JsonReader json, BlockReader? transactions)
    {
        RpcToken.StartObject(ref json, "the block");
        var required = HeaderRequired | (transactions is null ? RpcFields.None : RpcFields.Transactions);
        var (number, hash, parent, timestamp) = (0UL, default(Hash32), default(Hash32), 0UL);
        var receiptsRoot = default(Hash32?);
        var bloom = default(LogsBloom);
        var (gasUsed, gasLimit, baseFee) = (default(ulong?), default(ulong?), default(ulong?));
        var seen = RpcFields.None;
        while (RpcToken.NextField(ref json, HeaderFields | required, ref seen, out var field, transactions?.header))
        {
            switch (field)
            {
                case RpcFields.Number:
                    number = RpcJson.ToHeight(RpcToken.Number(ref json, field));
                    break;
                case RpcFields.Hash:
                    hash = RpcToken.Hash(ref json, field);
                    break;
                case RpcFields.ParentHash:
                    parent = RpcToken.Hash(ref json, field);
                    break;
                case RpcFields.Timestamp:
                    timestamp = RpcToken.Number(ref json, field);
                    break;
                case RpcFields.ReceiptsRoot:
                    receiptsRoot = RpcToken.IsNull(ref json) ? null : RpcToken.Hash(ref json, field);
                    break;
                case RpcFields.LogsBloom:
                    bloom = ReadBloom(ref json);
                    break;
                case RpcFields.GasUsed:
                    gasUsed = RpcToken.NumberOrNull(ref json);
                    break;
                case RpcFields.GasLimit:
                    gasLimit = RpcToken.NumberOrNull(ref json);
                    break;
                case RpcFields.BaseFeePerGas:
                    baseFee = RpcToken.NumberOrNull(ref json);
                    break;
                default:
                    transactions!.ReadBodies(ref json);
                    break;
            }
        }
        RpcToken.Require(required, seen);
        // Nothing rests on gas but a warning: what cannot be read of it must not keep the block from being judged.
        var gas = gasUsed is { } used && gasLimit is { } limit
            ? new BlockGas(used, limit, baseFee)
            : default(BlockGas?);
        return new BlockHeader(
            new BlockRef(number, hash), parent, RpcJson.ToTime(timestamp), receiptsRoot, bloom, gas);
    }

    private static LogsBloom? ReadBloom(ref Utf8JsonReader json)
    {
        if (RpcToken.IsNull(ref json))
            return null;
        Span<byte> bits = stackalloc byte[LogsBloom.ByteCount];
        return RpcToken.TryDigits(ref json, out var digits) && HexDigits.TryDecode(digits, bits)
            ? LogsBloom.FromBytes(bits)
            : throw RpcJson.Garbage("'logsBloom' is not 256 bytes of hexadecimal");
    }

    private void ReadBodies(ref Utf8JsonReader json)
    {
        RpcToken.StartArray(ref json, RpcFields.Transactions);
        while (RpcToken.NextItem(ref json))
            ReadBody(ref json, ref bodies.Add());
    }

    private void ReadBody(ref Utf8JsonReader json, ref Body body)
    {
        RpcToken.StartObject(ref json, "a transaction");
        body.To = null;
        var seen = RpcFields.None;
        while (RpcToken.NextField(ref json, BodyRequired | RpcFields.To, ref seen, out var field))
        {
            switch (field)
            {
                case RpcFields.Hash:
                    body.Hash = RpcToken.Hash(ref json, field);
                    break;
                case RpcFields.TransactionIndex:
                    body.Index = RpcToken.Index(ref json, field);
                    break;
                case RpcFields.BlockHash:
                    body.BlockHash = RpcToken.Hash(ref json, field);
                    break;
                case RpcFields.From:
                    body.From = RpcToken.Address(ref json, field);
                    break;
                case RpcFields.To:
                    body.To = RpcToken.OptionalAddress(ref json, field);
                    break;
                case RpcFields.Nonce:
                    body.Nonce = RpcToken.Number(ref json, field);
                    break;
                case RpcFields.Value:
                    body.ValueWei = RpcToken.Quantity(ref json, field);
                    break;
                default:
                    body.Input = RpcToken.Bytes(ref json, field, bytes);
                    break;
            }
        }
        RpcToken.Require(BodyRequired, seen);
    }

    private void ReadReceipt(ref Utf8JsonReader json)
    {
        RpcToken.StartObject(ref json, "a receipt");
        ref var outcome = ref outcomes.Add();
        outcome = default;
        outcome.FirstLog = logs.Count;
        var seen = RpcFields.None;
        while (RpcToken.NextField(ref json, ReceiptFields, ref seen, out var field))
        {
            switch (field)
            {
                case RpcFields.Status:
                    outcome.Succeeded = ReadStatus(ref json);
                    break;
                case RpcFields.GasUsed:
                    RpcToken.Number(ref json, field);
                    break;
                case RpcFields.ContractAddress:
                    outcome.ContractCreated = RpcToken.OptionalAddress(ref json, field);
                    break;
                case RpcFields.To:
                    outcome.To = RpcToken.OptionalAddress(ref json, field);
                    outcome.NamesCallee = true;
                    break;
                case RpcFields.Logs:
                    ReadLogs(ref json, ref outcome);
                    break;
                case RpcFields.Type:
                    outcome.Type = RpcToken.NumberOrNull(ref json);
                    break;
                case RpcFields.CumulativeGasUsed:
                    outcome.CumulativeGasUsed = RpcToken.NumberOrNull(ref json);
                    break;
                default:
                    outcome.Place.Read(ref json, field);
                    break;
            }
        }
        RpcToken.Require(ReceiptRequired, seen);
        if (outcome.LogCount == 0)
            return;
        var hash = outcome.Place.TransactionHash;
        if (!outcome.LogsPlace.Equals(outcome.Place))
            throw RpcJson.Inconsistent($"the receipt of {hash} holds a log of another transaction");
        if (!outcome.Succeeded)
            throw RpcJson.Inconsistent($"transaction {hash} reverted and yet has logs");
    }

    private static bool ReadStatus(ref Utf8JsonReader json) => RpcToken.Number(ref json, RpcFields.Status) switch
    {
        0 => false,
        1 => true,
        var other => throw RpcJson.Garbage($"'status' is {other}, neither 0 nor 1"),
    };

    private void ReadLogs(ref Utf8JsonReader json, ref Outcome outcome)
    {
        RpcToken.StartArray(ref json, RpcFields.Logs);
        while (RpcToken.NextItem(ref json))
        {
            var place = ReadLog(ref json);
            if (outcome.LogCount == 0)
                outcome.LogsPlace = place;
            else if (!place.Equals(outcome.LogsPlace))
                throw RpcJson.Inconsistent($"log {logs.Count - 1} is in a receipt with logs of another transaction");
            outcome.LogCount++;
        }
    }

    private Place ReadLog(ref Utf8JsonReader json)
    {
        RpcToken.StartObject(ref json, "a log");
        var place = default(Place);
        var address = default(Address);
        var topics = default(LogTopics);
        var data = ReadOnlyMemory<byte>.Empty;
        var index = 0;
        var seen = RpcFields.None;
        while (RpcToken.NextField(ref json, LogRequired | RpcFields.Removed, ref seen, out var field))
        {
            switch (field)
            {
                case RpcFields.LogIndex:
                    index = RpcToken.Index(ref json, field);
                    break;
                case RpcFields.Address:
                    address = RpcToken.Address(ref json, field);
                    break;
                case RpcFields.Topics:
                    topics = ReadTopics(ref json);
                    break;
                case RpcFields.Data:
                    data = RpcToken.Bytes(ref json, field, bytes);
                    break;
                case RpcFields.Removed:
                    if (json.TokenType != JsonTokenType.False)
                        throw RpcJson.Inconsistent($"log {logs.Count} is marked as removed");
                    break;
                default:
                    place.Read(ref json, field);
                    break;
            }
        }
        RpcToken.Require(LogRequired, seen);
        // Logs are numbered through the block: a hole is a log that was left out.
        if (index != logs.Count)
            throw RpcJson.Inconsistent($"log {logs.Count} of block {place.Block} is missing: {index} follows");
        logs.Add() = new Log(index, address, topics, data);
        return place;
    }

    private static LogTopics ReadTopics(ref Utf8JsonReader json)
    {
        RpcToken.StartArray(ref json, RpcFields.Topics);
        Span<Hash32> topics = stackalloc Hash32[LogTopics.CountMax];
        var count = 0;
        while (RpcToken.NextItem(ref json))
        {
            if (count == topics.Length)
                throw RpcJson.Garbage($"'topics' has more than {LogTopics.CountMax} entries");
            topics[count++] = RpcToken.Hash(ref json, RpcFields.Topics);
        }
        return LogTopics.Create(topics[..count]);
    }

    /// <summary>Where in the chain a receipt or log says it belongs.</summary>
    private struct Place
    {
        public Hash32 TransactionHash;
        public Hash32 BlockHash;
        public ulong BlockNumber;
        public int TransactionIndex;

        public readonly BlockRef Block => new(BlockNumber, BlockHash);

        public void Read(ref Utf8JsonReader json, RpcFields field)
        {
            switch (field)
            {
                case RpcFields.TransactionHash:
                    TransactionHash = RpcToken.Hash(ref json, field);
                    break;
                case RpcFields.TransactionIndex:
                    TransactionIndex = RpcToken.Index(ref json, field);
                    break;
                case RpcFields.BlockHash:
                    BlockHash = RpcToken.Hash(ref json, field);
                    break;
                default:
                    BlockNumber = RpcToken.Number(ref json, field);
                    break;
            }
        }

        public readonly bool Equals(in Place other) =>
            TransactionIndex == other.TransactionIndex && BlockNumber == other.BlockNumber
            && TransactionHash == other.TransactionHash && BlockHash == other.BlockHash;
    }
}
