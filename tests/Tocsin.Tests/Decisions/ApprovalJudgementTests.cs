using Tocsin.Chains;
using Tocsin.Decisions;
using Tocsin.Tests.Plans;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Decisions;

public sealed class ApprovalJudgementTests
{
    private static readonly Address Commander = MinimalPlan.Commander.Address;
    private static readonly ApprovalRule Rule = Plan.ApprovalRule(Plan.Decisions[0]);

    /// <summary>What was altered, in the order in which it is noticed, and the refusal it meets.</summary>
    private static readonly (string What, Func<EmergencyDecision, EmergencyDecision> Alter,
        ApprovalRefusal Refusal)[] Alterations =
    [
        ("id", d => d with { Id = Hash(0xff) }, ApprovalRefusal.UnknownDecision),
        ("exercise flag", d => d with { Exercise = true }, ApprovalRefusal.ExerciseMismatch),
        ("plan", d => d with { PlanHash = Hash(0xff) }, ApprovalRefusal.AlteredPlan),
        ("target", d => WithCall(d, c => c with { Target = Attacker }), ApprovalRefusal.AlteredCall),
        ("value", d => WithCall(d, c => c with { ValueWei = 1 }), ApprovalRefusal.AlteredCall),
        ("data", d => WithCall(d, c => c with { Data = c.Data.Add(0) }), ApprovalRefusal.AlteredCall),
        ("chain", d => WithCall(d, c => c with { Chain = new ChainId(1) }), ApprovalRefusal.AlteredCall),
        ("order of calls", d => d with { Calls = [d.Calls[1], d.Calls[0]] }, ApprovalRefusal.AlteredCall),
        ("call added", d => d with { Calls = d.Calls.Add(d.Calls[0]) }, ApprovalRefusal.AlteredCall),
        ("call left out", d => d with { Calls = [d.Calls[0]] }, ApprovalRefusal.AlteredCall),
        ("expiry", d => d with { ExpiresAt = d.ExpiresAt.AddSeconds(1) }, ApprovalRefusal.AlteredExpiry),
    ];

    public static TheoryData<int> AlterationNumbers => [.. Enumerable.Range(0, Alterations.Length)];

    [Fact]
    public void An_approval_as_proposed_counts() => Assert.Null(Judge(Decision));

    [Theory]
    [MemberData(nameof(AlterationNumbers))]
    public void Whatever_was_altered_is_refused_by_name(int number) =>
        Assert.Equal(Alterations[number].Refusal, Judge(Alterations[number].Alter(Decision)));

    [Fact]
    public void The_earlier_reason_is_the_one_that_is_told()
    {
        foreach (var (earlier, i) in Alterations.Select((alteration, i) => (alteration, i)))
        {
            foreach (var later in Alterations[i..].Where(later => later.Refusal != earlier.Refusal))
                Assert.Equal(earlier.Refusal, Judge(earlier.Alter(later.Alter(Decision)), Attacker, [Attacker], 9999));
        }
    }

    [Fact]
    public void Someone_else_is_not_an_approver() =>
        Assert.Equal(ApprovalRefusal.NotAnApprover, Judge(Decision, MinimalPlan.Auditor.Address));

    [Fact]
    public void A_named_substitute_is_an_approver() => Assert.Null(Judge(Decision, MinimalPlan.Deputy.Address));

    [Theory]
    [InlineData(1799.999, null)]
    [InlineData(1800, ApprovalRefusal.Expired)]
    public void From_its_expiry_on_a_decision_takes_no_approval(double now, ApprovalRefusal? expected) =>
        Assert.Equal(expected, Judge(Decision, now: now));

    [Fact]
    public void The_same_wallet_counts_once() =>
        Assert.Equal(ApprovalRefusal.AlreadyApproved, Judge(Decision, already: [Commander]));

    [Fact]
    public void Of_several_reasons_of_person_and_time_a_stranger_comes_first_and_a_repetition_last()
    {
        Assert.Equal(ApprovalRefusal.NotAnApprover, Judge(Decision, Attacker, [Attacker], 1800));
        Assert.Equal(ApprovalRefusal.Expired, Judge(Decision, Commander, [Commander], 1800));
    }

    [Fact]
    public void Every_refusal_has_words() =>
        Assert.All(Enum.GetValues<ApprovalRefusal>(), refusal => Assert.NotEmpty(refusal.InWords()));

    private static ApprovalRefusal? Judge(
        EmergencyDecision signed, Address? signer = null, Address[]? already = null, double now = 60) =>
        ApprovalJudgement.Refuse(Decision, signed, signer ?? Commander, Rule, already ?? [], At(now));

    private static EmergencyDecision WithCall(EmergencyDecision decision, Func<Call, Call> alter) =>
        decision with { Calls = [alter(decision.Calls[0]), .. decision.Calls.Skip(1)] };
}
