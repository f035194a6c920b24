using Tocsin.Chains;
using Tocsin.Detection;

namespace Tocsin.Tests.Detection;

public class OutflowsTests
{
    private static readonly Address User = Story.Account(7);

    [Fact]
    public void Transfers_of_watched_assets_out_of_protected_contracts_are_outflows()
    {
        var story = new Story();
        var block = story.NextBlock(
            tx => tx.By(User, Story.Market).Transfer(Story.Dusd, Story.Market, User, 5_000m)
                .Transfer(Story.Dusd, User, Story.Market, 10m),
            tx => tx.By(User, Story.Vault).Mint(Story.Dusd, User, 300m),
            tx => tx.By(User, Story.Market).Transfer(Story.Usdc, Story.Market, User, 1m).Reverted(),
            tx => tx.By(User, Story.Router).Transfer(Story.Dusd, User, Story.Router, 9m));

        var outflows = Outflows.Of(block, Story.Watch);
        ValueList<byte> selector = [0xde, 0xad, 0xbe, 0xef];

        Assert.Equal(
            [
                new Outflow(block.Transactions.Span[0].Hash, "market", "dUSD", 5_000m, 5_000m, User, selector),
                new Outflow(block.Transactions.Span[1].Hash, "vault", "dUSD", 300m, 300m, User, selector, IsMint: true),
            ],
            outflows);
    }

    [Fact]
    public void An_asset_without_a_price_has_an_unknown_value_and_one_with_a_pool_the_pools()
    {
        var story = new Story();
        var engine = new Engine(Story.Watch);
        engine.Step(story.Begin());
        var block = story.NextBlock(tx =>
        {
            tx.By(User, null).Transfer(Story.Gem, Story.Market, User, 3m);
            tx.Input = [0x01];
        });

        Assert.Null(Assert.Single(Outflows.Of(block, Story.Watch)).Usd);
        var priced = Assert.Single(Outflows.Of(block, Story.Watch, engine.Pools));
        Assert.Equal((30m, 3m), (priced.Usd, priced.Units));
        Assert.Equal<ValueList<byte>>([0x01], priced.Selector);
    }
}
