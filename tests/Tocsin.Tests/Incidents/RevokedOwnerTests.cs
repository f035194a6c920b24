using Tocsin.Incidents;
using Tocsin.Tests.Plans;

namespace Tocsin.Tests.Incidents;

public sealed class RevokedOwnerTests
{
    [Fact]
    public void An_owner_who_is_revoked_after_the_decision_was_taken_signs_nothing_any_more()
    {
        var owner = MinimalPlan.Commander.Address;
        var decision = Story.Decision;
        var taken = DecisionProgress.Begin(Story.Proposed(decision), Story.At(0))
            .Apply(new IncidentEvent.OwnersAsked(
                Story.First, decision.Id, 0, MinimalPlan.Auditor.Address, 4, decision.Id, 1, [owner]), Story.At(1))
            .Apply(new IncidentEvent.DecisionTaken(Story.First, decision.Id), Story.At(2))
            .Apply(new IncidentEvent.OwnerSigned(
                Story.First, decision.Id, 0, owner, "0x" + new string('3', 130), "Ada Commander"), Story.At(3));

        Assert.Single(taken.Calls[0].Consent!.Given);
        var revoked = taken.Without([owner]);

        Assert.Empty(revoked.Calls[0].Consent!.Given);
        Assert.Equal(taken.Approvals, revoked.Approvals);
    }
}
