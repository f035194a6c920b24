using System.Numerics;
using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Detection.Loans;
using Tocsin.Evm;
using Tocsin.Findings;
using Tocsin.Tests.Conduct;
using Tocsin.Tests.Detection;

namespace Tocsin.Tests.Loans;

/// <summary>Which transactions are robberies paid for by a loan, and which only look like one.</summary>
public sealed class FlashLoanProfitTests
{
    private const string Name = "flash-loan-profit";
    private static readonly Address Robber = Story.AttackContract;
    private static readonly Watch Watch = DetectorRuns.With(new FlashLoanProfitSettings([]));
    private static readonly BigInteger Fifty = 50_000 * BigInteger.Pow(10, 18);

    public static TheoryData<string> Lenders { get; } =
        ["aave-v2", "aave-v3", "balancer-v2", "maker", "morpho", "uniswap-v3", "uniswap-v2", "dodo", "dydx",
            "flow", "flash-mint"];

    [Theory]
    [MemberData(nameof(Lenders))]
    public void A_loan_from_anywhere_with_a_profit_at_our_expense_is_an_attack(string lender)
    {
        var story = new Story();

        var finding = Assert.Single(Run(story, tx => Rob(Borrow(tx.By(Story.Attacker, Robber), lender))));

        Assert.Equal((Threat.FlashLoanAttack, Severity.Critical, "market"),
            (finding.Threat, finding.Severity, finding.Subject));
        Assert.True(finding.Confidence >= 0.9m);
        Assert.Equal(50_000m, finding.ImpactUsd);
        Assert.Equal([Story.Attacker, Robber], finding.Addresses);
        Assert.Contains("market lost 50,000 USD", finding.Reason);
    }

    [Fact]
    public void A_robber_that_writes_the_event_of_a_market_is_a_robber()
    {
        var story = new Story();

        Assert.Single(Run(story, tx =>
        {
            Rob(Borrow(tx.By(Story.Attacker, Robber), "aave-v3"));
            tx.RawLog(Robber, [Tocsin.Detection.Topics.SwapUniswapV4], []);
        }));
    }

    [Fact]
    public void What_the_pattern_told_is_not_told_again()
    {
        var story = new Story();

        var findings = Story.Run(new Engine(Watch), story.Begin(), story.Next(Story.Attack()));

        Assert.Equal(
            [Threat.FlashLoanAttack, Threat.OracleManipulation], findings.Select(finding => finding.Threat).Order());
        Assert.Empty(findings.Of(Name));
    }

    [Fact]
    public void Arbitrage_with_a_loan_takes_nothing_from_us()
    {
        var story = new Story();

        Assert.Empty(Run(story, tx =>
        {
            Borrow(tx.By(Story.Attacker, Robber), "aave-v3");
            var gem = tx.BuyGem(Robber, 1_000m);
            tx.SellGem(Robber, gem, Story.OtherPair);
        }));
    }

    [Fact]
    public void A_liquidation_with_a_loan_repays_us_and_robbing_by_one_does_not()
    {
        var liquidated = Keccak256.Hash("LiquidationCall(address,address,address,uint256,uint256,address,bool)");

        Assert.Empty(Run(new Story(), tx => Liquidate(tx, 108_000m / 10)));
        Assert.NotEmpty(Run(new Story(), tx => Liquidate(tx, 160_000m / 10)));

        void Liquidate(TransactionStory tx, decimal gems) => Borrow(tx.By(Story.Attacker, Robber), "aave-v3")
            .Transfer(Story.Dusd, Robber, Story.Market, 100_000m)
            .Transfer(Story.Gem, Story.Market, Robber, gems)
            .Log(Story.Market, [liquidated], 1, 1, 1, 1);
    }

    [Fact]
    public void Without_a_loan_or_below_the_minimum_there_is_nothing_to_tell()
    {
        Assert.Empty(Run(new Story(), tx => Rob(tx.By(Story.Attacker, Robber))));
        Assert.Empty(Run(new Story(), tx => Borrow(tx.By(Story.Attacker, Robber), "aave-v3")
            .Transfer(Story.Dusd, Story.Market, Robber, 999m)));
    }

    [Fact]
    public void Who_winds_up_a_position_takes_back_his_own()
    {
        var story = new Story();
        var engine = new Engine(Watch);
        Story.Run(engine, story.Begin(),
            story.Next(tx => tx.By(Story.Attacker, Story.Market)
                .Transfer(Story.Gem, Story.Attacker, Story.Market, 10_000m)),
            story.Next(tx => tx.By(Story.Attacker, Story.Market)
                .Transfer(Story.Dusd, Story.Market, Story.Attacker, 50_000m)));

        var own = engine.Step(story.Next(WindUp)).Of(Name);
        var again = engine.Step(story.Next(WindUp)).Of(Name);

        Assert.Empty(own);
        Assert.NotEmpty(again);

        static void WindUp(TransactionStory tx) => Borrow(tx.By(Story.Attacker, Robber), "balancer-v2")
            .Transfer(Story.Dusd, Robber, Story.Market, 50_000m)
            .Transfer(Story.Gem, Story.Market, Robber, 10_000m);
    }

