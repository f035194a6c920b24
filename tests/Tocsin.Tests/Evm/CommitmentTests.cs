using System.Text.Json;
using System.Text.Json.Nodes;
using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Blocks;

namespace Tocsin.Tests.Evm;

/// <summary>What a header commits to, recomputed.</summary>
public sealed class CommitmentTests
{
    private const string NoItems = "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421";

    /// <summary>Block 1 of Foundry's Anvil 1.7.1, mined under the rules of Prague.</summary>
    private const string AnvilBlock = $$"""
        {
          "hash": "0x8e003f47debd2e0ee81280831c0f41a116a75ca7517999d96202a6654954fbfa",
          "parentHash": "0x69064d770f6570dedeb3d0d4f32f673a25b96fcc6d9084b7befa210794a36562",
          "sha3Uncles": "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347",
          "miner": "0x0000000000000000000000000000000000000000",
          "stateRoot": "0x81bc3602f050e0e0ac9fc960686490ec8ac5e61942d27dbd262df3013a8e9f74",
          "transactionsRoot": "{{NoItems}}", "receiptsRoot": "{{NoItems}}", "logsBloom": "BLOOM",
          "difficulty": "0x0", "number": "0x1", "gasLimit": "0x1c9c380", "gasUsed": "0x0", "timestamp": "0x6b01107d",
          "extraData": "0x", "mixHash": "0x7cc93b8298c58f9a791e611d8a34aad2c6c5c897d53a2495a373af0a4b42aa57",
          "nonce": "0x0000000000000000", "baseFeePerGas": "0x3b9aca00", "withdrawalsRoot": "{{NoItems}}",
          "blobGasUsed": "0x0", "excessBlobGas": "0x0",
          "parentBeaconBlockRoot": "0x0000000000000000000000000000000000000000000000000000000000000000",
          "requestsHash": "0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
          "totalDifficulty": "0x0", "size": "0x267", "uncles": [], "transactions": [], "withdrawals": []
        }
        """;

    [Fact]
    public void The_hash_of_the_genesis_of_Ethereum()
    {
        var genesis = new FullHeader(
            Hash32.Zero,
            Keccak256.Hash(Rlp.EncodeList()),
            Address.Zero,
            Hash32.Parse("0xd7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544"),
            OrderedTrie.Root([]),
            OrderedTrie.Root([]),
            LogsBloom.Of([]),
            Difficulty: 0x400000000,
            Number: 0,
            GasLimit: 5000,
            GasUsed: 0,
            TimestampSeconds: 0,
            ExtraData: Hex.Parse("0x11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa"),
            MixHash: Hash32.Zero,
            Nonce: 0x42);
        Assert.Equal("0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3", genesis.Hash().ToString());
    }

    [Fact]
    public void The_hash_of_a_header_with_every_field_to_Prague()
    {
        Assert.True(TryRead(_ => { }, out var header, out var refusal), refusal);
        Assert.Equal("0x8e003f47debd2e0ee81280831c0f41a116a75ca7517999d96202a6654954fbfa", header!.Hash().ToString());
        Assert.NotEqual(header.Hash(), (header with { GasUsed = 1 }).Hash());
        Assert.Throws<InvalidOperationException>(() => (header with { WithdrawalsRoot = null }).Hash());
    }

