using Tocsin.Autonomy;
using Tocsin.Communications;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Tests.Plans;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Autonomy;

/// <summary>What was taken by itself, until its own time is over: at second 900, with approvals until 1800.</summary>
public sealed class OwnTimeTests
{
    private static readonly Uri Page = new("https://a.b");
    private static readonly Links Links = new(_ => Page, (_, _, _) => Page, Page);

    [Fact]
    public void What_was_taken_by_itself_is_carried_out_only_until_its_own_time_is_over()
    {
        Assert.Equal("Sign, Sign", Owed(Ready(), 899));
        Assert.False(Ready().Decision!.IsSpent(At(899)));
        Assert.True(Ready().Decision!.IsSpent(At(900)));
        Assert.Equal(At(1800), Ready(until: null).Decision!.ActUntil);
        Assert.Equal(At(1800), Ready(until: 9000).Decision!.ActUntil);
    }

    [Fact]
    public void Afterwards_the_signer_is_asked_once_and_then_people_are()
    {
        Assert.Equal("Sign, Sign", Owed(Ready(), 900));
        var one = Ready().Apply(Refused(0), At(901));
        Assert.Equal("Sign", Owed(one, 905));

        Assert.Equal("Propose", Owed(one.Apply(Refused(1), At(902)), 905));
    }

    [Fact]
    public void What_the_signer_refused_before_is_asked_again_when_the_time_is_over()
    {
        var refused = Ready().Apply(Refused(0), At(100)).Apply(Refused(1), At(100));

        Assert.Equal("Sign, Sign", Owed(refused, 899));
        Assert.Equal("Sign, Sign", Owed(refused, 901));
        Assert.Equal("Propose", Owed(refused.Apply(Refused(0), At(901)).Apply(Refused(1), At(901)), 905));
    }

    [Fact]
    public void What_the_signer_refuses_for_good_is_for_people_at_once()
    {
        var refused = Ready().Apply(Refused(0, RefusedBy.Policy), At(100));
        Assert.True(refused.Decision!.HasEnded(At(100)));
        Assert.True(refused.Decision.IsSpent(At(100)));

        // Only the signer knows whether it has signed the other call before.
        Assert.Equal("Sign", Owed(refused, 105));
        Assert.Equal("Propose", Owed(refused.Apply(Refused(1, RefusedBy.Policy), At(106)), 106));
    }

    [Fact]
    public void What_the_signer_refused_for_good_stays_refused_when_the_clock_is_set_back()
    {
        var refused = Ready().Apply(Refused(0, RefusedBy.Policy), At(100));

        Assert.True(refused.Decision!.IsSpent(At(40)));
        Assert.Equal("Sign", Owed(refused, 40));
        Assert.Equal("Propose", Owed(refused.Apply(Refused(1, RefusedBy.Policy), At(41)), 42));
    }

    [Theory]
    [InlineData(RefusedBy.Signer)]
    [InlineData(RefusedBy.Server)]
    [InlineData(null)]
    public void What_may_pass_is_asked_for_again_as_it_is(RefusedBy? by)
    {
        var refused = Ready().Apply(Refused(0, by), At(100)).Apply(Refused(1, by), At(100));

        Assert.Equal("Sign, Sign", Owed(refused, 105));
        Assert.Equal(At(900), refused.Decision!.ActUntil);
    }

    [Fact]
    public void A_server_that_did_not_ask_the_signer_does_not_know_that_nothing_is_signed()
    {
        var late = Ready().Apply(Refused(0, RefusedBy.Server), At(901)).Apply(Refused(1, RefusedBy.Server), At(901));

        Assert.Equal("Sign, Sign", Owed(late, 905));
    }

    [Fact]
    public void What_people_took_goes_on_although_the_signer_refuses_it()
    {
        var taken = Fold(Until<IncidentEvent.SigningRefused>())[First]!;
        var refused = taken.Apply(Refused(0, RefusedBy.Policy), At(100)).Apply(Refused(1, RefusedBy.Policy), At(100));

        Assert.Equal("Sign, Sign", Owed(refused, 105));
        Assert.Equal(Decision.ExpiresAt, refused.Decision!.ActUntil);
    }

