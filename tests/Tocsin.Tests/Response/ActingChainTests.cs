using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Configuration;
using Tocsin.Response;
using Tocsin.Tests.Chain;

namespace Tocsin.Tests.Response;

/// <summary>Nothing is prepared through a node that is on another chain than the call.</summary>
public sealed class ActingChainTests
{
    private static readonly ChainId Id = new(31337);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_node_on_the_right_chain_is_enough()
    {
        await using var run = await NodesRun.StartAsync();
        run.A.ChainId = 1;

        Assert.Null(await Of(run).WrongChainAsync(Cancel));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nodes_that_went_to_another_chain_are_told_by_name(bool checkedBefore)
    {
        await using var run = await NodesRun.StartAsync(1, new NodesOptions { ExpectedChain = Id });
        if (checkedBefore)
            Assert.Null(await Of(run).WrongChainAsync(Cancel));
        run.A.ChainId = 5;

        var wrong = await Of(run).WrongChainAsync(Cancel);

        Assert.Contains("is on chain 5", wrong, StringComparison.Ordinal);
        Assert.Contains("chain 31337", wrong, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chain_without_an_answer_is_a_fault_and_its_head_unknown()
    {
        await using var run = await NodesRun.StartAsync(1);
        run.A.Script = asked => Reply.Error(asked.Id, -32000, "no");

        await Assert.ThrowsAsync<NodeException>(() => Of(run).WrongChainAsync(Cancel));
        Assert.Null(await Of(run).HeadIfKnownAsync(Cancel));
    }

    [Fact]
    public async Task Each_chain_has_its_own_nodes_and_one_that_is_not_named_has_none()
    {
        await using var run = await NodesRun.StartAsync(1);
        await using var other = await NodesRun.StartAsync(1);
        other.A.ChainId = 10;
        var chains = new ActingChains([Of(run), Of(other, 10)]);

        Assert.Null(await chains.Of(Id)!.WrongChainAsync(Cancel));
        Assert.Null(await chains.Of(new ChainId(10))!.WrongChainAsync(Cancel));
        Assert.Equal(other.A.Chain.Head.Ref, await chains.Of(new ChainId(10))!.HeadAsync(Cancel));
        Assert.Null(chains.Of(new ChainId(11)));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("8", true)]
    [InlineData("7", false)]
    [InlineData("9,7", false)]
    [InlineData("9,7,7", false)]
    [InlineData("8,9,7", true)]
    public void A_nonce_is_used_where_two_nodes_count_past_it_or_the_only_one(string used, bool isBeyond) =>
        Assert.Equal(
            isBeyond,
            ActingChain.IsBeyond(
                [.. used.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(ulong.Parse)], nonce: 7));

    private static ActingChain Of(NodesRun run, ulong? id = null) => new(
        id is { } other ? new ChainId(other) : Id, "a chain", run.Nodes, 12, SendingSettings.Usual, relay: null,
        async cancel => await run.Nodes.AskAsync((node, one) => node.HeadAsync(one), cancel));
}
