using Tocsin.Decisions;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Tests.Plans;
using static Tocsin.Tests.Incidents.Story;
using static Tocsin.Tests.Plans.DecidingPlan;

namespace Tocsin.Tests.Decisions;

public sealed class DecidingTests
{
    private const string Ben = "Ben Engineer";
    private const string Dee = "Dee Auditor";

    private static readonly Incident Asked = Fold((100, new LedgerEvent.DecisionOpened(
        First, "1", Exchange, "Ada Commander", "the thief is depositing", At(3700))));

    private static readonly Incident Acted = Fold((100, new LedgerEvent.ActedFirst(
        First, "1", Exchange, Ben, "there was no time", At(14_500))));

    private static Plan Plan => DecidingPlan.Plan;

    [Theory]
    [InlineData("zoe", Exchange, "the plan names no person 'zoe'")]
    [InlineData("dee", "call-the-exchnge", "did you mean")]
    [InlineData("dee", "emergency-pause", "is one of calls")]
    [InlineData("dee", Shop, null)]
    public void What_is_asked_for_is_a_decision_of_people(string by, string rule, string? refusal) =>
        Says(refusal, Deciding.Open(Fold(), Plan, rule, by, "", At(100)));

    [Fact]
    public void The_same_is_asked_for_once_until_it_is_over()
    {
        Says("asked for already: decision 1", Deciding.Open(Asked, Plan, Exchange, "dee", "", At(200)));

        var again = Deciding.Open(Asked, Plan, Exchange, "dee", "", At(3700));
        Assert.Equal("2", Assert.IsType<LedgerEvent.DecisionOpened>(Assert.Single(again.Events)).Key);
    }

    [Theory]
    [InlineData("ada", "Ada Commander fills no place")]
    [InlineData("zoe", "names no person")]
    [InlineData("cem", null)]
    public void Only_whom_the_plan_lets_decide_approve(string by, string? refusal) =>
        Says(refusal, Deciding.Approve(Asked, Plan, "1", by, At(200)));

    [Fact]
    public void A_person_fills_one_place_and_the_last_of_them_takes_the_decision()
    {
        var half = After(Asked, Deciding.Approve(Asked, Plan, "1", "ben", At(200)));
        Assert.Empty(Deciding.Approve(half, Plan, "1", "ben", At(210)).Events);
        // Cem stands in for Ben: the same place.
        var same = After(half, Deciding.Approve(half, Plan, "1", "cem", At(220)));
        Assert.Null(same.Ledger["1"]!.TakenAt);

        var last = Deciding.Approve(same, Plan, "1", "dee", At(230));

        Assert.Equal(
            [typeof(LedgerEvent.ApprovalGiven), typeof(LedgerEvent.Taken)], last.Events.Select(one => one.GetType()));
        Assert.NotNull(After(same, last).Ledger["1"]!.TakenAt);
        Says("decision 1 is approved", Deciding.Decline(After(same, last), Plan, "1", "ben", "no", At(240)));
    }

    [Fact]
    public void What_a_revoked_person_said_fills_no_place_and_hears_nothing()
    {
        var struck = new IncidentEvent.PersonStruck(First, "dee", Dee, [MinimalPlan.Auditor.Address], "Ada", "lost");
        var heard = After(Asked, Deciding.Attest(Asked, Plan, "1", "ben", "dee", "phone", "yes", At(200)));
        heard = After(heard, Deciding.Approve(heard, Plan, "1", "dee", At(210)));
        var without = heard.Apply(struck, At(220));
        Assert.Empty(without.Ledger["1"]!.Approvals);
        Assert.Empty(without.Ledger["1"]!.Heard);

        var one = Deciding.Attest(without, Plan, "1", "ben", "ada", "phone", "yes", At(230));
        Assert.IsType<LedgerEvent.Attested>(Assert.Single(one.Events));
    }

    [Theory]
    [InlineData("ben", "ben", "approve it yourself")]
    [InlineData("ada", "dee", "Ada Commander fills no place")]
    [InlineData("zoe", "dee", "names no person 'zoe'")]
    [InlineData("ben", "zoe", "names no person 'zoe'")]
    [InlineData("ben", "cem", null)]
    public void Others_attest_what_an_approver_said(string of, string by, string? refusal) =>
        Says(refusal, Deciding.Attest(Asked, Plan, "1", of, by, "phone", "yes", At(200)));

