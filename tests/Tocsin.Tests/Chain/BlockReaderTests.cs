using System.Buffers;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;

namespace Tocsin.Tests.Chain;

public sealed class BlockReaderTests
{
    private static readonly FakeBlock Two = new FakeChain().Extend(2).Head;

    public static TheoryData<string, NodeFault, Action<JsonObject, JsonArray>> Lies => new()
    {
        { "number is null", NodeFault.Garbage, (block, _) => block["number"] = null },
        { "hash is missing", NodeFault.Garbage, (block, _) => block.Remove("hash") },
        { "hash is short", NodeFault.Garbage, (block, _) => block["hash"] = "0x1234" },
        { "hash has no prefix", NodeFault.Garbage, (block, _) => block["hash"] = new string('a', 66) },
        { "parent hash is missing", NodeFault.Garbage, (block, _) => block.Remove("parentHash") },
        { "time beyond calendars", NodeFault.Garbage, (block, _) => block["timestamp"] = "0xffffffffffffffff" },
        { "transactions is an object", NodeFault.Garbage, (block, _) => block["transactions"] = new JsonObject() },
        { "transactions are hashes", NodeFault.Garbage, (block, _) => block["transactions"]![0] = "0x00" },
        { "value above 256 bits", NodeFault.Garbage, (block, _) => Body(block)["value"] = "0x1" + new string('0', 64) },
        { "negative value", NodeFault.Garbage, (block, _) => Body(block)["value"] = "-0x1" },
        { "odd input", NodeFault.Garbage, (block, _) => Body(block)["input"] = "0x123" },
        { "to is missing", NodeFault.Inconsistent, (block, _) => Body(block).Remove("to") },
        { "creation of nothing", NodeFault.Inconsistent, (block, _) => Body(block)["to"] = null },
        { "transaction of another block", NodeFault.Inconsistent, (block, _) => Body(block)["blockHash"] = Other },
        { "transaction out of place", NodeFault.Inconsistent, (block, _) => Body(block)["transactionIndex"] = "0x0" },
        { "a body is missing", NodeFault.Inconsistent, (block, _) => block["transactions"]!.AsArray().RemoveAt(1) },
        { "a receipt is missing", NodeFault.Inconsistent, (_, receipts) => receipts.RemoveAt(1) },
        { "receipts swapped", NodeFault.Inconsistent, (_, receipts) => Swap(receipts) },
        { "receipt of another block", NodeFault.Inconsistent, (_, receipts) => Receipt(receipts)["blockHash"] = Other },
        { "receipt of block 3", NodeFault.Inconsistent, (_, receipts) => Receipt(receipts)["blockNumber"] = "0x3" },
        { "receipt of another", NodeFault.Inconsistent, (_, receipts) => Receipt(receipts)["transactionHash"] = Other },
        { "another callee", NodeFault.Inconsistent, (_, receipts) => Receipt(receipts)["to"] = FakeBlock.Sender },
        { "the last log left out", NodeFault.Inconsistent, (block, receipts) => LeaveOutLastLog(block, receipts) },
        { "bloom of nothing", NodeFault.Inconsistent, (block, _) => block["logsBloom"] = "0x" + new string('0', 512) },
        { "short bloom", NodeFault.Garbage, (block, _) => block["logsBloom"] = "0x00" },
        { "status 2", NodeFault.Garbage, (_, receipts) => Receipt(receipts)["status"] = "0x2" },
        { "no status", NodeFault.Garbage, (_, receipts) => Receipt(receipts).Remove("status") },
        { "reverted with logs", NodeFault.Inconsistent, (_, receipts) => Receipt(receipts)["status"] = "0x0" },
        { "logs is null", NodeFault.Garbage, (_, receipts) => Receipt(receipts)["logs"] = null },
        { "first log left out", NodeFault.Inconsistent, (_, receipts) => Logs(receipts).RemoveAt(0) },
        { "logs swapped", NodeFault.Inconsistent, (_, receipts) => Swap(Logs(receipts)) },
        { "log of another block", NodeFault.Inconsistent, (_, receipts) => Log(receipts)["blockHash"] = Other },
        { "log of another", NodeFault.Inconsistent, (_, receipts) => Log(receipts)["transactionHash"] = Other },
        { "log removed", NodeFault.Inconsistent, (_, receipts) => Log(receipts)["removed"] = true },
        { "index above 31 bits", NodeFault.Garbage, (_, receipts) => Log(receipts)["logIndex"] = "0x80000000" },
        { "short topic", NodeFault.Garbage, (_, receipts) => Log(receipts)["topics"]![0] = "0x01" },
        { "five topics", NodeFault.Garbage, (_, receipts) => Log(receipts)["topics"] = new JsonArray(1, 2, 3, 4, 5) },
        { "short address", NodeFault.Garbage, (_, receipts) => Log(receipts)["address"] = "0x01" },
        { "data is not hexadecimal", NodeFault.Garbage, (_, receipts) => Log(receipts)["data"] = "0xzz" },
        { "the number is a number", NodeFault.Garbage, (block, _) => block["number"] = 2 },
        { "a number without digits", NodeFault.Garbage, (block, _) => block["number"] = "0x" },
        { "a number above 64 bits", NodeFault.Garbage, (block, _) => block["number"] = "0x10000000000000002" },
        { "a value without digits", NodeFault.Garbage, (block, _) => Body(block)["value"] = "0x" },
        { "input is no text", NodeFault.Garbage, (block, _) => Body(block)["input"] = new JsonArray(1, 2) },
        { "no input", NodeFault.Garbage, (block, _) => Body(block).Remove("input") },
        { "no gas", NodeFault.Garbage, (_, receipts) => Receipt(receipts).Remove("gasUsed") },
        { "no logs", NodeFault.Garbage, (_, receipts) => Receipt(receipts).Remove("logs") },
        { "a log is a list", NodeFault.Garbage, (_, receipts) => Logs(receipts)[1] = new JsonArray() },
        { "log removed, perhaps", NodeFault.Inconsistent, (_, receipts) => Log(receipts)["removed"] = null },
        { "a log twice", NodeFault.Inconsistent, (_, receipts) => Logs(receipts).Add(Log(receipts).DeepClone()) },
    };

