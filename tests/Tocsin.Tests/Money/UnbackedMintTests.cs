using Tocsin.Chains;
using Tocsin.Detection.Money;
using Tocsin.Evm.Inputs;
using Tocsin.Evm.Reads;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Tests.Plans;
using static Tocsin.Tests.Money.Ledger;

namespace Tocsin.Tests.Money;

public sealed class UnbackedMintTests
{
    private static readonly UnbackedMintSettings Minted = new("dUSD", [], Minters: ["vault"]);
    private static readonly UnbackedMintSettings Backed =
        new("dUSD", [new Backing.Holding("USDC", "vault"), new Backing.Holding("DAI", "bridge", 2m)]);

    private static readonly StateRead Supply = ProtocolReads.TotalSupply(Dusd).Read;
    private readonly Ledger ledger = new();

    [Theory]
    [InlineData("thief", 600_000, Severity.Critical)]
    [InlineData("thief", 150_000, Severity.Elevated)]
    [InlineData("thief", 99_000, null)]
    [InlineData("vault", 4_000_000, null)]
    [InlineData("vault", 6_000_000, Severity.Critical)]
    public void A_mint_without_a_deposit_is_judged_by_who_made_it_and_how_much(
        string through, int units, Severity? severity)
    {
        ledger.Close().Answer((Supply, Wei(10_000_000m, Dusd)));
        Mint(through, units);

        var finding = ledger.Findings(Minted).SingleOrDefault();

        Assert.Equal(severity, finding?.Severity);
        Assert.True(finding is null || finding.Confidence >= 0.7m == finding.Severity.IsAtLeast(Severity.High));
        Assert.True(finding is null || finding.Threat == Threat.UnbackedMint && finding.ImpactUsd == units);
    }

    [Theory]
    [InlineData(6_000_000, true)]
    [InlineData(5_000_000, false)]
    public void A_mint_against_a_matching_deposit_is_innocent(int deposited, bool innocent)
    {
        ledger.Close().Answer((Supply, Wei(10_000_000m, Dusd)));
        ledger.Send("user", Account("zap"), Transfer(Usdc, Account("user"), Vault, deposited),
            Ledger.Mint(Dusd, Account("user"), 6_000_000m)).Close();

        Assert.Equal(innocent, ledger.Findings(Minted).Count == 0);
    }

    [Fact]
    public void A_deposit_that_is_paid_out_again_pays_for_nothing()
    {
        ledger.Close().Answer((Supply, Wei(10_000_000m, Dusd)));
        ledger.Send("thief", Account("trick"), Transfer(Usdc, Account("trick"), Vault, 6_000_000m),
            Ledger.Mint(Dusd, Account("thief"), 6_000_000m),
            Transfer(Usdc, Vault, Account("trick"), 6_000_000m)).Close();

        Assert.Equal(Severity.Critical, Assert.Single(ledger.Findings(Minted)).Severity);
    }

    [Fact]
    public void What_is_minted_and_burnt_in_one_transaction_is_lent_and_not_made()
    {
        ledger.Close().Answer((Supply, Wei(10_000_000m, Dusd)));
        ledger.Send("borrower", Account("flash"), Ledger.Mint(Dusd, Account("flash"), 90_000_000m),
            Ledger.Burn(Dusd, Account("flash"), 90_000_000m)).Close();

        Assert.Empty(ledger.Findings(Minted));
    }

    [Fact]
    public void Who_mints_in_the_first_week_is_learnt_and_who_comes_later_is_a_stranger()
    {
        var learning = Minted with { Minters = null };
        ledger.Close().Answer((Supply, Wei(10_000_000m, Dusd)));
        for (var day = 0; day < 8; day++)
        {
            Mint("minter", 600_000);
            ledger.Close(TimeSpan.FromDays(1));
        }
        Assert.Empty(ledger.Findings(learning));
        Mint("thief", 600_000);

        var finding = Assert.Single(ledger.Findings(learning));

        Assert.Equal(Severity.Critical, finding.Severity);
        Assert.Contains("by somebody who never minted", finding.Reason);
        Assert.Equal([Account("user"), Account("thief")], finding.Addresses);
    }

    [Fact]
    public void A_mint_far_above_history_by_a_known_minter_is_told()
    {
        ledger.Close().Answer((Supply, Wei(10_000_000m, Dusd)));
        Mint("vault", 200_000);
        Mint("vault", 300_000);
        Mint("vault", 2_000_000);

        var finding = Assert.Single(ledger.Findings(Minted));

        Assert.Equal((Severity.High, true), (finding.Severity, finding.Confidence >= 0.7m));
        Assert.Contains("the largest before was 300,000 dUSD", finding.Reason);
    }

    [Theory]
    [InlineData(10_000_000, false)]
    [InlineData(10_090_000, false)]
    [InlineData(10_110_000, true)]
    public void More_supply_than_what_stands_behind_it_is_told(int supply, bool told)
    {
        Answered(supply, 8_000_000m, 1_000_000m);

        var finding = ledger.Findings(Backed).SingleOrDefault();

        Assert.Equal(told, finding is not null);
        Assert.True(finding is null || finding is { Severity: Severity.Critical, Confidence: >= 0.7m });
    }

    [Fact]
    public void A_shortage_is_told_again_when_it_doubles_with_the_numbers_of_then()
    {
        foreach (var reserve in new[] { 7_000_000m, 6_900_000m, 5_000_000m })
            Answered(10_000_000, reserve, 1_000_000m);

        Assert.Equal(["1,000,000 dUSD are without backing", "3,000,000 dUSD are without backing"],
            ledger.Findings(Backed).Select(finding => finding.Reason[
                (finding.Reason.IndexOf(": ", finding.Reason.IndexOf("covers", StringComparison.Ordinal),
                    StringComparison.Ordinal) + 2)..finding.Reason.IndexOf(", where", StringComparison.Ordinal)]));
    }

