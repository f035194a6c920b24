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
    public void An_incident_begins_with_three_deadlines() => Assert.Equal(
        [
            new Deadline("alert sent", "Tocsin", At(14 + 30), null),
            new Deadline("acknowledge", "Ada Commander (commander)", At(14 + 300), null)
            { WarnAt = At(14 + 225), IsTold = true },
            new Deadline("next word on it", "Ada Commander (commander)", At(14 + 3600), null)
            { WarnAt = At(14 + 2700), IsTold = true },
        ],
        Of(Fold()));

    [Fact]
    public void The_plan_says_how_soon_an_answer_is_due()
    {
        var quick = Tocsin.Plans.SeverityTimes.Default(Severity.Critical) with
        {
            Acknowledge = TimeSpan.FromSeconds(90),
        };
        var incident = Fold();

        var due = IncidentDeadlines.Of(incident, Plan with { Times = [quick] }).Single(d => d.What == "acknowledge");

        Assert.Equal(At(14 + 90), due.Due);
    }

    [Fact]
    public void What_a_plan_promises_of_its_people_is_met_by_what_they_do()
    {
        var plan = Plan with { Times = [Tocsin.Plans.SeverityTimes.Default(Severity.Critical)] };
        Deadline Due(Incident incident, string what) =>
            IncidentDeadlines.Of(incident, plan).Single(deadline => deadline.What == what);

        var opened = Fold();
        Assert.Equal(
            [At(14 + 300), At(14 + 600), At(14 + 600)],
            new[] { "assemble two people", "assess", "decide" }.Select(what => Due(opened, what).Due));
        Assert.DoesNotContain(Of(opened), deadline => deadline.What is "assess" or "decide" or "assemble two people");

        var assessed = Fold(
            (20, new IncidentEvent.Acknowledged(First, "Ada Commander", "link")),
            (30, new IncidentEvent.Acknowledged(First, "Ben Engineer", "link")),
            (40, new CommandEvent.Assessed(First, "Ben Engineer", "a loan")));
        Assert.Equal(At(30), Due(assessed, "assemble two people").MetAt);
        Assert.Equal(At(40), Due(assessed, "assess").MetAt);
        Assert.Null(Due(assessed, "decide").MetAt);
        Assert.Equal(At(90), Due(Fold(Whole.Take(14))[First]!, "decide").MetAt);
    }

    [Fact]
    public void Whatever_a_person_says_puts_off_the_next_word_and_what_the_system_does_not()
    {
        var spoken = Fold((100, new IncidentEvent.NoteAdded(First, "ada", "looking at the pool")));
        Assert.Equal(At(100 + 3600), Named(spoken, "next word on it").Due);

        var sent = spoken.Apply(new IncidentEvent.AlertDelivered(First, "k", "c", AlertReason.Opened, 1, 1), At(200));
        Assert.Equal(At(100 + 3600), Named(sent, "next word on it").Due);
    }

    [Fact]
    public void A_reminder_and_a_miss_are_told_once()
    {
        var incident = Fold();
        Assert.Empty(Notices(incident, At(238)));

        var near = Assert.IsType<DeadlineEvent.Neared>(Assert.Single(Notices(incident, At(239))));
        Assert.Equal(("acknowledge", At(314)), (near.What, near.Due));
        incident = incident.Apply(near, At(239));
        Assert.Empty(Notices(incident, At(313.9)));

        var missed = Assert.IsType<DeadlineEvent.Missed>(Assert.Single(Notices(incident, At(314))));
        Assert.Empty(Notices(incident.Apply(missed, At(314)), At(320)));
    }

    [Fact]
    public void Of_a_deadline_that_passed_while_nobody_looked_only_the_miss_is_told() =>
        Assert.Equal(
            ["acknowledge missed", "next word on it missed"],
            Notices(Fold(), At(14 + 7200)).Select(told => $"{told.What} missed"));

    [Fact]
    public void A_person_is_reminded_again_after_each_silent_hour()
    {
        var incident = Fold((60, new IncidentEvent.Acknowledged(First, "Ada Commander", "link")));
        var missed = new List<DateTimeOffset>();
        for (var now = At(60); now <= At(60 + (4 * 3600)); now += TimeSpan.FromMinutes(1))
            foreach (var told in Notices(incident, now))
            {
                if (told is DeadlineEvent.Missed)
                    missed.Add(now);
                incident = incident.Apply(told, now);
            }

        Assert.Equal([At(60 + 3600), At(60 + 7200), At(60 + 10800), At(60 + 14400)], missed);
    }

    [Fact]
    public void Nobody_is_reminded_of_an_incident_that_is_closed()
    {
        var resolved = Fold((60, new IncidentEvent.Resolved(First, "ada", "over")));

        Assert.Empty(Notices(resolved, At(100_000)));
        Assert.Null(DeadlineNotices.NextDue(resolved, Plan, At(100)));
    }

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

    private static IReadOnlyList<DeadlineEvent> Notices(Incident incident, DateTimeOffset now) =>
        DeadlineNotices.Owed(incident, Plan, now);

    private static ValueList<Deadline> Of(Incident incident) => IncidentDeadlines.Of(incident, Plan);

    private static Deadline Named(Incident incident, string what) =>
        Assert.Single(Of(incident), deadline => deadline.What == what);
}
