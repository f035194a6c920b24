using Tocsin.Evm;
using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Tests.Plans;

/// <summary>What a plan may prepare for after a pause, and for whom.</summary>
public sealed class AfterPauseCheckTests
{
    [Fact]
    public void What_people_send_is_no_part_of_what_approvers_sign()
    {
        var plan = MinimalPlan.Plan;
        var other = MinimalPlan.With("arguments: [market, all-clear]", "arguments: [vault, all-clear]").Plan;

        Assert.Equal(new PlannedSenders("auditor", null, plan.Action("open-again")!.By!.At), plan.Actions[1].By);
        Assert.Equal([MinimalPlan.Auditor.Address], plan.SendersOf(plan.Actions[1]).Select(sender => sender.Wallet));
        Assert.NotEqual(plan.Actions[1].Calls[0].Call, other.Actions[1].Calls[0].Call);
        Assert.Equal(plan.DecisionsHash, other.DecisionsHash);
        Assert.NotEqual(plan.DecisionsHash, MinimalPlan.With("by: auditor\n", "needs: []\n").Plan.DecisionsHash);
    }

    [Theory]
    [InlineData("reopen: open-again", "reopen: open-agan", "does not exist; did you mean 'open-again'?")]
    [InlineData("reopen: open-again", "reopen: pause-all", "which is not 'by' people")]
    [InlineData("reopen: open-again", "extend: pause-all", "'extend' of decision 'emergency-pause' is action")]
    [InlineData("by: auditor\n", "needs: []\n", "which is not 'by' people")]
    [InlineData("by: auditor\n", "by: auditors\n", "which is no role that anyone holds; did you mean 'auditor'?")]
    [InlineData("by: auditor\n", "by: ada\n", "which is no role that anyone holds")]
    [InlineData("by: auditor\n", "by: { group: auditor, at_least: 2 }\n", "needs 2 of 'auditor', but only 1 have")]
    [InlineData("action: pause-all", "action: open-again", "the signer must not sign it")]
    [InlineData("reopen: open-again", "owner: nobody", "no person and no role that anyone holds")]
    public void What_could_loosen_without_people_is_an_error(string piece, string change, string message) =>
        Assert.Contains(MinimalPlan.Complaints(MinimalPlan.With(piece, change)), complaint =>
            complaint.Level == ComplaintLevel.Error && complaint.Message.Contains(message, StringComparison.Ordinal));

    [Fact]
    public void Who_sends_has_a_wallet()
    {
        var wallet = $"wallet: \"{ChecksumAddress.Format(MinimalPlan.Auditor.Address)}\"";

        var complaints = MinimalPlan.Complaints(MinimalPlan.With(wallet, "chat: \"@dee\""));

        Assert.Contains(
            complaints, complaint => complaint.Message == "'dee' must send 'open-again' but has no 'wallet'");
    }

    [Fact]
    public void A_pause_that_nobody_is_prepared_to_end_is_a_warning()
    {
        var complaints = MinimalPlan.Complaints(MinimalPlan.With("reopen: open-again", "owner: deputy"));

        Assert.Contains(complaints, complaint => complaint.Level == ComplaintLevel.Warning
            && complaint.Message.Contains("has no 'reopen'", StringComparison.Ordinal));
        Assert.DoesNotContain(complaints, complaint => complaint.Level == ComplaintLevel.Error);
    }

    [Theory]
    [InlineData("owner: deputy", "Cem Deputy (deputy)")]
    [InlineData("owner: ben", "Ben Engineer")]
    [InlineData("extend: open-again", "Ada Commander (commander)")]
    public void A_pause_has_an_owner(string line, string expected)
    {
        var plan = MinimalPlan.With("reopen: open-again", $"reopen: open-again\n    {line}").Plan;

        Assert.Equal(expected, plan.OwnerOf(plan.Decisions[0]));
    }

    [Fact]
    public void What_people_send_is_never_proposed()
    {
        var plan = MinimalPlan.With("action: pause-all", "action: open-again").Plan;
        var incident = Incidents.Story.Fold(Incidents.Story.Until<IncidentEvent.DecisionProposed>())[
            Incidents.Story.First]!;

        Assert.Contains(Duties.Of(incident, MinimalPlan.Plan, Incidents.Story.At(16)), duty => duty is Duty.Propose);
        Assert.DoesNotContain(Duties.Of(incident, plan, Incidents.Story.At(16)), duty => duty is Duty.Propose);
    }
}
