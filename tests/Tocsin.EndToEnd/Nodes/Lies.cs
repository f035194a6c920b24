using System.Globalization;
using System.Text.Json.Nodes;
using Tocsin.Evm.Blocks;

namespace Tocsin.EndToEnd.Nodes;

/// <summary>The lies that a node has been thought to tell, and what is said when it is caught.</summary>
internal static class Lies
{
    private const string NotItsHash = "is not what its hash says";

    private const string Stranger = "0x00000000000000000000000000000000000bad01";
    private static readonly string OtherHash = "0x" + new string('b', 64);

    /// <summary>By name: how it is told, and words that must be said of it beside the name of the node.</summary>
    public static readonly IReadOnlyDictionary<string, (Action<NodeProxy> Tell, string Words)> All =
        new Dictionary<string, (Action<NodeProxy>, string)>
        {
            ["leaves out the first log"] = (OfLogs(logs => logs.RemoveAt(0)), "is missing"),
            ["leaves out the last log, whose bits the first one covers"] =
                (OfLogs(logs => logs.RemoveAt(1)), "logs, not"),
            ["leaves out all logs"] = (OfLogs(logs => logs.Clear()), "the bloom differs"),
            ["leaves out all logs and fits the bloom"] =
                (Both(OfLogs(logs => logs.Clear()), OfBloom(LogsBloom.Of([]).ToString())), NotItsHash),
            ["leaves out all logs, fits the bloom, and adds a field that no header has"] =
                (Both(OfLogs(logs => logs.Clear()), OfHeader(header =>
                {
                    header["logsBloom"] = LogsBloom.Of([]).ToString();
                    header["l1BlockNumber"] = "0x1";
                })), "logs, not"),
            ["makes up a log"] = (OfLogs(logs => logs.Add(Another(logs, Stranger))), "the bloom differs"),
            ["makes up a log like another"] = (OfLogs(logs => logs.Add(Another(logs, null))), "logs, not"),
            ["alters the data"] = (OfLogs(logs => logs[1]!["data"] = "0x" + new string('9', 64)), "wrote other logs"),
            ["alters the address"] = (OfLogs(logs => logs[1]!["address"] = Stranger), "the bloom differs"),
            ["changes the order"] = (OfLogs(Swap), "wrote other logs"),
            ["says that it reverted"] = (
                OfReceipts(receipt =>
                {
                    receipt["status"] = "0x0";
                    receipt["logs"] = new JsonArray();
                }),
                "the bloom differs"),
            ["names another callee"] = (
                proxy => proxy.Lie = (call, result) => Change(result, part => part["to"] is not null, "to", Stranger),
                "another sender, callee"),
            ["changes the hash of the header alone"] = (
                OfHeader(header => header["hash"] = OtherHash), "contradicts itself"),
            ["changes the hash of the block everywhere"] = (EverywhereAnotherHash, "says that block"),
            ["changes the parent"] = (OfHeader(header => header["parentHash"] = OtherHash), NotItsHash),
            ["changes the time"] = (OfHeader(header => header["timestamp"] = "0x1"), NotItsHash),
            ["leaves out the transaction"] = (
                proxy => proxy.Lie = (call, result) =>
                {
                    if (result is JsonObject block && call is { IsLatest: false, Method: "eth_getBlockByNumber" })
                    {
                        block["transactions"] = new JsonArray();
                        block["logsBloom"] = LogsBloom.Of([]).ToString();
                    }
                    return call.Method == "eth_getBlockReceipts" ? new JsonArray() : result;
                },
                NotItsHash),
            ["announces blocks far beyond"] = (OfHead((head, _) => Shift(head, "number", 5000)), "liar announce"),
            ["announces the next block, which it does not have"] = (
                OfHead((head, _) => Shift(head, "number", 1)), "but does not have block"),
            ["dates its head into the future"] = (OfHead((head, _) => Shift(head, "timestamp", 7200)), "the future"),
            ["goes back"] = (OfHead((head, asked) => Shift(head, "number", asked > 1 ? -20 : 0)), "back at block"),
            ["stands still"] = (StandStill, "blocks behind honest"),
            ["lags by ten blocks"] = (proxy => proxy.Lag = 10, "blocks behind honest"),
        };

