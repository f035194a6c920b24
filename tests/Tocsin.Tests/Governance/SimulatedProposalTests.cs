using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Evm;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;
using static Tocsin.Tests.Governance.DaoStory;

namespace Tocsin.Tests.Governance;

public sealed class SimulatedProposalTests
{
    private const string Init = "init()";

    private static readonly Address Dollar = Account(0xd1);
    private static readonly Address Unlisted = Account(0xd2);
    private static readonly Address Fresh = Account(0xbad);
    private static readonly TimeSpan Days3 = TimeSpan.FromDays(3);

    private static readonly Watch Paying = Dao with
    {
        Assets = [new Asset("USDC", Dollar, 6, 1m)],
    };

    private readonly DaoStory story = new();

    public static TheoryData<string, int?, bool> Shown => new()
    {
        { "code of a stranger pays a stranger", 2, true },
        { "code of a stranger pays a little", 2, false },
        { "code of a stranger takes coins", 2, true },
        { "code of a stranger moves a token without a price", 3, false },
        { "code of a stranger replaces ours", 2, true },
        { "code of a stranger is run in our name", 2, true },
        { "code of a stranger calls our owner's function", 2, true },
        { "code of a stranger gets an allowance", 2, true },
        { "code of a stranger mints votes", 3, false },
        { "one of ours is destroyed", 2, true },
        { "a payment pays as it says", null, false },
        { "an upgrade does as it says", null, false },
        { "a trade brings as much as it takes", null, false },
        { "value goes among what is ours", null, false },
        { "nothing happens", null, false },
        { "it fails", null, false },
    };

    [Theory]
    [MemberData(nameof(Shown))]
    public void What_a_simulation_shows_beyond_the_calls_is_told_when_it_is_proposed(
        string kind, int? severity, bool pages)
    {
        var (target, function, arguments) = kind switch
        {
            "a payment pays as it says" =>
                (Dollar, "transfer(address,uint256)", new object[] { Stranger, 900_000_000_000UL }),
            "an upgrade does as it says" => (Vault, "upgradeTo(address)", [Account(0x77)]),
            _ => (Fresh, Init, Array.Empty<object>()),
        };

        // Who proposed before is no news.
        var findings = Run(
            Paying,
            story.Next(tx => tx.Propose(1, Holder, Vault, "pause()")),
            story.Next(tx => tx.Propose(2, Holder, target, function, arguments)),
            Answer(Asked(target, function, arguments), OutcomeOf(kind)));

        if (severity is null)
        {
            Assert.Empty(findings);
            return;
        }
        var finding = Assert.Single(findings);
        Assert.Equal((Threat.GovernanceAttack, severity), (finding.Threat, (int)finding.Severity));
        Assert.True(pages == IsPage(finding), $"{finding.Confidence} {finding.Reason}");
        Assert.Contains("Simulated, ", finding.Reason);
        Assert.Contains("which its calls do not say", finding.Reason);
        Assert.Contains(finding.Indicators, one => one.Name is "simulated_outflow" or "simulated_power");
    }

    [Fact]
    public void A_harmless_simulation_lowers_nothing_and_is_told_with_what_is_found()
    {
        var upgrade = Asked(Vault, "upgradeTo(address)", Fresh);
        ChainStep[] steps =
        [
            story.Next(tx => tx.Propose(1, Holder, Vault, "upgradeTo(address)", Fresh)),
            Answer(upgrade, Outcome()),
            story.After(Days3, tx => tx.By(Lender, Token).Move(Lender, Stranger, 600_000m)),
            story.Next(tx => tx.By(Stranger).Vote(1, Stranger, 600_000m)),
        ];

        var with = Run(Paying, steps)[^1];
        var without = Run(Paying, steps.Where(step => step is not ChainStep.Simulated))[^1];

        Assert.Equal((without.Severity, without.Confidence), (with.Severity, with.Confidence));
        Assert.Contains("all of its actions succeed", with.Reason);
        Assert.DoesNotContain("simulat", without.Reason);
    }

    [Fact]
    public void Hidden_harm_and_fresh_votes_together_are_the_worst()
    {
        var findings = Run(
            Paying,
            story.Next(tx => tx.Propose(1, Holder, Fresh, Init)),
            Answer(Asked(Fresh, Init), OutcomeOf("code of a stranger replaces ours")),
            story.Next(tx => tx.By(Lender, Token).Move(Lender, Stranger, 600_000m)),
            story.Next(tx => tx.By(Stranger).Vote(1, Stranger, 600_000m)));

        Assert.Equal(Severity.High, findings[0].Severity);
        Assert.Equal(Severity.Critical, findings[^1].Severity);
    }

