using Tocsin.Decisions;
using Tocsin.Findings;
using Tocsin.Incidents;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Incidents;

public sealed class RulingTests
{
    private static readonly IncidentId Second = new(2);

    public static TheoryData<string> Names =>
        [nameof(Rulings.GiveRole), nameof(Rulings.Assess), nameof(Rulings.Rate), nameof(Rulings.Reclassify),
            nameof(Rulings.DeclareFalse), nameof(Rulings.Deviate)];

    [Fact]
    public void An_incident_that_a_person_opens_stands_on_what_they_say()
    {
        var ruling = OpeningByPeople.Open(
            IncidentBook.Empty, Plan, new OpeningRequest(null, null, "the pool is empty", "ben", false), At(5));

        var incident = Book([(0, Whole[0].Event), .. ruling.Events.Select(one => (5.0, one))])[First]!;
        Assert.Equal((Severity.Critical, "flash-loan"), (incident.Severity, incident.Issue));
        Assert.Equal("Ben Engineer: the pool is empty", incident.Main.Reason);
        Assert.Equal("Ben Engineer", incident.Command.OpenedBy!.By);
        Assert.True(incident.IsDecisionRequested);
        Assert.True(incident.IsOpen);
    }

    [Theory]
    [InlineData("nobody", "flash-loan", 1, "x", "no person 'nobody'")]
    [InlineData("ben", "flash-lone", 1, "x", "did you mean 'flash-loan'")]
    [InlineData("ben", null, 0, "x", "from 1 (worst) to 5")]
    [InlineData("ben", null, 1, "  ", "say what was seen")]
    public void What_cannot_be_opened_is_refused_in_words(
        string by, string? issue, int severity, string words, string refusal)
    {
        var ruling = OpeningByPeople.Open(
            IncidentBook.Empty, Plan, new OpeningRequest(issue, (Severity)severity, words, by, false), At(5));

        Assert.Contains(refusal, ruling.Refusal, StringComparison.Ordinal);
        Assert.Empty(ruling.Events);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Nobody_leads_what_is_closed_and_only_people_of_the_plan_lead(string name)
    {
        var resolved = Fold((60, new IncidentEvent.Resolved(First, "ada", "over")));
        Assert.Equal("INC-1 is not open", Do(name, resolved, "ada").Refusal);
        Assert.Equal("the plan names no person 'eve'", Do(name, Fold(), "eve").Refusal);
        var done = Do(name, Fold(), "ada");
        Assert.Null(done.Refusal);
        Assert.Single(done.Events);
    }

    [Fact]
    public void A_role_that_is_handed_over_is_who_leads_from_then_on()
    {
        var incident = Fold();
        Assert.Equal("Ada Commander (commander)", Commanding.Lead(incident, Plan));

        incident = Apply(incident, Rulings.GiveRole(incident, Plan, "commander", "cem", "ada", "end of shift"));

        Assert.Equal("Cem Deputy (commander)", Commanding.Lead(incident, Plan));
        Assert.Empty(Rulings.GiveRole(incident, Plan, "commander", "cem", "ada", "again").Events);
        Assert.Contains(
            "did you mean 'commander'", Rulings.GiveRole(incident, Plan, "comander", "cem", "ada", "").Refusal,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_lower_severity_needs_a_reason_and_moves_every_deadline()
    {
        var incident = Fold();
        Assert.Equal("a reason is needed", Rulings.Rate(incident, Plan, Severity.Elevated, "ada", " ").Refusal);

        incident = Apply(incident, Rulings.Rate(incident, Plan, Severity.Elevated, "ada", "test funds"), 100);

        Assert.Equal((Severity.Elevated, At(100)), (incident.Severity, incident.SeveritySince));
    }

    [Fact]
    public void What_is_decided_upon_is_no_false_alarm()
    {
        var taken = Fold(Whole.Take(14))[First]!;

        Assert.Contains("its decision was taken", Rulings.DeclareFalse(taken, Plan, "ada", "ours").Refusal,
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_goes_on_after_a_person_called_it_false_opens_another_incident()
    {
        var book = Book([.. Whole.Take(3), (60, new CommandEvent.DeclaredFalse(First, "Ada Commander", "ours"))]);
        Assert.False(book[First]!.IsOpen);

        var more = Finding(revision: 2) with { Transactions = [Hash(1), Hash(2), Hash(3)] };
        var events = book.Take(more, At(70), Plan, DetectionLimits.Default);

        Assert.Equal(Second, Assert.Single(events.OfType<IncidentEvent.Opened>()).Incident);
    }

    [Fact]
    public void One_that_was_opened_again_asks_for_an_answer_anew()
    {
        var incident = Fold(
            (20, new IncidentEvent.Acknowledged(First, "Ada Commander", "link")),
            (60, new IncidentEvent.Resolved(First, "ada", "over")));

        incident = Apply(incident, Rulings.Reopen(incident, Plan, "ben", "it goes on"), 100);

        Assert.Equal(IncidentPhase.Detected, incident.Phase);
        Assert.Empty(incident.Answers);
        Assert.Single(incident.Acknowledgements);
        Assert.Equal("INC-1 is open", Rulings.Reopen(incident, Plan, "ben", "again").Refusal);
    }

    [Fact]
    public void What_the_chain_took_back_is_not_opened_by_people()
    {
        var retracted = Fold((20, Recorded(Finding(revision: 2, status: FindingStatus.Retracted), First)));

        Assert.Contains("was taken back", Rulings.Reopen(retracted, Plan, "ben", "why").Refusal,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Merged_incidents_are_one_and_later_findings_find_it()
    {
        var other = Finding("other", by: OtherAttacker, severity: Severity.High);
        var book = Book(
        [
            .. Whole.Take(3),
            (30, Recorded(other, Second)),
            (30, new IncidentEvent.Opened(
                Second, other.Id, Plan.ContentHash, "flash-loan", "pause-markets", Severity.High, false)),
        ]);

        var ruling = Rulings.Merge(book, book[First]!, book[Second]!, Plan, "ada", "one attack");
        var after = Book(ruling.Events.Select(one => (40.0, one)), book);

        Assert.Equal(IncidentPhase.Merged, after[First]!.Phase);
        Assert.Equal(2, after[Second]!.Findings.Count);
        Assert.Equal(Severity.Critical, after[Second]!.Severity);
        var later = after.Take(Finding(revision: 2), At(50), Plan, DetectionLimits.Default);
        Assert.Equal(Second, Assert.IsType<FindingRecorded>(later[0]).Incident);
        Assert.Equal("INC-1 goes on in INC-2", Rulings.Reopen(after[First]!, Plan, "ada", "no").Refusal);
        Assert.Contains("not open", Rulings.Merge(after, after[Second]!, after[First]!, Plan, "ada", "x").Refusal,
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_has_a_decision_that_was_taken_is_merged_into_nothing()
    {
        var book = Fold(Whole.TakeWhile(step => step.Event is not IncidentEvent.CallSigned));
        Assert.NotNull(book[First]!.Decision!.TakenAt);
        var into = book[First]! with { Id = Second };

        Assert.Contains("has a decision", Rulings.Merge(book, book[First]!, into, Plan, "ada", "one").Refusal,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Of_two_that_wait_for_approvals_the_one_with_fewer_is_merged_into_the_other()
    {
        var asked = Fold(Whole.TakeWhile(step => step.Event is not IncidentEvent.ApprovalAccepted));
        var approved = Fold(
            Whole.TakeWhile(step => step.Event is not IncidentEvent.DecisionTaken))[First]! with
        { Id = Second };
        var waiting = asked[First]!;
        Assert.True(approved.Decision!.Approvals.Count > waiting.Decision!.Approvals.Count);

        Assert.Contains("has a decision", Rulings.Merge(asked, approved, waiting, Plan, "ada", "one").Refusal,
            StringComparison.Ordinal);
        var after = Apply(waiting, Rulings.Merge(asked, waiting, approved, Plan, "ada", "one"), 500);
        Assert.Equal(IncidentPhase.Merged, after.Phase);
        Assert.Null(after.Decision);
        Assert.Equal(LedgerState.Refused, Assert.Single(Ledger.Rows(after, Plan, At(501))).State);
    }

    [Fact]
    public void What_turns_out_to_be_something_else_leaves_the_approvals_that_it_waited_for()
    {
        var plan = Plan with { Issues = Plan.Issues.Add(Plan.Issues[0] with { Id = "odd", Procedure = "look-on" }) };
        var waiting = Fold(Whole.TakeWhile(step => step.Event is not IncidentEvent.DecisionTaken))[First]!;
        Assert.NotEmpty(waiting.Decision!.Approvals);

        var after = Apply(waiting, Rulings.Reclassify(waiting, plan, "odd", "ada", "it was a test"), 500);

        Assert.Equal("odd", after.Issue);
        Assert.Null(after.Decision);
        Assert.False(after.IsDecisionRequested);
        var taken = Fold(Whole.TakeWhile(step => step.Event is not IncidentEvent.CallSigned))[First]!;
        Assert.Contains("was taken", Rulings.Reclassify(taken, plan, "odd", "ada", "it was a test").Refusal,
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_exercise_and_an_incident_are_never_one()
    {
        var book = Fold(Whole.Take(3));
        var drill = book[First]! with { Id = Second, Exercise = true };

        Assert.Contains("exercise", Rulings.Merge(book, book[First]!, drill, Plan, "ada", "one").Refusal,
            StringComparison.Ordinal);
    }

    private static IncidentBook Book(IEnumerable<(double At, LogEvent Event)> events, IncidentBook? from = null) =>
        Fold(events, from);

    private static Ruling Do(string name, Incident incident, string by) => name switch
    {
        nameof(Rulings.GiveRole) => Rulings.GiveRole(incident, Plan, "engineer", "cem", by, ""),
        nameof(Rulings.Assess) => Rulings.Assess(incident, Plan, by, "a loan"),
        nameof(Rulings.Rate) => Rulings.Rate(incident, Plan, Severity.High, by, "small"),
        nameof(Rulings.Reclassify) => Rulings.Reclassify(
            incident, Plan with { Issues = [.. Plan.Issues, Plan.Issues[0] with { Id = "other" }] }, "other", by, "is"),
        nameof(Rulings.DeclareFalse) => Rulings.DeclareFalse(incident, Plan, by, "ours"),
        _ => Rulings.Deviate(incident, Plan, "look", by, "down"),
    };

    private static Incident Apply(Incident incident, Ruling ruling, double at = 50)
    {
        Assert.Null(ruling.Refusal);
        return ruling.Events.Aggregate(incident, (folded, happened) => folded.Apply(happened, At(at)));
    }
}
