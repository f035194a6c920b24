using Tocsin.Findings;
using Tocsin.Incidents;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Incidents;

public sealed class OpeningFromOutsideTests
{
    private static readonly OutsideAlert Alert = new(
        "prometheus", "group", "drain", OutsideNews.Firing, Severity.High, "flash-loan", "prometheus: drained", At(-60),
        IsRepeated: true);

    private IncidentBook book = Story.Fold(Whole.Take(1));

    [Fact]
    public void An_alert_that_is_bad_enough_opens_an_incident_on_a_finding_like_every_other()
    {
        var events = Take(Alert, 5);

        Assert.Equal(2, events.Count);
        var incident = book[First]!;
        Assert.Equal(("flash-loan", Severity.High, IncidentPhase.Detected),
            (incident.Issue, incident.Severity, incident.Phase));
        Assert.Equal((At(5), At(-60)), (incident.OpenedAt, incident.FirstSeenAt));
        Assert.Equal((Threat.UserReports, "outside", "prometheus: drained"),
            (incident.Main.Threat, incident.Main.Detector, incident.Main.Reason));
        // No approval is asked for because a stranger says so.
        Assert.False(incident.IsDecisionRequested);
    }

    [Fact]
    public void A_lesser_one_is_recorded_and_opens_when_it_grows_worse()
    {
        Take(Alert with { Severity = Severity.Elevated }, 5);
        Assert.Empty(book.Incidents);
        Assert.Single(book.Findings);
        Assert.Empty(Take(Alert with { Severity = Severity.Elevated }, 6));

        Take(Alert, 7);

        Assert.Equal(2, book[First]!.Main.Revision);
    }

    [Fact]
    public void Alerts_of_one_group_and_issue_share_an_incident_and_others_do_not()
    {
        Take(Alert, 5);
        Take(Alert with { Key = "other", Severity = Severity.Critical }, 6);
        Assert.Equal((1, 2, Severity.Critical),
            (book.Incidents.Count, book[First]!.Findings.Count, book[First]!.Severity));

        Take(Alert with { Group = "another", Key = "third" }, 7);
        Take(Alert with { Source = "staging" }, 8);

        Assert.Equal(3, book.Incidents.Count);
    }

    [Fact]
    public void A_person_who_rated_it_is_not_overruled_by_more_of_the_same()
    {
        Take(Alert with { Severity = Severity.Critical }, 5);
        Do(new CommandEvent.Rated(First, Severity.Elevated, "Ada Commander", "test funds"), 6);

        Take(Alert with { Key = "other", Severity = Severity.Critical }, 7);

        Assert.Equal(Severity.Elevated, book[First]!.Severity);
    }

    [Fact]
    public void A_tool_that_runs_wild_opens_no_more_than_people_can_lead()
    {
        for (var i = 0; i < 50; i++)
            Take(Alert with { Group = $"group {i}", Key = $"key {i}" }, i);

        Assert.Equal(OpeningFromOutside.MaximumOpen, book.Incidents.Count);
        Assert.Equal(41, book[new IncidentId(OpeningFromOutside.MaximumOpen)]!.Findings.Count);
        Take(Alert with { Source = "other" }, 60);
        Assert.Equal(OpeningFromOutside.MaximumOpen + 1, book.Incidents.Count);
    }

    /// <summary>Whoever has the key of a sender must not wake people all night, each time for nothing.</summary>
    [Fact]
    public void What_comes_and_goes_under_ever_new_keys_wakes_people_only_so_often()
    {
        for (var i = 0; i < 200; i++)
        {
            var alert = Alert with { Group = $"group {i}", Key = $"key {i}", Since = null };
            Take(alert, i);
            Take(alert with { News = OutsideNews.Ended }, i + 0.5);
        }

        Assert.Equal(2 * OpeningFromOutside.MaximumOpen, book.Incidents.Count);
        Assert.Equal(OpeningFromOutside.MaximumOpen, book.Open.Count());
        Assert.All(book.Open, incident => Assert.True(incident.IsOver));
        // An hour later the next one is believed again.
        foreach (var open in book.Open.ToList())
            Do(new IncidentEvent.Resolved(open.Id, "Ada Commander", "noise"), 201);
        var later = Alert with { Key = "later", Group = "later", Since = null };
        Take(later, 4_000);
        Take(later with { News = OutsideNews.Ended }, 4_001);
        Assert.Equal(IncidentPhase.FalseAlarm, book.Incidents.Values.Last().Phase);
    }

    [Fact]
    public void What_ends_before_anybody_has_done_anything_is_taken_back_when_all_of_it_has_ended()
    {
        Take(Alert, 5);
        Take(Alert with { Key = "other" }, 6);
        Take(Alert with { News = OutsideNews.Ended }, 7);
        Assert.True(book[First]!.IsOpen);

        Take(Alert with { Key = "other", News = OutsideNews.Ended }, 8);

        Assert.Equal(IncidentPhase.FalseAlarm, book[First]!.Phase);
    }

    public static TheoryData<string> Deeds => ["acknowledged", "note", "unable", "assessed", "step", "asked"];

