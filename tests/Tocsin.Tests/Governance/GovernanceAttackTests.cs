using Tocsin.Evm.Blocks;
using Tocsin.Findings;
using static Tocsin.Tests.Governance.DaoStory;

namespace Tocsin.Tests.Governance;

public sealed class GovernanceAttackTests
{
    private const string Upgrade = "upgradeTo(address)";

    private static readonly TimeSpan Days3 = TimeSpan.FromDays(3);

    private static readonly TimeSpan Block = TimeSpan.FromSeconds(12);

    [Fact]
    public void Borrowed_votes_that_propose_vote_and_execute_at_once_are_the_worst_there_is()
    {
        var story = new DaoStory();

        var findings = Run(Dao, story.Next(tx => tx.By(Stranger)
            .Move(Lender, Stranger, 4_000_000m).Propose(1, Stranger, Vault, "transferOwnership(address)", Stranger)
            .Vote(1, Stranger, 4_000_000m).Execute(1).Move(Stranger, Lender, 4_000_000m)));

        var finding = Assert.Single(findings);
        Assert.Equal((Threat.GovernanceAttack, Severity.Critical), (finding.Threat, finding.Severity));
        Assert.InRange(finding.Confidence, 0.9m, 1);
        Assert.Equal("governance-attack", finding.Detector);
        Assert.Contains(Stranger, finding.Addresses);
        Assert.Equal(
            ["proposal_submission", "large_token_accumulation", "voting_anomaly", "early_execution"],
            finding.Indicators.Select(one => one.Name));
        Assert.Contains("hand over a contract (transferOwnership at vault)", finding.Reason);
    }

    [Fact]
    public void An_emergency_commit_a_day_after_an_ordinary_looking_proposal_is_found_by_its_borrowed_votes()
    {
        var story = new DaoStory();

        // A diamond is cut by a proposal a day old, and the votes live as long as the transaction.
        var findings = Run(
            Dao,
            story.Next(tx => tx.By(Stranger).Propose(18, Stranger, Account(0xbad), "init()")),
            story.After(TimeSpan.FromDays(1), tx => tx.By(Stranger)
                .Move(Lender, Accomplice, 3_000_000m).Vote(18, Accomplice, 3_000_000m)
                .Log(Governor, "DiamondCut((address,uint8,bytes4[])[],address,bytes)",
                    Array.Empty<object>(), Account(0xbad), Array.Empty<byte>())
                .Execute(18).Move(Accomplice, Lender, 3_000_000m)));

        Assert.Contains(findings, finding => IsPage(finding) && finding.Severity.IsAtLeast(Severity.High));
        Assert.Contains(findings, finding => finding.Indicators.Any(one => one.Name == "hidden_effect"));
    }

    [Fact]
    public void A_governor_whose_events_are_its_own_is_seized_where_votes_come_and_rule_changes_at_once()
    {
        var story = new DaoStory();

        var finding = Assert.Single(Run(Dao, story.Next(tx => tx.By(Stranger)
            .Move(Lender, Accomplice, 3_000_000m)
            .Log(Governor, "DiamondCut((address,uint8,bytes4[])[],address,bytes)",
                Array.Empty<object>(), Account(0xbad), Array.Empty<byte>())
            .Move(Accomplice, Lender, 3_000_000m))));

        Assert.Equal(Severity.Critical, finding.Severity);
        Assert.InRange(finding.Confidence, 0.9m, 1);
    }

    [Fact]
    public void Code_that_was_swapped_behind_a_harmless_proposal_is_found_when_it_runs()
    {
        var story = new DaoStory();

        var findings = Run(
            Dao,
            story.Next(tx => tx.By(Holder).Propose(1, Stranger, Account(0xbad), "executeProposal()")),
            story.After(Days3, tx => tx.By(Holder).Vote(1, Holder, 900_000m)),
            story.After(Days3, tx => tx.By(Stranger).Upgrade(Vault, Account(0xbad)).Execute(1)));

        var found = findings[^1];
        Assert.True(IsPage(found), found.Reason);
        Assert.Contains("the code of vault was replaced", found.Reason);
    }

