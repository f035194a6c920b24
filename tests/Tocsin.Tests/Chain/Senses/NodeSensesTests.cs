using System.Text.Json.Nodes;
using Tocsin.Chain;
using Tocsin.Chain.Senses;

namespace Tocsin.Tests.Chain.Senses;

public sealed class NodeSensesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_that_serves_only_blocks_is_told_apart_from_one_that_can_more()
    {
        await using var pool = await PoolNode.StartAsync();
        var chain = new FakeChain().Extend(200);
        pool.Script = (method, parameters) => Task.FromResult<JsonNode?>(method switch
        {
            "eth_getBlockByNumber" => parameters[0].GetString() switch
            {
                "latest" => chain.Head.ToJson(false),
                "finalized" => PoolNode.Null,
                "safe" => throw new InvalidOperationException("safe block not found"),
                var number => chain.At(Convert.ToUInt64(number, 16))!.ToJson(parameters[1].GetBoolean()),
            },
            "eth_getBlockReceipts" => chain.At(Convert.ToUInt64(parameters[0].GetString(), 16))!.ReceiptsJson(),
            // State of 128 blocks back and no more, as a full node has it.
            "eth_call" when parameters[1].ValueKind == System.Text.Json.JsonValueKind.Object => "0x",
            "eth_call" => Convert.ToUInt64(parameters[1].GetString(), 16) >= 72
                ? "0x"
                : throw new InvalidOperationException("missing trie node"),
            "eth_subscribe" when parameters.GetArrayLength() == 1 => "0x1",
            _ => null,
        });

        var senses = await NodeSenses.ProbeAsync(pool.Client(), pool.SocketAddress, TimeProvider.System, Cancel);

        Assert.Equal(
            [
                Sense.BlockReceipts, Sense.StateByHash, Sense.HistoricState, Sense.NewHeads, Sense.PendingTransactions,
            ],
            senses.Capabilities.Where(item => item.Presence == Presence.Present).Select(item => item.Sense));
        Assert.Equal(Enum.GetValues<Sense>(), senses.Capabilities.Select(item => item.Sense));
        Assert.Equal((128UL, chain.Head.Ref), (senses.StateDepthBlocks, senses.Head));
        Assert.Equal("holds the state of 128 blocks back, but not of 200", senses[Sense.HistoricState].Words);
        Assert.Equal("has no finalized block yet", senses[Sense.FinalBlock].Words);
        Assert.False(senses.Has(Sense.CallTraces));
        Assert.All(senses.Capabilities, item => Assert.NotEqual("", item.Words));
    }

    [Fact]
    public async Task Without_a_socket_its_senses_are_unknown()
    {
        await using var node = await ScriptedNode.StartAsync();
        node.Chain.Extend(2);
        node.Script = asked => asked.Method.StartsWith("eth_getBlock", StringComparison.Ordinal)
            ? asked.Parameters[0].GetString() is "safe" or "finalized" ? Refuse(asked) : null
            : Refuse(asked);

        var senses = await NodeSenses.ProbeAsync(node.Client(TimeProvider.System), null, TimeProvider.System, Cancel);

        Assert.Equal(Presence.Unknown, senses[Sense.NewHeads].Presence);
        Assert.Equal(Presence.Unknown, senses[Sense.PendingBodies].Presence);
        Assert.Equal(Presence.Absent, senses[Sense.HistoricState].Presence);

        static Reply Refuse(Asked asked) => new(
            $$"""{"jsonrpc":"2.0","id":{{asked.Id}},"error":{"code":-32601,"message":"no such method"} }""");
    }

    [Fact]
    public async Task A_node_that_does_not_tell_its_head_is_a_fault()
    {
        await using var pool = await PoolNode.StartAsync();

        await Assert.ThrowsAsync<NodeException>(
            () => NodeSenses.ProbeAsync(pool.Client(), null, TimeProvider.System, Cancel));
    }
}