    [Fact]
    public void Trusted_keepers_are_not_judged()
    {
        var story = new Story();
        var watch = DetectorRuns.With(new FlashLoanProfitSettings([Story.Attacker]));

        Assert.Empty(Story.Run(new Engine(watch), story.Begin(),
            story.Next(tx => Rob(Borrow(tx.By(Story.Attacker, Robber), "aave-v3")))).Of(Name));
    }

    [Fact]
    public void What_the_logs_told_the_calls_do_not_tell_again()
    {
        var story = new Story();
        var script = new CallScript(Robber, "go(uint256)", 1);
        script.Call(Story.Lender, () => script.Call(Robber, () =>
            script.Call(Story.Dusd, "transferFrom(address,address,uint256)", Story.Market, Robber, Fifty),
            "onFlashLoan(address,address,uint256,uint256,bytes)", 1), "lend()");
        var engine = new Engine(Watch);

        var seen = Story.Run(engine, story.Begin(),
            story.Next(tx => Rob(Borrow(tx.By(Story.Attacker, Robber), "aave-v3")))).Of(Name);
        var again = engine.Step(DetectorRuns.Traced(story, script.Frames)).Of(Name);

        Assert.Single(seen);
        Assert.Empty(again);
    }

    [Fact]
    public void What_continues_from_a_snapshot_continues_identically()
    {
        var story = new Story();

        DetectorRuns.MustNotDependOnRestarts(Watch, [
            story.Begin(),
            story.Next(tx => tx.By(Story.Attacker, Story.Market)
                .Transfer(Story.Gem, Story.Attacker, Story.Market, 6_000m)),
            story.Next(tx => Rob(Borrow(tx.By(Story.Attacker, Robber), "aave-v3"))),
            story.BackTo(0), story.Next(),
            story.Next(tx => Rob(Borrow(tx.By(Story.Attacker, Robber), "aave-v3")))]);
    }

    private static List<Finding> Run(Story story, Action<TransactionStory> tell) =>
        Story.Run(new Engine(Watch), story.Begin(), story.Next(tell)).Of(Name);

    private static TransactionStory Rob(TransactionStory tx) => tx.Transfer(Story.Dusd, Story.Market, Robber, 50_000m);

    // A loan of 100,000, but for those that only the flow of tokens shows.
    private static TransactionStory Borrow(TransactionStory tx, string lender)
    {
        var from = lender switch
        {
            "uniswap-v2" => Story.OtherPair,
            "flash-mint" => Address.Zero,
            _ => Story.Lender,
        };
        var (token, units) = lender is "flow" or "flash-mint" ? (Story.Usdc, 2_000_000m) : (Story.Dusd, 100_000m);
        tx.Transfer(token, from, Robber, units).Transfer(token, Robber, from, units);
        var amount = Story.Wei(units);
        return lender switch
        {
            "aave-v2" => tx.Log(Story.Lender, Signed("FlashLoan(address,address,address,uint256,uint256,uint16)", 3),
                amount, 0, 0),
            "aave-v3" => tx.Log(Story.Lender,
                Signed("FlashLoan(address,address,address,uint256,uint8,uint256,uint16)", 3), 0, amount, 0, 0),
            "balancer-v2" => tx.Log(Story.Lender, Signed("FlashLoan(address,address,uint256,uint256)", 2), amount, 0),
            "maker" => tx.Log(Story.Lender, Signed("FlashLoan(address,address,uint256,uint256)", 1), 0, amount, 0),
            "morpho" => tx.Log(Story.Lender, Signed("FlashLoan(address,address,uint256)", 2), amount),
            "uniswap-v3" => tx.Log(Story.Lender,
                Signed("Flash(address,address,uint256,uint256,uint256,uint256)", 2), amount, 0, 0, 0),
            "uniswap-v2" => tx.Log(Story.OtherPair, Signed("Swap(address,uint256,uint256,uint256,uint256,address)", 2),
                amount, 0, amount, 0),
            "dodo" => tx.Log(
                Story.Lender, Signed("DODOFlashLoan(address,address,uint256,uint256)", 0), 0, 0, amount, 0),
            "dydx" => tx.Log(Story.Lender, Signed("LogCall(address,uint256,address)", 1), 0, 0),
            _ => tx,
        };
    }

    private static Hash32[] Signed(string signature, int indexed) =>
        [Keccak256.Hash(signature), .. Enumerable.Repeat(Hash32.Zero, indexed)];
}
