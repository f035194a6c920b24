using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Tocsin.Chain;
using Tocsin.Chain.Senses;
using Tocsin.Chains;
using Tocsin.Evm.Inputs;

namespace Tocsin.Tests.Chain.Senses;

public sealed class TraceJsonTests
{
    private const string Alice = "0x00000000000000000000000000000000000a11ce";
    private const string Bob = "0x0000000000000000000000000000000000000b0b";

    private static readonly Hash32 Transaction = new(Enumerable.Repeat((byte)7, 32).ToArray());

    [Fact]
    public void A_call_is_read_with_everything_it_says()
    {
        var trace = Parse(
            $$"""
            {"type":"CREATE2","from":"{{Alice}}","to":"{{Bob}}","value":"0x0de0","gas":"0x1","input":"0x0102",
             "output":"0x03","error":"execution reverted","revertReason":"no\u0007way","beforeEVMTransfers":[{"a":[1]}]}
            """);

        var frame = Assert.Single(trace.Frames);
        Assert.Equal(Transaction, trace.Transaction);
        Assert.Equal(
            (0, CallKind.Create2, Address.Parse(Alice), Address.Parse(Bob), (UInt256)0xde0),
            (frame.Depth, frame.Kind, frame.From, frame.To, frame.ValueWei));
        Assert.Equal("0x0102", Hex.Format(frame.Input.Span));
        Assert.Equal("0x03", Hex.Format(frame.Output.Span));
        Assert.Equal("execution reverted: no way", frame.Error);
    }

    [Fact]
    public void What_a_recording_leaves_out_is_empty()
    {
        var frame = Assert.Single(Parse($$"""{"type":"CREATE","from":"{{Alice}}","to":null}""").Frames);

        Assert.Null(frame.To);
        Assert.Null(frame.Error);
        Assert.Equal((UInt256.Zero, 0, 0, 0),
            (frame.ValueWei, frame.Input.Length, frame.Output.Length, frame.Logs.Length));
    }

