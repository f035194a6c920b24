using System.Collections.Concurrent;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Transactions;

namespace Tocsin.EndToEnd.Sending;

/// <summary>
/// Stands before Anvil, which takes any replacement, and holds transactions to geth's rules: a replacement needs a
/// tenth more of both fees. It may answer in its own words instead, or take a transaction and let it disappear.
/// </summary>
internal sealed class StrictPool
{
    private readonly ConcurrentDictionary<ulong, List<Eip1559Transaction>> versions = new();

    /// <summary>Takes it and passes it on to nobody; by the transaction and its number at its nonce.</summary>
    public Func<Eip1559Transaction, int, bool> Swallows { get; set; } = (_, _) => false;

    /// <summary>Answers a method in place of the node; null for the node's own answer.</summary>
    public Func<string, JsonArray, JsonNode?>? Instead { get; set; }

    public ConcurrentDictionary<Hash32, bool> Known { get; } = new();

    /// <summary>What was sent and refused by the rules.</summary>
    public ConcurrentQueue<string> Underpriced { get; } = new();

    /// <summary>All methods that were asked.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public IReadOnlyList<Eip1559Transaction> VersionsOf(ulong nonce) =>
        versions.TryGetValue(nonce, out var known) ? known.ToList() : [];

    public string? Answer(string text)
    {
        if (JsonNode.Parse(text) is not JsonObject request)
            return null;
        var method = request["method"]!.GetValue<string>();
        Asked.Enqueue(method);
        if (Instead?.Invoke(method, request["params"]!.AsArray()) is { } result)
            return Text(request, "result", result);
        return method == "eth_sendRawTransaction" ? Take(request) : null;
    }

    private string? Take(JsonObject request)
    {
        var raw = Hex.Parse(request["params"]![0]!.GetValue<string>());
        Assert.True(Eip1559Transaction.TryParseSigned(raw, out var sent, out _));
        var at = versions.GetOrAdd(sent.Nonce, _ => []);
        lock (at)
        {
            if (at.Contains(sent))
                return Swallows(sent, at.IndexOf(sent) + 1) ? Refusal(request, "already known") : null;
            if (at.Count > 0 && !(IsTenthMore(at[^1].MaxFeePerGasWei, sent.MaxFeePerGasWei)
                && IsTenthMore(at[^1].MaxPriorityFeePerGasWei, sent.MaxPriorityFeePerGasWei)))
            {
                Underpriced.Enqueue($"{at[^1]} by {sent}");
                return Refusal(request, "replacement transaction underpriced");
            }
            at.Add(sent);
            Known[Keccak256.Hash(raw)] = true;
            return Swallows(sent, at.Count)
                ? Text(request, "result", JsonValue.Create(Keccak256.Hash(raw).ToString()))
                : null;
        }
    }

    // geth, core/txpool/legacypool/list.go: more than before, and a tenth more at least.
    private static bool IsTenthMore(UInt256 before, UInt256 after) =>
        after > before && (BigInteger)after * 100 >= (BigInteger)before * 110;

    private static string Refusal(JsonObject request, string words) =>
        Text(request, "error", new JsonObject { ["code"] = -32000, ["message"] = words });

    private static string Text(JsonObject request, string name, JsonNode value) => JsonSerializer.Serialize(
        new JsonObject { ["jsonrpc"] = "2.0", ["id"] = request["id"]!.DeepClone(), [name] = value });
}