    private static Action<NodeProxy> Both(Action<NodeProxy> first, Action<NodeProxy> second) => proxy =>
    {
        first(proxy);
        var inner = proxy.Lie!;
        second(proxy);
        var outer = proxy.Lie!;
        proxy.Lie = (call, result) => outer(call, inner(call, result));
    };

    private static Action<NodeProxy> OfReceipts(Action<JsonObject> change) => proxy => proxy.Lie = (call, result) =>
    {
        if (call.Method == "eth_getBlockReceipts")
        {
            foreach (var receipt in result!.AsArray())
                change(receipt!.AsObject());
        }
        return result;
    };

    private static Action<NodeProxy> OfLogs(Action<JsonArray> change) => OfReceipts(receipt =>
    {
        if (receipt["logs"]!.AsArray() is { Count: > 1 } logs)
            change(logs);
    });

    private static Action<NodeProxy> OfBloom(string bloom) => OfHeader(header => header["logsBloom"] = bloom);

    // Only of blocks asked for by number: the head itself stays as it is.
    private static Action<NodeProxy> OfHeader(Action<JsonObject> change) => proxy => proxy.Lie = (call, result) =>
    {
        if (call is { Method: "eth_getBlockByNumber", IsLatest: false } && result is JsonObject header
            && header["transactions"]!.AsArray().Count > 0)
        {
            change(header);
        }
        return result;
    };

    private static Action<NodeProxy> OfHead(Action<JsonObject, int> change) => proxy =>
    {
        var asked = 0;
        proxy.Lie = (call, result) =>
        {
            if (call.IsLatest)
                change(result!.AsObject(), Interlocked.Increment(ref asked));
            return result;
        };
    };

    private static void EverywhereAnotherHash(NodeProxy proxy) => proxy.Lie = (call, result) =>
    {
        if (call.IsLatest || result is null)
            return result;
        var hash = result switch
        {
            JsonObject block => block["hash"],
            JsonArray receipts => receipts.FirstOrDefault()?["blockHash"],
            _ => null,
        };
        return hash is null
            ? result
            : JsonNode.Parse(result.ToJsonString().Replace($"{hash}", OtherHash, StringComparison.Ordinal));
    };

    private static void StandStill(NodeProxy proxy)
    {
        var first = default(JsonNode);
        proxy.Lie = (call, result) => call.IsLatest ? (first ??= result!.DeepClone()).DeepClone() : result;
    }

    private static void Swap(JsonArray logs)
    {
        (logs[0]!["data"], logs[1]!["data"]) = (logs[1]!["data"]!.DeepClone(), logs[0]!["data"]!.DeepClone());
    }

    private static JsonNode Another(JsonArray logs, string? address)
    {
        var log = logs[^1]!.DeepClone();
        log["logIndex"] = $"0x{logs.Count:x}";
        if (address is not null)
            log["address"] = address;
        return log;
    }

    private static void Shift(JsonObject header, string field, long by)
    {
        var value = long.Parse(header[field]!.GetValue<string>()[2..], NumberStyles.HexNumber);
        header[field] = $"0x{value + by:x}";
    }

    private static JsonNode? Change(JsonNode? result, Func<JsonObject, bool> where, string field, string value)
    {
        var parts = result switch
        {
            JsonArray receipts => receipts.Select(receipt => receipt!.AsObject()),
            JsonObject block => block["transactions"]?.AsArray().OfType<JsonObject>() ?? [],
            _ => [],
        };
        foreach (var part in parts.Where(where))
            part[field] = value;
        return result;
    }
}
