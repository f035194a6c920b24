using System.Text;
using Tocsin.Chain;
using Tocsin.Chain.Senses;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;

namespace Tocsin.Tests.Chain.Senses;

/// <summary>The traces of a block must be about its transactions, or they are none.</summary>
public sealed class BlockTraceTests
{
    private static readonly Address Alice = Address.Parse("0x00000000000000000000000000000000000a11ce");
    private static readonly Address Bob = Address.Parse("0x0000000000000000000000000000000000000b0b");

    private static readonly Block Sample = new(
        new BlockRef(9, Hash(9)),
        Hash(8),
        DateTimeOffset.UnixEpoch,
        new[] { Transaction(0, Bob, 1, 2), Transaction(1, Bob, 2, 2, 3), Transaction(2, null) });

    [Fact]
    public void Logs_bear_the_numbers_that_the_receipts_give_them()
    {
        var traces = Parse(Item(0, Logs((1, 0), (2, 0))), Item(1, Logs((2, 0), (2, 0), (3, 0))), Item(2, ""));

        Assert.Equal([Hash(100), Hash(101), Hash(102)], traces.Select(trace => trace.Transaction));
        Assert.Equal([0, 1], Numbers(traces[0].Frames[0]));
        Assert.Equal([10, 11, 12], Numbers(traces[1].Frames[0]));
    }

    [Fact]
    public void Logs_whose_order_the_tracer_does_not_tell_are_found_by_what_they_say()
    {
        var inner = $$"""{"type":"CALL","from":"{{Bob}}","to":"{{Bob}}"{{Logs((3, 0), (2, 0))}}}""";

        var traces = Parse(Item(0, ""), Item(1, Logs((2, 0)) + $$""","calls":[{{inner}}]"""), Item(2, ""));

        Assert.Equal([10], Numbers(traces[1].Frames[0]));
        Assert.Equal([12, 11], Numbers(traces[1].Frames[1]));
    }

    [Fact]
    public void A_receipt_may_have_logs_that_no_call_wrote() =>
        Assert.Equal([11], Numbers(Parse(Item(0, ""), Item(1, Logs((3, 0))), Item(2, ""))[1].Frames[0])
            .Select(number => number - 1));

    [Fact]
    public void Without_the_block_traces_must_name_their_transactions()
    {
        var traces = TraceJson.ParseBlock(Bytes(Item(0, Logs((1, 0))), Item(1, Logs((2, 0)))));

        Assert.Equal([Hash(100), Hash(101)], traces.Select(trace => trace.Transaction));
        Assert.Equal([1], Numbers(traces[1].Frames[0]));
        Assert.Throws<RpcFormatException>(() => TraceJson.ParseBlock(Bytes("""{"result":{"type":"CALL"}}""")));
    }

    [Fact]
    public void A_node_too_old_to_name_transactions_is_believed_by_their_order() =>
        Assert.Equal(3, Parse(Item(0, "", named: false), Item(1, "", named: false), Item(2, "", named: false)).Count);

    public static TheoryData<string, NodeFault, string> Lies => new()
    {
        { $"[{Item(0, "")},{Item(1, "")}]", NodeFault.Inconsistent, "3 transactions but 2 traces" },
        {
            $"[{Item(0, "")},{Item(1, "")},{Item(2, "")},{Item(2, "")}]", NodeFault.Inconsistent,
            "more than the transactions"
        },
        { $"[{Item(1, "")},{Item(0, "")},{Item(2, "")}]", NodeFault.Inconsistent, "trace 0 of block" },
        { $"[{Item(0, "", from: Bob)},{Item(1, "")},{Item(2, "")}]", NodeFault.Inconsistent, "is of another call" },
        { $"[{Item(0, "", to: Alice)},{Item(1, "")},{Item(2, "")}]", NodeFault.Inconsistent, "is of another call" },
        {
            $"[{Item(0, Logs((7, 0)))},{Item(1, "")},{Item(2, "")}]", NodeFault.Inconsistent,
            "a log that its receipt has not"
        },
        {
            $"[{Item(0, Logs((1, 0), (1, 0)))},{Item(1, "")},{Item(2, "")}]", NodeFault.Inconsistent,
            "a log that its receipt has not"
        },
        { """[{"error":"execution timeout"}]""", NodeFault.Refused, "execution timeout" },
        { """[{"txHash":"0x01"}]""", NodeFault.Garbage, "not 32 bytes" },
        { """[{}]""", NodeFault.Garbage, "no 'result'" },
        { """[{"result":null}]""", NodeFault.Garbage, "instead of an object" },
        { """{}""", NodeFault.Garbage, "not an array" },
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public void What_contradicts_the_block_is_not_believed(string json, NodeFault fault, string why)
    {
        var refusal = Assert.Throws<RpcFormatException>(
            () => TraceJson.ParseBlock(Encoding.UTF8.GetBytes(json), Sample));

        Assert.Equal(fault, refusal.Fault);
        Assert.Contains(why, refusal.Message, StringComparison.Ordinal);
    }

    private static ValueList<TransactionTrace> Parse(params string[] items) =>
        TraceJson.ParseBlock(Bytes(items), Sample);

    private static byte[] Bytes(params string[] items) => Encoding.UTF8.GetBytes($"[{string.Join(",", items)}]");

    private static string Item(
        int index, string more, bool named = true, Address? from = null, Address? to = null)
    {
        var hash = named ? $"\"txHash\":\"{Hash(100 + index)}\"," : "";
        var root = $"\"type\":\"CALL\",\"from\":\"{from ?? Alice}\",\"to\":\"{to ?? (index == 2 ? Alice : Bob)}\"";
        return "{" + hash + "\"result\":{" + root + more + "}}";
    }

    private static string Logs(params (byte Mark, int Position)[] logs) => $",\"logs\":[{string.Join(",",
        logs.Select(log => TraceJsonTests.Log(Bob.ToString(), log.Mark, log.Position)))}]";

    private static IEnumerable<int> Numbers(CallFrame frame) =>
        frame.Logs.ToArray().Select(log => log.Index);

    private static Transaction Transaction(int index, Address? to, params byte[] marks) => new(
        Hash(100 + index), index, Alice, to, 0, UInt256.Zero, default, true, to is null ? Alice : null,
        marks.Select((mark, at) => new Log((10 * index) + at, Bob, default, new[] { mark })).ToArray());

    private static Hash32 Hash(int number) => new([.. new byte[31], (byte)number]);
}
