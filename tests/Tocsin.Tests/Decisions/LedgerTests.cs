using Tocsin.Deadlines;
using Tocsin.Decisions;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Tests.Incidents;
using Tocsin.Tests.Plans;
using static Tocsin.Tests.Incidents.Story;
using static Tocsin.Tests.Plans.DecidingPlan;

namespace Tocsin.Tests.Decisions;

public sealed class LedgerTests
{
    private const string Ben = "Ben Engineer";

    private static readonly string[] People = ["ada", "ben", "cem", "dee", "zoe"];

    private static readonly LedgerEvent.DecisionOpened Opened =
        new(First, "1", Exchange, "Ada Commander", "the thief is depositing", At(3700));

    private static readonly LedgerEvent.ActedFirst ActedFirst =
        new(First, "1", Exchange, Ben, "there was no time", At(14_500));

    private static Plan Plan => DecidingPlan.Plan;

    [Fact]
    public void Decisions_of_calls_and_of_people_stand_in_one_list_with_their_places()
    {
        var incident = Fold(
            (50, Proposed()),
            (60, new IncidentEvent.ApprovalAccepted(First, Approval(MinimalPlan.Deputy.Address, 60), "Cem Deputy")),
            (70, new LedgerEvent.Reviewed(First, Decision.Id.ToString(), "Cem Deputy", "pauses both")),
            (100, Opened),
            (110, new LedgerEvent.ApprovalGiven(First, "1", Ben, ["Ada Commander", "Cem Deputy"])),
            (1900, Proposed(Decision with { ExpiresAt = At(3600) })));

        var rows = Ledger.Rows(incident, Plan, At(2000));

        Assert.Equal(
            ["emergency-pause Expired", "call-the-exchange Proposed", "emergency-pause Proposed"],
            rows.Select(row => $"{row.Rule} {row.State}"));
        Assert.Equal([true, false, true], rows.Select(row => row.IsOfCalls));
        Assert.Equal(new LedgerPlace("commander", "Cem Deputy", "signed"), rows[0].Places[0]);
        Assert.Equal(
            new LedgerPlace("engineer", Ben, "by voice, heard by Ada Commander and Cem Deputy"), rows[1].Places[0]);
        Assert.Equal(["auditor"], rows[1].Missing);
        Assert.Equal([false, true, false], rows.Select(row => row.IsUnreviewed));
    }

    [Fact]
    public void A_proposal_that_is_made_anew_before_anybody_signed_stands_in_the_list_once()
    {
        var anew = Proposed(Decision with { ExpiresAt = At(3600) });

        Assert.Single(Ledger.Rows(Fold((50, Proposed()), (60, anew)), Plan, At(70)));
        Assert.Equal(2, Ledger.Rows(Fold((50, Proposed()), (1900, anew)), Plan, At(2000)).Count);
    }

    [Fact]
    public void Every_state_is_told()
    {
        Assert.Equal(LedgerState.Proposed, State(Opened));
        Assert.Equal(LedgerState.Expired, State(Opened with { Expires = At(200) }));
        Assert.Equal(LedgerState.Expired, State(Opened, new LedgerEvent.Expired(First, "1")));
        Assert.Equal(LedgerState.Approved, State(Opened, new LedgerEvent.Taken(First, "1")));
        Assert.Equal(LedgerState.Refused, State(Opened, new LedgerEvent.Refused(First, "1")));
        Assert.Equal(LedgerState.Executed, State(
            Opened, new LedgerEvent.Taken(First, "1"), new LedgerEvent.Executed(First, "1", Ben, "done")));
        Assert.Equal(LedgerState.ToRatify, State(ActedFirst));
        Assert.Equal(LedgerState.Overdue, State(ActedFirst with { RatifyBy = At(200) }));
        Assert.Equal(LedgerState.Ratified, State(ActedFirst, new LedgerEvent.Ratified(First, "1")));

        static LedgerState State(params LedgerEvent[] events) =>
            Ledger.Rows(Fold(events.Select(one => (100.0, (LogEvent)one)).ToArray()), Plan, At(200))[0].State;
    }

    [Fact]
    public void An_approval_and_a_ratification_are_deadlines_that_are_reminded_and_missed()
    {
        var asked = Fold((100, Opened));
        Assert.Equal((At(2800), At(3700)), (Next(asked).WarnAt, LedgerDues.NextDue(asked, Plan, At(200))));
        Assert.Equal(DeadlineState.Missed, Next(asked).StateAt(At(3701)));
        var taken = asked.Apply(new LedgerEvent.Taken(First, "1"), At(300));
        Assert.Equal(DeadlineState.Met, Next(taken).StateAt(At(4000)));

        var acted = Fold((100, ActedFirst), (200, new IncidentEvent.Resolved(First, "Ada Commander", "over")));
        Assert.Equal(
            [("DeadlineEvent", "ratification 1 (call-the-exchange)"), ("LedgerEvent", Exchange)],
            Dues.Owed(acted, Plan, At(14_500)).Select(one => one switch
            {
                DeadlineEvent late => ("DeadlineEvent", late.What),
                LedgerEvent.Unratified late => ("LedgerEvent", late.Rule),
                _ => (one.GetType().Name, ""),
            }).Where(one => one.Item1 is "DeadlineEvent" or "LedgerEvent"));

        static Deadline Next(Incident incident) => LedgerDues.Deadlines(incident, Plan).Single();
    }

