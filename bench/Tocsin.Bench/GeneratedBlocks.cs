using System.Buffers;
using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Blocks;

namespace Tocsin.Bench;

/// <summary>
/// Blocks from a seed, shaped like those of a mainnet node: token transfers among accounts of which three in four were
/// seen before, written by a few popular tokens and many rare ones.
/// </summary>
internal sealed class GeneratedBlocks(int seed)
{
    private const int AccountCount = 4_000;
    private const double NewAccountShare = 0.25;

    public static readonly Address PopularToken = AddressOf(1, 0);

    private static readonly Hash32 Transfer = Keccak256.Hash("Transfer(address,address,uint256)");
    private static readonly Hash32 Approval = Keccak256.Hash("Approval(address,address,uint256)");

    private readonly Random random = new(seed);
    private readonly List<Log> logs = [];
    private ulong number;

    /// <param name="transactions">Each with two or three logs.</param>
    /// <param name="rareTokens">How many different contracts write logs beside the popular one.</param>
    /// <param name="time">When it is made; null for 12 s after the one before.</param>
    /// <param name="last">What comes after those transactions.</param>
    public BlockLine Next(
        int transactions, int rareTokens = 50, DateTimeOffset? time = null,
        params ReadOnlySpan<GeneratedTransaction> last)
    {
        number++;
        logs.Clear();
        var block = new BlockRef(number, Keccak256.Hash($"block {seed} {number}"));
        var hashes = Enumerable.Range(0, transactions + last.Length)
            .Select(index => Keccak256.Hash($"transaction {seed} {number} {index}").ToString())
            .ToArray();
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteStartArray("receipts");
            for (var index = 0; index < transactions; index++)
                WriteReceipt(json, block, hashes[index], index, rareTokens);
            for (var index = 0; index < last.Length; index++)
                WriteReceipt(json, block, hashes[transactions + index], transactions + index, rareTokens, last[index]);
            json.WriteEndArray();
            json.WriteStartObject("block");
            WriteHeader(json, block, time ?? DateTimeOffset.FromUnixTimeSeconds(1_700_000_000 + (12 * (long)number)));
            json.WriteStartArray("transactions");
            for (var index = 0; index < transactions; index++)
                WriteBody(json, block, hashes[index], index);
            for (var index = 0; index < last.Length; index++)
                WriteBody(json, block, hashes[transactions + index], transactions + index, last[index]);
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return new BlockLine(bytes.WrittenSpan.ToArray(), hashes.Length, logs.Count);
    }

    private static Address AddressOf(int kind, int which) =>
        new(Keccak256.Hash($"account {kind} {which}").ToArray().AsSpan(0, Address.ByteCount));

    private void WriteReceipt(
        Utf8JsonWriter json, BlockRef block, string hash, int index, int rareTokens, GeneratedTransaction? told = null)
    {
        json.WriteStartObject();
        WritePlace(json, block, hash, index);
        json.WriteString("from", (told?.From ?? Account()).ToString());
        json.WriteString("to", (told?.To ?? PopularToken).ToString());
        json.WriteString("cumulativeGasUsed", $"0x{21_000 * (index + 1):x}");
        json.WriteString("gasUsed", "0x1a4b2");
        json.WriteNull("contractAddress");
        json.WriteString("status", "0x1");
        json.WriteString("effectiveGasPrice", "0x12d430ac57");
        json.WriteString("type", "0x2");
        json.WriteStartArray("logs");
        var first = logs.Count;
        foreach (var log in told?.Logs ?? [])
            WriteLog(json, block, hash, index, log);
        for (var count = told is null ? random.Next(2, 4) : 0; count > 0; count--)
            WriteLog(json, block, hash, index, Transferred(rareTokens));
        json.WriteEndArray();
        json.WriteString("logsBloom", LogsBloom.Of([.. logs.Skip(first)]).ToString());
        json.WriteEndObject();
    }

    private GeneratedLog Transferred(int rareTokens) => new(
        random.Next(4) == 0 ? PopularToken : AddressOf(2, random.Next(rareTokens)),
        [random.Next(5) == 0 ? Approval : Transfer, Topic(Account()), Topic(Account())],
        [new UInt256(0, (ulong)random.NextInt64(1, long.MaxValue))]);

