using Tocsin.Deadlines;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Plans;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Incidents;

public sealed class PhasesTests
{
    private static readonly Plan Led = Story.Plan with
    {
        Times = [SeverityTimes.Default(Severity.Critical)],
    };

    /// <summary>What people may say in each phase; everything else is refused.</summary>
    public static TheoryData<string, string> Allowed => new()
    {
        { "detected", "" },
        { "acknowledged", "eradicated" },
        { "paused", "" },
        { "contained", "eradicated" },
        { "eradicated", "recovered" },
        { "recovered", "" },
        { "resolved", "reviewed" },
        { "reviewed", "" },
        { "a false alarm", "" },
        { "merged", "" },
    };

    [Theory]
    [MemberData(nameof(Allowed))]
    public void A_phase_is_reached_from_the_one_before_it(string phase, string allowed)
    {
        var incident = In(phase);
        Assert.Equal(phase, Phases.Word(incident.Phase));

        foreach (var one in Enum.GetValues<IncidentPhase>())
        {
            var ruling = Phases.Reach(incident, Led, one, "ada", "done");
            Assert.Equal(Phases.Word(one) == allowed, ruling.Refusal is null);
            if (ruling.Refusal is null)
                Assert.Equal(one, Apply(incident, ruling.Events[0]).Phase);
        }
        Assert.Equal(allowed, Phases.Next(incident) is { } next ? Phases.Word(next.Phase) : "");
    }

    [Theory]
    [InlineData("ben", "done", "Ben Engineer holds none of the roles that say so: commander")]
    [InlineData("eve", "done", "the plan names no person 'eve'")]
    [InlineData("ada", " ", "say in a sentence")]
    public void Who_may_not_say_it_or_says_nothing_is_refused(string by, string words, string refusal) =>
        Assert.Contains(
            refusal, Phases.Reach(In("acknowledged"), Led, IncidentPhase.Eradicated, by, words).Refusal,
            StringComparison.Ordinal);

    [Fact]
    public void Whoever_was_given_one_of_the_roles_may_say_it_and_anybody_where_there_are_none()
    {
        var given = Apply(
            In("acknowledged"), new CommandEvent.RoleGiven(First, "commander", "Ben Engineer", "Ada Commander", ""));
        Assert.Null(Phases.Reach(given, Led, IncidentPhase.Eradicated, "ben", "done").Refusal);

        var nobody = Led with { People = Led.People.Select(person => person with { Roles = [] }).ToValueList() };
        Assert.Null(Phases.Reach(In("acknowledged"), nobody, IncidentPhase.Eradicated, "dee", "done").Refusal);
    }

    [Fact]
    public void What_is_paused_still_is_not_recovered()
    {
        var paused = Fold(Whole.TakeWhile(step => step.At <= 122))[First]!;
        var said = Apply(paused, new CommandEvent.PhaseReached(First, IncidentPhase.Eradicated, "Ada Commander", "x"));

        Assert.Contains("paused still", Phases.Reach(said, Led, IncidentPhase.Recovered, "ada", "done").Refusal,
            StringComparison.Ordinal);
    }

    public static TheoryData<string, bool> Signs => new()
    {
        { "value leaves", true },
        { "a decision is taken", true },
        { "another finding", true },
        { "another transaction", true },
        { "the same again", false },
        { "a small one", false },
        { "it is over", false },
        { "a note", false },
    };

    [Theory]
    [MemberData(nameof(Signs))]
    public void What_shows_that_it_goes_on_takes_back_what_people_said(string sign, bool isTakenBack)
    {
        var known = Finding(revision: 2);
        var incident = In("recovered");
        if (sign == "a decision is taken")
            incident = Apply(incident, Proposed());
        LogEvent happened = sign switch
        {
            "a decision is taken" => new IncidentEvent.DecisionTaken(First, Decision.Id),
            "value leaves" => new IncidentEvent.OutflowSeen(First, Block(111), Hash(3), "vault", "DEMO", 1m),
            "another finding" => Recorded(Finding("other"), First),
            "another transaction" => Recorded(known with { Transactions = [.. known.Transactions, Hash(9)] }, First),
            "the same again" => Recorded(known with { Status = FindingStatus.Confirmed }, First),
            "a small one" => Recorded(Finding("other", severity: Severity.Elevated), First),
            "it is over" => Recorded(known with { Status = FindingStatus.Over }, First),
            _ => new IncidentEvent.NoteAdded(First, "Ada Commander", "still quiet"),
        };

        var after = Apply(incident, happened);

        Assert.Equal(isTakenBack ? IncidentPhase.Triaged : IncidentPhase.Recovered, after.Phase);
    }

