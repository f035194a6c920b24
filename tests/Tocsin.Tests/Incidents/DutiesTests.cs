using Tocsin.Findings;
using Tocsin.Incidents;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Incidents;

public sealed class DutiesTests
{
    /// <summary>How many events of the story have happened, the instant, and what is owed then.</summary>
    [Theory]
    [InlineData(3, 14, "Propose")]
    [InlineData(6, 16, "Simulate 0, Simulate 1")]
    [InlineData(7, 19.999, "Simulate 1")]
    [InlineData(7, 20, "Simulate 0, Simulate 1")]
    [InlineData(9, 21, "")]
    [InlineData(13, 90, "")]
    [InlineData(14, 90, "Sign 0, Sign 1")]
    [InlineData(15, 93.999, "Sign 1")]
    [InlineData(15, 94, "Sign 0, Sign 1")]
    [InlineData(16, 95, "Broadcast 0, Sign 1")]
    [InlineData(17, 95, "Broadcast 0, Broadcast 1")]
    [InlineData(19, 96, "WatchInclusion 0, WatchInclusion 1")]
    [InlineData(20, 97, "WatchInclusion 0, WatchInclusion 1")]
    [InlineData(21, 98, "WatchInclusion 0, Broadcast 1")]
    [InlineData(22, 99, "WatchInclusion 0, WatchInclusion 1")]
    [InlineData(23, 108, "WatchInclusion 0, Verify 0, WatchInclusion 1")]
    [InlineData(24, 109, "Broadcast 0, WatchInclusion 1")]
    [InlineData(27, 120, "WatchInclusion 0, Verify 0, WatchInclusion 1, Verify 1")]
    [InlineData(28, 121, "WatchInclusion 0, WatchInclusion 1, Verify 1, WatchPause")]
    [InlineData(29, 122, "WatchInclusion 0, WatchInclusion 1, WatchOutflow")]
    [InlineData(31, 190, "WatchInclusion 0, WatchInclusion 1, WatchOutflow, AssessImpact")]
    [InlineData(32, 200, "WatchInclusion 0, WatchInclusion 1, WatchOutflow")]
    [InlineData(37, 340, "WatchInclusion 0, WatchInclusion 1, WatchOutflow")]
    [InlineData(38, 890, "WatchInclusion 1, WatchOutflow")]
    [InlineData(39, 890, "WatchOutflow")]
    [InlineData(40, 3000, "WatchPause")]
    [InlineData(41, 3000, "")]
    [InlineData(42, 3600, "")]
    public void Each_state_owes_its_next_step(int events, double at, string expected) =>
        Assert.Equal(expected, Owed(Fold(Whole.Take(events))[First]!, at));

    [Fact]
    public void A_decision_without_quorum_is_proposed_again_at_its_expiry()
    {
        var waiting = Fold(Whole.Take(9))[First]!;

        Assert.Equal("", Owed(waiting, 1799.999));
        Assert.Equal("Propose", Owed(waiting, 1800));
        var again = waiting.Apply(Proposed(Decision with { ExpiresAt = At(3600) }), At(1801));
        Assert.Equal("Simulate 0, Simulate 1", Owed(again, 1801));
        Assert.Empty(again.Decision!.Approvals);
    }

    [Fact]
    public void A_decision_that_was_taken_is_asked_of_the_signer_after_its_expiry_until_it_refuses()
    {
        var taken = Fold(Whole.Take(15))[First]!;
        Assert.Equal("Sign 0, Sign 1", Owed(taken, 1799.999));
        Assert.Equal("Sign 0, Sign 1", Owed(taken, 1800));
        Assert.Equal("Sign 0, Sign 1", Owed(taken, 90_000));

        var early = taken.Apply(NotSigned(0), At(1799.999)).Apply(NotSigned(1), At(1799.999));
        Assert.Equal("Sign 0, Sign 1", Owed(early, 1803));

        var first = early.Apply(NotSigned(0), At(1800));
        Assert.Equal("Sign 1", Owed(first, 1803));
        Assert.Equal("Propose", Owed(first.Apply(NotSigned(1), At(1803)), 1803));
    }

    [Fact]
    public void A_taken_decision_whose_call_never_passed_its_simulation_lapses_at_its_expiry()
    {
        var taken = Fold(Whole.Take(7).Concat(Whole.Skip(11).Take(3)))[First]!;

        Assert.Equal("Simulate 0, Simulate 1", Owed(taken, 1799.999));
        Assert.Equal("Propose", Owed(taken, 1800));
    }

