using Tocsin.Incidents;
using Tocsin.Recording;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Incidents;

/// <summary>A new kind of event must be taught to all that read events; this asks the types themselves.</summary>
public sealed class LogEventTests
{
    private static readonly IReadOnlyList<Type> Kinds =
        [.. typeof(LogEvent).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(LogEvent))
            && !type.IsAbstract)];

    public static TheoryData<string> KindNames => [.. Kinds.Select(kind => kind.Name)];

    [Fact]
    public void The_story_of_a_whole_incident_has_every_kind_of_event() =>
        Assert.Equal(Kinds.Select(kind => kind.Name).Order(), Whole.Select(step => step.Event.GetType().Name).Distinct()
            .Order());

    [Theory]
    [MemberData(nameof(KindNames))]
    public void Every_kind_survives_the_log(string kind)
    {
        var happened = Example(kind);

        var name = EventJson.Kind(happened);
        var again = EventJson.Read(name, EventJson.Write(happened));

        Assert.EndsWith(".1", name, StringComparison.Ordinal);
        Assert.Equal(happened, again);
        Assert.Equal(EventJson.Write(happened), EventJson.Write(again));
    }

    [Theory]
    [MemberData(nameof(KindNames))]
    public void Every_kind_has_words(string kind) => Assert.NotEmpty(Tocsin.Reports.Timeline.Line(Example(kind)));

    [Theory]
    [MemberData(nameof(KindNames))]
    public void Every_kind_is_folded(string kind)
    {
        var at = Whole.ToList().FindIndex(step => step.Event.GetType().Name == kind);
        var before = Fold(Whole.Take(at));

        var after = before.Apply(Whole[at].Event, At(Whole[at].At));

        if (Whole[at].Event is not IncidentEvent.NoteAdded)
            Assert.NotEqual(before, after);
    }

    [Fact]
    public void An_event_of_an_incident_that_was_never_opened_is_an_error() =>
        Assert.Throws<InvalidOperationException>(
            () => IncidentBook.Empty.Apply(new IncidentEvent.NoteAdded(First, "ada", "?"), Noon));

    [Fact]
    public void An_incident_cannot_be_opened_twice_by_its_own_events() =>
        Assert.Throws<InvalidOperationException>(() => Fold()!.Apply(Opened(), Noon));

    [Fact]
    public void An_approval_without_a_decision_is_an_error() => Assert.Throws<InvalidOperationException>(
        () => Fold((20, new IncidentEvent.DecisionTaken(First, Decision.Id))));

    private static LogEvent Example(string kind) => Whole.First(step => step.Event.GetType().Name == kind).Event;
}
