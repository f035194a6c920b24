using Tocsin.Communications;
using Tocsin.Deadlines;
using Tocsin.Findings;
using Tocsin.Incidents;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Incidents;

public sealed class DeadlineTests
{
    [Theory]
    [InlineData(30, null, 30, DeadlineState.Open)]
    [InlineData(30, null, 30.001, DeadlineState.Missed)]
    [InlineData(30, 30.0, 100, DeadlineState.Met)]
    [InlineData(30, 30.001, 100, DeadlineState.MetLate)]
    public void The_due_instant_itself_is_in_time(double due, double? met, double now, DeadlineState expected) =>
        Assert.Equal(expected, new Deadline("x", "y", At(due), met is { } at ? At(at) : null).StateAt(At(now)));

    [Fact]
    public void An_incident_begins_with_two_deadlines() => Assert.Equal(
        [
            new Deadline("alert sent", "Tocsin", At(14 + 30), null),
            new Deadline("acknowledge", "Ada Commander (commander)", At(14 + 300), null),
        ],
        Of(Fold()));

    [Theory]
    [InlineData(Severity.Critical, 5)]
    [InlineData(Severity.High, 15)]
    [InlineData(Severity.Elevated, 60)]
    [InlineData(Severity.Minor, 240)]
    [InlineData(Severity.Routine, 1440)]
    public void The_worse_the_sooner_an_answer_is_due(Severity severity, int minutes) =>
        Assert.Equal(At(15 + (60 * minutes)), Named(Fold((15, new IncidentEvent.SeverityChanged(First, severity, ""))),
            "acknowledge").Due);

    [Fact]
    public void Only_a_delivered_opening_alert_meets_the_first_deadline()
    {
        var failed = Fold(
            (15, new IncidentEvent.AlertFailed(First, "k", "c", AlertReason.Opened, "no")),
            (16, new IncidentEvent.AlertDelivered(First, "k", "c", AlertReason.Worsened, 1, 1)));
        Assert.Null(Named(failed, "alert sent").MetAt);

        var delivered = failed.Apply(new IncidentEvent.AlertDelivered(First, "k", "c", AlertReason.Opened, 1, 1),
            At(17));
        Assert.Equal(At(17), Named(delivered, "alert sent").MetAt);
    }

    [Fact]
    public void The_first_answer_counts()
    {
        var twice = Fold((60, new IncidentEvent.Acknowledged(First, "ada", "link")),
            (70, new IncidentEvent.Acknowledged(First, "ben", "link")));

        Assert.Equal(At(60), Named(twice, "acknowledge").MetAt);
    }

    [Fact]
    public void The_pause_is_due_ten_minutes_after_the_opening_and_met_by_its_last_call()
    {
        var proposed = Fold(Whole.Take(6))[First]!;
        Assert.Equal(At(14 + 600), Named(proposed, "emergency pause").Due);
        Assert.Null(Named(Fold(Whole.Take(28))[First]!, "emergency pause").MetAt);
        Assert.Equal(At(120), Named(Fold(Whole.Take(29))[First]!, "emergency pause").MetAt);
    }

    [Fact]
    public void An_undecided_decision_expires_and_a_taken_one_does_not()
    {
        Assert.Equal(At(1800), Named(Fold(Whole.Take(13))[First]!, "decision expires").Due);
        Assert.DoesNotContain(Of(Fold(Whole.Take(14))[First]!), deadline => deadline.What == "decision expires");
    }

    [Fact]
    public void Each_pause_expires_whether_or_not_the_incident_is_resolved()
    {
        Assert.Equal(At(86_520), Named(Fold(Whole.Take(28))[First]!, "pause of market expires").Due);
        var resolved = Fold(Until<IncidentEvent.PauseEnded>())[First]!
            .Apply(new IncidentEvent.Resolved(First, "ada", "over"), At(3600));
        Assert.Equal(new Deadline("pause of vault expires", Plan.Lead(), At(86_520), null),
            Named(resolved, "pause of vault expires"));
    }

    [Fact]
    public void A_pause_that_ended_does_not_expire_any_more()
    {
        var lifted = Fold(Whole.Take(40))[First]!;

        Assert.DoesNotContain(Of(lifted), deadline => deadline.What == "pause of market expires");
        Assert.Equal(At(86_520), Named(lifted, "pause of vault expires").Due);
    }

    [Theory]
    [InlineData(PauseEnd.Lifted, 120.0)]
    [InlineData(PauseEnd.Expired, null)]
    [InlineData(PauseEnd.NeverHeld, null)]
    public void A_pause_that_was_lifted_was_in_time_and_one_that_failed_was_not(PauseEnd why, double? met)
    {
        var ended = Fold(Whole.Take(29))[First]!
            .Apply(new IncidentEvent.PauseEnded(First, Decision.Id, 0, why, Block(120)), At(200));

        Assert.Equal(met is { } at ? At(at) : null, Named(ended, "emergency pause").MetAt);
    }

    [Theory]
    [InlineData("acknowledge", 300)]
    [InlineData("emergency pause", 600)]
    public void The_time_to_answer_counts_from_the_present_severity(string what, double seconds)
    {
        var minor = Fold(Whole.Take(6))[First]!
            .Apply(new IncidentEvent.SeverityChanged(First, Severity.High, ""), At(40));
        var worse = minor.Apply(new IncidentEvent.SeverityChanged(First, Severity.Critical, ""), At(700));

        Assert.Equal(At(700 + seconds), Named(worse, what).Due);
        Assert.Equal(At(700), worse.SeveritySince);
    }

    private static ValueList<Deadline> Of(Incident incident) => IncidentDeadlines.Of(incident, Plan);

    private static Deadline Named(Incident incident, string what) =>
        Assert.Single(Of(incident), deadline => deadline.What == what);
}