    [Fact]
    public void What_was_done_first_is_followed_after_a_false_alarm_until_it_is_settled()
    {
        var book = Story.Fold(Whole.Take(3).Append((100, ActedFirst)));
        book = book.Apply(new CommandEvent.DeclaredFalse(First, "Ada Commander", "our own test"), At(200));

        Assert.Single(book.Owing(At(300)));
        Assert.Empty(book.Apply(new LedgerEvent.Ratified(First, "1"), At(400)).Owing(At(500)));
    }

    [Fact]
    public void A_proposal_made_anew_is_asked_for_since_the_first()
    {
        var anew = Fold((50, Proposed()), (500, Proposed(Decision with { ExpiresAt = At(3600) })));

        Assert.Equal(At(650), LedgerDues.NextDue(anew, Plan, At(600)));
        Assert.Empty(LedgerDues.Owed(anew, Plan, At(649)));
        var owed = LedgerDues.Owed(anew, Plan, At(650));
        Assert.Equal([typeof(LedgerEvent.DecisionOpened), typeof(LedgerEvent.SubstitutePrepared)],
            owed.Select(one => one.GetType()));
        Assert.Empty(LedgerDues.Owed(After(anew, owed, 650), Plan, At(700)));
    }

    [Fact]
    public void What_is_taken_needs_no_other_decision()
    {
        var taken = Fold((50, Proposed()), (60, new IncidentEvent.DecisionTaken(First, Decision.Id)));

        Assert.Empty(LedgerDues.Owed(taken, Plan, At(5000)));
    }

    [Fact]
    public void Two_that_cannot_be_filled_at_once_prepare_one_decision()
    {
        var both = Fold(
            (50, Proposed()), (50, new LedgerEvent.DecisionOpened(First, "1", Shop, "Ben Engineer", "", At(3650))));

        var owed = LedgerDues.Owed(both, Plan, At(2000));

        Assert.Equal("2", Assert.Single(owed.OfType<LedgerEvent.DecisionOpened>()).Key);
        Assert.Equal(2, owed.OfType<LedgerEvent.SubstitutePrepared>().Count());
    }

    /// <summary>Whatever people say, and in whatever order.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Nothing_that_is_said_of_a_decision_reaches_the_signer(int seed)
    {
        var random = new Random(seed);
        var incident = Fold((50, Proposed()));
        var (decision, unsaid) = (incident.Decision, incident);
        for (var second = 60; second < 100_000; second += random.Next(1, 400))
        {
            var said = Anything(random, incident, At(second));
            incident = After(incident, said.Events, second);

            Assert.Equal(decision, incident.Decision);
            Assert.Null(incident.Decision!.TakenAt);
            Assert.Equal(Duties.Of(unsaid, Plan, At(second)), Duties.Of(incident, Plan, At(second)));
            incident = After(incident, LedgerDues.Owed(incident, Plan, At(second)), second);
            Assert.Empty(LedgerDues.Owed(incident, Plan, At(second)));
            Assert.All(incident.Ledger.Entries, IsFilledByDifferentPeople);
        }
        Assert.Contains(incident.Ledger.Entries, entry => entry.TakenAt is not null || entry.RatifiedAt is not null);
    }

    private static void IsFilledByDifferentPeople(LedgerEntry entry)
    {
        var names = entry.Approvals.Select(one => one.By).ToList();
        Assert.Equal(names.Distinct(), names);
        Assert.DoesNotContain(entry.Acted?.By, names);
        Assert.All(entry.Approvals, one => Assert.DoesNotContain(one.By, one.HeardBy));
        Assert.All(entry.Approvals, one => Assert.True(one.HeardBy.Count is 0 or >= 2));
        if (entry.TakenAt is null && entry.RatifiedAt is null)
            return;
        var wallets = Plan.People.Where(person => names.Contains(person.Name)).Select(person => person.Wallet!.Value);
        Assert.True(Plan.ApprovalRule(Plan.Decision(entry.Rule)!).IsMetBy([.. wallets]));
    }

    private static Ruling Anything(Random random, Incident incident, DateTimeOffset now)
    {
        string[] keys = [Decision.Id.ToString(), .. incident.Ledger.Entries.Select(entry => entry.Key), "99"];
        string[] rules = [Shop, Exchange, "emergency-pause", "none"];
        var (by, of) = (People[random.Next(People.Length)], People[random.Next(People.Length)]);
        var (key, rule) = (random.Next(3) > 0 ? keys[^2] : keys[random.Next(keys.Length)], rules[random.Next(4)]);
        return random.Next(9) switch
        {
            0 => Deciding.Open(incident, Plan, rule, by, "words", now),
            1 => Deciding.ActFirst(incident, Plan, rule, by, "words", now),
            2 or 3 => Deciding.Approve(incident, Plan, key, by, now),
            4 => Deciding.Ratify(incident, Plan, key, by, now),
            5 or 6 => Deciding.Attest(incident, Plan, key, of, by, "phone", "yes", now),
            7 => random.Next(4) == 0 ? Deciding.Decline(incident, Plan, key, by, "no", now)
                : Deciding.Review(incident, Plan, key, by, "read"),
            _ => Deciding.Execute(incident, Plan, key, by, "done", null, now),
        };
    }

    private static Incident After(Incident incident, IEnumerable<LogEvent> events, double second) =>
        events.Aggregate(incident, (one, happened) => one.Apply(happened, At(second)));
}
