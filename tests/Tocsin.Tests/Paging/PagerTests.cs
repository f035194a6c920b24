using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Paging;
using Tocsin.Plans;
using Tocsin.Tests.Plans;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Paging;

/// <summary>
/// Nights on a clock of their own: what the pager owes is done at the instant at which it is due, and told as lines.
/// The incident opens 14 s after noon.
/// </summary>
public sealed class PagerTests
{
    private const string Ada = "Ada Commander";
    private const string Ben = "Ben Engineer";
    private const string Cem = "Cem Deputy";

    [Fact]
    public void Whoever_is_called_at_once_is_written_down_and_not_told_twice()
    {
        var night = new PagerNight(Levels()).Until(15);

        Assert.Equal(["14: called at once Ada Commander"], night.Lines);
        Assert.Empty(night.Announced);
    }

    [Fact]
    public void The_ways_of_a_person_are_gone_through_until_they_answer()
    {
        var night = new PagerNight(Levels()).Until(190);
        Assert.Equal(
            ["14: called at once Ada Commander", "134: Ada Commander by ada-phone"], night.Lines);

        night.Says(Ada).Until(4000);
        Assert.Equal(2, night.Lines.Count);
    }

    [Fact]
    public void Whoever_is_in_the_rows_of_two_severities_is_called_once_by_each_way()
    {
        var plan = Levels();
        var row = plan.Escalations[0];

        var night = new PagerNight(plan with
        {
            Escalations = [row with { Severity = Severity.High }, row with { Severity = Severity.Critical }],
        }).Until(193);

        Assert.Equal("134: Ada Commander by ada-phone", Assert.Single(
            night.Lines, line => line.Contains(" by ", StringComparison.Ordinal)));
    }

    [Fact]
    public void Nobody_answers_to_the_last_level_and_then_everybody_named_for_that_is_called()
    {
        var night = new PagerNight(Levels(again: 1)).Until(3000);

        Assert.Equal(
            [
                "14: called at once Ada Commander",
                "134: Ada Commander by ada-phone",
                "194: Cem Deputy by cem-pager in place of Ada Commander",
                "194: level 1 calls Ben Engineer",
                "314: round 1 calls Ada Commander",
                "434: Ada Commander by ada-phone",
                "494: Cem Deputy by cem-pager in place of Ada Commander",
                "494: level 1 calls Ben Engineer",
                "614: nobody answered, calls Dee Auditor",
            ],
            night.Lines.Order(StringComparer.Ordinal).OrderBy(Second));
    }

    [Fact]
    public void Who_cannot_help_is_replaced_at_once()
    {
        var night = new PagerNight(Levels()).Until(30).Says(Ada, PageAnswer.Unable).Until(31);

        Assert.Equal("30: Cem Deputy by cem-pager in place of Ada Commander", night.Lines[^1]);
        Assert.Empty(night.Incident.Acknowledgements);
    }

    [Fact]
    public void An_answer_of_whoever_stands_in_ends_it_where_each_must_answer()
    {
        var plan = Levels(answer: AnswersNeeded.Each);
        var night = new PagerNight(plan).Until(30).Says(Ada, PageAnswer.Unable).Until(60).Says(Cem).Until(5000);

        Assert.DoesNotContain(night.Lines, line => line.Contains("level 1", StringComparison.Ordinal));
    }

    [Fact]
    public void Where_each_must_answer_one_answer_is_not_enough()
    {
        var plan = Levels(answer: AnswersNeeded.Each, notify: ["ada", "ben"]);

        Assert.Contains(new PagerNight(plan).Until(20).Says(Ada).Until(300).Lines, line =>
            line.EndsWith("level 1 calls Ben Engineer", StringComparison.Ordinal));
        Assert.DoesNotContain(new PagerNight(plan).Until(20).Says(Ada).Says(Ben).Until(300).Lines, line =>
            line.Contains("level 1", StringComparison.Ordinal));
    }

    [Fact]
    public void The_next_level_is_called_before_the_promise_to_answer_is_broken()
    {
        var slow = Levels(after: TimeSpan.FromMinutes(20));

        Assert.Contains("239: level 1 calls Ben Engineer", new PagerNight(slow).Until(400).Lines);
    }

