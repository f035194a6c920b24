using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Evm.Blocks;
using Tocsin.Findings;

namespace Tocsin.Tests.Detection;

public class InnocentTests
{
    private static readonly Address User = Story.Account(7);
    private static readonly Address UserContract = Story.Account(8);

    private static readonly Dictionary<string, Func<Story, IEnumerable<ChainStep>>> Traffic = new()
    {
        ["swaps both ways by many users through one router"] = ManySwaps,
        ["mint and redeem at the vault"] = story => [story.Next(Mint), story.Next(Redeem)],
        ["borrow, repay, add collateral, claim"] = story =>
            [story.Next(AddCollateral), story.Next(Borrow), story.Next(Repay, Claim)],
        ["flash borrower who only repays"] = story => [story.Next(FlashBorrowOnly), story.Next(FlashBorrowOnly)],
        ["arbitrage with a flash loan over two pools"] = story => [story.Next(Arbitrage)],
        ["arbitrage with a flash loan that redeems at the vault"] = story => [story.Next(ArbitrageThroughVault)],
        ["whale swap that moves the price by six percent"] =
            story => [story.Next(tx => tx.By(User, Story.Router).BuyGem(User, 30_000m))],
        ["the same user in and out within a minute"] = story => InAndOut(story, 5_000m),
        ["the same whale in and out within a minute"] = story => InAndOut(story, 400_000m),
        ["a whale in and out who is also a borrower before"] = story =>
            [story.Next(Borrow), .. InAndOut(story, 400_000m)],
        ["liquidity added and removed"] = story =>
            [
                story.Next(tx => tx.By(User, Story.Router).Resize(Story.Pair, 0.8m)),
                story.Next(tx => tx.By(User, Story.Router).Resize(Story.Pair, -0.4m)),
            ],
        ["leverage with a flash loan that leaves enough collateral"] = story => [story.Next(Leverage)],
    };

    public static TheoryData<string> Names => [.. Traffic.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Innocent_traffic_wakes_nobody(string name)
    {
        var story = new Story();
        IEnumerable<ChainStep> steps = [story.Begin(), .. Traffic[name](story), story.Next()];

        var findings = Story.Run(new Engine(Story.Watch), steps);

        Assert.DoesNotContain(findings, WakesSomebody);
    }

    [Fact]
    public void All_of_it_together_wakes_nobody_either()
    {
        var story = new Story();
        var engine = new Engine(Story.Watch);
        engine.Step(story.Begin());

        var findings = new List<Finding>();
        foreach (var name in Traffic.Keys.Concat(Traffic.Keys))
            findings.AddRange(Story.Run(engine, Traffic[name](story)));

        Assert.DoesNotContain(findings, WakesSomebody);
    }

    [Fact]
    public void A_whale_in_and_out_is_recorded_as_elevated()
    {
        var story = new Story();

        var findings = Story.Run(new Engine(Story.Watch), [story.Begin(), .. InAndOut(story, 400_000m)]);

        var finding = Assert.Single(findings);
        Assert.Equal((Threat.OracleManipulation, Severity.Elevated), (finding.Threat, finding.Severity));
        Assert.Equal("GEM/dUSD", finding.Subject);
        Assert.Contains("without a loss of ours", finding.Reason);
    }

    private static bool WakesSomebody(Finding finding) =>
        finding.Severity.IsAtLeast(Severity.High) && finding.Confidence >= Story.Watch.Thresholds.AlertConfidence;

    private static IEnumerable<ChainStep> ManySwaps(Story story)
    {
        for (var block = 0; block < 10; block++)
        {
            var user = block * 10;
            yield return story.Next(
                tx => tx.By(Story.Account(1_000 + user), Story.Router).BuyGem(Story.Router, 4_000m),
                tx => tx.By(Story.Account(1_001 + user), Story.Router).SellGem(Story.Router, 350m),
                tx => tx.By(Story.Account(1_002 + user), Story.Router).SellGem(Story.Router, 120m),
                tx => tx.By(Story.Account(1_003 + user), Story.Pair).BuyGem(Story.Account(1_003 + user), 2_500m));
        }
    }

    private static IEnumerable<ChainStep> InAndOut(Story story, decimal dusd)
    {
        var bought = 0m;
        yield return story.Next(tx => bought = tx.By(User, Story.Router).BuyGem(User, dusd));
        yield return story.Next();
        yield return story.Next(tx => tx.By(User, Story.Router).SellGem(User, bought));
    }

    private static void Mint(TransactionStory tx) => tx.By(User, Story.Vault)
        .Transfer(Story.Usdc, User, Story.Vault, 50_000m).Mint(Story.Dusd, User, 50_000m);

    private static void Redeem(TransactionStory tx) => tx.By(User, Story.Vault)
        .Burn(Story.Dusd, User, 50_000m).Transfer(Story.Usdc, Story.Vault, User, 49_950m);

    private static void AddCollateral(TransactionStory tx) => tx.By(User, Story.Market)
        .Transfer(Story.Gem, User, Story.Market, 1_000m);

    private static void Borrow(TransactionStory tx) => tx.By(User, Story.Market)
        .Transfer(Story.Dusd, Story.Market, User, 5_000m);

    private static void Repay(TransactionStory tx) => tx.By(User, Story.Market)
        .Transfer(Story.Dusd, User, Story.Market, 5_010m);

    private static void Claim(TransactionStory tx) => tx.By(User, Story.Vault)
        .Transfer(Story.Usdc, Story.Vault, User, 120m);

    private static void FlashBorrowOnly(TransactionStory tx) => tx.By(User, UserContract)
        .Transfer(Story.Dusd, Story.Lender, UserContract, 4_000_000m)
        .Transfer(Story.Dusd, UserContract, Story.Lender, 4_002_000m);

    private static void Arbitrage(TransactionStory tx)
    {
        tx.By(User, UserContract).Transfer(Story.Dusd, Story.Lender, UserContract, 1_200_000m);
        var gem = tx.BuyGem(UserContract, 3_000m);
        tx.SellGem(UserContract, gem, Story.OtherPair);
        tx.Transfer(Story.Dusd, UserContract, Story.Lender, 1_200_000m);
    }

    private static void ArbitrageThroughVault(TransactionStory tx)
    {
        tx.By(User, UserContract).Transfer(Story.Usdc, Story.Lender, UserContract, 2_000_000m);
        tx.Transfer(Story.Usdc, UserContract, Story.Vault, 100_000m).Mint(Story.Dusd, UserContract, 100_000m);
        var gem = tx.BuyGem(UserContract, 50_000m);
        tx.SellGem(UserContract, gem);
        tx.Burn(Story.Dusd, UserContract, 99_000m).Transfer(Story.Usdc, Story.Vault, UserContract, 98_901m);
        tx.Transfer(Story.Usdc, UserContract, Story.Lender, 2_000_000m);
    }

    private static void Leverage(TransactionStory tx)
    {
        tx.By(User, UserContract).Transfer(Story.Dusd, Story.Lender, UserContract, 1_000_000m);
        var gem = tx.BuyGem(UserContract, 60_000m);
        tx.Transfer(Story.Gem, UserContract, Story.Market, gem);
        tx.Transfer(Story.Dusd, Story.Market, UserContract, 40_000m);
        tx.Transfer(Story.Dusd, UserContract, Story.Lender, 1_000_500m);
    }
}