    [Fact]
    public void A_payment_that_was_read_whole_and_replaces_code_is_the_worst()
    {
        var story = new DaoStory();

        var findings = Run(
            Dao,
            story.Next(tx => tx.Propose(1, Holder, Token, "transfer(address,uint256)", Holder, 5UL)),
            story.After(Days3, tx => tx.Execute(1).Upgrade(Vault, Account(0xbad))));

        Assert.Equal(Severity.Critical, findings[^1].Severity);
        Assert.True(IsPage(findings[^1]));
    }

    [Fact]
    public void Fresh_votes_for_dangerous_calls_are_found_when_they_are_cast()
    {
        var story = new DaoStory();

        var findings = Run(
            Dao,
            story.Next(tx => tx.Propose(1, Holder, Vault, Upgrade, Account(0xbad))),
            story.After(Days3, tx => tx.By(Lender, Token).Move(Lender, Stranger, 600_000m)),
            story.After(TimeSpan.FromMinutes(20), tx => tx.By(Stranger).Vote(1, Stranger, 600_000m)));

        Assert.Equal(Severity.Critical, findings[^1].Severity);
        Assert.True(IsPage(findings[^1]), $"{findings[^1].Confidence}");
    }

    [Fact]
    public void A_delay_cut_shortly_before_makes_a_dangerous_proposal_an_attack()
    {
        var story = new DaoStory();

        var finding = Run(
            Dao,
            story.Next(tx => tx.By(Stranger, Timelock)
                .Log(Timelock, "MinDelayChange(uint256,uint256)", 172_800UL, 60UL)),
            story.Next(tx => tx.Propose(1, Holder, Vault, Upgrade, Account(0xbad))))[^1];

        Assert.True(IsPage(finding), $"{finding.Confidence}");
        Assert.Contains("MinDelayChange was cut to 0 %", finding.Reason);
    }

    [Fact]
    public void An_aragon_vote_is_read_when_it_runs()
    {
        var story = new DaoStory();
        byte[] call = [.. Tocsin.Evm.Abi.AbiFunction.Parse("setApp(bytes32,bytes32,address)")
            .Encode(new byte[32], new byte[32], Stranger)];
        byte[] script = [0, 0, 0, 1, .. Vault.ToArray(), 0, 0, 0, (byte)call.Length, .. call];

        var finding = Run(
            Dao,
            story.Next(tx => tx.Log(Governor, "StartVote(uint256 indexed,address indexed,string)", 7UL, Holder, "")),
            story.Next(tx => tx
                .Log(Governor, "ScriptResult(address indexed,bytes,bytes,bytes)", Account(1), script,
                    Array.Empty<byte>(), Array.Empty<byte>())
                .Log(Governor, "ExecuteVote(uint256 indexed)", 7UL)))[^1];

        Assert.Equal(Severity.Critical, finding.Severity);
        Assert.Contains("replace code (setApp at vault)", finding.Reason);
    }

