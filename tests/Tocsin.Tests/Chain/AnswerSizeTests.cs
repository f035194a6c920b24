using System.Text.Json.Nodes;
using Tocsin.Chain;

namespace Tocsin.Tests.Chain;

/// <summary>No node makes us hold more of its answers than we are willing to.</summary>
public sealed class AnswerSizeTests
{
    private readonly ManualTime time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_head_may_not_be_as_long_as_a_block()
    {
        await using var server = await ScriptedNode.StartAsync();
        server.Chain.Extend(3);
        server.Script = asked => asked.Method == "eth_getBlockByNumber"
            ? Reply.Result(asked.Id, Padded(server.Chain[2].ToJson(asked.Parameters[1].GetBoolean()), 5 << 20))
            : null;
        var node = server.Client(time);

        Assert.NotNull(await node.BlockAsync(2, Cancel));
        Assert.NotNull(await node.BlockTextAsync(2, Cancel));
        var thrown = await Assert.ThrowsAsync<NodeException>(() => node.HeadAsync(Cancel));

        Assert.Equal(NodeFault.TooLarge, thrown.Fault);
    }

    [Fact]
    public async Task Answers_that_are_each_small_enough_are_given_up_where_together_they_are_too_large()
    {
        await using var server = await ScriptedNode.StartAsync();
        server.Chain.Extend(3);
        var bytes = 300_000;
        server.Script = asked => asked.Method == "eth_getBlockByNumber"
            ? Reply.Result(asked.Id, Padded(server.Chain[2].ToJson(true), bytes))
            : null;
        var node = server.Client(time, new() { MaximumBytesAtOnce = 1 << 20 });

        // The same again and again: what was taken is given back, whether it was read or given up.
        for (var times = 0; times < 10; times++)
        {
            bytes = 300_000;
            Assert.NotNull(await node.BlockAsync(2, Cancel));
            bytes = 900_000;
            var thrown = await Assert.ThrowsAsync<NodeException>(() => node.BlockAsync(2, Cancel));
            Assert.Equal(NodeFault.TooLarge, thrown.Fault);
            Assert.Contains("together", thrown.Message);
        }
    }

    [Fact]
    public async Task What_a_document_costs_beyond_its_bytes_is_counted()
    {
        await using var server = await ScriptedNode.StartAsync();
        server.Script = asked => new Reply(
            $$"""{"jsonrpc":"2.0","id":{{asked.Id}},"result":[{{string.Join(',', new int[50_000])}}]}""");
        var node = server.Client(time, new() { MaximumBytesAtOnce = 512 << 10 });

        var thrown = await Assert.ThrowsAsync<NodeException>(() => node.RequestAsync("eth_anything", Cancel));

        Assert.Contains("together", thrown.Message);
    }

    [Fact]
    public async Task What_stands_around_a_result_is_bounded()
    {
        await using var server = await ScriptedNode.StartAsync();
        server.Chain.Extend(3);
        server.Script = asked => asked.Method == "eth_getBlockReceipts"
            ? new Reply(
                $$"""{"jsonrpc":"2.0","id":{{asked.Id}},"more":[{{string.Join(',', new int[600_000])}}],"result":[]}""")
            : null;

        var thrown = await Assert.ThrowsAsync<NodeException>(() => server.Client(time).BlockAsync(3, Cancel));

        Assert.Equal(NodeFault.Garbage, thrown.Fault);
        Assert.Contains("around the result", thrown.Message);
    }

    private static JsonObject Padded(JsonObject block, int bytes)
    {
        block["extraData"] = new string('0', bytes);
        return block;
    }
}