    [Fact]
    public void That_no_node_can_simulate_is_told_after_three_tries_and_an_action_that_fails_by_its_number()
    {
        var asked = Asked(Vault, "upgradeTo(address)", Fresh);
        Finding Voted(Func<BlockRef, ChainStep> answer, int times)
        {
            var dao = new DaoStory();
            var engine = new Engine(Paying);
            var last = default(Finding);
            Step(dao.Next(tx => tx.Propose(1, Holder, Vault, "upgradeTo(address)", Fresh)));
            for (var i = 0; i < times; i++)
            {
                Assert.Equal([asked], engine.Simulations);
                Step(answer(engine.Head!.Value));
            }
            Assert.Empty(engine.Simulations);
            Step(dao.Next(tx => tx.By(Lender, Token).Move(Lender, Stranger, 600_000m)));
            Step(dao.Next(tx => tx.By(Stranger).Vote(1, Stranger, 600_000m)));
            return last!;

            void Step(ChainStep step) => last = engine.Step(step).LastOrDefault() ?? last;
        }

        Assert.Contains(
            "could not be simulated: no node knows how",
            Voted(block => new ChainStep.Simulated(
                block, [SimulationAnswer.None(asked, "no node knows how")]), 3).Reason);
        Assert.Contains(
            "action 1 of 1 fails today (out of gas)",
            Voted(block => new ChainStep.Simulated(
                block, [SimulationAnswer.Of(asked, [new SimulatedOutcome("out of gas", [], [], [])], true)]), 1)
                .Reason);
    }

    [Fact]
    public void What_is_too_large_to_be_simulated_is_recorded()
    {
        var finding = Assert.Single(Run(
            Paying,
            story.Next(tx => tx.Propose(1, Holder, Vault, "pause()")),
            story.Next(tx => tx.Propose(2, Holder, Fresh, "init(bytes)", new byte[70_000])),
            story.Next(tx => tx.Vote(2, Founder, 5m))));

        Assert.Equal(Severity.Elevated, finding.Severity);
        Assert.Contains("larger than what is simulated", finding.Reason);
    }

    [Fact]
    public void An_answer_counts_for_the_block_it_is_of_and_for_the_question_that_was_asked()
    {
        var engine = new Engine(Paying);
        var harm = OutcomeOf("code of a stranger replaces ours");
        engine.Step(story.Next(tx => tx.Propose(1, Holder, Fresh, Init)));
        var block = engine.Head!.Value;
        engine.Step(story.Next());

        var other = Asked(Fresh, Init) with { From = Stranger };
        Assert.Empty(engine.Step(new ChainStep.Simulated(block, [SimulationAnswer.Of(other, [harm], true)])));
        var gone = new BlockRef(block.Number, Keccak256.Hash("gone"));
        Assert.Empty(engine.Step(
            new ChainStep.Simulated(gone, [SimulationAnswer.Of(Asked(Fresh, Init), [harm], true)])));
        // A block later is early enough.
        Assert.Single(engine.Step(
            new ChainStep.Simulated(block, [SimulationAnswer.Of(Asked(Fresh, Init), [harm], true)])));
        Assert.Empty(engine.Simulations);
    }

    [Fact]
    public void What_a_timelock_takes_up_is_simulated_once_more()
    {
        var engine = new Engine(Paying);
        engine.Step(story.Next(tx => tx.Propose(1, Holder, Fresh, Init)));
        engine.Step(Answer(Asked(Fresh, Init), Outcome()));
        Assert.Empty(engine.Simulations);

        engine.Step(story.After(Days3, tx => Schedule(tx, Fresh, Init)));
        Assert.Equal([Asked(Fresh, Init)], engine.Simulations);
        var finding = Assert.Single(engine.Step(
            Answer(Asked(Fresh, Init), OutcomeOf("code of a stranger replaces ours"))));
        Assert.Contains("Proposal 1 by", finding.Reason);

        engine.Step(story.Next(tx => Schedule(tx, Vault, Init)));
        engine.Step(story.Next(tx => tx.Log(
            Timelock, "CallExecuted(bytes32 indexed,uint256 indexed,address,uint256,bytes)", new byte[32], 0UL, Vault,
            UInt256.Zero, AbiSelector.Of(Init).ToArray())));
        Assert.Empty(engine.Simulations);
    }