    [Fact]
    public void One_that_is_opened_again_is_as_far_as_it_was_at_first()
    {
        var again = Apply(In("reviewed"), new CommandEvent.Reopened(First, "Ada Commander", "it goes on"));

        Assert.Equal(IncidentPhase.Detected, again.Phase);
        Assert.Empty(again.Command.Reached);
    }

    [Fact]
    public void A_review_is_owed_from_the_end_until_it_is_done()
    {
        Deadline? Review(Incident incident, Plan plan) =>
            IncidentDeadlines.Of(incident, plan).SingleOrDefault(deadline => deadline.What == "review");

        var resolved = In("resolved");
        var due = resolved.ResolvedAt!.Value.AddDays(2);
        Assert.Null(Review(In("acknowledged"), Led));
        Assert.Null(Review(resolved, Story.Plan));
        Assert.Equal((due, "commander"), (Review(resolved, Led)!.Due, Review(resolved, Led)!.Owner));
        Assert.Equal("review", Assert.Single(Dues.Owed(resolved, Led, due).OfType<DeadlineEvent.Missed>()).What);
        Assert.Equal(due.AddHours(-12), Dues.NextDue(resolved, Led, due.AddDays(-1)));

        var reviewed = In("reviewed");
        Assert.Equal(DeadlineState.Met, Review(reviewed, Led)!.StateAt(due));
        Assert.Empty(Dues.Owed(reviewed, Led, due));
        Assert.Null(Dues.NextDue(reviewed, Led, due));
    }

    [Fact]
    public void What_was_none_is_not_looked_back_on() => Assert.DoesNotContain(
        IncidentDeadlines.Of(
            Apply(In("a false alarm"), new IncidentEvent.Resolved(First, "Ada Commander", "none")), Led),
        deadline => deadline.What == "review");

    [Fact]
    public void An_old_end_without_a_review_wakes_nobody()
    {
        var resolved = In("resolved");

        Assert.Empty(Dues.Owed(resolved, Led, resolved.ResolvedAt!.Value.AddDays(30)));
    }

    private static Incident In(string phase)
    {
        var opened = Fold();
        var answered = Apply(opened, new IncidentEvent.Acknowledged(First, "Ada Commander", "link"));
        var resolved = Apply(answered, new IncidentEvent.Resolved(First, "Ada Commander", "over"));
        return phase switch
        {
            "detected" => opened,
            "acknowledged" => answered,
            "paused" => Fold(Whole.TakeWhile(step => step.At <= 122))[First]!,
            "contained" => Fold(Whole.TakeWhile(step => step.At <= 190))[First]!,
            "eradicated" => Apply(answered, Said(IncidentPhase.Eradicated)),
            "recovered" => Apply(answered, Said(IncidentPhase.Eradicated), Said(IncidentPhase.Recovered)),
            "resolved" => resolved,
            "reviewed" => Apply(resolved, Said(IncidentPhase.Reviewed)),
            "a false alarm" => Apply(answered, new CommandEvent.DeclaredFalse(First, "Ada Commander", "ours")),
            _ => Apply(answered, new CommandEvent.MergedInto(First, new IncidentId(2), "Ada Commander", "one")),
        };
    }

    private static CommandEvent.PhaseReached Said(IncidentPhase phase) => new(First, phase, "Ada Commander", "done");

    private static Incident Apply(Incident incident, params LogEvent[] events) =>
        events.Aggregate(incident, (folded, happened) => folded.Apply(happened, At(200)));
}