    [Fact]
    public void A_signature_that_arrives_after_the_expiry_is_carried_out()
    {
        var late = Fold(Whole.Take(15))[First]!
            .Apply(new IncidentEvent.CallSigned(First, Decision.Id, 0, 7, Hash(0x71), "0x02"), At(1801))
            .Apply(NotSigned(1), At(1801));

        Assert.Equal("Broadcast 0", Owed(late, 1801));
    }

    [Fact]
    public void A_half_signed_decision_is_proposed_again_only_when_what_was_signed_is_on_the_chain()
    {
        var half = Fold(Whole.Take(16))[First]!;
        Assert.Equal("Broadcast 0, Sign 1", Owed(half, 1800));

        var refused = half.Apply(NotSigned(1), At(1800));
        Assert.Equal("Broadcast 0", Owed(refused, 1800));

        var sent = refused.Apply(new IncidentEvent.CallBroadcast(First, Decision.Id, 0, Hash(0x71)), At(1801));
        Assert.Equal("WatchInclusion 0", Owed(sent, 1801));

        var included = sent.Apply(Included(0), At(1802));
        Assert.Equal("Propose, WatchInclusion 0, Verify 0", Owed(included, 1802));
    }

    [Fact]
    public void A_fully_signed_decision_is_carried_out_after_its_expiry() =>
        Assert.Equal("Broadcast 0, Broadcast 1", Owed(Fold(Whole.Take(17))[First]!, 1800));

    [Theory]
    [InlineData(3, 14)]
    [InlineData(9, 30)]
    [InlineData(13, 90)]
    [InlineData(13, 1800)]
    public void Nothing_new_is_begun_for_a_false_alarm(int events, double at) =>
        Assert.Equal("", Owed(FalseAlarm(events, at), at));

    [Theory]
    [InlineData(14, "Sign 0, Sign 1")]
    [InlineData(16, "Broadcast 0, Sign 1")]
    [InlineData(19, "WatchInclusion 0, WatchInclusion 1")]
    [InlineData(27, "WatchInclusion 0, Verify 0, WatchInclusion 1, Verify 1")]
    public void A_taken_decision_is_carried_out_although_the_finding_was_taken_back(int events, string expected) =>
        Assert.Equal(expected, Owed(FalseAlarm(events, 122), 122));

    [Theory]
    [InlineData(14, "")]
    [InlineData(16, "Broadcast 0")]
    [InlineData(19, "WatchInclusion 0, WatchInclusion 1")]
    [InlineData(29, "WatchInclusion 0, WatchInclusion 1")]
    public void After_the_resolution_only_what_was_signed_is_followed(int events, string expected) =>
        Assert.Equal(expected, Owed(Fold(Whole.Take(events))[First]!
            .Apply(new IncidentEvent.ImpactAssessed(First, Story.Impact), At(122)).Apply(Resolved, At(122)), 122));

    [Theory]
    [InlineData(PauseEnd.Expired, "Propose, WatchInclusion 0, WatchInclusion 1, WatchPause")]
    [InlineData(PauseEnd.NeverHeld, "Propose, WatchInclusion 0, WatchInclusion 1, WatchPause")]
    [InlineData(PauseEnd.Lifted, "WatchInclusion 0, WatchInclusion 1, WatchPause")]
    public void A_pause_that_failed_is_proposed_anew_and_one_that_was_lifted_is_not(PauseEnd why, string expected)
    {
        var ended = Fold(Whole.Take(29))[First]!.Apply(Ended(0, why), At(200));

        Assert.Equal(expected, Owed(ended, 200));
    }

    [Fact]
    public void A_reverted_call_is_proposed_anew_once_all_calls_are_on_the_chain()
    {
        var reverted = Fold(Whole.Take(25))[First]!.Apply(Included(0, succeeded: false), At(120));
        Assert.Equal("WatchInclusion 0, WatchInclusion 1", Owed(reverted, 120));

        Assert.Equal("Propose, WatchInclusion 0, WatchInclusion 1, Verify 1",
            Owed(reverted.Apply(Included(1), At(120)), 120));
    }

    [Fact]
    public void A_call_that_was_settled_is_not_looked_for_any_more_until_a_reorg_takes_it_away()
    {
        var settled = Fold(Whole.Take(39))[First]!;
        Assert.Equal("WatchOutflow", Owed(settled, 890));

        var orphaned = settled.Apply(new IncidentEvent.CallOrphaned(First, Decision.Id, 0, Block(110)), At(891));
        Assert.Equal("Broadcast 0, WatchPause", Owed(orphaned, 891));
    }

