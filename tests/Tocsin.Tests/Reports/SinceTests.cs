using FsCheck;
using FsCheck.Fluent;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Reports;
using Tocsin.Tests.Records;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Reports;

public sealed class SinceTests
{
    private static readonly IReadOnlyList<Happened> Events = Tocsin.Tests.Incidents.Story.Timeline(KeptStory.Events);

    [Fact]
    public void Whoever_was_never_there_hears_the_weightiest_of_all()
    {
        var since = Since.Of(Events, 0);

        Assert.Equal(Since.LinesMax, since.Lines.Count);
        Assert.All(since.Lines, line => Assert.Equal(Weight.Decisive, line.Weight));
        Assert.Contains(since.Lines, line => line.Words.StartsWith("Contained", StringComparison.Ordinal));
        Assert.Null(since.PhaseThen);
        Assert.Equal(IncidentPhase.Resolved, since.Phase);
    }

    [Fact]
    public void Whoever_was_there_hears_only_what_came_after_and_how_it_stood_then()
    {
        var contained = Events.First(happened => happened.Event is IncidentEvent.Contained);

        var since = Since.Of(Events, contained.Sequence);

        Assert.All(since.Lines, line => Assert.True(line.Sequence > contained.Sequence));
        Assert.Equal((IncidentPhase.Contained, Severity.Critical), (since.PhaseThen, since.SeverityThen));
        Assert.Equal(Severity.High, since.Severity);
    }

    [Fact]
    public void Nothing_is_told_to_whoever_knows_it_all()
    {
        var newest = Events[^1].Sequence;
        foreach (var after in (long[])[newest, newest + 1, long.MaxValue])
            Assert.Equal((0, 0), (Since.Of(Events, after).Lines.Count, Since.Of(Events, after).More));
    }

    [Fact]
    public void What_was_told_again_later_is_told_once()
    {
        var since = Since.Of(Events, 0, most: 100);

        var finding = Assert.Single(since.Lines, line => line.Words.Contains("a loan of", StringComparison.Ordinal));
        Assert.StartsWith("Confirmed", finding.Words, StringComparison.Ordinal);
    }

    /// <summary>Of every event that there is, from every place, as many as are asked for.</summary>
    [Fact]
    public void Every_line_is_missed_heavier_before_lighter_and_counted() => Prop.ForAll(
        Gen.Choose(3, Timeline(Whole).Count).ToArbitrary(),
        Gen.Choose(-1, 120).ToArbitrary(),
        Gen.Choose(0, 30).ToArbitrary(),
        (count, after, most) =>
        {
            var events = Timeline(Whole).Take(count).ToList();
            var since = Since.Of(events, after, most);
            var missed = events.Count(happened => happened.Sequence > after);
            return since.Lines.Count <= most
                && since.Lines.Count + since.More == missed
                && since.Lines.All(line => line.Sequence > after && line.Words.Length > 0)
                && since.Lines.Zip(since.Lines.Skip(1)).All(pair => pair.First.Weight < pair.Second.Weight
                    || (pair.First.Weight == pair.Second.Weight && pair.First.Sequence > pair.Second.Sequence));
        }).QuickCheckThrowOnFailure();
}