    [Fact]
    public void A_mint_and_the_gap_that_it_leaves_are_one_incident()
    {
        ledger.Close().Answer((Supply, Wei(10_000_000m, Dusd)));
        ledger.Send("thief", Account("thief"), Ledger.Mint(Dusd, Account("thief"), 8_000_000m));
        Answered(18_000_000, 8_000_000m, 1_000_000m);

        var findings = ledger.Findings(Backed with { Minters = ["vault"] });

        Assert.Equal(2, findings.Count);
        Assert.All(findings, finding => Assert.Equal("dUSD", finding.Subject));
        Assert.Single(Incidents(findings));
    }

    /// <summary>For two hours no read was answered, so the gap is found anew: people have it already.</summary>
    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    public void A_gap_that_stays_opens_no_second_incident_while_the_first_is_open(bool resolved, int incidents)
    {
        Answered(10_000_000, 7_000_000m, 1_000_000m);
        for (var hour = 0; hour < 400; hour++)
            ledger.Close(TimeSpan.FromMinutes(1));
        Answered(10_000_000, 7_000_000m, 1_000_000m);
        var findings = ledger.Findings(Backed);

        Assert.Equal(2, findings.Select(finding => finding.Id).Distinct().Count());
        Assert.Equal(incidents, Incidents(findings, resolved).Count);
    }

    [Fact]
    public void A_backing_that_does_not_answer_gives_no_verdict()
    {
        ledger.Close().Answer(
            (Supply, Wei(10_000_000m, Dusd)), (ProtocolReads.BalanceOf(Usdc, Vault).Read, UInt256.Zero),
            (ProtocolReads.Decimals(Usdc).Read, 6));

        Assert.Empty(ledger.Findings(Backed));
    }

    [Theory]
    [InlineData(9_000_000, 60, true)]
    [InlineData(10_000_000, 60, false)]
    [InlineData(9_000_000, 7200, false)]
    public void An_attested_reserve_counts_while_it_is_fresh(int attested, int ageSeconds, bool told)
    {
        var feed = Account("reserve feed");
        var settings = new UnbackedMintSettings("dUSD", [new Backing.Attested(feed, TimeSpan.FromHours(1))]);
        var reads = new ChainlinkFeed(feed, TimeSpan.FromHours(1)).Reads;
        ledger.Close();
        var madeAt = (ulong)ledger.Now.AddSeconds(-ageSeconds).ToUnixTimeSeconds();
        UInt256[] round = [7, (ulong)attested * 100_000_000, madeAt, madeAt, 7];
        ledger.Answers(
            (Supply, Wei(10_000_000m, Dusd).ToArray()),
            (reads[0], [.. round.SelectMany(word => word.ToArray())]),
            (reads[1], new UInt256(0, 8).ToArray()));

        Assert.Equal(told, ledger.Findings(settings).Count == 1);
    }

    [Fact]
    public void It_goes_on_the_same_from_a_snapshot_and_after_a_reorg()
    {
        var learning = Backed with { LearnFor = TimeSpan.FromDays(1) };
        for (var day = 0; day < 3; day++)
        {
            Mint("minter", 300_000);
            Answered(10_000_000 + day, 9_000_000m - day * 700_000m, 500_000m);
            ledger.Close(TimeSpan.FromDays(1));
        }
        Mint("thief", 700_000);
        Mint("minter", 9_000_000);

        ledger.HoldsAcrossSnapshotsAndReorgs(learning);
    }

    [Fact]
    public void Settings_that_cannot_be_are_refused()
    {
        Assert.Single(new UnbackedMintSettings("dUSD", [new Backing.Holding("USDC", "nobody")]).Problems(Watch));
        Assert.Single((Minted with { Minters = ["nobody"] }).Problems(Watch));
        Assert.Single((Minted with { Tolerance = -1 }).Problems(Watch));
        Assert.Empty(Backed.Problems(Watch));
    }

    /// <summary>The incidents that the book makes of them, the first resolved before the next finding or not.</summary>
    private static IReadOnlyCollection<Incident> Incidents(IEnumerable<Finding> findings, bool resolved = false)
    {
        var plan = MinimalPlan.With("[flash-loan-attack,", "[unbacked-mint, flash-loan-attack,").Plan;
        var book = IncidentBook.Empty;
        foreach (var finding in findings)
        {
            foreach (var happened in book.Take(finding, finding.Time, plan, DetectionLimits.Default))
                book = book.Apply(happened, finding.Time);
            if (resolved && book.Open.FirstOrDefault() is { } open)
                book = book.Apply(new IncidentEvent.Resolved(open.Id, "ada", "paid in"), finding.Time);
        }
        return [.. book.Incidents.Values];
    }

    private void Mint(string through, int units) => ledger.Send(
        "user", Account(through), Ledger.Mint(Dusd, Account("user"), units)).Close();

    private void Answered(int supply, decimal usdc, decimal dai) => ledger.Close().Answer(
        (Supply, Wei(supply, Dusd)),
        (ProtocolReads.BalanceOf(Usdc, Vault).Read, Wei(usdc, Usdc)), (ProtocolReads.Decimals(Usdc).Read, 6),
        (ProtocolReads.BalanceOf(Dai, Bridge).Read, Wei(dai, Dai)), (ProtocolReads.Decimals(Dai).Read, 18));
}