    public static TheoryData<string, Action<JsonObject>, string> NotRecomputed => new()
    {
        { "field of another chain", block => block["l1BlockNumber"] = "0x1", "'l1BlockNumber' is not known" },
        { "field of a later fork", block => block["blockAccessListHash"] = NoItems, "'blockAccessListHash'" },
        { "no mixHash, as in recordings", block => block.Remove("mixHash"), "'mixHash' is missing" },
        { "a hole between forks", block => block.Remove("blobGasUsed"), "'excessBlobGas' and not 'blobGasUsed'" },
        { "short nonce", block => block["nonce"] = "0x00", "'nonce' is not 8 bytes" },
        { "wide number", block => block["number"] = "0x10000000000000000", "'number' is not a quantity of 64 bits" },
        { "a number that is no text", block => block["gasUsed"] = 7, "'gasUsed' is not a quantity" },
        { "short bloom", block => block["logsBloom"] = "0x00", "'logsBloom' is not a bloom" },
        { "short hash", block => block["stateRoot"] = "0x00", "'stateRoot' is not 32 bytes" },
    };

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(NotRecomputed))]
    public void What_cannot_be_recomputed_is_said(string what, Action<JsonObject> change, string words)
    {
        Assert.False(TryRead(change, out _, out var refusal), what);
        Assert.StartsWith("the hash cannot be recomputed: ", refusal);
        Assert.Contains(words, refusal);
    }

    [Fact]
    public void Null_is_a_field_that_is_not_there()
    {
        Assert.True(TryRead(block => block["unknown"] = null, out _, out _));
        Assert.True(TryRead(block => block["requestsHash"] = null, out var header, out _));
        Assert.Null(header!.RequestsHash);
        Assert.False(HeaderReader.TryRead(JsonSerializer.Deserialize<JsonElement>("[]"), out _, out _));
        var half = JsonSerializer.Deserialize<JsonElement>("""{"\ud800":1,"parentHash":"\ud800"}""");
        Assert.False(HeaderReader.TryRead(half, out _, out _));
    }

    [Fact]
    public void The_root_of_nothing_and_of_one()
    {
        Assert.Equal(NoItems, OrderedTrie.Root([]).ToString());
        // One leaf: the path is the two half bytes of rlp(0), even, so 0x20 0x80.
        var leaf = Rlp.EncodeList(Rlp.Encode([0x20, 0x80]), Rlp.Encode([1, 2, 3]));
        Assert.Equal(Keccak256.Hash(leaf), OrderedTrie.Root([[1, 2, 3]]));
    }

    [Fact]
    public void Every_item_and_its_place_changes_the_root()
    {
        foreach (var count in new[] { 2, 16, 17, 127, 128, 129, 300 })
        {
            var items = Enumerable.Range(0, count).Select(i => Rlp.Encode((ulong)(1_000 + i))).ToArray();
            var root = OrderedTrie.Root(items);
            foreach (var place in new[] { 0, 1, count - 1 })
            {
                var changed = items.ToArray();
                changed[place] = [7, 7, 7];
                Assert.NotEqual(root, OrderedTrie.Root(changed));
            }
            Assert.NotEqual(root, OrderedTrie.Root([items[1], items[0], .. items[2..]]));
            Assert.NotEqual(root, OrderedTrie.Root(items[..^1]));
        }
    }

    [Fact]
    public void Receipts_of_rollup_deposits_are_not_recomputed() =>
        Assert.Null(ReceiptsRoot.Of([new ReceiptContent(0x7e, true, 21_000, default)]));

    [Fact]
    public void Receipts_and_withdrawals_of_recorded_blocks_give_the_roots_of_their_headers()
    {
        foreach (var recorded in RecordedBlocks.Read())
        {
            var block = recorded.GetProperty("block");
            var receipts = recorded.GetProperty("receipts").EnumerateArray().Select(Receipt).ToArray();
            Assert.Equal(Text(block, "receiptsRoot"), ReceiptsRoot.Of(receipts).ToString());
            var logs = receipts.SelectMany(receipt => receipt.Logs.ToArray()).ToArray();
            Assert.Equal(Text(block, "logsBloom"), LogsBloom.Of(logs).ToString());
            var withdrawals = block.GetProperty("withdrawals").EnumerateArray().Select(Withdrawal).ToArray();
            Assert.Equal(Text(block, "withdrawalsRoot"), OrderedTrie.Root(withdrawals).ToString());

            var changed = receipts.Index()
                .Select(place => place.Index == 0 ? place.Item with { Succeeded = false } : place.Item).ToArray();
            Assert.NotEqual(Text(block, "receiptsRoot"), ReceiptsRoot.Of(changed).ToString());
        }
    }

    private static bool TryRead(Action<JsonObject> change, out FullHeader? header, out string? refusal)
    {
        var block = JsonNode.Parse(AnvilBlock.Replace("BLOOM", "0x" + new string('0', 512)))!.AsObject();
        change(block);
        return HeaderReader.TryRead(JsonSerializer.SerializeToElement(block), out header, out refusal);
    }

    private static ReceiptContent Receipt(JsonElement receipt) => new(
        (int)Number(receipt, "type"),
        Number(receipt, "status") == 1,
        Number(receipt, "cumulativeGasUsed"),
        receipt.GetProperty("logs").EnumerateArray().Select(RecordedBlocks.Log).ToArray());

    // EIP-4895: index, validator, address and amount in gwei.
    private static byte[] Withdrawal(JsonElement withdrawal) => Rlp.EncodeList(
        Rlp.Encode(Number(withdrawal, "index")),
        Rlp.Encode(Number(withdrawal, "validatorIndex")),
        Rlp.Encode(Address.Parse(Text(withdrawal, "address"))),
        Rlp.Encode(Number(withdrawal, "amount")));

    private static ulong Number(JsonElement parent, string name) => UInt256.Parse(Text(parent, name)).ToUInt64();

    private static string Text(JsonElement parent, string name) => parent.GetProperty(name).GetString()!;
}
