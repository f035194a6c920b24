using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Detection.Oracles;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;
using Tocsin.Tests.Detection;

namespace Tocsin.Tests.Oracles;

/// <summary>When a price is led away to be paid by us, and when it only moves.</summary>
public sealed class OracleSpotTests
{
    private const string Name = "oracle-spot";
    private static readonly DateTimeOffset Begin = new(2026, 3, 1, 3, 0, 0, TimeSpan.Zero);
    private static readonly Address Other = Story.OtherAttacker;
    private static readonly Watch Watch = DetectorRuns.With(new OracleSpotSettings([]));

    private readonly Story story = new();

    [Fact]
    public void A_small_round_trip_with_a_payment_in_between_is_critical()
    {
        // 3 % of the pool: below what the pattern calls a large trade.
        var finding = Assert.Single(Run(story.Begin(), story.Next(tx =>
        {
            var gem = tx.By(Story.Attacker, Story.AttackContract).BuyGem(Story.AttackContract, 30_000m);
            tx.Transfer(Story.Dusd, Story.Market, Story.AttackContract, 20_000m);
            tx.SellGem(Story.AttackContract, gem);
        })));

        Assert.Equal((Threat.OracleManipulation, Severity.Critical), (finding.Threat, finding.Severity));
        Assert.True(finding.Pages());
        Assert.Equal("market", finding.Subject);
        Assert.Equal([Story.Attacker, Story.AttackContract], finding.Addresses);
        Assert.Equal(20_000m, finding.ImpactUsd);
        Assert.Contains("paid out", finding.Reason);
    }

    [Fact]
    public void A_round_trip_without_a_payment_wakes_nobody()
    {
        var findings = Run(story.Begin(), story.Next(tx =>
            tx.By(Story.Attacker, Story.AttackContract)
                .SwapBack(Story.AttackContract, 30_000m)));

        Assert.Equal(Severity.Elevated, Assert.Single(findings).Severity);
        Assert.False(findings[0].Pages());
    }

    [Fact]
    public void A_payment_after_the_price_was_brought_back_is_no_payment_at_a_wrong_price()
    {
        var findings = Run(story.Begin(), story.Next(tx => tx.By(Story.Attacker, Story.AttackContract)
            .SwapBack(Story.AttackContract, 30_000m).Transfer(Story.Dusd, Story.Market, Story.Attacker, 20_000m)));

        Assert.All(findings, finding => Assert.False(finding.Pages()));
    }

    [Fact]
    public void What_the_pattern_told_is_not_told_again() =>
        Assert.Empty(Run(story.Begin(), story.Next(Story.Attack())));

    [Fact]
    public void Who_moves_a_price_for_blocks_and_is_paid_is_accused()
    {
        var findings = Run([.. Held(), Borrow(Story.Attacker)]);

        var finding = Assert.Single(findings);
        Assert.Equal(Severity.Critical, finding.Severity);
        Assert.True(finding.Pages());
        Assert.Contains("Who moved it", finding.Reason);
    }

    [Fact]
    public void Who_borrows_while_somebody_else_moved_the_price_is_not_accused()
    {
        var findings = Run([.. Held(), Borrow(Other)]);

        Assert.Equal(Severity.Elevated, Assert.Single(findings).Severity);
        Assert.False(findings[0].Pages());
    }

    [Fact]
    public void A_price_that_just_moved_is_not_held()
    {
        Assert.Empty(Run(story.Begin(),
            story.Next(tx => tx.By(Story.Attacker, Story.Router).BuyGem(Story.Attacker, 100_000m)),
            Borrow(Story.Attacker)));
    }

    [Fact]
    public void Half_an_hour_later_the_price_is_what_it_is()
    {
        Assert.Empty(Run([.. Held(blocks: 200), Borrow(Story.Attacker)]));
    }

    [Fact]
    public void An_ordinary_loan_on_collateral_at_a_price_that_moves_is_nothing()
    {
        Assert.Empty(Run([.. Held(), story.Next(tx => tx.By(Story.Attacker, Story.Market)
            .Transfer(Story.Gem, Story.Attacker, Story.Market, 4_000m)
            .Transfer(Story.Dusd, Story.Market, Story.Attacker, 20_000m))]));
    }

    [Fact]
    public void A_pool_that_stands_apart_from_the_feeds_is_told_and_wakes_nobody()
    {
        var findings = DetectorRuns.Run(new Engine(Watch), [
            story.Begin(), Tick(0, 10.5m), Tick(299, 10.5m), Tick(301, 10.5m), Tick(400, 10), Tick(800, 10)]);

        var told = findings.Where(finding => finding.Threat == Threat.OracleManipulation).ToList();
        // The second pool stands at 10.10, which is within 2 % of 10 but not of 10.50.
        Assert.Equal(
            [FindingStatus.Seen, FindingStatus.Seen, FindingStatus.Over, FindingStatus.Over],
            told.Select(finding => finding.Status));
        Assert.All(told, finding => Assert.False(finding.Pages()));
    }

    [Fact]
    public void What_a_reorg_takes_back_moved_nothing()
    {
        var steps = Held().ToList();
        steps.Add(story.BackTo(0));
        for (var i = 0; i < 5; i++)
            steps.Add(story.Next());
        steps.Add(Borrow(Story.Attacker));

        Assert.Empty(Run([.. steps]));
    }

    [Fact]
    public void What_continues_from_a_snapshot_continues_identically()
    {
        List<Input> inputs = [.. Held(), Tick(1, 12), Borrow(Story.Attacker), Tick(400, 12), story.BackTo(2)];
        inputs.AddRange([story.Next(), story.Next(), Borrow(Other)]);

        DetectorRuns.MustNotDependOnRestarts(Watch, inputs);
    }

    // The attacker lifts the price by a fifth and leaves it there.
    private IEnumerable<ChainStep> Held(int blocks = 4)
    {
        yield return story.Begin();
        yield return story.Next(tx => tx.By(Story.Attacker, Story.Router).BuyGem(Story.Attacker, 100_000m));
        for (var i = 0; i < blocks; i++)
            yield return story.Next();
    }

    private ChainStep Borrow(Address by) => story.Next(tx => tx.By(by, Story.Market)
        .Transfer(Story.Gem, by, Story.Market, 1_000m).Transfer(Story.Dusd, Story.Market, by, 40_000m));

    private static Arrival.Tick Tick(int second, decimal price) =>
        new(Begin.AddSeconds(second), "kraken", "GEM", price, null);

    private static List<Finding> Run(params IEnumerable<ChainStep> steps) =>
        Story.Run(new Engine(Watch), steps).Of(Name);
}

internal static class SwapStory
{
    /// <summary>Buys GEM and sells all of it again.</summary>
    public static TransactionStory SwapBack(this TransactionStory tx, Address trader, decimal dusd)
    {
        tx.SellGem(trader, tx.BuyGem(trader, dusd));
        return tx;
    }
}
