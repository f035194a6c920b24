using Tocsin.Chain;
using Tocsin.Chain.Senses;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;

namespace Tocsin.Tests.Chain.Senses;

/// <summary>Answers that are read from their bytes are checked as any other.</summary>
public sealed class RawRequestTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":#,"result":[1, {"a":null}]}""", """[1, {"a":null}]""")]
    [InlineData("""{"result":"x","other":[{}],"id":#,"jsonrpc":"2.0"}""", "\"x\"")]
    [InlineData("""{"jsonrpc":"2.0","id":#,"error":null,"result":null}""", "null")]
    public async Task The_result_is_given_as_it_was_sent(string answer, string result) =>
        Assert.Equal(result, await AskAsync(answer));

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1000,"result":1}""", NodeFault.Garbage)]
    [InlineData("""{"jsonrpc":"2.0","id":null,"result":1}""", NodeFault.Garbage)]
    [InlineData("""{"jsonrpc":"2.0","result":1}""", NodeFault.Garbage)]
    [InlineData("""{"jsonrpc":"1.0","id":#,"result":1}""", NodeFault.Garbage)]
    [InlineData("""{"id":#,"result":1}""", NodeFault.Garbage)]
    [InlineData("""{"jsonrpc":"2.0","id":#}""", NodeFault.Garbage)]
    [InlineData("""{"jsonrpc":"2.0","id":#,"result":1,"result":2}""", NodeFault.Garbage)]
    [InlineData("""{"jsonrpc":"2.0","id":#,"result":1}x""", NodeFault.Garbage)]
    [InlineData("""{"jsonrpc":"2.0","id":#,"result":[1}""", NodeFault.Garbage)]
    [InlineData("""{"jsonrpc":"2.0","id":#,"result":""", NodeFault.Garbage)]
    [InlineData("""[]""", NodeFault.Garbage)]
    [InlineData("""<html>""", NodeFault.Garbage)]
    [InlineData("", NodeFault.Garbage)]
    [InlineData("""{"jsonrpc":"2.0","id":#,"error":{"code":-32000,"message":"busy"}}""", NodeFault.Refused)]
    [InlineData("""{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"what?"}}""", NodeFault.Refused)]
    [InlineData("""{"jsonrpc":"2.0","id":1000,"error":{"code":-32000,"message":"busy"}}""", NodeFault.Garbage)]
    [InlineData("""{"jsonrpc":"2.0","id":#,"error":{}}""", NodeFault.Garbage)]
    [InlineData("""{"jsonrpc":"2.0","id":#,"result":[[[[[[[[[[]]]]]]]]]]}""", NodeFault.TooLarge)]
    public async Task What_is_no_answer_is_refused_by_name(string answer, NodeFault fault) =>
        Assert.Equal(fault, (await Assert.ThrowsAsync<NodeException>(() => AskAsync(answer))).Fault);

    [Fact]
    public async Task An_answer_with_more_bytes_than_allowed_is_not_read()
    {
        var fault = await Assert.ThrowsAsync<NodeException>(
            () => AskAsync($$"""{"jsonrpc":"2.0","id":#,"result":"{{new string('x', 2_000)}}"}"""));

        Assert.Equal(NodeFault.TooLarge, fault.Fault);
    }

    [Fact]
    public async Task A_status_says_more_than_a_body_that_is_no_answer()
    {
        var fault = await Assert.ThrowsAsync<NodeException>(() => AskAsync("<html>", status: 503));

        Assert.Equal(NodeFault.Unreachable, fault.Fault);
    }

    [Theory]
    [InlineData(1_000, null)]
    [InlineData(100_000, NodeFault.TooLarge)]
    public async Task A_node_may_answer_with_a_trace_as_deep_as_the_machine_goes(int frames, NodeFault? refused)
    {
        await using var node = await ScriptedNode.StartAsync();
        var trace = $$"""[{"result":{{TraceJsonTests.Chain(frames)}}}]""";
        node.Script = asked => new Reply($$"""{"jsonrpc":"2.0","id":{{asked.Id}},"result":{{trace}}}""");
        var alice = Address.Parse("0x00000000000000000000000000000000000a11ce");
        var bob = Address.Parse("0x0000000000000000000000000000000000000b0b");
        var transaction = new Transaction(
            Hash32.Zero, 0, alice, bob, 0, UInt256.Zero, default, true, null, default);
        var block = new Block(default, default, DateTimeOffset.UnixEpoch, new[] { transaction });

        var asking = Traces.OfBlockAsync(node.Client(TimeProvider.System), block, null, Cancel);

        if (refused is { } fault)
            Assert.Equal(fault, (await Assert.ThrowsAsync<NodeException>(() => asking)).Fault);
        else
            Assert.Equal(frames, Assert.Single(await asking).Frames.Count);
    }

    private static async Task<string> AskAsync(string answer, int status = 200)
    {
        await using var node = await ScriptedNode.StartAsync();
        node.Script = asked => new Reply(answer.Replace("#", $"{asked.Id}", StringComparison.Ordinal), status);
        return await node.Client(TimeProvider.System).RequestRawAsync(
            "some_method", _ => { }, 1_000, 10, System.Text.Encoding.UTF8.GetString, Cancel);
    }
}
