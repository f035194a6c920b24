using Tocsin.Chains;
using Tocsin.Detection.Money;
using Tocsin.Evm;
using Tocsin.Evm.Inputs;
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

    [Fact]
    public void A_balance_that_is_not_answered_leaves_the_share_unknown_and_never_makes_it_larger()
    {
        // It holds 100 times as much DAI, but nobody says so.
        ledger.Close().Answer((ProtocolReads.BalanceOf(Usdc, Bridge).Read, Wei(1_000_000m, Usdc)));
        for (var i = 0; i < 4; i++)
            Take(i, 200_000m);
        Assert.Empty(ledger.Findings(OfBridge));
        for (var i = 4; i < 9; i++)
            Take(i, 200_000m);

        var finding = ledger.Findings(OfBridge)[0];

        Assert.Equal(Severity.High, finding.Severity);
        Assert.DoesNotContain("that it held", finding.Reason);
    }

    [Fact]
    public void What_it_held_more_than_an_hour_ago_is_not_what_it_holds()
    {
        Holding(10_000_000m);
        ledger.Close(TimeSpan.FromMinutes(61));
        for (var i = 0; i < 5; i++)
            Take(i, 1_000_000m);

        Assert.All(ledger.Findings(OfBridge), finding => Assert.Equal(Severity.High, finding.Severity));
    }

    [Fact]
    public void One_detector_keeps_a_book_for_each_contract_that_no_other_is_about()
    {
        Holding(10_000_000m);
        for (var i = 0; i < 5; i++)
            ledger.Send($"user {i}", Vault, Transfer(Usdc, Vault, Account("user"), 900_000m),
                Transfer(Usdc, Bridge, Account("user"), 900_000m)).Close();

        Assert.Equal(["bridge", "vault"], SubjectsOf(new OutflowDrainSettings()));
        Assert.Equal(["vault"], SubjectsOf(new OutflowDrainSettings(), OfBridge with { Share = 1m }));

        List<string> SubjectsOf(params OutflowDrainSettings[] detectors) =>
            [.. ledger.Findings(detectors).Select(finding => finding.Subject).Distinct().Order()];
    }

    [Fact]
    public void What_goes_from_one_contract_to_another_leaves_the_one_and_comes_to_the_other()
    {
        Holding(10_000_000m);
        for (var i = 0; i < 5; i++)
            ledger.Send($"user {i}", Vault, Transfer(Usdc, Bridge, Vault, 900_000m)).Close();

        Assert.All(ledger.Findings(new OutflowDrainSettings()), finding => Assert.Equal("bridge", finding.Subject));
        Assert.NotEmpty(ledger.Findings(new OutflowDrainSettings()));
    }

    [Fact]
    public void The_newest_transaction_stands_last_though_an_older_one_of_its_block_was_larger()
    {
        Holding(10_000_000m);
        for (var i = 0; i < 12; i++)
            ledger.Send($"first {i}", Bridge, Transfer(Usdc, Bridge, Account("a"), 300_000m))
                .Send($"second {i}", Bridge, Transfer(Usdc, Bridge, Account("b"), 100_000m)).Close();

        var finding = ledger.Findings(OfBridge)[0];

        Assert.Equal(finding.Transactions[^1], finding.Indicators[^1].Transaction);
        Assert.Equal(
            Enumerable.Range(1, finding.Transactions.Count).Select(sent => Keccak256.Hash($"transaction {sent}")),
            finding.Transactions);
    }

    [Fact]
    public void An_attack_does_not_become_the_custom_so_that_a_second_of_its_size_is_told_as_well()
    {
        Assert.Equal([12, 15, 18], AttacksTold(learnt: 9, 12, 15, 18));
    }

    [Fact]
    public void Nor_does_one_from_before_anything_was_known()
    {
        Assert.Equal([2, 15], AttacksTold(learnt: 9, 2, 15));
    }

    public static TheoryData<string> Innocent() => ["one transfer", "small", "little of it", "in and out", "redeemed",
        "deposited", "minted", "a whale beside others", "queued", "slow"];

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
                Holding(100_000m);
                for (var i = 0; i < 9; i++)
                    Take(i, 10_000m);
                break;
            case "little of it":
                for (var i = 0; i < 9; i++)
                    Take(i, 200_000m);
                break;
            case "queued":
                for (var i = 0; i < 9; i++)
                    ledger.Send($"taker {i}", Account("router"), Transfer(Usdc, Bridge, Queue, 900_000m)).Close();
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
                {
                    Take(i, 200_000m, TimeSpan.FromMinutes(10));
                    ledger.Answer(Balances(10_000_000m - 200_000m * (i + 1)));
                }
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
                ledger.Answer(Balances(7_000_000m));
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

    // Hours of 600,000 every day, and attacks of ten times that on some; gives the days of what was told.
    private List<int> AttacksTold(int learnt, params int[] attacks)
    {
        var begin = ledger.Now;
        for (var day = 0; day < Math.Max(learnt, attacks[^1] + 1); day++)
        {
            Holding(20_000_000m);
            for (var i = 0; i < 4; i++)
                Take(i, attacks.Contains(day) ? 2_000_000m : 200_000m);
            ledger.Close(begin.AddDays(day + 1) - ledger.Now);
        }
        return [.. ledger.Findings(OfBridge).Select(finding => (int)(finding.Time - begin).TotalDays).Distinct()];
    }

    private void Holding(decimal units) => ledger.Close().Answer(Balances(units));

    private static (StateRead Read, UInt256 Value)[] Balances(decimal units) =>
    [
        .. from contract in new[] { Bridge, Vault }
           from asset in new[] { Usdc, Dai, Dusd }
           select (ProtocolReads.BalanceOf(asset, contract).Read, Wei(asset == Usdc ? units : 0, asset)),
    ];

    private void Take(int who, decimal units, TimeSpan? later = null) =>
        ledger.Send($"taker {who}", Account("router"), Transfer(Usdc, Bridge, Account($"taker {who}"), units))
            .Close(later ?? TimeSpan.FromSeconds(12));
}
