using Tocsin.Detection;
using Tocsin.Findings;

namespace Tocsin.Tests.Detection;

public class AttackTests
{
    [Fact]
    public void The_demo_attack_is_critical_in_its_first_block()
    {
        var story = new Story();
        var engine = new Engine(Story.Watch);

        Assert.Empty(engine.Step(story.Begin()));
        var findings = engine.Step(story.Next(Story.Attack()));

        var flashLoan = Assert.Single(findings, finding => finding.Threat == Threat.FlashLoanAttack);
        Assert.Equal(Severity.Critical, flashLoan.Severity);
        Assert.InRange(flashLoan.Confidence, 0.9m, 1m);
        Assert.Equal("market", flashLoan.Subject);
        Assert.Equal(377_000m, Math.Round(flashLoan.ImpactUsd));
        Assert.Equal([Story.Attacker, Story.AttackContract], flashLoan.Addresses);
        Assert.Equal(["large_loan", "rapid_trades", "arbitrage_pattern"], flashLoan.Indicators.Select(seen =>
            seen.Name));
        Assert.StartsWith($"flash-loan-attack/31337/{flashLoan.Transactions[0]}", flashLoan.Id.Value);

        var oracle = Assert.Single(findings, finding => finding.Threat == Threat.OracleManipulation);
        Assert.Equal(Severity.Critical, oracle.Severity);
        Assert.InRange(oracle.Confidence, 0.85m, 1m);
        Assert.Equal(flashLoan.ImpactUsd, oracle.ImpactUsd);
        Assert.Equal(2, findings.Count);
    }

    [Fact]
    public void The_reason_tells_who_lost_how_much_and_how_the_price_moved()
    {
        var story = new Story();

        var findings = Story.Run(new Engine(Story.Watch), story.Begin(), story.Next(Story.Attack()));

        Assert.Equal(
            "Flash-loan attack on market: about 377,000 USD lost in 1 transaction"
            + $" by {Story.Attacker} and 1 other address."
            + " Borrowed 4,000,000 USD (dUSD) and paid it back within one transaction."
            + " Made 2 swaps on GEM/dUSD within 60 s."
            + " Bought and sold back on GEM/dUSD in one transaction in which market lost 377,000 USD"
            + " and the sender's side gained 369,544 USD.",
            findings[0].Reason);
        Assert.Contains("Moved the price of GEM on GEM/dUSD from 10.00 USD to 249.4", findings[1].Reason);
    }

    [Fact]
    public void Fourteen_attacks_in_every_other_block_are_one_finding_that_grows_and_is_confirmed_once()
    {
        var story = new Story();
        var engine = new Engine(Story.Watch);
        engine.Step(story.Begin());
        var revisions = new List<Finding>();
        for (var attack = 1; attack <= 14; attack++)
        {
            var found = engine.Step(story.Next(Story.Attack())).Where(IsFlashLoan).ToList();
            var revision = Assert.Single(found);
            Assert.Equal((attack, FindingStatus.Seen), (revision.Revision, revision.Status));
            Assert.Equal(attack, revision.Transactions.Count);
            Assert.InRange(revision.ImpactUsd, 376_999m * attack, 377_001m * attack);
            revisions.Add(revision);
            Assert.Empty(engine.Step(story.Next()));
        }
        Assert.Single(revisions.Select(revision => revision.Id).Distinct());
        // The price that the attacker left behind is not what the next attack is measured by.
        Assert.All(revisions[^1].Indicators.Where(seen => seen.Name == IndicatorNames.ArbitragePattern),
            seen => Assert.Equal(377_000m, Math.Round(seen.Measured)));

        var quiet = Story.Run(engine, Enumerable.Range(0, 30).Select(_ => story.Next())).Where(IsFlashLoan);

        var confirmed = Assert.Single(quiet);
        Assert.Equal(revisions[^1] with
        {
            Revision = 15,
            Status = FindingStatus.Confirmed,
            Block = confirmed.Block,
            Time = confirmed.Time,
        }, confirmed);
        Assert.Equal(revisions[^1].Block.Number + 12, confirmed.Block.Number);
    }

    [Fact]
    public void One_confirmation_is_the_next_block()
    {
        var story = new Story();
        var engine = new Engine(Story.Watch with { Thresholds = new Thresholds { Confirmations = 1 } });

        Story.Run(engine, story.Begin(), story.Next(Story.Attack()));

        Assert.All(engine.Step(story.Next()), finding => Assert.Equal(FindingStatus.Confirmed, finding.Status));
    }

    [Fact]
    public void Another_attacker_on_the_same_protocol_is_another_finding()
    {
        var story = new Story();

        var findings = Story.Run(new Engine(Story.Watch), story.Begin(), story.Next(Story.Attack()),
            story.Next(Story.Attack(Story.OtherAttacker, Story.OtherAttackContract)));

        var ids = findings.Where(IsFlashLoan).Select(finding => finding.Id).ToList();
        Assert.Equal(2, ids.Distinct().Count());
        Assert.All(findings, finding => Assert.Equal(1, finding.Revision));
    }

