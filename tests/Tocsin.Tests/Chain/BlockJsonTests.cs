using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;

namespace Tocsin.Tests.Chain;

public sealed class BlockJsonTests
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
        var (creation, revert) = (parsed.Transactions[0], parsed.Transactions[1]);
        Assert.Equal((null, contract, true), (creation.To, creation.ContractCreated, creation.Succeeded));
        Assert.Equal((contract, null, false), (revert.To, revert.ContractCreated, revert.Succeeded));
    }

    [Fact]
    public void Quantities_and_bytes_read_back_as_written()
    {
        Prop.ForAll<ulong, byte[]>((number, bytes) =>
        {
            var padded = JsonSerializer.SerializeToElement($"0x00{number:X}");
            var data = JsonSerializer.SerializeToElement(Hex.Format(bytes));
            return RpcJson.ToNumber(padded, "n") == number
                && RpcJson.ToQuantity(padded, "n") == number
                && RpcJson.ToBytes(data, "b").AsSpan().SequenceEqual(bytes);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Recorded_blocks_are_read_by_the_same_code()
    {
        var blocks = RecordedLines().Select(line =>
        {
            using var document = JsonDocument.Parse(line);
            return BlockJson.Parse(
                document.RootElement.GetProperty("block"), document.RootElement.GetProperty("receipts"));
        }).ToList();

        Assert.Equal([17173049UL, 17173050UL], blocks.Select(block => block.Ref.Number));
        Assert.Equal(blocks[0].Ref.Hash, blocks[1].ParentHash);
        Assert.Equal(new DateTimeOffset(2023, 5, 2, 12, 19, 59, TimeSpan.Zero), blocks[0].Time);
        var transactions = blocks.SelectMany(block => block.Transactions).ToList();
        Assert.Equal(298, transactions.Count);
        Assert.Equal(681, transactions.Sum(transaction => transaction.Logs.Count));
        Assert.Equal(
            "0x303abf64fe75964565d2b44b9e4518e6126f1f0e",
            Assert.Single(transactions, transaction => transaction.To is null).ContractCreated.ToString());
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

    private static Block Parse(JsonObject block, JsonArray receipts) => BlockJson.Parse(
        JsonSerializer.SerializeToElement(block), JsonSerializer.SerializeToElement(receipts));

    private static JsonObject Body(JsonObject block) => block["transactions"]![1]!.AsObject();

    private static JsonObject Receipt(JsonArray receipts) => receipts[1]!.AsObject();

    private static JsonArray Logs(JsonArray receipts) => Receipt(receipts)["logs"]!.AsArray();

    private static JsonObject Log(JsonArray receipts) => Logs(receipts)[1]!.AsObject();

    private static void LeaveOutLastLog(JsonObject block, JsonArray receipts)
    {
        var logs = Parse(block, receipts).Transactions.SelectMany(transaction => transaction.Logs).ToList();
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