    [Fact]
    public void A_failed_call_that_a_reorg_took_away_is_read_back_anew()
    {
        var ended = Fold(Whole.Take(29))[First]!.Apply(Ended(0, PauseEnd.NeverHeld), At(123));
        var again = ended.Apply(new IncidentEvent.CallOrphaned(First, Decision.Id, 0, Block(110)), At(124))
            .Apply(new IncidentEvent.CallBroadcast(First, Decision.Id, 0, Hash(0x71)), At(125))
            .Apply(Included(0), At(126));

        Assert.Equal("WatchInclusion 0, Verify 0, WatchInclusion 1, WatchPause", Owed(again, 126));
    }

    [Fact]
    public void An_impact_is_owed_anew_for_each_block_of_containment()
    {
        var assessed = Fold(Whole.Take(32))[First]!;
        Assert.DoesNotContain("AssessImpact", Owed(assessed, 200), StringComparison.Ordinal);

        var again = assessed
            .Apply(new IncidentEvent.OutflowSeen(First, Block(118), Hash(9), "vault", "DEMO", 5), At(201));
        Assert.DoesNotContain("AssessImpact", Owed(again, 201), StringComparison.Ordinal);
        var contained = again.Apply(new IncidentEvent.Contained(First, Block(123), 5), At(260));
        Assert.Contains("AssessImpact", Owed(contained, 260), StringComparison.Ordinal);
    }

    [Fact]
    public void A_resolved_incident_is_still_owed_its_impact()
    {
        var contained = Fold(Whole.Take(31))[First]!.Apply(Resolved, At(195));
        Assert.Equal("WatchInclusion 0, WatchInclusion 1, AssessImpact", Owed(contained, 195));

        Assert.Equal("AssessImpact", Owed(Fold((20, Resolved)), 20));
        Assert.Equal("", Owed(Fold((20, Resolved), (21, new IncidentEvent.ImpactAssessed(First, Story.Impact))), 21));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(31)]
    public void An_attack_that_was_taken_back_is_owed_no_impact(int events) => Assert.DoesNotContain(
        "AssessImpact", Owed(FalseAlarm(events, 195).Apply(Resolved, At(195)), 195), StringComparison.Ordinal);

    [Theory]
    [InlineData(Severity.High)]
    [InlineData(Severity.Routine)]
    public void Below_critical_the_decision_is_proposed_when_somebody_asks_for_it(Severity severity)
    {
        var minor = Fold((15, new IncidentEvent.SeverityChanged(First, severity, "?")));
        Assert.Equal("", Owed(minor, 16));

        Assert.Equal("Propose", Owed(minor.Apply(new IncidentEvent.DecisionRequested(First, "ada"), At(16)), 16));
    }

    [Fact]
    public void Below_critical_a_lapsed_decision_is_not_proposed_anew()
    {
        var minor = Fold(Whole.Take(9))[First]!
            .Apply(new IncidentEvent.SeverityChanged(First, Severity.High, "?"), At(22));

        Assert.Equal("", Owed(minor, 1800));
    }

    [Theory]
    [InlineData(Severity.Critical, "Propose")]
    [InlineData(Severity.High, "")]
    public void Only_a_critical_incident_asks_for_the_decision_by_itself(Severity severity, string expected) =>
        Assert.Equal(expected, Owed(Fold((15, new IncidentEvent.SeverityChanged(First, severity, "?"))), 16));

    [Fact]
    public void A_procedure_without_decision_owes_none()
    {
        var plan = Plan with { Procedures = [Plan.Procedures[0] with { Decision = null }] };

        Assert.Empty(Duties.Of(Fold(), plan, At(16)));
    }

    [Fact]
    public void A_reverted_call_is_not_verified()
    {
        var reverted = Fold(Whole.Take(19))[First]!.Apply(
            new IncidentEvent.CallIncluded(First, Decision.Id, 0, Hash(0x71), Block(110), false), At(120));

        Assert.Equal("WatchInclusion 0, WatchInclusion 1", Owed(reverted, 120));
    }

    /// <summary>It may have signed before it died, so no other decision takes this one's place.</summary>
    [Fact]
    public void A_signer_that_cannot_be_reached_is_asked_again_also_after_the_expiry()
    {
        var taken = Fold(Until<IncidentEvent.SigningRefused>())[First]!;
        var expiry = (Decision.ExpiresAt - At(0)).TotalSeconds;
        var silent = new IncidentEvent.SigningRefused(First, Decision.Id, 0, SigningRefusal.Unreachable);

        var owed = Owed(taken.Apply(silent, At(expiry + 1)), expiry + 5);

        Assert.Contains("Sign 0", owed, StringComparison.Ordinal);
        Assert.DoesNotContain("Propose", owed, StringComparison.Ordinal);
    }

