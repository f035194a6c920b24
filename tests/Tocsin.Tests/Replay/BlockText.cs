using System.Text.Json.Nodes;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;

namespace Tocsin.Tests.Replay;

/// <summary>Blocks of a story as a line of a block file.</summary>
internal static class BlockText
{
    public static string Line(Block block, Action<JsonObject>? change = null)
    {
        var line = new JsonObject { ["block"] = Body(block), ["receipts"] = Receipts(block) };
        change?.Invoke(line);
        return line.ToJsonString();
    }

    public static JsonObject Body(Block block) => new()
    {
        ["number"] = Quantity(block.Ref.Number),
        ["hash"] = block.Ref.Hash.ToString(),
        ["parentHash"] = block.ParentHash.ToString(),
        ["timestamp"] = Quantity((ulong)block.Time.ToUnixTimeSeconds()),
        ["transactions"] = new JsonArray([.. block.Transactions.ToArray().Select(tx => (JsonNode)new JsonObject
        {
            ["hash"] = tx.Hash.ToString(),
            ["transactionIndex"] = Quantity((ulong)tx.Index),
            ["blockHash"] = block.Ref.Hash.ToString(),
            ["from"] = tx.From.ToString(),
            ["to"] = tx.To?.ToString(),
            ["nonce"] = Quantity(tx.Nonce),
            ["value"] = tx.ValueWei.ToQuantity(),
            ["input"] = Hex.Format(tx.Input.Span),
        })]),
    };

    public static JsonArray Receipts(Block block) => new([.. block.Transactions.ToArray()
        .Select(tx => (JsonNode)new JsonObject
        {
            ["transactionHash"] = tx.Hash.ToString(),
            ["transactionIndex"] = Quantity((ulong)tx.Index),
            ["blockHash"] = block.Ref.Hash.ToString(),
            ["blockNumber"] = Quantity(block.Ref.Number),
            ["status"] = tx.Succeeded ? "0x1" : "0x0",
            ["gasUsed"] = "0x5208",
            ["contractAddress"] = tx.ContractCreated?.ToString(),
            ["logs"] = new JsonArray([.. tx.Logs.ToArray().Select(log => LogOf(block, tx, log))]),
        })]);

    private static JsonNode LogOf(Block block, Transaction tx, Log log) => new JsonObject
    {
        ["address"] = log.Address.ToString(),
        ["topics"] = new JsonArray([.. log.Topics.AsSpan().ToArray().Select(topic => (JsonNode)topic.ToString())]),
        ["data"] = Hex.Format(log.Data.Span),
        ["blockHash"] = block.Ref.Hash.ToString(),
        ["blockNumber"] = Quantity(block.Ref.Number),
        ["transactionHash"] = tx.Hash.ToString(),
        ["transactionIndex"] = Quantity((ulong)tx.Index),
        ["logIndex"] = Quantity((ulong)log.Index),
        ["removed"] = false,
    };

    private static string Quantity(ulong number) => $"0x{number:x}";
}
