using System.Text.Json;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;

namespace Tocsin.Replay;

/// <summary>The nested frames of geth's callTracer, as recordings hold them, made flat.</summary>
internal static class CallTree
{
    private const int FramesMax = 1 << 20;

    /// <summary>The EVM nests 1,024 calls; each costs an object and an array of JSON.</summary>
    public const int JsonDepthMax = 2_200;

    /// <exception cref="FormatException">Not a tree of call frames.</exception>
    public static ValueList<CallFrame> Read(JsonElement root)
    {
        var frames = new List<CallFrame>();
        var logs = 0;
        var open = new Stack<(JsonElement Frame, int Depth)>([(root, 0)]);
        while (open.TryPop(out var next))
        {
            if (frames.Count == FramesMax)
                throw new FormatException($"the trace has more than {FramesMax} frames");
            frames.Add(ReadFrame(next.Frame, next.Depth, ref logs));
            if (RpcJson.Optional(next.Frame, "calls") is not { ValueKind: not JsonValueKind.Null } calls)
                continue;
            foreach (var call in RpcJson.ToArray(calls, "calls").EnumerateArray().Reverse())
                open.Push((call, next.Depth + 1));
        }
        return frames.ToValueList();
    }

    /// <summary>The logs that the tree wrote in the end: those of frames of which none above failed.</summary>
    public static Log[] Logs(ValueList<CallFrame> frames)
    {
        var logs = new List<Log>();
        var failedAt = int.MaxValue;
        foreach (var frame in frames)
        {
            if (frame.Depth <= failedAt)
                failedAt = frame.Error is null ? int.MaxValue : frame.Depth;
            if (failedAt == int.MaxValue)
                foreach (var log in frame.Logs.Span)
                    logs.Add(log);
        }
        // Frames come before the frames that they call, so the tracer's own order is restored; then they are numbered
        // as a block that holds nothing else would number them.
        logs.Sort((left, right) => left.Index.CompareTo(right.Index));
        return [.. logs.Select((log, index) => log with { Index = index })];
    }

    /// <summary>Topics and data of a log, at the index given.</summary>
    public static Log ReadLog(JsonElement log, int index)
    {
        var topics = RpcJson.Array(log, "topics");
        if (topics.GetArrayLength() > LogTopics.CountMax)
            throw new FormatException($"a log has {topics.GetArrayLength()} topics, more than {LogTopics.CountMax}");
        Hash32[] parsed = [.. topics.EnumerateArray().Select(topic => RpcJson.ToHash(topic, "topics"))];
        return new Log(
            index, RpcJson.Address(log, "address"), LogTopics.Create(parsed), OptionalBytes(log, "data"));
    }

    private static CallFrame ReadFrame(JsonElement frame, int depth, ref int logs) => new(
        depth,
        Kind(RpcJson.Text(frame, "type")),
        RpcJson.Address(frame, "from"),
        Given(frame, "to") is { } to ? RpcJson.ToAddress(to, "to") : null,
        Given(frame, "value") is { } value ? RpcJson.ToQuantity(value, "value") : UInt256.Zero,
        OptionalBytes(frame, "input"),
        OptionalBytes(frame, "output"),
        Given(frame, "error") is null ? null : RpcJson.Text(frame, "error"),
        Given(frame, "logs") is { } written ? ReadLogs(RpcJson.ToArray(written, "logs"), ref logs) : default);

    // With an index they are ordered by it; without, by the order in which frames come.
    private static Log[] ReadLogs(JsonElement written, ref int logs)
    {
        var read = new List<Log>();
        foreach (var log in written.EnumerateArray())
        {
            read.Add(ReadLog(log, Given(log, "index") is null ? logs : RpcJson.Index(log, "index")));
            logs++;
        }
        return [.. read];
    }

    private static CallKind Kind(string type) => type switch
    {
        "CALL" => CallKind.Call,
        "STATICCALL" => CallKind.StaticCall,
        "DELEGATECALL" => CallKind.DelegateCall,
        "CALLCODE" => CallKind.CallCode,
        "CREATE" => CallKind.Create,
        "CREATE2" => CallKind.Create2,
        "SELFDESTRUCT" or "SUICIDE" => CallKind.SelfDestruct,
        _ => throw new FormatException("a frame is of a type that the EVM does not have"),
    };

    private static byte[] OptionalBytes(JsonElement parent, string name) =>
        Given(parent, name) is { } value ? RpcJson.ToBytes(value, name) : [];

    private static JsonElement? Given(JsonElement parent, string name) =>
        RpcJson.Optional(parent, name) is { ValueKind: not JsonValueKind.Null } value ? value : null;
}