    [Fact]
    public void After_an_hour_without_a_server_the_next_level_is_called_at_once_and_has_its_time()
    {
        var night = new PagerNight(Levels()).Until(20).Away(3620).Until(3700);

        Assert.Equal(
            ["3620: Ada Commander by ada-phone", "3620: level 1 calls Ben Engineer"],
            night.Lines.Skip(1).Take(2).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(night.Lines, line => line.Contains("nobody", StringComparison.Ordinal));
    }

    [Fact]
    public void An_incident_that_is_resolved_calls_nobody()
    {
        var night = new PagerNight(Levels()).Until(20);
        night.Happens(new IncidentEvent.Resolved(First, Ada, "a drill"));

        Assert.Single(night.Until(5000).Lines);
        Assert.Null(Pager.NextDue(night.Incident, Levels(), At(30)));
    }

    [Fact]
    public void An_incident_that_grows_worse_begins_the_escalation_of_its_new_severity()
    {
        var plan = Levels() with
        {
            Escalations = [Levels().Escalations[0] with { Severity = Severity.Critical, Notify = ["ben"] }],
        };
        var night = new PagerNight(plan, Severity.High).Until(60);
        Assert.Empty(night.Lines);

        night.Happens(new IncidentEvent.SeverityChanged(First, Severity.Critical, "more is gone"));
        Assert.Equal("60: called at once Ben Engineer", night.Until(61).Lines[^1]);
    }

    [Fact]
    public void Approvers_are_called_until_their_place_is_filled_and_who_is_able_is_left_to_sign()
    {
        var night = new PagerNight(Levels()).Until(20).Says(Ada);
        night.Happens(Proposed());
        Assert.Equal(
            ["140: approve Ada Commander by ada-phone", "140: approve Ben Engineer by ben-pager",
                "140: approve Cem Deputy by cem-pager"],
            night.Until(150).Approvals);

        night.Says(Ben, PageAnswer.AbleToSign);
        Assert.DoesNotContain(night.Until(449).Approvals, line => Second(line) > 150
            && line.Contains(Ben, StringComparison.Ordinal));
        night.Happens(new IncidentEvent.ApprovalAccepted(First, Approval(MinimalPlan.Engineer.Address, 449), Ben));
        Assert.DoesNotContain(night.Until(1799).Approvals, line => Second(line) > 449
            && line.Contains(Ben, StringComparison.Ordinal));
        var calls = night.Approvals.Count;
        night.Happens(new IncidentEvent.ApprovalAccepted(First, Approval(MinimalPlan.Commander.Address, 1799), Ada));
        Assert.Equal(calls, night.Until(1900).Approvals.Count);
    }

    [Fact]
    public void A_decision_that_lapses_and_is_asked_for_anew_wakes_nobody_for_ever()
    {
        var night = new PagerNight(Levels()).Until(20).Says(Ada);
        for (var again = 0; again < 6; again++)
        {
            var from = 20 + (again * 1800);
            night.Until(from).Happens(Proposed(Decision with { ExpiresAt = At(from + 1800) }));
            night.Until(from + 1799);
        }

        // Ada has two ways, Ben and Cem one each; of three times each the first is the proposal itself.
        Assert.Equal((3 * 2) - 1 + ((3 - 1) * 2), night.Approvals.Count);
    }

    [Fact]
    public void A_clock_that_was_an_hour_fast_keeps_nobody_asleep()
    {
        var night = new PagerNight(Levels()).Away(3614).Until(3614).Away(30).Until(200);

        Assert.Contains(night.Lines, line => Second(line) is >= 30 and < 200);
        Assert.Equal(night.Lines.Distinct(), night.Lines);
    }

    [Fact]
    public void A_level_without_people_is_gone_over_at_once()
    {
        var plan = Levels() with
        {
            Escalations = [Levels().Escalations[0] with { Notify = ["nobody-holds-this"] }],
        };

        Assert.Contains("14: level 1 calls Ben Engineer", new PagerNight(plan).Until(15).Lines);
    }

    [Fact]
    public void The_stand_in_of_the_last_one_has_their_time_before_nobody_is_said_to_have_answered()
    {
        var levels = Levels();
        var plan = levels with
        {
            Escalations = [levels.Escalations[0] with { Then = [] }],
        };
        var night = new PagerNight(plan).Until(3000);

        Assert.Equal(
            ["194: Cem Deputy by cem-pager in place of Ada Commander", "314: nobody answered, calls Dee Auditor"],
            night.Lines.Skip(2));
    }

    [Fact]
    public void The_live_count_of_signers_says_which_place_nobody_can_fill()
    {
        var night = new PagerNight(Levels()).Until(20);
        Assert.Equal(new Signers(0, 0, 2, ["commander", "engineer"]), Signers.Of(night.Incident, MinimalPlan.Plan));

        night.Says(Ben, PageAnswer.AbleToSign);
        Assert.Equal(new Signers(0, 1, 2, ["commander"]), Signers.Of(night.Incident, MinimalPlan.Plan));

        // A substitute fills the place of the commander.
        night.Says(Cem, PageAnswer.AbleToSign);
        Assert.Equal(new Signers(0, 2, 2, []), Signers.Of(night.Incident, MinimalPlan.Plan));

        night.Says(Ben, PageAnswer.Unable);
        Assert.Equal(new Signers(0, 1, 2, ["engineer"]), Signers.Of(night.Incident, MinimalPlan.Plan));
    }

    [Fact]
    public void Whatever_people_say_and_whenever_it_ends_and_calls_nobody_twice_at_once() => Prop.ForAll(
        Words().ToArbitrary(), words =>
        {
            var plan = Levels(again: 2, answer: AnswersNeeded.Each, notify: ["core"]);
            var night = new PagerNight(plan);
            foreach (var (second, person, answer) in words.OrderBy(word => word.Second))
            {
                night.Until(second);
                if (answer is { } said)
                    night.Says(person, said);
            }
            night.Until(100_000);
            Assert.Equal(night.Lines.Distinct(), night.Lines);
            Assert.Empty(Pager.Owed(night.Incident, plan, At(100_000)));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_is_due_does_not_depend_on_when_it_was_looked_at() => Prop.ForAll(
        Gen.Choose(15, 4000).ListOf(10).ToArbitrary(), looks =>
        {
            // Looked at often or only when something is due: the same is done at the same instants.
            var plan = Levels(again: 1);
            var seldom = new PagerNight(plan).Until(4000);
            var often = new PagerNight(plan);
            foreach (var look in looks.Order())
                often.Until(look);
            Assert.Equal(seldom.Lines, often.Until(4000).Lines);
        }).QuickCheckThrowOnFailure();

    private static Plan Levels(
        int again = 0,
        AnswersNeeded answer = AnswersNeeded.One,
        TimeSpan? after = null,
        ValueList<string>? notify = null) => MinimalPlan.Plan with
        {
            People = MinimalPlan.Plan.People.Select(person => person.Id == "ada"
                ? person with
                {
                    Ways = ["ada-pager", "ada-phone"],
                    Waits = [TimeSpan.FromMinutes(2),
                    TimeSpan.FromMinutes(1)],
                    Substitutes = ["cem"]
                }
                : person).ToValueList(),
            Escalations =
            [
                MinimalPlan.Plan.Escalations[0] with
                {
                    Notify = notify ?? ["ada"],
                    Answer = answer,
                    Then = [new EscalationLevel(after ?? TimeSpan.FromMinutes(3), ["ben"], AnswersNeeded.One)],
                    Again = again,
                    Nobody = ["dee"],
                },
            ],
        };

    private static Gen<(int Second, string Person, PageAnswer? Answer)[]> Words() =>
        from words in (from second in Gen.Choose(15, 3000)
                       from person in Gen.Elements(Ada, Ben, Cem, "Dee Auditor")
                       from answer in Gen.Elements<PageAnswer?>(
                           null, PageAnswer.Unable, PageAnswer.Informed, PageAnswer.AbleToSign)
                       select (second, person, answer)).ListOf()
        select words.ToArray();

    private static int Second(string line) =>
        int.Parse(line[..line.IndexOf(':', StringComparison.Ordinal)], CultureInfo.InvariantCulture);
}