    [Fact]
    public void Without_a_configured_timelock_the_one_that_the_governor_names_executes()
    {
        var watch = Plain with { Detectors = [Votes with { Timelock = null }] };
        var engine = new Engine(watch);
        engine.Step(story.Next(tx => tx.Propose(1, Holder, Fresh, Init)));
        Assert.Equal(Governor, engine.Simulations[0].From);

        var read = Assert.Single(engine.Reads, one => one is StateRead.Call { To: var to } && to == Governor);
        engine.Step(new ChainStep.Answered(
            engine.Head!.Value, [new ReadAnswer(read, [.. new byte[12], .. Timelock.ToArray()])]));
        Assert.Equal(Timelock, engine.Simulations[0].From);

        engine.Step(new ChainStep.Answered(engine.Head!.Value, [new ReadAnswer(read, [1, 2, 3])]));
        Assert.Equal(Timelock, engine.Simulations[0].From);
    }

    [Fact]
    public void Not_more_is_asked_than_is_bounded_and_no_stranger_crowds_others_out()
    {
        var engine = new Engine(Paying);
        engine.Step(story.Next([.. Enumerable.Range(1, 200).Select(id =>
            (Action<DaoTransaction>)(tx => tx.Propose((ulong)id, Stranger, Fresh, "init(uint256)", (ulong)id)))]));
        engine.Step(story.Next(tx => tx.Propose(999, Holder, Fresh, Init)));

        Assert.Equal(4, engine.Simulations.Count);
        var asked = new HashSet<StateSimulation>();
        while (engine.Simulations.Count > 0)
        {
            asked.UnionWith(engine.Simulations);
            engine.Step(new ChainStep.Simulated(
                engine.Head!.Value,
                [.. engine.Simulations.Select(one => SimulationAnswer.Of(one, [Outcome()], true))]));
        }
        Assert.Equal(17, asked.Count);
        Assert.Contains(Asked(Fresh, Init), asked);
    }

    [Fact]
    public void Pieces_and_rollbacks_give_the_same_findings()
    {
        var harm = OutcomeOf("code of a stranger pays a stranger");
        var first = story.Next(tx => tx.Propose(1, Holder, Fresh, Init));
        var second = story.Next();
        var answered = Answer(Asked(Fresh, Init), harm);
        List<ChainStep> steps = [first, second, answered, story.Back(1), story.Next()];
        steps.AddRange(Answer(Asked(Fresh, Init), harm), story.Next(), story.Next(), story.Next(), story.Next());

        SameInPieces.Check(Paying, steps);

        var findings = Run(Paying, steps);
        Assert.Contains(findings, finding => finding.Status == FindingStatus.Retracted);
        Assert.Equal(Severity.High, findings[^1].Severity);
    }

    [Fact]
    public void What_writes_more_than_is_read_or_takes_too_long_is_recorded()
    {
        var much = Outcome([.. Enumerable.Repeat(Moved(Dollar, Stranger, Holder, 5), 2_001)]);
        ChainStep[] steps =
        [
            story.Next(tx => tx.Propose(1, Holder, Vault, "pause()")),
            story.Next(tx => tx.Propose(2, Holder, Fresh, Init)),
            Answer(Asked(Fresh, Init), much),
            Answer(Asked(Fresh, Init), much),
            Answer(Asked(Fresh, Init), much),
        ];

        var finding = Assert.Single(Run(Paying, steps));

        Assert.Equal(Severity.Elevated, finding.Severity);
        Assert.False(IsPage(finding));
        Assert.Contains("more than is read", finding.Reason);
    }

    [Fact]
    public void Whoever_names_the_thief_in_a_harmless_call_does_not_hide_what_goes_there()
    {
        var nothing = new SimulatedCall(
            Vault, UInt256.Zero, AbiFunction.Parse("balanceOf(address)").Encode([Stranger]).ToValueList());
        var init = new SimulatedCall(Fresh, UInt256.Zero, AbiFunction.Parse(Init).Encode([]).ToValueList());
        var findings = Run(
            Paying,
            story.Next(tx => tx.Propose(1, Holder, Vault, "pause()")),
            story.Next(tx => ScheduleAll(tx, nothing, init)),
            new ChainStep.Simulated(
                story.Head,
                [SimulationAnswer.Of(
                    new StateSimulation(Timelock, [nothing, init]),
                    [Outcome(), OutcomeOf("code of a stranger pays a stranger")], true)]));

        Assert.Contains(findings, IsPage);
    }

