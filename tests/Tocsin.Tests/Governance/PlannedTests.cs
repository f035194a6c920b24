using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Detection.Governance;
using Tocsin.Evm;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;
using static Tocsin.Tests.Governance.DaoStory;

namespace Tocsin.Tests.Governance;

/// <summary>What was announced pages nobody, and nothing else hides behind it.</summary>
public sealed class PlannedTests
{
    private const string Upgrade = "upgradeTo(address)";

    private static readonly Address Code = Account(0x77);

    private static readonly DateTimeOffset Window = new(2026, 3, 1, 4, 0, 0, TimeSpan.Zero);

    private static readonly Planned ByData = new(
        "vault v2", Window, Window.AddHours(2), Founder, "vault",
        Keccak256.Hash(AbiFunction.Parse(Upgrade).Encode(Code)), null);

    private static readonly Planned ByFunction =
        ByData with { CalldataHash = null, Function = AbiSelector.Of(Upgrade) };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_announced_change_is_told_and_pages_nobody(bool byData)
    {
        var finding = Assert.Single(Tell(byData ? ByData : ByFunction, 1.5, tx => AsAnnounced(tx)));

        Assert.Equal(Severity.Routine, finding.Severity);
        Assert.StartsWith("As announced: vault v2. ", finding.Reason);
    }

    public static TheoryData<string> Otherwise =>
        ["by another", "to another", "other data", "too early", "too late", "with a payment", "in another call"];

    [Theory]
    [MemberData(nameof(Otherwise))]
    public void What_differs_in_anything_pages(string how)
    {
        var findings = Tell(ByData, how switch { "too early" => 0.5, "too late" => 3.1, _ => 1.5 }, tx =>
        {
            AsAnnounced(tx);
            _ = how switch
            {
                "by another" => tx.By(Stranger, Vault),
                "to another" => tx.Calling(Timelock, Upgrade, Code),
                "other data" => tx.Calling(Vault, Upgrade, Stranger),
                "with a payment" => tx.Paying(1),
                "in another call" => tx.Calling(Vault, "multicall(bytes[])",
                    new object[] { new object[] { AbiFunction.Parse(Upgrade).Encode(Code) } }),
                _ => tx,
            };
        });

        Assert.True(IsPage(Assert.Single(findings)));
    }

    [Fact]
    public void Anything_else_in_the_window_still_pages()
    {
        var findings = Tell(
            ByData, 1.5, tx => AsAnnounced(tx), tx => tx.By(Stranger, Safe).Log(Vault, "NewAdmin(address)", Stranger));

        Assert.Equal([Severity.Routine, Severity.High], findings.Select(finding => finding.Severity));
        Assert.DoesNotContain("announced", findings[1].Reason, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void An_announced_change_that_goes_on_into_an_attack_is_called_announced_no_more()
    {
        var story = new DaoStory();

        var findings = Run(
            Powers with { Planned = [ByFunction] },
            story.After(TimeSpan.FromHours(1.5), tx => tx.By(Founder, Vault).Calling(Vault, Upgrade, Code)
                .Log(Vault, "OwnershipTransferred(address indexed,address indexed)", Founder, Stranger)),
            story.Next(tx => tx.By(Stranger, Vault).Upgrade(Vault, Account(0xbad))));

        Assert.Single(findings.Select(finding => finding.Id).Distinct());
        Assert.True(IsPage(findings[^1]));
        Assert.DoesNotContain("As announced", findings[^1].Reason);
    }

    [Fact]
    public void An_announced_upgrade_of_a_watched_proxy_is_routine_and_another_value_in_its_slot_is_not()
    {
        Assert.Equal(Severity.Routine, Slot(Code).Severity);
        Assert.StartsWith("As announced: vault v2. ", Slot(Code).Reason);
        Assert.Equal(Severity.High, Slot(Stranger).Severity);
    }

    [Fact]
    public void What_an_execution_does_beyond_its_proposal_is_never_as_announced()
    {
        var story = new DaoStory();
        var planned = new Planned(
            "fee change", Window, Window.AddDays(13), Founder, "governor", null, AbiSelector.Of("execute(uint256)"));

        var findings = Run(
            Dao with { Planned = [planned] },
            story.Next(tx => tx.Propose(1, Holder, Token, "transfer(address,uint256)", Holder, 5UL)),
            story.After(TimeSpan.FromDays(3), tx => tx.By(Founder).Calling(Governor, "execute(uint256)", 1UL)
                .Execute(1).Upgrade(Vault, Account(0xbad))));

        Assert.Equal(Severity.Critical, findings[^1].Severity);
    }

    [Fact]
    public void A_plan_that_would_mute_too_much_is_refused()
    {
        Assert.Empty(ByData.Problems(Plain));
        Assert.Single((ByData with { To = Window.AddDays(15) }).Problems(Plain));
        Assert.Single((ByData with { To = Window }).Problems(Plain));
        Assert.Single((ByData with { Target = "nobody" }).Problems(Plain));
        Assert.Single((ByData with { CalldataHash = null }).Problems(Plain));
        Assert.Single((ByData with { Function = AbiSelector.Of(Upgrade) }).Problems(Plain));
        Assert.Single((ByFunction with { Function = AbiSelector.Of("multicall(bytes[])") }).Problems(Plain));
        Assert.Contains((Plain with { Planned = [ByData, ByData] }).Problems(), problem => problem.Contains("twice"));
    }

    [Fact]
    public void Pieces_and_rollbacks_give_the_same_findings()
    {
        var story = new DaoStory();
        List<ChainStep> steps =
        [
            story.Next(),
            story.After(TimeSpan.FromHours(1.5), tx => AsAnnounced(tx)),
            story.Next(tx => Upgraded(tx.By(Stranger, Vault))),
            story.Back(2),
            story.After(TimeSpan.FromHours(1.6), tx => AsAnnounced(tx)),
            story.Next(), story.Next(), story.Next(),
        ];

        SameInPieces.Check(Powers with { Planned = [ByData] }, steps);
    }

    private static DaoTransaction AsAnnounced(DaoTransaction tx) =>
        Upgraded(tx.By(Founder, Vault).Calling(Vault, Upgrade, Code));

    private static DaoTransaction Upgraded(DaoTransaction tx) => tx.Upgrade(Vault, Code);

    private static List<Finding> Tell(Planned planned, double hours, params Action<DaoTransaction>[] transactions) =>
        Run(Powers with { Planned = [planned] }, new DaoStory().After(TimeSpan.FromHours(hours), transactions));

    // The proxy's slot is read after each block.
    private static Finding Slot(Address value)
    {
        var watch = Plain with
        {
            Planned = [ByData],
            Senses = Senses.ChainOnly with
            {
                Contracts = [new KnownContract("vault", Vault, [], [ProxySlots.Implementation])],
            },
        };
        var story = new DaoStory();
        var engine = new Engine(watch);
        Take(story.Next(), Founder);
        return Assert.Single(Take(story.After(TimeSpan.FromHours(1.5), tx => AsAnnounced(tx)), value));

        IReadOnlyList<Finding> Take(ChainStep step, Address read)
        {
            engine.Step(step);
            var block = ((ChainStep.Forward)step).Block.Ref;
            return engine.Step(new ChainStep.Answered(block,
            [
                new ReadAnswer(
                    new StateRead.Slot(Vault, ProxySlots.Implementation),
                    new byte[12].Concat(read.ToArray()).ToValueList()),
            ]));
        }
    }
}