    [Fact]
    public void It_takes_as_many_who_heard_it_as_the_plan_says_each_once()
    {
        var once = After(Asked, Deciding.Attest(Asked, Plan, "1", "ben", "ada", "phone", "yes", At(200)));
        Assert.Empty(Deciding.Attest(once, Plan, "1", "ben", "ada", "phone", "yes, he said", At(210)).Events);

        var twice = Deciding.Attest(once, Plan, "1", "ben", "cem", "phone", "yes", At(220));

        Assert.Equal(
            new LedgerEvent.ApprovalGiven(First, "1", Ben, ["Ada Commander", "Cem Deputy"]), twice.Events[1]);
        Assert.Equal(2, twice.Events.Count);
    }

    [Theory]
    [InlineData("", "yes")]
    [InlineData("phone", " ")]
    public void What_was_heard_is_said_with_its_means(string means, string words) =>
        Assert.NotNull(Deciding.Attest(Asked, Plan, "1", "ben", "ada", means, words, At(200)).Refusal);

    [Fact]
    public void A_no_of_the_role_is_not_overruled_and_one_of_several_is_counted()
    {
        Assert.IsType<LedgerEvent.Refused>(Deciding.Decline(Asked, Plan, "1", "ben", "not ours", At(200)).Events[1]);
        // The only auditor.
        Assert.IsType<LedgerEvent.Refused>(Deciding.Decline(Asked, Plan, "1", "dee", "not ours", At(200)).Events[1]);

        var other = Deciding.Decline(Asked, Plan, "1", "cem", "not ours", At(200));
        Assert.IsType<LedgerEvent.Declined>(Assert.Single(other.Events));
        var open = After(Asked, other);
        Says("Cem Deputy has declined it", Deciding.Approve(open, Plan, "1", "cem", At(210)));
        Says(null, Deciding.Approve(open, Plan, "1", "ben", At(210)));
    }

    [Theory]
    [InlineData("ada", Exchange, "Ada Commander may not act first")]
    [InlineData("cem", Shop, null)]
    [InlineData("ben", Shop, "Ben Engineer may not act first")]
    [InlineData("ben", Exchange, null)]
    [InlineData("ben", "emergency-pause", "is one of calls")]
    public void Only_whom_the_plan_lets_act_first(string by, string rule, string? refusal) =>
        Says(refusal, Deciding.ActFirst(Fold(), Plan, rule, by, "there is no time", At(100)));

    [Fact]
    public void A_no_is_not_got_around_by_asking_anew_and_doing_it_first()
    {
        var refused = After(Asked, Deciding.Decline(Asked, Plan, "1", "ben", "not ours", At(200)));
        var anew = After(refused, Deciding.Open(refused, Plan, Exchange, "ben", "again", At(210)));

        Says("decision 1 is refused", Deciding.ActFirst(anew, Plan, Exchange, "ben", "now", At(220)));

        var yes = After(anew, Deciding.Approve(anew, Plan, "2", "cem", At(230)));
        yes = After(yes, Deciding.Approve(yes, Plan, "2", "dee", At(240)));
        yes = After(yes, Deciding.Execute(yes, Plan, "2", "ben", "done", null, At(250)));
        Says(null, Deciding.ActFirst(yes, Plan, Exchange, "ben", "once more", At(260)));
    }

    [Fact]
    public void Who_acts_first_fills_no_place_of_it_but_what_others_had_approved_counts()
    {
        var half = After(Asked, Deciding.Approve(Asked, Plan, "1", "ben", At(200)));
        half = After(half, Deciding.Approve(half, Plan, "1", "dee", At(210)));
        Assert.NotNull(half.Ledger["1"]!.TakenAt);
        Says("decision 1 is approved", Deciding.ActFirst(half, Plan, Exchange, "ben", "now", At(220)));

        var open = After(Asked, Deciding.Approve(Asked, Plan, "1", "dee", At(200)));
        var acted = After(open, Deciding.ActFirst(open, Plan, Exchange, "ben", "now", At(210)));
        Says("acted first does not ratify", Deciding.Ratify(acted, Plan, "1", "ben", At(220)));
        Assert.IsType<LedgerEvent.Ratified>(Deciding.Ratify(acted, Plan, "1", "cem", At(220)).Events[1]);
    }