    private static void Schedule(DaoTransaction tx, Address target, string function) => tx.Log(
        Timelock, "CallScheduled(bytes32 indexed,uint256 indexed,address,uint256,bytes,bytes32,uint256)", new byte[32],
        0UL, target, UInt256.Zero, AbiSelector.Of(function).ToArray(), new byte[32], 60UL);

    private ChainStep.Simulated Answer(StateSimulation asked, SimulatedOutcome outcome) =>
        new(story.Head, [SimulationAnswer.Of(asked, [outcome], true)]);

    private static StateSimulation Asked(Address target, string function, params object[] arguments) => new(
        Timelock,
        [new SimulatedCall(target, UInt256.Zero, AbiFunction.Parse(function).Encode(arguments).ToValueList())]);

    private static SimulatedOutcome Outcome(params Log[] logs) => new(null, [.. logs], [], []);

    private static SimulatedOutcome OutcomeOf(string kind) => kind switch
    {
        "code of a stranger pays a stranger" => Outcome(
            Moved(Dollar, Vault, Fresh, 900_000_000_000), Moved(Dollar, Fresh, Stranger, 900_000_000_000)),
        "a payment pays as it says" => Outcome(Moved(Dollar, Timelock, Stranger, 900_000_000_000)),
        "code of a stranger pays a little" => Outcome(Moved(Dollar, Vault, Stranger, 5_000_000)),
        "code of a stranger takes coins" => Outcome() with
        {
            Payments = [new SimulatedPayment(Timelock, Stranger, UInt256.Parse("100000000000000000000"))],
        },
        "code of a stranger moves a token without a price" => Outcome(Moved(Unlisted, Vault, Stranger, 5)),
        "code of a stranger replaces ours" => Outcome(Log(Vault, "Upgraded(address)", Fresh)),
        "an upgrade does as it says" => Outcome(Log(Vault, "Upgraded(address)", Account(0x77))),
        "code of a stranger is run in our name" => Inner(CallKind.DelegateCall, Vault, Fresh, ""),
        "code of a stranger calls our owner's function" => Inner(
            CallKind.Call, Fresh, Vault, "transferOwnership(address)"),
        "code of a stranger gets an allowance" => Outcome(
            Log(Dollar, "Approval(address,address,uint256)", Vault, Stranger) with
            { Data = UInt256.MaxValue.ToArray() }),
        "code of a stranger mints votes" => Outcome(Moved(Token, Address.Zero, Stranger, ulong.MaxValue)),
        "one of ours is destroyed" => Inner(CallKind.SelfDestruct, Vault, Stranger, ""),
        "a trade brings as much as it takes" => Outcome(
            Moved(Dollar, Vault, Fresh, 900_000_000_000), Moved(Dollar, Fresh, Vault, 901_000_000_000)),
        "value goes among what is ours" => Outcome(Moved(Dollar, Timelock, Vault, 900_000_000_000)),
        "it fails" => new SimulatedOutcome("execution reverted", [], [], []),
        _ => Outcome(new Log(0, Vault, [], new byte[3]), Moved(Dollar, Stranger, Holder, 5)),
    };

    private static SimulatedOutcome Inner(CallKind kind, Address from, Address to, string function) => Outcome() with
    {
        Inner = [new InnerCall(
            kind, from, to, function.Length == 0 ? [] : AbiSelector.Of(function).ToArray().ToValueList())],
    };

    private static Log Moved(Address token, Address from, Address to, ulong amount) =>
        Log(token, "Transfer(address,address,uint256)", from, to) with { Data = ((UInt256)amount).ToArray() };

    private static Log Log(Address emitter, string signature, params Address[] indexed) => new(
        0, emitter,
        LogTopics.Create(
        [
            Keccak256.Hash(signature),
            .. indexed.Select(one => new Hash32((byte[])[.. new byte[12], .. one.ToArray()])),
        ]),
        default);

    private static void ScheduleAll(DaoTransaction tx, params SimulatedCall[] calls)
    {
        foreach (var (i, call) in calls.Index())
            tx.Log(
                Timelock, "CallScheduled(bytes32 indexed,uint256 indexed,address,uint256,bytes,bytes32,uint256)",
                new byte[32], (ulong)i, call.To, UInt256.Zero, call.Data.ToArray(), new byte[32], 60UL);
    }
}
