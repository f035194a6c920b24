using System.Text.Json;
using Tocsin.Chain;

namespace Tocsin.Tests.Chain;

/// <summary>
/// JSON can hold the escape of half a surrogate pair, which the framework's parser takes and then cannot read.
/// </summary>
public sealed class NoUnicodeTests
{
    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"result":"0x1","\ud800":1}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"result":{"\ud800":1,"\udc00":2}}""")]
    [InlineData("""{"jsonrpc":"2.\ud800","id":1,"result":"0x1"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"\ud800"}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":{"code":3,"message":"reverted","data":"0x\ud800"}}""")]
    public async Task A_node_that_answers_half_a_character_gives_garbage_and_no_fault_of_ours(string body)
    {
        await using var server = await ScriptedNode.StartAsync();
        server.Script = _ => new Reply(body);
        var node = server.Client(new ManualTime());

        var thrown = await Assert.ThrowsAsync<NodeException>(
            () => node.ChainIdAsync(TestContext.Current.CancellationToken));

        Assert.Equal(NodeFault.Garbage, thrown.Fault);
    }

    [Fact]
    public async Task Half_a_character_in_an_answer_that_is_read_in_passing_is_garbage_too()
    {
        await using var server = await ScriptedNode.StartAsync();
        server.Script = asked => new Reply(
            $$"""{"jsonrpc":"2.0","id":{{asked.Id}},"res\ud800":1,"result":null}""");
        var node = server.Client(new ManualTime());
        var cancel = TestContext.Current.CancellationToken;

        var block = await Assert.ThrowsAsync<NodeException>(() => node.BlockAsync(7, cancel));
        var raw = await Assert.ThrowsAsync<NodeException>(
            () => node.RequestRawAsync("debug_anything", _ => { }, 1 << 20, 64, json => json.Length, cancel));

        Assert.Equal((NodeFault.Garbage, NodeFault.Garbage), (block.Fault, raw.Fault));
    }

    [Fact]
    public void A_recording_with_half_a_character_is_no_block()
    {
        var block = JsonSerializer.Deserialize<JsonElement>("""{"numb\ud800":"0x1"}""");

        Assert.Throws<RpcFormatException>(() => RpcJson.Number(block, "number"));
        var text = JsonSerializer.Deserialize<JsonElement>("""{"logsBloom":"\ud800"}""");
        Assert.Throws<RpcFormatException>(() => RpcJson.Text(text, "logsBloom"));
    }
}
