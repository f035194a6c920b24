using Tocsin.Chains;
using Tocsin.Configuration;
using Tocsin.Texts;

namespace Tocsin.Tests.Configuration;

public sealed class SendingSettingsTests : IDisposable
{
    private readonly ConfigurationFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Without_a_word_a_call_is_replaced_after_two_blocks_or_half_a_minute_and_no_relay_sees_it()
    {
        var configuration = folder.Load("");

        Assert.Equal(new SendingSettings(TimeSpan.FromSeconds(30), 2, null), configuration.Chain.Sending);
        Assert.Empty(configuration.ActOn);
    }

    [Fact]
    public void Each_chain_is_sent_to_in_its_own_way()
    {
        var configuration = folder.Load("""
            chain:
              id: 1
              rpc: http://127.0.0.1:8545
              replace_after: 1min
              replace_after_blocks: 4
              relay: { url: "http://127.0.0.1:9000" }
            act_on:
              - { id: 10, name: optimism, rpc: "http://127.0.0.1:9545", confirmations: 30 }
              - id: 8453
                name: base
                nodes: { own: { rpc: "http://127.0.0.1:7545" }, other: { rpc: "http://localhost:7546" } }
                relay: { url: "http://127.0.0.1:9001", wait: 5 }
            """);

        Assert.Equal(
            new SendingSettings(TimeSpan.FromMinutes(1), 4, new RelaySettings("http://127.0.0.1:9000", 2)),
            configuration.Chain.Sending);
        Assert.Equal([new ChainId(10), new ChainId(8453)], configuration.ActOn.Select(chain => chain.Id));
        Assert.Equal((30, 12), (configuration.ActOn[0].Confirmations, configuration.ActOn[1].Confirmations));
        Assert.Equal(SendingSettings.Usual, configuration.ActOn[0].Sending);
        Assert.Equal(5, configuration.ActOn[1].Sending.Relay!.WaitBlocks);
        Assert.Equal(["own", "other"], configuration.ActOn[1].Nodes.Select(node => node.Name));
    }

    [Theory]
    [InlineData("  relay: { url: 'http://127.0.0.1:9000', wait: 6 }", "1 to 5")]
    [InlineData("  relay: { url: 'http://127.0.0.1:9000', wait: 0 }", "1 to 5")]
    [InlineData("  relay: { wait: 1 }", "url")]
    [InlineData("  relay: { url: 'ws://127.0.0.1:9000' }", "http://")]
    [InlineData("  replace_after: 1s", "5s")]
    [InlineData("act_on: [ { id: 1, name: again, rpc: 'http://127.0.0.1:9545' } ]", "named twice")]
    [InlineData("act_on: [ { id: 7, rpc: 'http://127.0.0.1:9545' } ]", "name")]
    public void What_cannot_be_meant_is_refused(string text, string says)
    {
        var refused = Assert.Throws<InputException>(() => folder.Load($"""
            chain:
              id: 1
              rpc: http://127.0.0.1:8545
            {text}

            """));

        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
    }
}