    [Theory]
    [MemberData(nameof(Deeds))]
    public void What_people_have_begun_goes_on_when_it_ends_outside(string deed)
    {
        Take(Alert, 5);
        Do(
            deed switch
            {
                "acknowledged" => new IncidentEvent.Acknowledged(First, "Ada Commander", "link"),
                "note" => new IncidentEvent.NoteAdded(First, "Ada Commander", "looking"),
                "unable" => new Tocsin.Paging.PageEvent.Answered(
                    First, "Ada Commander", Tocsin.Paging.PageAnswer.Unable, "link"),
                "assessed" => new CommandEvent.Assessed(First, "Ada Commander", "an attack"),
                "step" => new IncidentEvent.StepDone(First, "look", "Ada Commander", "done"),
                _ => new IncidentEvent.DecisionRequested(First, "Ada Commander"),
            },
            6);

        Take(Alert with { News = OutsideNews.Ended }, 7);

        Assert.True(book[First]!.IsOpen);
        Assert.True(book[First]!.IsOver);
        Assert.Equal("prometheus says that it is over. prometheus: drained", book[First]!.Main.Reason);
    }

    [Fact]
    public void An_acknowledgement_outside_is_none_of_ours_and_no_word_of_a_person()
    {
        Take(Alert, 5);

        Assert.Single(Take(Alert with { News = OutsideNews.Acknowledged }, 6));

        var incident = book[First]!;
        Assert.Empty(incident.Acknowledgements);
        Assert.Equal(At(5), incident.LastWordAt);
        Assert.True(OpeningFromOutside.IsUntouched(incident));
        Assert.StartsWith("Acknowledged outside", incident.Main.Reason, StringComparison.Ordinal);
        Assert.Empty(Take(Alert with { News = OutsideNews.Acknowledged }, 7));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_nobody_has_heard_of_is_neither_acknowledged_nor_over(bool isOver)
    {
        if (isOver)
        {
            Take(Alert, 5);
            Take(Alert with { News = OutsideNews.Ended }, 6);
        }

        Assert.Empty(Take(Alert with { News = OutsideNews.Acknowledged }, 7));
        Assert.Empty(Take(Alert with { News = OutsideNews.Ended }, 8));
    }

    [Fact]
    public void The_end_of_an_earlier_firing_ends_nothing()
    {
        Take(Alert, 5);

        Assert.Empty(Take(Alert with { News = OutsideNews.Ended, Since = At(-600) }, 6));
        Assert.NotEmpty(Take(Alert with { News = OutsideNews.Ended }, 7));
    }

    [Fact]
    public void The_end_of_what_people_closed_touches_no_closed_incident()
    {
        Take(Alert, 5);
        Do(new IncidentEvent.Resolved(First, "Ada Commander", "done"), 6);
        var before = book[First];

        Take(Alert with { News = OutsideNews.Ended }, 7);

        Assert.Equal(before, book[First]);
        Assert.Equal(FindingStatus.Over, book.Findings[Alert.Finding].Finding.Status);
    }

    [Theory]
    [InlineData(true, 100, 1)]
    [InlineData(true, 3_606, 2)]
    [InlineData(false, 7, 2)]
    public void What_fires_after_people_closed_it_opens_anew_unless_it_is_a_repetition(
        bool isRepeated, double at, int incidents)
    {
        var alert = Alert with { IsRepeated = isRepeated, Since = isRepeated ? Alert.Since : null };
        Take(alert, 5);
        Do(new IncidentEvent.Resolved(First, "Ada Commander", "done"), 6);

        Take(alert, at);

        Assert.Equal(incidents, book.Incidents.Count);
        Assert.Empty(Take(alert, at + 1));
    }

    [Fact]
    public void Where_it_was_merged_into_another_it_goes_on_there()
    {
        Take(Alert, 5);
        Take(Alert with { Group = "another", Key = "other" }, 5);
        foreach (var merged in Rulings.Merge(book, book[First]!, book[new IncidentId(2)]!, Plan, "ada", "one").Events)
            Do(merged, 6);

        Take(Alert with { Severity = Severity.Critical }, 7);

        Assert.Equal(2, book.Incidents.Count);
        Assert.Equal(Severity.Critical, book[new IncidentId(2)]!.Severity);
    }

    [Fact]
    public void An_issue_that_the_plan_has_no_more_loses_no_alert()
    {
        Take(Alert with { Issue = "gone" }, 5);

        Assert.Equal("flash-loan", book[First]!.Issue);
    }

    [Fact]
    public void Whatever_comes_in_whatever_order_a_second_delivery_records_nothing()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            book = Story.Fold(Whole.Take(1));
            for (var at = 1; at < 40; at++)
            {
                var alert = Alert with
                {
                    Key = $"key {random.Next(3)}",
                    Group = $"group {random.Next(2)}",
                    News = (OutsideNews)random.Next(3),
                    Severity = (Severity)random.Next(1, 6),
                    Since = random.Next(3) == 0 ? null : At(at - random.Next(5)),
                    IsRepeated = random.Next(2) == 0,
                };
                Take(alert, at * 600);
                Assert.Empty(Take(alert, (at * 600) + 1));
                if (random.Next(4) == 0 && book.Open.FirstOrDefault() is { } open)
                    Do(random.Next(2) == 0
                        ? new IncidentEvent.Resolved(open.Id, "Ada Commander", "done")
                        : new IncidentEvent.Acknowledged(open.Id, "Ada Commander", "link"), (at * 600) + 2);
                // Nobody ends what a person has touched but a person.
                Assert.All(book.Incidents.Values, incident => Assert.True(
                    incident.IsOpen || incident.ResolvedAt is not null || incident.Acknowledgements.Count == 0));
            }
        }
    }

    private IReadOnlyList<LogEvent> Take(OutsideAlert alert, double at)
    {
        var events = OpeningFromOutside.Take(book, Plan, alert, DetectionLimits.Default, At(at));
        foreach (var happened in events)
            Do(happened, at);
        return events;
    }

    private void Do(LogEvent happened, double at) => book = book.Apply(happened, At(at));
}