    private static string Other => FakeBlock.Digest("another").ToString();

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Lies))]
    public void A_lie_is_not_a_block(string what, NodeFault fault, Action<JsonObject, JsonArray> lie)
    {
        var (block, receipts) = (Two.ToJson(full: true), Two.ReceiptsJson());
        Parse(block, receipts);
        lie(block, receipts);

        var thrown = Assert.Throws<RpcFormatException>(() => Parse(block, receipts));

        Assert.True(fault == thrown.Fault, $"{what}: {thrown.Message}");
    }

    [Fact]
    public void Creations_and_reverts_are_read()
    {
        var (block, receipts) = (Two.ToJson(full: true), Two.ReceiptsJson());
        block["transactions"]![0]!["to"] = null;
        receipts[0]!["contractAddress"] = FakeBlock.Contract;
        receipts[1]!["status"] = "0x0";
        receipts[1]!["logs"] = new JsonArray();
        receipts[1]!.AsObject().Remove("contractAddress");
        block["unknown"] = new JsonArray("ignored");

        var parsed = Parse(block, receipts);

        var contract = Address.Parse(FakeBlock.Contract);
        var (creation, revert) = (parsed.Transactions.Span[0], parsed.Transactions.Span[1]);
        Assert.Equal((null, contract, true), (creation.To, creation.ContractCreated, creation.Succeeded));
        Assert.Equal((contract, null, false), (revert.To, revert.ContractCreated, revert.Succeeded));
    }

    [Fact]
    public void Recorded_blocks_are_read_by_the_same_code()
    {
        var blocks = RecordedLines().Select(line => ReadLine(new BlockReader(), line)).ToList();

        Assert.Equal([17173049UL, 17173050UL], blocks.Select(block => block.Ref.Number));
        Assert.Equal(blocks[0].Ref.Hash, blocks[1].ParentHash);
        Assert.Equal(new DateTimeOffset(2023, 5, 2, 12, 19, 59, TimeSpan.Zero), blocks[0].Time);
        var transactions = blocks.SelectMany(block => block.Transactions.ToArray()).ToList();
        Assert.Equal(298, transactions.Count);
        Assert.Equal(681, transactions.Sum(transaction => transaction.Logs.Length));
        Assert.Equal(
            "0x303abf64fe75964565d2b44b9e4518e6126f1f0e",
            Assert.Single(transactions, transaction => transaction.To is null).ContractCreated.ToString());
    }

    [Fact]
    public void A_header_is_read_without_what_hangs_on_it()
    {
        var json = Two.ToJson(full: false);
        json["receiptsRoot"] = Other;
        json["logsBloom"] = LogsBloom.Of([]).ToString();

        var header = BlockReader.ReadHeader(Bytes(json));

        Assert.Equal((Two.Ref, Two.ParentHash, Other), (header.Ref, header.ParentHash, $"{header.ReceiptsRoot}"));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_700_000_024), header.Time);
        Assert.Equal(LogsBloom.Of([]), header.LogsBloom);
        json.Remove("timestamp");
        Assert.Contains("'timestamp' is missing", FaultOf(() => BlockReader.ReadHeader(Bytes(json))).Message);
    }

    [Theory]
    [InlineData("0x5208", "0x1c9c380", "0x7", 0x5208UL, 7UL)]
    [InlineData("0x5208", "0x1c9c380", null, 0x5208UL, null)] // Before London, and on chains without it.
    [InlineData("0x5208", "0x1c9c380", "0x10000000000000000", 0x5208UL, null)]
    [InlineData("0x5208", null, "0x7", null, null)]
    [InlineData("lots", "0x1c9c380", "0x7", null, null)]
    public void Gas_is_read_where_it_is_told(string? used, string? limit, string? fee, ulong? gas, ulong? baseFee)
    {
        var (block, receipts) = (Two.ToJson(full: true), Two.ReceiptsJson());
        (block["gasUsed"], block["gasLimit"], block["baseFeePerGas"]) = (used, limit, fee);

        var read = Parse(block, receipts);
        block.Remove("gasUsed");

        Assert.Equal(gas is { } told ? new BlockGas(told, 30_000_000, baseFee) : null, read.Gas);
        Assert.Null(Parse(block, receipts).Gas);
    }

    [Fact]
    public void The_order_of_fields_does_not_matter()
    {
        var (block, receipts) = (WithUnknownFields(Two.ToJson(full: true)), Two.ReceiptsJson());
        var expected = Parse(block, receipts);

        for (var seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            var shuffled = Parse((JsonObject)Shuffled(block, random), (JsonArray)Shuffled(receipts, random));
            Assert.True(AreSame(expected, shuffled), $"seed {seed}");
        }
    }

    [Fact]
    public void Receipts_may_come_before_the_block()
    {
        var line = new JsonObject { ["receipts"] = Two.ReceiptsJson(), ["block"] = Two.ToJson(full: true) };

        Assert.True(AreSame(
            Parse(Two.ToJson(full: true), Two.ReceiptsJson()), ReadLine(new BlockReader(), Bytes(line))));
    }

    [Fact]
    public void A_reader_used_again_reads_what_a_new_one_reads()
    {
        var chain = new FakeChain().Extend(6);
        var reader = new BlockReader();
        // Faults in between must leave nothing behind.
        foreach (var number in new[] { 5, 2, 0, 1, 2, 3, 5, 4 })
        {
            var (block, receipts) = (chain[number].ToJson(full: true), chain[number].ReceiptsJson());
            Assert.True(AreSame(Parse(block, receipts), reader.Read(Bytes(block), Bytes(receipts))));
            FaultOf(() => reader.Read(Bytes(block), "[{}]"u8));
            FaultOf(() => reader.Read("{"u8, Bytes(receipts)));
        }
    }

    [Fact]
    public void A_reader_that_has_grown_allocates_nothing_for_each_log()
    {
        var (small, large) = (BigBlock.Of(transactions: 10), BigBlock.Of(transactions: 500));
        var reader = new BlockReader();
        for (var round = 0; round < 3; round++)
        {
            reader.Read(small.Block, small.Receipts);
            reader.Read(large.Block, large.Receipts);
        }

        Assert.Equal(AllocatedBy(reader, small), AllocatedBy(reader, large));
        Assert.Equal(1500, reader.Read(large.Block, large.Receipts).Transactions.ToArray().Sum(t => t.Logs.Length));
    }

    [Fact]
    public void What_is_missing_or_there_twice_is_said()
    {
        var (block, receipts) = (Bytes(Two.ToJson(full: true)), Bytes(Two.ReceiptsJson()));

        Assert.Contains("the block is missing", FaultOf(() => new BlockReader().Read("null"u8, receipts)).Message);
        Assert.Contains("are missing", FaultOf(() => new BlockReader().Read(block, "null"u8)).Message);
        var twice = $$"""{"block":{{Two.ToJson(full: true)}},"block":{{Two.ToJson(full: true)}}}""";
        Assert.Contains("two blocks", FaultOf(() => ReadLine(new BlockReader(), twice)).Message);
        Assert.Contains("receipts twice", FaultOf(
            () => ReadLine(new BlockReader(), """{"receipts":[],"receipts":[]}""")).Message);
    }

    [Fact]
    public void A_reader_over_a_sequence_is_refused_rather_than_half_understood()
    {
        Assert.Throws<ArgumentException>(() =>
        {
            var json = new Utf8JsonReader(new ReadOnlySequence<byte>(Bytes(Two.ToJson(full: true))));
            json.Read();
            new BlockReader().ReadBlock(ref json);
        });
    }

    internal static Block ReadLine(BlockReader reader, ReadOnlySpan<byte> line)
    {
        reader.Start();
        var json = new Utf8JsonReader(line);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var (isBlock, isReceipts) = (json.ValueTextEquals("block"), json.ValueTextEquals("receipts"));
            json.Read();
            if (isBlock)
                reader.ReadBlock(ref json);
            else if (isReceipts)
                reader.ReadReceipts(ref json);
            else
                json.Skip();
        }
        return reader.Join();
    }

    internal static byte[] Bytes(JsonNode json) => JsonSerializer.SerializeToUtf8Bytes(json);

    /// <summary>Equal by everything they hold, whoever's memory that is in.</summary>
    internal static bool AreSame(Block one, Block other) =>
        one.Ref == other.Ref && one.ParentHash == other.ParentHash && one.Time == other.Time
        && one.Transactions.Length == other.Transactions.Length
        && one.Transactions.ToArray().Zip(other.Transactions.ToArray()).All(pair => AreSame(pair.First, pair.Second));

    private static bool AreSame(Transaction one, Transaction other) =>
        one with { Input = default, Logs = default } == other with { Input = default, Logs = default }
        && one.Input.Span.SequenceEqual(other.Input.Span)
        && one.Logs.Length == other.Logs.Length
        && one.Logs.ToArray().Zip(other.Logs.ToArray()).All(pair =>
            pair.First with { Data = default } == pair.Second with { Data = default }
            && pair.First.Data.Span.SequenceEqual(pair.Second.Data.Span));

    private static Block ReadLine(BlockReader reader, string line) => ReadLine(reader, Encoding.UTF8.GetBytes(line));

    private static RpcFormatException FaultOf(Action read) => Assert.Throws<RpcFormatException>(read);

    // The least of several times: waiting for a lock that another test holds allocates, too.
    private static long AllocatedBy(BlockReader reader, BigBlock block)
    {
        var least = long.MaxValue;
        for (var round = 0; round < 10; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            reader.Read(block.Block, block.Receipts);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }

    private static JsonObject WithUnknownFields(JsonObject block)
    {
        block["withdrawals"] = new JsonArray(new JsonObject { ["hash"] = "0x1", ["x"] = new JsonArray(1, null) });
        block["transactions"]![0]!["accessList"] = new JsonArray(new JsonObject { ["address"] = "0x2" });
        return block;
    }

    private static JsonNode Shuffled(JsonNode json, Random random)
    {
        if (json is JsonArray items)
            return new JsonArray([.. items.Select(item => item is null ? null : Shuffled(item, random))]);
        if (json is not JsonObject fields)
            return json.DeepClone();
        var pairs = fields.ToArray();
        random.Shuffle(pairs);
        return new JsonObject(pairs.Select(pair =>
            KeyValuePair.Create(pair.Key, pair.Value is null ? null : Shuffled(pair.Value, random))));
    }

    private static List<string> RecordedLines()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var file = Path.Combine(
                folder.FullName, "shared", "data", "blocks", "ethereum-17173049-17173050.jsonl.gz");
            if (!File.Exists(file))
                continue;
            using var reader = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
            return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)];
        }
        Assert.Skip("the recorded blocks (shared/data/blocks beside the repository) are not here");
        return [];
    }

    private static Block Parse(JsonObject block, JsonArray receipts) =>
        new BlockReader().Read(Bytes(block), Bytes(receipts));

    private static JsonObject Body(JsonObject block) => block["transactions"]![1]!.AsObject();

    private static JsonObject Receipt(JsonArray receipts) => receipts[1]!.AsObject();

    private static JsonArray Logs(JsonArray receipts) => Receipt(receipts)["logs"]!.AsArray();

    private static JsonObject Log(JsonArray receipts) => Logs(receipts)[1]!.AsObject();

    private static void LeaveOutLastLog(JsonObject block, JsonArray receipts)
    {
        var logs = Parse(block, receipts).Transactions.ToArray().SelectMany(transaction => transaction.Logs.ToArray())
            .ToArray();
        logs[^1] = logs[^1] with { Address = Address.Parse(FakeBlock.Sender) };
        block["logsBloom"] = LogsBloom.Of(logs).ToString();
        Logs(receipts).RemoveAt(1);
    }

    private static void Swap(JsonArray items)
    {
        var first = items[0];
        items.RemoveAt(0);
        items.Add(first);
    }
}
