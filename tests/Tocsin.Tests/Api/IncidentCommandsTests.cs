using Tocsin.Api;
using Tocsin.Communications;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Recording;
using Tocsin.Tests.Plans;
using Tocsin.Tests.Signing;
using Tocsin.Tests.Storage;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Api;

public sealed class IncidentCommandsTests : IDisposable
{
    private readonly StoreFolder folder = new();
    private readonly FixedTime time = new(Noon);
    private readonly Logbook logbook;

    public IncidentCommandsTests()
    {
        var page = new Uri("https://tocsin.example/");
        var links = new Links(_ => page, (_, _, _) => page, page);
        logbook = new Logbook(folder.Open(), links, time);
        logbook.Adopt(MinimalPlan.Read());
    }

    private Incident Incident => logbook.Book[First]!;

    public void Dispose()
    {
        logbook.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData(3, null)]
    [InlineData(13, null)]
    [InlineData(14, "is still being carried out")]
    [InlineData(19, "is still being carried out")]
    [InlineData(26, "is still being carried out")]
    [InlineData(27, null)]
    [InlineData(29, "is paused but not yet contained")]
    [InlineData(31, null)]
    public void Nothing_is_resolved_while_a_taken_decision_is_on_its_way(int events, string? refusal)
    {
        Live(events);

        AssertRefused(refusal, IncidentCommands.Resolve(logbook, First, "ada", "over"));

        Assert.Equal(refusal is null, Incident.ResolvedAt is not null);
    }

    [Fact]
    public void What_is_resolved_is_resolved_once()
    {
        Live(3);
        Assert.Null(IncidentCommands.Resolve(logbook, First, "ada", "over"));

        AssertRefused("is resolved already", IncidentCommands.Resolve(logbook, First, "ada", "over"));
    }

    [Fact]
    public void A_step_is_finished_once_and_not_after_the_resolution()
    {
        Live(3);
        Assert.Null(IncidentCommands.FinishStep(logbook, First, "look", "ben", "two transactions"));
        AssertRefused("done already", IncidentCommands.FinishStep(logbook, First, "look", "ben", "again"));
        AssertRefused("has no step", IncidentCommands.FinishStep(logbook, First, "lock", "ben", ""));
        Assert.Null(IncidentCommands.Resolve(logbook, First, "ada", "over"));

        AssertRefused("is resolved already", IncidentCommands.FinishStep(logbook, First, "decide", "ada", "late"));

        Assert.Equal(["look"], Incident.Steps.Select(step => step.Step));
    }

    [Fact]
    public void A_decision_is_requested_once_and_of_an_open_incident_alone()
    {
        Live(3);
        AssertRefused("names no person", IncidentCommands.RequestDecision(logbook, First, "eve"));
        Assert.False(Incident.IsDecisionRequested);
        Assert.Null(IncidentCommands.RequestDecision(logbook, First, "ada"));
        Assert.Null(IncidentCommands.RequestDecision(logbook, First, "ben"));
        Assert.Single(logbook.TimelineOf(First), happened => happened.Event is IncidentEvent.DecisionRequested);
        Assert.True(Incident.IsDecisionRequested);

        logbook.Record((_, _) => [Recorded(Finding(revision: 2, status: FindingStatus.Retracted), First)]);
        AssertRefused("is not open", IncidentCommands.RequestDecision(logbook, First, "ada"));
    }

    private static void AssertRefused(string? expected, string? refusal)
    {
        if (expected is null)
            Assert.Null(refusal);
        else
            Assert.Contains(expected, refusal, StringComparison.Ordinal);
    }

    private void Live(int events)
    {
        logbook.Record((_, _) => [Whole[1].Event, Whole[2].Event]);
        foreach (var (at, happened) in Whole.Take(events).Skip(3))
        {
            time.Now = At(at);
            logbook.Record((_, _) => [happened]);
        }
    }
}
