using Tocsin.Chains;
using Tocsin.Detection.Money;
using Tocsin.Findings;
using static Tocsin.Tests.Money.Ledger;

namespace Tocsin.Tests.Money;

public sealed class RedemptionRunTests
{
    private static readonly RedemptionRunSettings OfDusd = new("dUSD");
    private static readonly RedemptionRunSettings OfUsdc = new("USDC");
    private readonly Ledger ledger = new();

    [Fact]
    public void Many_who_redeem_more_than_a_million_within_an_hour_are_a_run()
    {
        Redeem(Dusd, 4, 300_000m);

        var finding = Assert.Single(ledger.Findings(OfDusd));

        Assert.Equal(
            (Threat.RedemptionRun, Severity.Critical, "dUSD"), (finding.Threat, finding.Severity, finding.Subject));
        Assert.True(finding.Confidence >= 0.7m);
        Assert.Contains("1,200,000 USD more of dUSD was redeemed than issued", finding.Reason);
        Assert.Contains("4 accounts redeemed, the largest 25 % of it", finding.Reason);
    }

    [Fact]
    public void A_run_that_goes_on_is_told_again_when_it_has_doubled_and_not_in_between()
    {
        for (var i = 0; i < 10; i++)
            Redeem(Dusd, 4, 300_000m);

        Assert.Equal([1_200_000m, 2_400_000m, 4_800_000m, 9_600_000m],
            ledger.Findings(OfDusd).Select(finding => finding.Indicators[^1].Measured));
    }

    public static TheoryData<string> Innocent() =>
        ["below", "issued again", "lent within a transaction", "over two hours", "to somebody", "other token"];

    [Theory]
    [MemberData(nameof(Innocent))]
    public void What_is_no_run_tells_nobody(string what)
    {
        switch (what)
        {
            case "below":
                Redeem(Dusd, 4, 249_000m);
                break;
            case "issued again":
                ledger.Send("new", Vault, Ledger.Mint(Dusd, Account("new"), 900_000m)).Close();
                Redeem(Dusd, 4, 300_000m);
                break;
            case "lent within a transaction":
                for (var i = 0; i < 4; i++)
                    ledger.Send($"lender {i}", Vault, Ledger.Mint(Dusd, Account("x"), 9_000_000m),
                        Ledger.Burn(Dusd, Account("x"), 9_000_000m)).Close();
                break;
            case "over two hours":
                Redeem(Dusd, 4, 200_000m);
                ledger.Close(TimeSpan.FromMinutes(61));
                Redeem(Dusd, 4, 200_000m);
                break;
            case "to somebody":
                for (var i = 0; i < 4; i++)
                    ledger.Send($"payer {i}", Dusd, Transfer(Dusd, Account("a"), Account("b"), 800_000m)).Close();
                break;
            default:
                Redeem(Usdc, 4, 800_000m);
                break;
        }

        Assert.Empty(ledger.Findings(OfDusd));
    }

    [Fact]
    public void One_large_holder_who_leaves_is_recorded_and_wakes_nobody()
    {
        ledger.Send("whale", Vault, Ledger.Burn(Dusd, Account("whale"), 5_000_000m)).Close();

        var finding = Assert.Single(ledger.Findings(OfDusd));

        Assert.Equal((Severity.Elevated, true), (finding.Severity, finding.Confidence < 0.7m));
        Assert.Contains("Only 1 account redeemed", finding.Reason);
    }

    [Fact]
    public void A_token_that_tells_a_redemption_twice_is_counted_once()
    {
        for (var i = 0; i < 4; i++)
            ledger.Send($"issuer {i}", Dusd, Ledger.Burn(Dusd, Account("issuer"), 200_000m),
                Event(Dusd, "Burn(address,uint256)", [Account("issuer")], Wei(200_000m, Dusd))).Close();

        Assert.Empty(ledger.Findings(OfDusd));
    }

    [Theory]
    [InlineData("Burn(address,uint256)")]
    [InlineData("Redeem(uint256)")]
    public void A_token_that_tells_redemptions_by_its_own_event_alone_is_understood(string signature)
    {
        Address[] indexed = signature.StartsWith('B') ? [Account("issuer")] : [];
        for (var i = 0; i < 4; i++)
            ledger.Send($"issuer {i}", Dusd, Event(Dusd, signature, indexed, Wei(300_000m, Dusd))).Close();

        Assert.Equal(Severity.Critical, Assert.Single(ledger.Findings(OfDusd)).Severity);
    }

    [Fact]
    public void What_is_usual_is_learnt_and_not_told_however_much_it_is()
    {
        Days(9, 2_000_000m);

        Assert.Empty(ledger.Findings(OfUsdc));
        Days(1, 30_000_000m);
        var finding = ledger.Findings(OfUsdc)[0];
        Assert.Equal(Severity.Critical, finding.Severity);
        Assert.Contains("about 2,000,000 USD is usual at this hour", finding.Reason);
    }

    [Fact]
    public void What_is_above_the_usual_but_not_far_above_is_less_severe()
    {
        Days(9, 2_000_000m);
        // The usual never varied: a spread is half of it, so six are 8 million and eight are 10 million.
        Redeem(Usdc, 1, 9_000_000m, TimeSpan.FromHours(1));

        Assert.Equal(Severity.High, Assert.Single(ledger.Findings(OfUsdc)).Severity);
    }

    [Fact]
    public void Of_an_asset_that_others_issue_nothing_is_told_before_the_usual_is_known()
    {
        Redeem(Usdc, 4, 100_000_000m);

        Assert.Empty(ledger.Findings(OfUsdc));
        Assert.Single(ledger.Findings(OfUsdc with { LimitAlone = true }));
    }

    [Fact]
    public void It_goes_on_the_same_from_a_snapshot_and_after_a_reorg()
    {
        for (var day = 0; day < 8; day++)
            Redeem(Usdc, 1, 2_000_000m, TimeSpan.FromHours(24));
        Redeem(Usdc, 3, 30_000_000m);
        Redeem(Dusd, 5, 700_000m);

        ledger.HoldsAcrossSnapshotsAndReorgs(OfDusd, OfUsdc);
    }

    [Fact]
    public void Settings_that_cannot_be_are_refused()
    {
        Assert.Single(new RedemptionRunSettings("GEM").Problems(Watch));
        Assert.Single((OfDusd with { HourlyUsd = 0 }).Problems(Watch));
        Assert.Single((OfDusd with { Run = 1 }).Problems(Watch));
        Assert.Empty(new RedemptionRunSettings(Dusd.ToString()).Problems(Watch));
    }

    private void Redeem(Address token, int redeemers, decimal units, TimeSpan? later = null)
    {
        for (var i = 0; i < redeemers; i++)
            ledger.Send($"redeemer {i}", Vault, Ledger.Burn(token, Account($"redeemer {i}"), units));
        ledger.Close(later ?? TimeSpan.FromSeconds(12));
    }

    private void Days(int days, decimal hourly)
    {
        for (var hour = 0; hour < 24 * days; hour++)
            Redeem(Usdc, 1, hourly, TimeSpan.FromHours(1));
    }
}
