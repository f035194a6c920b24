using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Paging;
using Tocsin.Reports;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Reports;

public sealed class PaceTests
{
    [Fact]
    public void A_loss_that_was_seen_once_has_no_pace()
    {
        var pace = PaceAt(60, Seen(0, 1, 100_000m));

        Assert.Equal(100_000m, pace.LostUsd);
        Assert.Null(pace.PerMinuteUsd);
        Assert.Null(pace.AtRiskUsd);
        Assert.Null(pace.GoneAt);
        Assert.Equal(
            [true, false, false, false],
            pace.Facts.Select(fact => fact.IsKnown));
        Assert.All(pace.Facts.Skip(1), fact => Assert.StartsWith("unknown", fact.Value, StringComparison.Ordinal));
    }

    [Fact]
    public void What_nobody_has_counted_is_unknown_and_not_nothing()
    {
        var pace = PaceAt(60, Seen(0, 1, 0m));

        Assert.Null(pace.LostUsd);
        Assert.Equal("unknown: nobody has counted", pace.Facts[0].Value);
    }

    [Fact]
    public void A_loss_that_goes_on_has_the_pace_between_its_first_and_last_sight()
    {
        var pace = PaceAt(250, Seen(0, 1, 100_000m), Seen(120, 2, 200_000m), Seen(240, 3, 300_000m));

        Assert.Equal((300_000m, 50_000m, At(240)), (pace.LostUsd, pace.PerMinuteUsd, pace.LastLossAt));
        Assert.Null(pace.GoneAt);
    }

    [Fact]
    public void Blocks_that_are_caught_up_on_give_the_pace_of_the_chain()
    {
        var pace = PaceAt(900,
            (900, Recorded(Finding(revision: 2, at: 0) with { ImpactUsd = 200_000m }, First)),
            (901, Recorded(Finding(revision: 3, at: 600) with { ImpactUsd = 300_000m }, First)));

        Assert.Equal(10_000m, pace.PerMinuteUsd);
    }

    [Fact]
    public void What_was_taken_back_was_never_lost()
    {
        var pace = PaceAt(250,
            Seen(0, 1, 100_000m), Seen(120, 2, 200_000m),
            (200, Recorded(Finding(revision: 3, status: FindingStatus.Retracted, at: 200), First)));

        Assert.Null(pace.LostUsd);
        Assert.Null(pace.PerMinuteUsd);
    }

    [Fact]
    public void What_is_left_is_projected_while_more_is_seen_to_go_and_no_longer()
    {
        (double, LogEvent)[] events =
        [
            .. Until<IncidentEvent.OutflowSeen>().Skip(1),
            (200, new IncidentEvent.ImpactAssessed(First, Incidents.Story.Impact with { SavedUsd = 1_000_000m })),
            (260, new IncidentEvent.OutflowSeen(First, Block(120), Hash(3), "vault", "DEMO", 225_000.5m)),
            (320, new IncidentEvent.OutflowSeen(First, Block(121), Hash(4), "vault", "DEMO", 100_000m)),
        ];

        var pace = Pace.Of(Timeline(events), Plan, At(330));
        var later = Pace.Of(Timeline(events), Plan, At(320) + Pace.StillWithin + TimeSpan.FromSeconds(1));

        // 125,000.50 at the first sight, then 225,000.50, then 325,000.50 after 320 seconds.
        Assert.Equal(37_500m, pace.PerMinuteUsd);
        Assert.Equal(674_999.5m, pace.AtRiskUsd);
        Assert.Equal(At(320).AddMinutes((double)(674_999.5m / 37_500m)), pace.GoneAt);
        Assert.Null(later.GoneAt);
        Assert.Equal("unknown: no more was seen to go lately", later.Facts[3].Value);
    }

    [Fact]
    public void What_is_missing_until_it_is_contained_follows_the_decision()
    {
        Assert.Equal(
            ["no decision is proposed yet", "2 places of approval empty: commander, engineer; "
                + "with those who say that they can sign, 0 of 2 would be filled"],
            Before<IncidentEvent.DecisionProposed>().Missing);
        var half = Before<IncidentEvent.DecisionTaken>(without: 1);
        Assert.Equal(["engineer"], half.EmptyPlaces);
        Assert.StartsWith("1 place of approval empty: engineer", Assert.Single(half.Missing), StringComparison.Ordinal);
        Assert.Equal("call 1 is not signed yet", Before<IncidentEvent.CallSigned>().Missing[0]);
        Assert.Equal("call 1 is signed, and not sent yet", Before<IncidentEvent.CallBroadcast>().Missing[0]);
        Assert.Equal("call 1 is sent, and in no block yet", Before<IncidentEvent.CallIncluded>().Missing[0]);
        Assert.Equal(["nothing unexplained must leave for some blocks"], Before<IncidentEvent.Contained>().Missing);
        Assert.Empty(Before<IncidentEvent.ImpactAssessed>().Missing);
        Assert.Empty(Pace.Of(Timeline(Until<CommandEvent.MergedInto>()), Plan, At(4000)).Missing);
    }

    [Fact]
    public void Whoever_was_called_and_is_silent_is_named_until_they_answer()
    {
        (double, LogEvent) level = (20, new PageEvent.LevelBegan(First, 0, 0, 0, ["Ada Commander", "Ben Engineer"]));
        (double, LogEvent) answer = (30, new IncidentEvent.Acknowledged(First, "Ada Commander", "link"));

        Assert.Equal(["Ada Commander", "Ben Engineer"], PaceAt(40, level).Unanswered);
        Assert.Equal(["Ben Engineer"], PaceAt(40, level, answer).Unanswered);
    }

    [Fact]
    public void Every_beginning_of_an_incident_has_a_pace()
    {
        var events = Timeline(Whole);
        for (var count = 2; count <= events.Count; count++)
            Assert.Equal(4, Pace.Of([.. events.Take(count)], Plan, At(5000)).Facts.Count);
    }

    private static (double, LogEvent) Seen(double at, int revision, decimal usd) =>
        (at + 15, Recorded(Finding(revision: revision, at: at) with { ImpactUsd = usd }, First));

    // The story's own finding tells a loss; here only the test does.
    private static Pace PaceAt(double now, params (double At, LogEvent Event)[] events) => Pace.Of(
        Timeline(
        [
            (14, Recorded(Finding() with { ImpactUsd = events is [(_, FindingRecorded first), ..]
                && first.Finding.Revision == 1 ? first.Finding.ImpactUsd : 0m }, First)),
            (14, Opened()),
            .. events,
        ]),
        Plan,
        At(now));

    private static Pace Before<T>(int without = 0)
        where T : LogEvent
    {
        var events = Until<T>().Skip(1).ToList();
        return Pace.Of(Timeline(events.Take(events.Count - without)), Plan, At(events[^1].At + 1));
    }
}