    [Theory]
    [InlineData("accounts")]
    [InlineData("passed on")]
    [InlineData("delegates")]
    [InlineData("proposals")]
    public void Dust_makes_it_forget_nothing_that_matters(string kind)
    {
        const int flood = 5_000;
        var story = new DaoStory();
        List<ChainStep> steps =
        [
            story.Next(tx => tx.Propose(1, Holder, Vault, Upgrade, Account(0xbad))),
            story.After(Days3, tx => tx.By(Lender, Token).Move(Lender, Stranger, 600_000m)),
        ];
        for (var i = 0; i < flood; i += 500)
            steps.Add(story.Next([.. Enumerable.Range(i, 500).Select(n => (Action<DaoTransaction>)(tx =>
            {
                var (dust, next) = (Account(0x10_0000 + n), Account(0x10_0001 + n));
                if (kind == "accounts")
                    tx.By(Lender, Token).Move(Lender, dust, 0.000001m);
                else if (kind == "passed on")
                    tx.By(dust, Token).Move(dust, next, 700_000m);
                else if (kind == "delegates")
                    tx.By(dust, Token).Delegated(dust, 700_000m, 0).Delegated(next, 0, 700_000m);
                else
                    tx.By(dust).Propose((ulong)n + 10, dust, Vault, "setFee(uint256)", 5UL);
            }))]));
        steps.Add(story.Next(tx => tx.By(Stranger).Vote(1, Stranger, 600_000m)));

        var last = Run(Dao, steps)[^1];

        Assert.Equal(Severity.Critical, last.Severity);
        Assert.True(IsPage(last), last.Reason);
        Assert.Contains("Proposal 1 by", last.Reason);
    }

    public static TheoryData<string> Ordinary => ["payment", "upgrade", "unknown", "delegation", "early", "own tokens"];

    [Theory]
    [MemberData(nameof(Ordinary))]
    public void Ordinary_governance_pages_nobody(string kind)
    {
        var story = new DaoStory();
        Action<DaoTransaction> proposal = kind switch
        {
            "payment" => tx => tx.Propose(1, Holder, Token, "transfer(address,uint256)", Holder, 5_000_000UL),
            "upgrade" => tx => tx.Propose(1, Holder, Vault, Upgrade, Account(0x77)),
            _ => tx => tx.Propose(1, Holder, Vault, "setFee(uint256)", 5UL),
        };
        var wait = kind == "early" ? TimeSpan.FromHours(1) : Days3;

        var findings = Run(
            Dao,
            story.Next(proposal),
            story.After(wait / 2, tx => tx.By(Holder, Token).Move(Founder, Holder, kind switch
            {
                "own tokens" => 700_000m,
                "delegation" => 100m,
                _ => 10m,
            })),
            story.Next(tx => tx.Vote(1, Holder, 800_000m)),
            story.After(wait / 2, tx => (kind == "upgrade" ? tx.Upgrade(Vault, Account(0x77)) : tx).Execute(1)));

        Assert.DoesNotContain(findings, IsPage);
    }

    [Fact]
    public void A_dangerous_proposal_by_someone_new_is_recorded_and_by_someone_known_is_not()
    {
        var story = new DaoStory();

        var findings = Run(
            Dao,
            story.Next(tx => tx.Propose(1, Holder, Vault, Upgrade, Account(0x77))),
            story.After(Days3, tx => tx.Propose(2, Holder, Vault, Upgrade, Account(0x78))));

        var finding = Assert.Single(findings, one => one.Status == FindingStatus.Seen);
        Assert.Equal(Severity.Elevated, finding.Severity);
        Assert.Contains("new proposer", finding.Reason);
    }

    [Fact]
    public void Pieces_rollbacks_and_replays_give_the_same_findings()
    {
        var story = new DaoStory();
        List<ChainStep> steps =
        [
            story.Next(tx => tx.Propose(1, Holder, Vault, Upgrade, Account(0xbad))),
            story.After(Days3, tx => tx.By(Lender, Token).Move(Lender, Stranger, 600_000m)),
            story.After(Block, tx => tx.By(Stranger).Vote(1, Stranger, 600_000m)),
            story.Back(2),
            story.After(Block, tx => tx.By(Stranger).Vote(1, Stranger, 600_000m)),
            story.After(Block, tx => tx.By(Lender, Token).Move(Lender, Stranger, 600_000m)),
            story.After(Block, tx => tx.By(Stranger).Vote(1, Stranger, 600_000m).Execute(1)),
            story.After(Block), story.After(Block), story.After(Block),
        ];

        SameInPieces.Check(Dao, steps);

        Assert.Contains(Run(Dao, steps), finding => finding.Status == FindingStatus.Retracted);
    }
}