    private void WriteLog(Utf8JsonWriter json, BlockRef block, string hash, int index, GeneratedLog told)
    {
        var log = new Log(logs.Count, told.Emitter, LogTopics.Create(told.Topics), default);
        logs.Add(log);
        json.WriteStartObject();
        json.WriteString("address", told.Emitter.ToString());
        json.WriteStartArray("topics");
        foreach (var topic in told.Topics)
            json.WriteStringValue(topic.ToString());
        json.WriteEndArray();
        json.WriteString("data", Hex.Format([.. told.Words.SelectMany(word => word.ToArray())]));
        WritePlace(json, block, hash, index);
        json.WriteString("logIndex", $"0x{log.Index:x}");
        json.WriteBoolean("removed", false);
        json.WriteEndObject();
    }

    private void WriteHeader(Utf8JsonWriter json, BlockRef block, DateTimeOffset time)
    {
        json.WriteString("number", $"0x{block.Number:x}");
        json.WriteString("hash", block.Hash.ToString());
        json.WriteString("parentHash", Keccak256.Hash($"block {seed} {number - 1}").ToString());
        json.WriteString("logsBloom", LogsBloom.Of([.. logs]).ToString());
        json.WriteString("receiptsRoot", Hash32.Zero.ToString());
        json.WriteString("gasLimit", "0x1c9c380");
        json.WriteString("timestamp", $"0x{time.ToUnixTimeSeconds():x}");
        json.WriteString("baseFeePerGas", "0x12d430ac57");
    }

    private void WriteBody(
        Utf8JsonWriter json, BlockRef block, string hash, int index, GeneratedTransaction? told = null)
    {
        var input = new byte[4 + (32 * random.Next(2, 9))];
        random.NextBytes(input);
        json.WriteStartObject();
        json.WriteString("blockHash", block.Hash.ToString());
        json.WriteString("blockNumber", $"0x{block.Number:x}");
        json.WriteString("from", (told?.From ?? Account()).ToString());
        json.WriteString("gas", "0x30d40");
        json.WriteString("gasPrice", "0x12d430ac57");
        json.WriteString("maxFeePerGas", "0x1b2d05e000");
        json.WriteString("maxPriorityFeePerGas", "0x5f5e100");
        json.WriteString("hash", hash);
        json.WriteString("input", Hex.Format(input));
        json.WriteString("nonce", $"0x{random.Next(100_000):x}");
        json.WriteString("to", (told?.To ?? PopularToken).ToString());
        json.WriteString("transactionIndex", $"0x{index:x}");
        json.WriteString("value", $"0x{random.NextInt64():x}");
        json.WriteString("type", "0x2");
        json.WriteStartArray("accessList");
        json.WriteEndArray();
        json.WriteString("chainId", "0x1");
        json.WriteString("v", "0x1");
        json.WriteString("r", Keccak256.Hash($"r {index}").ToString());
        json.WriteString("s", Keccak256.Hash($"s {index}").ToString());
        json.WriteString("yParity", "0x1");
        json.WriteEndObject();
    }

    private static void WritePlace(Utf8JsonWriter json, BlockRef block, string hash, int index)
    {
        json.WriteString("blockHash", block.Hash.ToString());
        json.WriteString("blockNumber", $"0x{block.Number:x}");
        json.WriteString("transactionHash", hash);
        json.WriteString("transactionIndex", $"0x{index:x}");
    }

    private Address Account() => random.NextDouble() < NewAccountShare
        ? AddressOf(3, random.Next())
        : AddressOf(4, random.Next(AccountCount));

    internal static Hash32 Topic(Address address) => new([.. new byte[12], .. address.ToArray()]);
}

/// <summary>A transaction to be written as it is told.</summary>
internal sealed record GeneratedTransaction(Address From, Address To, IReadOnlyList<GeneratedLog> Logs);

/// <param name="Words">The data.</param>
internal sealed record GeneratedLog(Address Emitter, Hash32[] Topics, UInt256[] Words);
