using System.Text.Json.Nodes;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;

namespace Tocsin.Tests.Chain;

/// <summary>A block of a <see cref="FakeChain"/> with a whole header, whose hash and roots are those of its contents.
/// Where one thing is changed afterwards, the others do not follow.</summary>
internal sealed record TrueBlock(JsonObject Block, JsonArray Receipts)
{
    private const ulong GasEach = 21_000;

    public static TrueBlock Of(FakeBlock fake)
    {
        var receipts = fake.ReceiptsJson();
        var contents = new List<ReceiptContent>();
        var logs = new List<Log>();
        for (var index = 0; index < receipts.Count; index++)
        {
            var gas = GasEach * (ulong)(index + 1);
            receipts[index]!["type"] = "0x2";
            receipts[index]!["cumulativeGasUsed"] = FakeBlock.Quantity(gas);
            Log[] own = [.. receipts[index]!["logs"]!.AsArray().Select(log => LogOf(log!))];
            contents.Add(new ReceiptContent(2, true, gas, own));
            logs.AddRange(own);
        }
        var header = new FullHeader(
            fake.ParentHash, FakeBlock.Digest("ommers"), default, FakeBlock.Digest("state"),
            FakeBlock.Digest("transactions"), ReceiptsRoot.Of([.. contents])!.Value, LogsBloom.Of([.. logs]), 0,
            fake.Number, 30_000_000, GasEach * (ulong)receipts.Count, 1_700_000_000 + (12 * fake.Number), [1, 2],
            FakeBlock.Digest("mix"), 0)
        {
            BaseFeePerGasWei = 7,
        };
        var block = fake.ToJson(full: true);
        Write(block, header);
        var (from, to) = (fake.Hash.ToString(), header.Hash().ToString());
        return new TrueBlock(
            JsonNode.Parse(block.ToJsonString().Replace(from, to))!.AsObject(),
            JsonNode.Parse(receipts.ToJsonString().Replace(from, to))!.AsArray());
    }

    /// <summary>The reply to a question for the block or its receipts; null for any other.</summary>
    public Reply? Answer(Asked asked) => asked.Method switch
    {
        "eth_getBlockReceipts" => Reply.Result(asked.Id, Receipts.DeepClone()),
        "eth_getBlockByNumber" when asked.Parameters[1].GetBoolean() => Reply.Result(asked.Id, Block.DeepClone()),
        _ => null,
    };

    private static void Write(JsonObject block, FullHeader header)
    {
        block["sha3Uncles"] = header.OmmersHash.ToString();
        block["miner"] = header.Beneficiary.ToString();
        block["stateRoot"] = header.StateRoot.ToString();
        block["transactionsRoot"] = header.TransactionsRoot.ToString();
        block["receiptsRoot"] = header.ReceiptsRoot.ToString();
        block["logsBloom"] = header.LogsBloom.ToString();
        block["gasLimit"] = FakeBlock.Quantity(header.GasLimit);
        block["gasUsed"] = FakeBlock.Quantity(header.GasUsed);
        block["extraData"] = Hex.Format(header.ExtraData);
        block["mixHash"] = header.MixHash.ToString();
        block["nonce"] = "0x0000000000000000";
        block["uncles"] = new JsonArray();
    }

    private static Log LogOf(JsonNode log) => new(
        0,
        Address.Parse(log["address"]!.GetValue<string>()),
        LogTopics.Create([.. log["topics"]!.AsArray().Select(topic => Hash32.Parse(topic!.GetValue<string>()))]),
        Hex.Parse(log["data"]!.GetValue<string>()));
}