    [Fact]
    public void What_the_signer_refuses_for_good_is_told_once_and_that_people_are_asked()
    {
        var before = Ready();
        var refused = Refused(0, RefusedBy.Policy);
        var after = before.Apply(refused, At(100));

        var told = Announcements.Of(refused, before, after, Plan);

        var alert = Announcements.Write(
            told[0], "key", after, Plan, Links,
            "1:0", At(100));
        Assert.EndsWith("THE SIGNER REFUSES THE DECISION", alert.Title, StringComparison.Ordinal);
        Assert.EndsWith("Approvals of people are asked for now.", alert.DoNow, StringComparison.Ordinal);
        var other = Refused(1, RefusedBy.Policy) with { Reason = "the signer refused another call of it" };
        Assert.Empty(Announcements.Of(other, after, after.Apply(other, At(103)), Plan));
    }

    [Fact]
    public void What_never_succeeded_in_simulation_is_proposed_to_people_when_the_time_is_over() =>
        Assert.Equal("Propose", Owed(Taken(900), 900));

    [Fact]
    public void A_false_alarm_is_not_begun_to_be_signed_and_what_was_signed_is_followed()
    {
        var gone = Recorded(Finding(revision: 9, status: FindingStatus.Retracted), First);

        Assert.Equal("", Owed(Taken(900).Apply(gone, At(20)), 100));
        Assert.Equal("", Owed(Ready().Apply(gone, At(20)), 899));
        Assert.Equal("Sign, Sign", Owed(Ready().Apply(gone, At(20)), 900));
        var signed = Ready().Apply(new IncidentEvent.CallSigned(First, Decision.Id, 0, 7, Hash(0x71), "0x02"), At(19));
        Assert.Equal("Broadcast", Owed(signed.Apply(gone, At(20)), 100));
    }

    [Theory]
    [InlineData(false, "NOT PAUSED: the pause would fail")]
    [InlineData(true, "NOT PAUSED: the pause would do what the plan does not expect")]
    public void The_whole_team_is_told_once_that_it_is_not_paused_by_itself(bool refused, string title)
    {
        var before = Taken(900);
        var failed = new IncidentEvent.CallSimulated(First, Decision.Id, 0, false, "it reverts", Refused: refused);
        var after = before.Apply(failed, At(17));

        var told = Announcements.Of(failed, before, after, Plan);

        Assert.Contains(told, one => one.Channel == "ben-pager");
        Assert.All(told, one => Assert.Equal(AlertReason.Worsened, one.Reason));
        var alert = Announcements.Write(
            told[0], "key", after, Plan, Links,
            "1:0", At(17));
        Assert.EndsWith(title, alert.Title, StringComparison.Ordinal);
        Assert.Contains("until 2026-03-01 12:15:00 UTC, then approvals", alert.DoNow, StringComparison.Ordinal);
        var second = failed with { Call = 1 };
        Assert.Empty(Announcements.Of(second, after, after.Apply(second, At(18)), Plan));
    }

    [Fact]
    public void Nobody_is_told_that_the_signer_does_not_sign_what_was_a_false_alarm()
    {
        var before = Ready().Apply(
            Recorded(Finding(revision: 9, status: FindingStatus.Retracted), First), At(20));

        Assert.Empty(Announcements.Of(Refused(0), before, before.Apply(Refused(0), At(901)), Plan));
        Assert.NotEmpty(Announcements.Of(Refused(0), Ready(), Ready().Apply(Refused(0), At(901)), Plan));
    }

    [Fact]
    public void An_approval_that_was_given_ahead_is_told_with_its_day() => Assert.StartsWith(
        "ada approved ahead on 2026-03-01 11:00 UTC with 0x",
        Tocsin.Reports.Timeline.Line(new IncidentEvent.ApprovalAccepted(
            First, Approval(MinimalPlan.Commander.Address, -3600), "ada", Ahead: true)),
        StringComparison.Ordinal);

    private static Incident Taken(double? until) => Fold(
        (16, Proposed() with
        {
            ByItself = new TakenByItself("pause-all", Stage.Wide, "taken", until is { } at ? At(at) : null),
        }),
        (16, new IncidentEvent.DecisionTaken(First, Decision.Id)));

    private static Incident Ready(double? until = 900) => Taken(until)
        .Apply(new IncidentEvent.CallSimulated(First, Decision.Id, 0, true, "it would succeed"), At(17))
        .Apply(new IncidentEvent.CallSimulated(First, Decision.Id, 1, true, "it would succeed"), At(18));

    private static IncidentEvent.SigningRefused Refused(int call, RefusedBy? by = null) =>
        new(First, Decision.Id, call, "the approvals do not fill every place", by);

    private static string Owed(Incident incident, double at) =>
        string.Join(", ", Duties.Of(incident, Plan, At(at)).Select(duty => duty.GetType().Name));
}
