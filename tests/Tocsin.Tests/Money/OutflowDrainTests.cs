using Tocsin.Detection.Money;
using Tocsin.Evm.Reads;
using Tocsin.Findings;
using static Tocsin.Tests.Money.Ledger;

namespace Tocsin.Tests.Money;

public sealed class OutflowDrainTests
{
    private static readonly OutflowDrainSettings OfBridge = new("bridge");
    private static readonly OutflowDrainSettings OfVault = new("vault");
    private readonly Ledger ledger = new();

    [Fact]
    public void A_bridge_that_a_crowd_empties_is_told_when_a_fifth_is_gone_without_the_largest()
    {
        Holding(10_000_000m);
        for (var i = 0; i < 30; i++)
            Take(i, 200_000m);

        var findings = ledger.Findings(OfBridge);

        Assert.Equal(
            (Threat.ContractAnomaly, Severity.Critical, "bridge"),
            (findings[0].Threat, findings[0].Severity, findings[0].Subject));
        Assert.True(findings[0].Confidence >= 0.7m);
        Assert.Equal((2_200_000m, 11), (findings[0].ImpactUsd, findings[0].Transactions.Count));
        Assert.Contains("22 % of the 10,000,000 USD that it held, by 11 transactions of at least 11 accounts",
            findings[0].Reason);
        Assert.Equal(2, findings.Count);
    }

    [Fact]
    public void Where_nothing_answers_what_it_holds_a_fixed_limit_counts_and_it_is_less_severe()
    {
        for (var i = 0; i < 5; i++)
            Take(i, 260_000m);

        var finding = Assert.Single(ledger.Findings(OfBridge));

        Assert.Equal(Severity.High, finding.Severity);
        Assert.True(finding.Confidence >= 0.7m);
    }

    public static TheoryData<string> Innocent() => ["one transfer", "small", "little of it", "in and out", "redeemed",
        "deposited", "minted", "a whale beside others", "slow"];

    [Theory]
    [MemberData(nameof(Innocent))]
    public void What_is_no_drain_tells_nobody(string what)
    {
        Holding(10_000_000m);
        switch (what)
        {
            case "one transfer":
                Take(0, 9_000_000m);
                break;
            case "a whale beside others":
                Take(0, 2_100_000m);
                Take(1, 100_000m);
                Take(2, 100_000m);
                break;
            case "minted":
                for (var i = 0; i < 9; i++)
                    ledger.Send($"user {i}", Vault, Ledger.Mint(Dusd, Account("user"), 900_000m)).Close();
                break;
            case "small":
                ledger.Close().Answer((ProtocolReads.BalanceOf(Usdc, Bridge).Read, Wei(100_000m, Usdc)));
                for (var i = 0; i < 9; i++)
                    Take(i, 10_000m);
                break;
            case "little of it":
                for (var i = 0; i < 9; i++)
                    Take(i, 200_000m);
                break;
            case "in and out":
                for (var i = 0; i < 30; i++)
                {
                    Take(i, 200_000m);
                    ledger.Send($"user {i}", Bridge, Transfer(Usdc, Account("other"), Bridge, 190_000m)).Close();
                }
                break;
            case "redeemed":
                for (var i = 0; i < 9; i++)
                    ledger.Send($"user {i}", Vault, Transfer(Usdc, Vault, Account("user"), 900_000m),
                        Ledger.Burn(Dusd, Account("user"), 900_000m)).Close();
                break;
            case "deposited":
                for (var i = 0; i < 9; i++)
                    ledger.Send($"user {i}", Vault, Transfer(Usdc, Account("user"), Vault, 900_000m),
                        Ledger.Mint(Dusd, Account("user"), 900_000m)).Close();
                break;
            default:
                for (var i = 0; i < 30; i++)
                    Take(i, 200_000m, TimeSpan.FromMinutes(10));
                break;
        }

        Assert.Empty(ledger.Findings(OfBridge, OfVault));
    }

    [Fact]
    public void What_some_hour_of_the_last_weeks_took_is_not_told()
    {
        Holding(10_000_000m);
        for (var day = 0; day < 9; day++)
            for (var i = 0; i < 6; i++)
            {
                Take(i, 500_000m, TimeSpan.FromMinutes(10));
                ledger.Answer((ProtocolReads.BalanceOf(Usdc, Bridge).Read, Wei(7_000_000m, Usdc)));
                ledger.Close(TimeSpan.FromMinutes(i == 5 ? 22 * 60 : 1));
                ledger.Send("provider", Bridge, Transfer(Usdc, Account("provider"), Bridge, i == 5 ? 3_000_000m : 1m));
                ledger.Close();
            }

        var told = ledger.Findings(OfBridge).Select(finding => finding.Time).ToList();

        Assert.NotEmpty(told);
        Assert.All(told, time => Assert.True(time < new DateTimeOffset(2026, 3, 9, 0, 0, 0, TimeSpan.Zero)));
    }

    [Fact]
    public void It_goes_on_the_same_from_a_snapshot_and_after_a_reorg()
    {
        Holding(10_000_000m);
        for (var i = 0; i < 40; i++)
            Take(i, 200_000m, TimeSpan.FromMinutes(3));

        ledger.HoldsAcrossSnapshotsAndReorgs(OfBridge);
    }

    private void Holding(decimal units) => ledger.Close().Answer(
        (ProtocolReads.BalanceOf(Usdc, Bridge).Read, Wei(units, Usdc)),
        (ProtocolReads.BalanceOf(Usdc, Vault).Read, Wei(units, Usdc)));

    private void Take(int who, decimal units, TimeSpan? later = null) =>
        ledger.Send($"taker {who}", Account("router"), Transfer(Usdc, Bridge, Account($"taker {who}"), units))
            .Close(later ?? TimeSpan.FromSeconds(12));
}
