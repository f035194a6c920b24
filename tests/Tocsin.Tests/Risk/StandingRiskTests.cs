using FsCheck;
using FsCheck.Fluent;
using Tocsin.Detection;
using Tocsin.Detection.Risk;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;
using Tocsin.Tests.Detection;

namespace Tocsin.Tests.Risk;

/// <summary>When an attack would pay, by how much, and when that is told.</summary>
public sealed class StandingRiskTests
{
    private static readonly StandingRiskSettings Settings = new("market", "GEM/dUSD", ["dUSD"]);
    private static readonly Watch Watch = DetectorRuns.With(Settings);

    private static readonly Prize Demo = new(
        100_000m, 1_000_000m, 0.003m, 5_990_000m, 0.7m, null, null, 0.0005m, 100m);

    // Pools of 1,000 to 100,000,000 USD, markets likewise.
    private static readonly Arbitrary<(int Pool, int Market)> Places =
        Gen.Choose(1_000, 100_000_000).Zip(Gen.Choose(1_000, 100_000_000)).ToArbitrary();

    [Fact]
    public void The_demonstrations_attack_takes_what_is_reckoned()
    {
        // 4,000,000 dUSD in, 2,300 GEM left as collateral: the market lends 401,500 dUSD on it.
        var story = new Story();
        var left = 0m;
        story.NextBlock(tx =>
        {
            var bought = tx.BuyGem(Story.AttackContract, 4_000_000m);
            left = 4_000_000m - tx.SellGem(Story.AttackContract, bought);
        });

        var robbery = (Demo with { CollateralUnitsMax = 2_300m }).With(4_000_000m);

        Assert.InRange(robbery.Multiple, 24.93m, 24.95m);
        Assert.InRange(robbery.TakenUsd, 401_000m, 402_000m);
        Assert.Equal(23_000m, robbery.CollateralUsd);
        Assert.InRange(robbery.TradingUsd, left - 1, left + 1);
        Assert.Equal(2_000m, robbery.LoanFeeUsd);
        Assert.InRange(robbery.ProfitUsd, 350_000m, 376_500m);
    }

    [Fact]
    public void The_best_attack_is_no_worse_than_any_other()
    {
        var best = Demo.Best()!.Value;

        for (var payment = 100_000m; payment < 20_000_000m; payment += 100_000m)
            Assert.True(Demo.With(payment).ProfitUsd <= best.ProfitUsd * 1.001m, $"{payment}");
        Assert.Equal(Demo.LendableUsd, best.TakenUsd);
    }

    [Fact]
    public void The_deeper_the_pool_the_less_it_pays() => Prop.ForAll(Places, place =>
    {
        var shallow = At(place.Pool, place.Market).Best()?.ProfitUsd ?? 0;
        var deep = At(place.Pool * 2m, place.Market).Best()?.ProfitUsd ?? 0;
        return deep <= shallow + 0.000001m;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_more_there_is_to_lend_the_more_it_pays() => Prop.ForAll(Places, place =>
        (At(place.Pool, place.Market).Best()?.ProfitUsd ?? 0)
            <= (At(place.Pool, place.Market * 2m).Best()?.ProfitUsd ?? 0) + 0.000001m).QuickCheckThrowOnFailure();

    [Fact]
    public void In_a_pool_without_bottom_nothing_pays() => Prop.ForAll(Places, place =>
        At(1_000_000_000_000_000m, place.Market).Best() is null).QuickCheckThrowOnFailure();

    [Fact]
    public void Nothing_to_take_and_nothing_to_trade_pay_nothing()
    {
        Assert.Null((Demo with { LendableUsd = 0 }).Best());
        Assert.Null((Demo with { BaseUnits = 0 }).Best());
        Assert.Null((Demo with { LoanUsdMax = 100m }).Best());
    }

    [Theory]
    [InlineData(600, 0, 1)]
    [InlineData(600, 600, 0.5)]
    [InlineData(0, 600, 0)]
    [InlineData(0, 0, 1)]
    public void Who_needs_one_transaction_cannot_be_stopped(int response, int attack, double chance) =>
        Assert.Equal((decimal)chance, Prize.ChanceAlone(response, attack));

    [Fact]
    public void It_is_told_while_it_pays_and_once_more_when_it_is_over()
    {
        var findings = DetectorRuns.Run(new Engine(Watch), Tell(new Story())).Of("standing-risk");

        Assert.Equal([FindingStatus.Seen, FindingStatus.Over], findings.Select(finding => finding.Status));
        Assert.All(findings, finding => Assert.Equal(
            (Threat.StandingRisk, Severity.Elevated, "market"),
            (finding.Threat, finding.Severity, finding.Subject)));
        Assert.Contains("borrows 6,000,000 USD from market", findings[0].Reason);
        Assert.False(findings[0].Pages());
    }

    [Fact]
    public void What_a_reorg_takes_back_is_reckoned_with_no_more()
    {
        var story = new Story();
        var engine = new Engine(Watch);
        DetectorRuns.Run(engine, [story.Begin(), Holds(story, 1_000m)]);
        Assert.Empty(engine.Step(Passed(0)));

        engine.Step(story.Next());
        engine.Step(Holds(story, 6_000_000m));
        engine.Step(story.BackTo(0));

        Assert.Empty(engine.Step(Passed(1)));
    }

    [Fact]
    public void What_continues_from_a_snapshot_continues_identically() =>
        DetectorRuns.MustNotDependOnRestarts(Watch, Tell(new Story()));

    private static Prize At(decimal poolUsd, decimal lendable) =>
        new(poolUsd / 20, poolUsd / 2, 0.003m, lendable, 0.7m, null, null, 0.0005m, 100m);

    private static List<Input> Tell(Story story) =>
    [
        story.Begin(), Holds(story, 6_000_000m), Passed(1), Passed(20),
        story.Next(), Holds(story, 1_000m), Passed(30), Passed(700),
    ];

    private static ChainStep.Answered Holds(Story story, decimal dollars) => DetectorRuns.Answered(story,
        DetectorRuns.AnswerTo(
            Story.Dusd, AbiFunction.Parse("balanceOf(address)").Encode(Story.Market), Story.Wei(dollars)));

    private static Arrival.Passed Passed(int second) =>
        new(new DateTimeOffset(2026, 3, 1, 3, 0, 0, TimeSpan.Zero).AddSeconds(second));
}