    [Fact]
    public void A_call_waits_too_long_for_the_signer_after_fifteen_seconds_and_only_until_that_is_recorded()
    {
        var taken = Fold(Until<IncidentEvent.SigningRefused>())[First]!;
        var decision = taken.Decision!;
        var since = decision.TakenAt > decision.Calls[0].Simulation!.At
            ? decision.TakenAt.Value
            : decision.Calls[0].Simulation!.At;

        Assert.False(decision.WaitsTooLongForTheSigner(0, since.AddSeconds(14)));
        Assert.True(decision.WaitsTooLongForTheSigner(0, since.AddSeconds(15)));
        var silent = new IncidentEvent.SigningRefused(First, Decision.Id, 0, SigningRefusal.Unreachable);
        var told = taken.Apply(silent, since.AddSeconds(15)).Decision!;
        Assert.False(told.WaitsTooLongForTheSigner(0, since.AddSeconds(60)));
        Assert.False((decision with { TakenAt = null }).WaitsTooLongForTheSigner(0, since.AddSeconds(60)));
    }

    /// <summary>Only people decide anew: the chain may take the stranger back, and then the call is executed.</summary>
    [Fact]
    public void A_call_whose_nonce_was_taken_holds_up_a_new_proposal_until_the_expiry_and_no_longer()
    {
        var sent = Fold(Whole.Take(19))[First]!.Apply(Included(1), At(97));
        Assert.Equal("WatchInclusion 0, WatchInclusion 1, Verify 1", Owed(sent, 1801));

        var taken = sent.Apply(
            new IncidentEvent.SendingHindered(First, Decision.Id, 0, Hindrance.NonceTaken, "?"), At(98));

        Assert.Equal("WatchInclusion 0, WatchInclusion 1, Verify 1", Owed(taken, 1799));
        Assert.Equal("Propose, WatchInclusion 0, WatchInclusion 1, Verify 1", Owed(taken, 1800));
        Assert.Equal("WatchInclusion 0, Verify 0, WatchInclusion 1, Verify 1", Owed(taken.Apply(Included(0), At(1801)),
            1801));
    }

    [Fact]
    public void Any_version_of_a_replaced_call_may_be_the_one_that_is_included()
    {
        var replaced = Fold(Whole.Take(22))[First]!.Decision!.Calls[1];

        Assert.Equal([Hash(0x73), Hash(0x72)], replaced.Versions.Select(version => version.Transaction));
        Assert.Equal(Hash(0x73), replaced.Signed!.Transaction);
    }

    [Fact]
    public void Asking_twice_gives_the_same_answer() =>
        Assert.All(Enumerable.Range(3, Whole.Count - 3), count =>
        {
            var incident = Fold(Whole.Take(count))[First]!;
            Assert.Equal(Duties.Of(incident, Plan, At(2000)), Duties.Of(incident, Plan, At(2000)));
        });

    private static IncidentEvent.Resolved Resolved { get; } = new(First, "ada", "over");

    private static Incident FalseAlarm(int events, double at) => Fold(Whole.Take(events))[First]!.Apply(
        Recorded(Finding(revision: 9, status: FindingStatus.Retracted), First), At(at));

    private static IncidentEvent.SigningRefused NotSigned(int call) =>
        new(First, Decision.Id, call, "the decision has expired");

    private static IncidentEvent.CallIncluded Included(int call, bool succeeded = true) =>
        new(First, Decision.Id, call, Hash((byte)(0x71 + call)), Block(110), succeeded);

    private static IncidentEvent.PauseEnded Ended(int call, PauseEnd why) =>
        new(First, Decision.Id, call, why, Block(112));

    private static string Owed(Incident incident, double at) =>
        string.Join(", ", Duties.Of(incident, Plan, At(at)).Select(Name));

    private static string Name(Duty duty) => duty switch
    {
        Duty.Propose => "Propose",
        Duty.Simulate simulate => $"Simulate {simulate.Call}",
        Duty.Sign sign => $"Sign {sign.Call}",
        Duty.Broadcast broadcast => $"Broadcast {broadcast.Call}",
        Duty.WatchInclusion watch => $"WatchInclusion {watch.Call}",
        Duty.Verify verify => $"Verify {verify.Call}",
        Duty.WatchOutflow => "WatchOutflow",
        Duty.WatchPause => "WatchPause",
        Duty.AssessImpact => "AssessImpact",
        _ => throw new InvalidOperationException(duty.ToString()),
    };
}
