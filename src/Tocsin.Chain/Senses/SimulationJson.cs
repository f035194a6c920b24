using System.Text.Json;
using Tocsin.Evm.Blocks;

namespace Tocsin.Chain.Senses;

/// <summary>One call of an answer of <c>eth_simulateV1</c>.</summary>
/// <param name="Error">Why it failed, in the node's words; null where it did not.</param>
internal sealed record SimulatedCallJson(JsonElement Element, string? Error, List<Log> Logs);

/// <summary>Answers of <c>eth_simulateV1</c> (execution-apis): blocks, of which one is asked for, with its
/// calls.</summary>
internal static class SimulationJson
{
    /// <exception cref="RpcFormatException">Malformed, or not exactly so many calls of one block.</exception>
    public static List<SimulatedCallJson> Calls(JsonElement blocks, int expected)
    {
        if (RpcJson.ToArray(blocks, "result").GetArrayLength() != 1)
            throw RpcJson.Garbage("a simulation of one block is not one block");
        var calls = RpcJson.Array(blocks[0], "calls");
        if (calls.GetArrayLength() != expected)
            throw RpcJson.Garbage($"a simulation of {expected} calls has {calls.GetArrayLength()}");
        return [.. calls.EnumerateArray().Select(Call)];
    }

    private static SimulatedCallJson Call(JsonElement call)
    {
        if (RpcJson.Number(call, "status") == 1)
            return new SimulatedCallJson(call, null, Logs(call));
        var error = RpcJson.Optional(call, "error") is { ValueKind: JsonValueKind.Object } why
            ? JsonToken.Plain(RpcJson.Text(why, "message"))
            : "execution failed";
        return new SimulatedCallJson(call, error, []);
    }

    private static List<Log> Logs(JsonElement call)
    {
        var logs = new List<Log>();
        foreach (var log in RpcJson.Array(call, "logs").EnumerateArray())
        {
            var topics = RpcJson.Array(log, "topics");
            if (topics.GetArrayLength() > LogTopics.CountMax)
                throw RpcJson.Garbage("a log with too many topics");
            logs.Add(new Log(
                logs.Count,
                RpcJson.Address(log, "address"),
                LogTopics.Create([.. topics.EnumerateArray().Select(topic => RpcJson.ToHash(topic, "topics"))]),
                RpcJson.Bytes(log, "data")));
        }
        return logs;
    }
}
