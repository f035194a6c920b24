using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Detection.Contracts;
using Tocsin.Evm;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;
using Tocsin.Tests.Detection;
using Tocsin.Tests.Detectors;
using static Tocsin.Tests.Governance.DaoStory;

namespace Tocsin.Tests.Governance;

/// <summary>A Safe that rules over us is changed: with an event, in both forms that Safes have written it, or past its
/// own functions.</summary>
public sealed class SafeChangeTests
{
    private static readonly Dictionary<string, (int Severity, string Says, string Event, object Value)> Told = new()
    {
        ["an owner"] = (2, "a signature of the Safe", "AddedOwner(address indexed)", Stranger),
        ["an owner, before 1.4"] = (2, "a signature of the Safe", "AddedOwner(address)", Stranger),
        ["an owner of ours"] = (4, "a signature of the Safe", "AddedOwner(address indexed)", Founder),
        ["an owner of ours less"] = (3, "lost a signature", "RemovedOwner(address indexed)", Founder),
        ["an owner of ours less, before 1.4"] = (3, "lost a signature", "RemovedOwner(address)", Founder),
        ["one signature is enough"] = (2, "less stands between", "ChangedThreshold(uint256)", 1UL),
        ["another threshold"] = (3, "signatures that the Safe needs", "ChangedThreshold(uint256)", 4UL),
        ["a module"] = (2, "as a module", "EnabledModule(address indexed)", Stranger),
        ["a module, before 1.4"] = (2, "as a module", "EnabledModule(address)", Stranger),
        ["a module less"] = (4, "as a module", "DisabledModule(address indexed)", Stranger),
        ["a module of ours less"] = (3, "as a module", "DisabledModule(address)", Founder),
        ["another guard"] = (2, "the guard of the Safe", "ChangedGuard(address indexed)", Stranger),
        ["another guard, 1.3"] = (2, "the guard of the Safe", "ChangedGuard(address)", Stranger),
        ["no guard"] = (2, "was removed", "ChangedGuard(address indexed)", Address.Zero),
        ["another guard of modules"] = (2, "modules", "ChangedModuleGuard(address indexed)", Stranger),
        ["another fallback handler"] = (2, "fallback handler", "ChangedFallbackHandler(address indexed)", Stranger),
        ["another fallback handler, 1.3"] = (2, "fallback handler", "ChangedFallbackHandler(address)", Stranger),
        ["another singleton"] = (2, "the code of the Safe", "ChangedMasterCopy(address)", Stranger),
        ["a module that acts"] = (3, "acted", "ExecutionFromModuleSuccess(address indexed)", Stranger),
        ["a module that fails to"] = (3, "tried to act", "ExecutionFromModuleFailure(address indexed)", Stranger),
    };

    private readonly Chronicle chronicle = new(
        Chronicle.Watch with
        {
            Senses = Senses.ChainOnly with
            {
                Contracts = [new KnownContract("desk", Chronicle.Desk, [], [ProxySlots.SafeSingleton])],
            },
        },
        SilentChangeSettings.Default);

    public static TheoryData<string> Changes => [.. Told.Keys];

    [Theory]
    [MemberData(nameof(Changes))]
    public void N17_each_change_of_a_Safe_is_told_as_bad_as_it_is(string change)
    {
        var (severity, says, declared, value) = Told[change];

        var finding = Assert.Single(Run(Powers, new DaoStory().Next(tx => tx.By(Stranger).Log(Safe, declared, value))));

        Assert.Equal((Threat.PrivilegeChange, severity), (finding.Threat, (int)finding.Severity));
        Assert.Contains(says, finding.Reason, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void N17_a_threshold_that_falls_is_told_by_how_much()
    {
        var story = new DaoStory();

        var findings = Run(
            Powers,
            story.Next(tx => tx.By(Founder).Log(Safe, "ChangedThreshold(uint256)", 4UL)),
            story.Next(tx => tx.By(Founder).Log(Safe, "ChangedThreshold(uint256)", 2UL)));

        Assert.Equal(Severity.High, findings[^1].Severity);
        Assert.Contains("were 4 and are 2 now", findings[^1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void N17_a_module_that_is_enabled_and_acts_takes_the_Safe_over()
    {
        var story = new DaoStory();

        var findings = Run(
            Powers,
            story.Next(tx => tx.By(Founder).Log(Safe, "EnabledModule(address indexed)", Stranger)),
            story.Next(tx => tx.By(Founder).Log(Safe, "ExecutionFromModuleSuccess(address indexed)", Stranger)));

        Assert.Equal([Severity.High, Severity.Critical], findings.Select(finding => finding.Severity));
        Assert.Contains("under our eyes", findings[^1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void N17_a_module_at_its_daily_work_is_told_once_and_one_of_ours_never()
    {
        var story = new DaoStory();

        Assert.Empty(Run(Powers, story.Next(tx => tx.By(Founder)
            .Log(Safe, "ExecutionFromModuleSuccess(address indexed)", Founder))));
        Assert.Single(Run(
            Powers,
            story.Next(tx => tx.By(Founder).Log(Safe, "ExecutionFromModuleSuccess(address indexed)", Stranger)),
            story.Next(tx => tx.By(Founder).Log(Safe, "ExecutionFromModuleSuccess(address indexed)", Stranger))));
    }

    [Theory]
    [InlineData("3", "number of its owners", "AddedOwner(address)")]
    [InlineData("4", "must sign", "ChangedThreshold(uint256)")]
    [InlineData("guard_manager.guard.address", "guard", "ChangedGuard(address)")]
    [InlineData("fallback_manager.handler.address", "fallback handler", "ChangedFallbackHandler(address)")]
    [InlineData("4", "must sign", "SafeSetup(address,address[],uint256,address,address)")]
    public void N17_what_is_written_past_the_Safes_own_functions_is_told(string place, string says, string announced)
    {
        var slot = byte.TryParse(place, out var number)
            ? new Hash32([.. new byte[31], number])
            : Keccak256.Hash(place);

        chronicle.Block(tx => tx.By(Story.Attacker, Chronicle.Desk)
            .RawLog(Chronicle.Desk, [Keccak256.Hash(announced)], []));
        Assert.Empty(chronicle.Changed(Slot(slot)));
        chronicle.Block(tx => tx.By(Story.Attacker, Chronicle.Desk));
        var told = Assert.Single(chronicle.Changed(Slot(slot)));

        Assert.Equal((Severity.Critical, "silent-change"), (told.Severity, told.Detector));
        Assert.Contains(says, told.Reason, StringComparison.Ordinal);
    }

    private static StateChange Slot(Hash32 place) => new(
        Story.Hash(1, 1), Chronicle.Desk, null, null, null,
        [new SlotChange(place, Story.Hash(0, 3), Story.Hash(0, 1))]);
}