    [Fact]
    public void Another_sender_through_the_same_contract_is_the_same_attack()
    {
        var story = new Story();

        var findings = Story.Run(new Engine(Story.Watch), story.Begin(), story.Next(Story.Attack()),
            story.Next(Story.Attack(by: Story.OtherAttacker)));

        var last = findings.Last(IsFlashLoan);
        Assert.Equal(2, last.Revision);
        Assert.Equal([Story.Attacker, Story.AttackContract, Story.OtherAttacker], last.Addresses);
    }

    [Fact]
    public void After_more_than_an_hour_of_quiet_it_is_a_new_attack()
    {
        var story = new Story();
        var engine = new Engine(Story.Watch);
        Story.Run(engine, story.Begin(), story.Next(Story.Attack()));
        Story.Run(engine, Enumerable.Range(0, 300).Select(_ => story.Next()));

        var within = Assert.Single(engine.Step(story.Next(Story.Attack())), IsFlashLoan);
        Story.Run(engine, Enumerable.Range(0, 301).Select(_ => story.Next()));
        var later = Assert.Single(engine.Step(story.Next(Story.Attack())), IsFlashLoan);

        Assert.Equal((1, 1), (within.Revision, later.Revision));
        Assert.NotEqual(within.Id, later.Id);
    }

    [Fact]
    public void Profit_sent_on_to_a_fresh_address_is_the_senders_gain_too()
    {
        var story = new Story();
        var sentOn = Story.Attack();

        var findings = Story.Run(new Engine(Story.Watch), story.Begin(), story.Next(tx =>
        {
            sentOn(tx);
            tx.Transfer(Story.Dusd, Story.AttackContract, Story.Account(0x77), 350_000m);
        }));

        Assert.Contains(findings, IsFlashLoan);
    }

    [Fact]
    public void A_manipulation_over_three_transactions_is_measured_by_the_price_before_the_first()
    {
        var story = new Story();
        var engine = new Engine(Story.Watch);
        engine.Step(story.Begin());
        var bought = 0m;
        engine.Step(story.Next(tx => bought = tx.By(Story.Attacker, null).BuyGem(Story.Attacker, 500_000m)));
        engine.Step(story.Next(tx => tx.By(Story.Attacker, Story.Market)
            .Transfer(Story.Gem, Story.Attacker, Story.Market, 2_000m)
            .Transfer(Story.Dusd, Story.Market, Story.Attacker, 40_000m)));

        var findings = engine.Step(story.Next(
            tx => tx.By(Story.Attacker, null).SellGem(Story.Attacker, bought - 2_000m)));

        var finding = Assert.Single(findings);
        Assert.Equal((Threat.OracleManipulation, Severity.Critical), (finding.Threat, finding.Severity));
        Assert.Equal(20_000m, finding.ImpactUsd);
        Assert.Equal(3, finding.Transactions.Count);
    }

    [Fact]
    public void A_first_sight_of_a_pool_in_the_middle_of_an_attack_is_enough()
    {
        var story = new Story();

        var findings = Story.Run(new Engine(Story.Watch), story.Next(Story.Attack()));

        var finding = Assert.Single(findings, IsFlashLoan);
        Assert.Equal(377_000m, Math.Round(finding.ImpactUsd));
    }

    [Fact]
    public void A_large_withdrawal_is_a_finding_below_the_alert_threshold()
    {
        var story = new Story();

        var findings = Story.Run(new Engine(Story.Watch), story.Begin(), story.Next(tx => tx
            .By(Story.Account(5), Story.Market)
            .Transfer(Story.Dusd, Story.Market, Story.Account(5), 1_500_000m)));

        var finding = Assert.Single(findings);
        Assert.Equal((Threat.LargeTransfer, Severity.High, 0.6m, "market"),
            (finding.Threat, finding.Severity, finding.Confidence, finding.Subject));
        Assert.True(finding.Confidence < Story.Watch.Thresholds.AlertConfidence);
    }

    [Fact]
    public void Units_that_were_minted_are_not_said_to_have_left_their_issuer()
    {
        var story = new Story();

        var findings = Story.Run(new Engine(Story.Watch), story.Begin(), story.Next(tx => tx
            .By(Story.Account(5), Story.Vault).Mint(Story.Dusd, Story.Account(5), 1_500_000m)));

        var reason = Assert.Single(findings, finding => finding.Threat == Threat.LargeTransfer).Reason;
        Assert.Contains("of dUSD minted by vault to ", reason, StringComparison.Ordinal);
        Assert.DoesNotContain("left", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Reverted_attempts_are_no_evidence()
    {
        var story = new Story();

        var findings = Story.Run(new Engine(Story.Watch), story.Begin(),
            story.Next(tx => tx.By(Story.Attacker, Story.AttackContract).Reverted()));

        Assert.Empty(findings);
    }

    private static bool IsFlashLoan(Finding finding) => finding.Threat == Threat.FlashLoanAttack;
}
