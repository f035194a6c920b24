using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Tocsin.Chains;

namespace Tocsin.Tests.Chain;

/// <summary>A chain of small blocks as a node would serve it; the branch goes into the hashes.</summary>
internal sealed class FakeChain
{
    // Replaced as a whole: the node reads it while the test extends it.
    private volatile FakeBlock[] blocks = [FakeBlock.After(null, "genesis")];

    public FakeBlock Head => blocks[^1];

    public IReadOnlyList<FakeBlock> Blocks => blocks;

    public FakeBlock this[int number] => blocks[number];

    public FakeBlock? At(ulong number) => blocks.ElementAtOrDefault((int)number);

    public FakeChain Extend(int count, string branch = "main") => Reorg(depth: 0, count, branch);

    /// <summary>Drops that many blocks from the end and puts others in their place.</summary>
    public FakeChain Reorg(int depth, int count, string branch)
    {
        List<FakeBlock> next = [.. blocks[..^depth]];
        for (var added = 0; added < count; added++)
            next.Add(FakeBlock.After(next[^1], branch));
        blocks = [.. next];
        return this;
    }

    public FakeChain Copy() => new() { blocks = blocks };
}

internal sealed record FakeBlock(ulong Number, Hash32 Hash, Hash32 ParentHash)
{
    public const string Contract = "0x00000000000000000000000000000000000c0de0";
    public const string Sender = "0x000000000000000000000000000000000000a11c";

    public BlockRef Ref => new(Number, Hash);

    public static FakeBlock After(FakeBlock? parent, string branch)
    {
        var number = parent is null ? 0 : parent.Number + 1;
        var parentHash = parent?.Hash ?? Hash32.Zero;
        return new FakeBlock(number, Digest($"{branch}:{number}:{parentHash}"), parentHash);
    }

    /// <summary>As eth_getBlockByNumber: none, one or two transactions, by number.</summary>
    public JsonObject ToJson(bool full)
    {
        var transactions = new JsonArray();
        for (var index = 0; index < Transactions; index++)
            transactions.Add(full ? TransactionJson(index) : JsonValue.Create(TransactionHash(index).ToString()));
        return new JsonObject
        {
            ["number"] = Quantity(Number),
            ["hash"] = Hash.ToString(),
            ["parentHash"] = ParentHash.ToString(),
            ["timestamp"] = Quantity(1_700_000_000 + (12 * Number)),
            ["baseFeePerGas"] = "0x7",
            ["difficulty"] = "0x0",
            ["transactions"] = transactions,
        };
    }

    /// <summary>As eth_getBlockReceipts: each transaction calls a contract that writes two logs.</summary>
    public JsonArray ReceiptsJson() =>
        new([.. Enumerable.Range(0, Transactions).Select(index => (JsonNode)ReceiptJson(index))]);

    public JsonObject ReceiptJson(int index) => new()
    {
        ["transactionHash"] = TransactionHash(index).ToString(),
        ["transactionIndex"] = Quantity((ulong)index),
        ["blockHash"] = Hash.ToString(),
        ["blockNumber"] = Quantity(Number),
        ["status"] = "0x1",
        ["gasUsed"] = "0x5208",
        ["contractAddress"] = null,
        ["logs"] = new JsonArray(LogJson(index, 2 * index), LogJson(index, (2 * index) + 1)),
    };

    public JsonObject LogJson(int transaction, int index) => new()
    {
        ["address"] = Contract,
        ["topics"] = new JsonArray(Digest("topic").ToString(), Digest($"{Number}").ToString()),
        ["data"] = "0x0102",
        ["blockHash"] = Hash.ToString(),
        ["blockNumber"] = Quantity(Number),
        ["transactionHash"] = TransactionHash(transaction).ToString(),
        ["transactionIndex"] = Quantity((ulong)transaction),
        ["logIndex"] = Quantity((ulong)index),
        ["removed"] = false,
    };

    public Hash32 TransactionHash(int index) => Digest($"{Hash}:{index}");

    public static Hash32 Digest(string text) => new(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    public static string Quantity(ulong number) => $"0x{number:x}";

    private int Transactions => (int)(Number % 3);

    private JsonObject TransactionJson(int index) => new()
    {
        ["hash"] = TransactionHash(index).ToString(),
        ["transactionIndex"] = Quantity((ulong)index),
        ["blockHash"] = Hash.ToString(),
        ["blockNumber"] = Quantity(Number),
        ["from"] = Sender,
        ["to"] = Contract,
        ["nonce"] = Quantity(Number),
        ["value"] = "0xde0b6b3a7640000",
        ["input"] = "0x12345678",
    };
}