    [Fact]
    public void What_nobody_else_could_ratify_is_not_done_first()
    {
        var alone = Plan with { People = [.. Plan.People.Where(person => person.Id != "cem")] };

        Says(
            "without Ben Engineer nobody could ratify",
            Deciding.ActFirst(Fold(), alone, Exchange, "ben", "now", At(1)));
    }

    [Fact]
    public void Who_declines_to_ratify_makes_it_a_deviation()
    {
        var no = Deciding.Decline(Acted, Plan, "1", "dee", "it was not needed", At(200));

        var after = After(Acted, no);
        Assert.Equal(LedgerState.Refused, after.Ledger["1"]!.StateAt(At(300)));
        Assert.Equal(
            ("decision 'call-the-exchange'", Ben),
            (Assert.Single(after.Command.Deviations).From, after.Command.Deviations[0].By));
        Assert.Empty(LedgerDues.Owed(after, Plan, At(90_000)));
    }

    [Fact]
    public void Only_what_is_approved_is_carried_out()
    {
        Says("is not approved: it is proposed", Deciding.Execute(Asked, Plan, "1", "ben", "done", null, At(200)));
        var taken = Asked.Apply(new LedgerEvent.Taken(First, "1"), At(200));
        Says("a reason is needed", Deciding.Execute(taken, Plan, "1", "ben", " ", null, At(300)));
        Says(null, Deciding.Execute(taken, Plan, "1", "ben", "done", Hash(7), At(90_000)));
    }

    [Theory]
    [InlineData("cem", null)]
    [InlineData("ben", "does not hold the role 'deputy'")]
    public void The_plans_reviewer_reads_it(string by, string? refusal)
    {
        var proposed = Asked.Apply(Proposed(), At(120));

        Says(refusal, Deciding.Review(proposed, Plan, "1", by, "the right desk"));
        Says(refusal, Deciding.Review(proposed, Plan, Decision.Id.ToString(), by, "pauses both"));
    }

    [Fact]
    public void Whoever_proposed_it_does_not_review_it()
    {
        var own = Fold((100, new LedgerEvent.DecisionOpened(First, "1", Exchange, "Cem Deputy", "", At(3700))));
        Says("whoever proposed it", Deciding.Review(own, Plan, "1", "cem", "fine"));

        var asked = Fold((100, new IncidentEvent.DecisionRequested(First, "Cem Deputy")), (110, Proposed()));
        Says("whoever proposed it", Deciding.Review(asked, Plan, Decision.Id.ToString(), "cem", "fine"));
    }

    [Theory]
    [InlineData(2_001)]
    [InlineData(100_000)]
    public void Long_texts_are_refused(int length)
    {
        var text = new string('x', length);

        Assert.NotNull(Deciding.Open(Fold(), Plan, Exchange, "ada", text, At(1)).Refusal);
        Assert.NotNull(Deciding.Attest(Asked, Plan, "1", "ben", "ada", "phone", text, At(200)).Refusal);
        Assert.NotNull(Deciding.Attest(Asked, Plan, "1", "ben", "ada", text, "yes", At(200)).Refusal);
        Assert.NotNull(Deciding.Decline(Asked, Plan, "1", "ben", text, At(200)).Refusal);
        Assert.NotNull(Deciding.ActFirst(Fold(), Plan, Exchange, "ben", text, At(200)).Refusal);
        Assert.NotNull(Deciding.Review(Asked, Plan, "1", "cem", text).Refusal);
        Assert.NotNull(Deciding.Approve(Asked, Plan, text, "ben", At(200)).Refusal);
    }

    private static Incident After(Incident incident, Ruling ruling) =>
        ruling.Events.Aggregate(incident, (one, happened) => one.Apply(happened, At(200)));

    private static void Says(string? refusal, Ruling ruling)
    {
        if (refusal is null)
            Assert.Null(ruling.Refusal);
        else
            Assert.Contains(refusal, ruling.Refusal, StringComparison.Ordinal);
    }
}
