using System.Collections.Concurrent;
using Tocsin.Chain;
using Tocsin.Chain.Senses;
using Tocsin.Chains;
using Tocsin.Evm.Inputs;

namespace Tocsin.Tests.Chain.Senses;

public sealed class StateReadsTests
{
    private static readonly Address Contract = Address.Parse("0x0000000000000000000000000000000000000c0d");
    private static readonly StateRead.Call Call = new(Contract, "0x12345678");
    private static readonly StateRead.Slot Slot = new(Contract, Hash32.Zero);
    private static readonly string Word = "0x" + new string('0', 63) + "7";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answers_come_in_the_order_asked_and_equal_reads_are_asked_once()
    {
        await using var node = await ScriptedNode.StartAsync();
        var requests = new ConcurrentQueue<Asked>();
        node.Script = asked =>
        {
            requests.Enqueue(asked);
            return Text(asked, asked.Method == "eth_call" ? "0x0102" : Word);
        };

        var answers = await AnswerAsync(node, Call, Slot, Call);

        Assert.Equal([Call, Slot, Call], answers.Select(answer => answer.Read));
        Assert.Equal([2, 32, 2], answers.Select(answer => answer.Result!.Count));
        Assert.Equal(2, requests.Count);
        Assert.All(requests, asked => Assert.Equal(
            $$"""{"blockHash":"{{node.Chain.Head.Hash}}","requireCanonical":false}""",
            asked.Parameters[asked.Parameters.GetArrayLength() - 1].GetRawText()));
    }

    [Theory]
    [InlineData(3, "execution reverted: paused")]
    [InlineData(-32000, "execution reverted")]
    [InlineData(-32000, "invalid opcode: INVALID")]
    [InlineData(-32015, "VM execution error.")]
    public async Task A_call_that_fails_by_itself_has_no_result(long code, string message)
    {
        await using var node = await ScriptedNode.StartAsync();
        node.Script = asked => asked.Method == "eth_call" ? Error(asked, code, message) : Text(asked, Word);

        var answers = await AnswerAsync(node, Call, Slot);

        Assert.Null(answers[0].Result);
        Assert.NotNull(answers[1].Result);
    }

    [Theory]
    [InlineData(-32000, "missing trie node 0xabc")]
    [InlineData(-32000, "header for hash not found")]
    [InlineData(-32000, "execution aborted (timeout = 5s)")]
    public async Task A_node_that_cannot_say_is_a_fault_and_no_answer(long code, string message)
    {
        await using var node = await ScriptedNode.StartAsync();
        node.Script = asked => Error(asked, code, message);

        var fault = await Assert.ThrowsAsync<NodeException>(() => AnswerAsync(node, Call, Slot));

        Assert.Equal(NodeFault.Refused, fault.Fault);
    }

    [Fact]
    public async Task A_node_that_knows_no_hashes_is_asked_by_number_which_is_checked()
    {
        await using var node = await ScriptedNode.StartAsync();
        node.Chain.Extend(3);
        node.Script = asked => asked.Method switch
        {
            "eth_call" when asked.Parameters[1].ValueKind != System.Text.Json.JsonValueKind.String =>
                Error(asked, -32602, "invalid argument 1: json: cannot unmarshal object"),
            "eth_call" => Text(asked, "0x01"),
            _ => null,
        };

        var answer = Assert.Single(await AnswerAsync(node, Call));

        Assert.Equal<byte>([1], answer.Result!);
        Assert.Equal("0x3", node.Requests.Last(asked => asked.Method == "eth_call").Parameters[1].GetString());

        var before = node.Chain.Head.Ref;
        node.Chain.Reorg(1, 1, "other");
        var fault = await Assert.ThrowsAsync<NodeException>(
            () => StateReads.AnswerAsync(node.Client(TimeProvider.System), before, [Call], Cancel));
        Assert.Equal(NodeFault.Inconsistent, fault.Fault);
    }

    private static Task<ValueList<ReadAnswer>> AnswerAsync(ScriptedNode node, params StateRead[] reads) =>
        StateReads.AnswerAsync(node.Client(TimeProvider.System), node.Chain.Head.Ref, reads, Cancel);

    private static Reply Text(Asked asked, string result) => Reply.Result(asked.Id, result);

    private static Reply Error(Asked asked, long code, string message) => new(
        $$"""{"jsonrpc":"2.0","id":{{asked.Id}},"error":{"code":{{code}},"message":"{{message}}"} }""");
}