    [Fact]
    public void Any_tree_of_calls_comes_out_flat_each_call_before_those_it_makes() => Prop.ForAll<int>(seed =>
    {
        var random = new System.Random(seed);
        var expected = new List<(int Depth, int Value)>();
        var json = Tree(random, 0, expected).ToJsonString();

        var frames = Parse(json).Frames;

        return frames.Select(frame => (frame.Depth, (int)frame.ValueWei.ToUInt64())).SequenceEqual(expected);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Damaged_traces_are_refused_and_nothing_else_happens() => Prop.ForAll<int>(seed =>
    {
        var random = new System.Random(seed);
        var json = Encoding.UTF8.GetBytes(Tree(random, 0, []).ToJsonString());
        for (var damage = random.Next(1, 4); damage > 0; damage--)
            json[random.Next(json.Length)] = (byte)random.Next(256);
        var length = random.Next(2) == 0 ? json.Length : random.Next(json.Length);
        try
        {
            TraceJson.ParseCall(json.AsSpan(0, length), Transaction);
        }
        catch (RpcFormatException)
        {
            // A named refusal is what damage shall lead to, where it can be seen at all.
        }
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(1_000)]
    [InlineData(1_026)]
    public void Calls_as_deep_as_the_machine_allows_are_read(int frames)
    {
        var trace = Parse(Chain(frames));

        Assert.Equal(frames, trace.Frames.Count);
        Assert.Equal(frames - 1, trace.Frames[^1].Depth);
    }

    [Theory]
    [InlineData(1_027, "calls nested more deeply than 1025")]
    [InlineData(100_000, "calls nested more deeply than 1025")]
    public void Deeper_calls_are_refused_by_name(int frames, string why)
    {
        var refusal = Assert.Throws<RpcFormatException>(() => Parse(Chain(frames)));

        Assert.Equal(NodeFault.TooLarge, refusal.Fault);
        Assert.Contains(why, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Depth_in_a_field_that_is_not_read_is_bounded_too()
    {
        var nested = new string('[', 5_000) + new string(']', 5_000);

        var refusal = Assert.Throws<RpcFormatException>(
            () => Parse($$"""{"type":"CALL","from":"{{Alice}}","x":{{nested}}}"""));

        Assert.Equal(NodeFault.TooLarge, refusal.Fault);
    }

    [Fact]
    public void Frames_logs_and_bytes_are_bounded()
    {
        var options = new TraceOptions { MaximumItems = 3, MaximumBytes = 2_000 };
        var logs = string.Join(",", Enumerable.Repeat(Log(Bob, 1, 0), 4));

        Assert.Equal("with more calls than 3", Refused(Chain(4), options).Message);
        Assert.Equal(
            "with more logs than 3",
            Refused($$"""{"type":"CALL","from":"{{Alice}}","logs":[{{logs}}]}""", options).Message);
        Assert.Equal("with more than 2000 bytes", Refused(new string(' ', 2_001), options).Message);
    }

    [Theory]
    [InlineData("""[]""", "instead of an object")]
    [InlineData("""{"type":"CALL"}""", "no 'type' or no 'from'")]
    [InlineData("""{"from":"0x00000000000000000000000000000000000a11ce"}""", "no 'type' or no 'from'")]
    [InlineData("""{"type":"CALL","type":"CREATE"}""", "'Type' twice")]
    [InlineData("""{"type":"AUTHCALL"}""", "'type' of a call is 'AUTHCALL'")]
    [InlineData("""{"type":7}""", "is not text")]
    [InlineData("""{"from":"0x01"}""", "not 20 bytes")]
    [InlineData("""{"input":"0x012"}""", "not hexadecimal bytes")]
    [InlineData("""{"input":"\u0030x01"}""", "not hexadecimal")]
    [InlineData("""{"value":"0x"}""", "not a quantity")]
    [InlineData("""{"value":12}""", "not hexadecimal")]
    [InlineData("""{"calls":{}}""", "not an array")]
    [InlineData("""{"calls":[1]}""", "instead of an object")]
    [InlineData("""{"logs":[{"topics":[]}]}""", "no 'address'")]
    [InlineData("""{"logs":[{"topics":["0x01"]}]}""", "not 32 bytes")]
    [InlineData("""{"logs":[{"data":"0x","data":"0x"}]}""", "'Data' twice")]
    [InlineData("""{"error":"\ud800"}""", "not valid Unicode")]
    [InlineData("""{"type":"CALL",""", "not JSON")]
    [InlineData("", "not JSON")]
    public void What_is_no_trace_is_refused(string json, string why)
    {
        var refusal = Refused(json);

        Assert.Equal(NodeFault.Garbage, refusal.Fault);
        Assert.Contains(why, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CALL")]
    [InlineData("STATICCALL")]
    [InlineData("DELEGATECALL")]
    public void A_call_of_nobody_is_refused(string type) => Assert.Contains(
        "no 'to'", Refused($$"""{"type":"{{type}}","from":"{{Alice}}","to":null}""").Message, StringComparison.Ordinal);

    [Fact]
    public void Logs_stand_in_the_order_of_execution_and_not_where_a_call_failed()
    {
        var trace = Parse(
            $$"""
            {"type":"CALL","from":"{{Alice}}","to":"{{Bob}}","calls":[
              {"type":"CALL","from":"{{Alice}}","to":"{{Bob}}","logs":[{{Log(Bob, 2, 0)}}]},
              {"type":"CALL","from":"{{Alice}}","to":"{{Bob}}","error":"out of gas","logs":[{{Log(Bob, 9, 0)}}],
               "calls":[{"type":"CALL","from":"{{Alice}}","to":"{{Bob}}","logs":[{{Log(Bob, 9, 0)}}]}]},
              {"type":"CALL","from":"{{Alice}}","to":"{{Bob}}","logs":[{{Log(Bob, 4, 0)}}]}],
             "logs":[{{Log(Bob, 1, 0)}},{{Log(Bob, 3, 1)}},{{Log(Bob, 5, 3)}}]}
            """);

        Assert.Equal([3, 1, 0, 0, 1], trace.Frames.Select(frame => frame.Logs.Length));
        Assert.Equal(
            [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)],
            trace.Frames.SelectMany(frame => frame.Logs.ToArray())
                .Select(log => (log.Index, log.Data.Span[0] + 0)).Order());
    }

    internal static string Log(string address, byte mark, int position) =>
        $$"""
        {"address":"{{address}}","topics":[],"data":"0x{{mark:x2}}","index":"0x63","position":"0x{{position:x}}"}
        """;

    internal static string Chain(int frames)
    {
        var json = new StringBuilder();
        for (var i = 0; i < frames; i++)
            json.Append($$"""{"type":"CALL","from":"{{Alice}}","to":"{{Bob}}","calls":[""");
        return json.Insert(json.Length, "]}", frames).ToString();
    }

    private static TransactionTrace Parse(string json) =>
        TraceJson.ParseCall(Encoding.UTF8.GetBytes(json), Transaction);

    private static RpcFormatException Refused(string json, TraceOptions? options = null) =>
        Assert.Throws<RpcFormatException>(
            () => TraceJson.ParseCall(Encoding.UTF8.GetBytes(json), Transaction, options));

    // Fields in any order, as nodes write them; the value tells the calls apart.
    private static JsonObject Tree(System.Random random, int depth, List<(int, int)> expected)
    {
        var value = random.Next(1_000_000);
        expected.Add((depth, value));
        var calls = new JsonArray();
        for (var i = depth < 6 ? random.Next(4) : 0; i > 0; i--)
            calls.Add(Tree(random, depth + 1, expected));
        KeyValuePair<string, JsonNode?>[] fields =
        [
            new("type", "CALL"), new("from", Alice), new("to", Bob), new("value", $"0x{value:x}"), new("calls", calls),
            new("logs", new JsonArray(JsonNode.Parse(Log(Bob, 1, 0)))), new("gas", "0x1"),
            new("other", new JsonArray(1)),
        ];
        random.Shuffle(fields);
        return new JsonObject(fields);
    }
}
