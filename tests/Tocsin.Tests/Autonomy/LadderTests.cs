using FsCheck;
using FsCheck.Fluent;
using Tocsin.Autonomy;
using Tocsin.Chains;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Tests.Plans;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Autonomy;

/// <summary>How far the system goes by itself, and why not further.</summary>
public sealed class LadderTests
{
    [Fact]
    public void A_narrow_pause_is_taken_by_what_was_approved_ahead()
    {
        var plan = Scene.Plan("narrow");

        var act = Assert.IsType<LadderJudgement.Act>(Judge(Incident(), plan, Mandate(plan)));

        Assert.Equal(Scene.Decision(plan), act.By.Decision);
        Assert.Equal(
            "taken by approvals given on 2026-03-01 11:00 UTC by Ada Commander and on 2026-03-01 11:00 UTC by Ben "
            + "Engineer, upon flash-loan-attack by 'flash-loan pattern' at confidence 0.95",
            act.Words);
    }

    [Fact]
    public void What_it_is_taken_upon_is_the_trigger_and_not_what_the_incident_is_about()
    {
        var plan = Scene.Plan("narrow");
        var worse = Scene.Finding("worse", "conduct", Threat.ContractAnomaly, confidence: 0.99m);
        var incident = Scene.Incident(worse, Scene.Finding("trigger"));

        var act = Assert.IsType<LadderJudgement.Act>(Judge(incident, plan, Mandate(plan)));

        Assert.Equal("worse", incident.Main.Id.Value);
        Assert.Equal("trigger", Assert.Single(act.Upon).Id.Value);
    }

    [Theory]
    [InlineData("propose")]
    public void Without_a_stage_above_propose_nothing_is_taken_and_nothing_is_said(string stage)
    {
        var plan = Scene.Plan(stage);

        Assert.IsType<LadderJudgement.Usual>(Judge(Incident(), plan, Mandate(plan)));
        Assert.IsType<LadderJudgement.Usual>(Judge(Incident(), MinimalPlan.Plan, Mandate(plan)));
    }

    public static TheoryData<string, string> Reasons => new()
    {
        { "nobody", "nobody has approved it ahead" },
        { "one-of-two", "not everybody who must has approved it ahead" },
        { "expired", "what was approved ahead has expired" },
        { "other-plan", "what was approved ahead was for another version of the plan" },
        { "drill", "what was approved ahead was for another version of the plan" },
        { "use-closed", "the use that was approved ahead is closed" },
        { "cap", "it was taken by itself as often within 24 hours as the plan allows" },
        { "unsure", "no finding that may trigger it stands at severity 1 or worse" },
        { "retracted", "no finding that may trigger it stands at severity 1 or worse" },
        { "lesser", "no finding that may trigger it stands at severity 1 or worse" },
        { "other-threat", "no finding that may trigger it stands at severity 1 or worse" },
        { "revoked", "not everybody who must has approved it ahead" },
    };

    [Theory]
    [MemberData(nameof(Reasons))]
    public void Whatever_is_missing_is_why_it_falls_back_to_people(string missing, string reason)
    {
        var plan = Scene.Plan("narrow");
        var decision = Scene.Decision(plan);
        Address ada = MinimalPlan.Commander.Address, ben = MinimalPlan.Engineer.Address;
        var full = Scene.Mandate(decision, ada, ben);
        var mandate = missing switch
        {
            "nobody" => Tocsin.Autonomy.Mandate.None,
            "one-of-two" => Scene.Mandate(decision, ada),
            "expired" => Scene.Mandate(Scene.Decision(plan, until: 100), ada, ben),
            "other-plan" => Scene.Mandate(decision with { PlanHash = Hash(9) }, ada, ben),
            "drill" => Scene.Mandate(decision with { Exercise = true }, ada, ben),
            "cap" => full with { Acts = [new AutomaticAct(new IncidentId(9), "pause-all", At(-3600))] },
            "revoked" => full.Without([ben]),
            _ => full,
        };
        var incident = missing switch
        {
            "unsure" => Incident(Scene.Finding(confidence: 0.69m)),
            "lesser" => Incident(Scene.Finding(severity: Severity.High)),
            "retracted" => Incident(
                Scene.Finding(status: FindingStatus.Retracted), Scene.Finding("other", threat: Threat.LargeTransfer)),
            "other-threat" => Incident(Scene.Finding(threat: Threat.LargeTransfer)),
            _ => Incident(),
        };
        var use = missing == "use-closed" ? Hash(0xee) : decision.Id;

        var held = Assert.IsType<LadderJudgement.Held>(Ladder.Judge(incident, plan, mandate, use, At(100)));

        Assert.StartsWith(reason, held.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_never_measured_or_not_well_enough_triggers_nothing()
    {
        var more = Scene.Ladder("narrow").Replace("[flash-loan-attack]", "[oracle-manipulation, large-transfer]",
            StringComparison.Ordinal);
        var plan = Scene.Read(more).Plan;

        var held = Assert.IsType<LadderJudgement.Held>(Judge(
            Incident(
                Scene.Finding(detector: "conduct", threat: Threat.OracleManipulation),
                Scene.Finding("b", threat: Threat.LargeTransfer)),
            plan, Mandate(plan)));

        Assert.Equal(
            "the precision of oracle-manipulation by 'conduct' was measured as 0.4364 at least, and 0.95 is wanted; "
            + "the precision of large-transfer by 'flash-loan pattern' was never measured", held.Reason);
    }

    [Fact]
    public void What_one_detector_proved_lets_no_other_detector_trigger()
    {
        var plan = Scene.Plan("narrow");

        var held = Assert.IsType<LadderJudgement.Held>(
            Judge(Incident(Scene.Finding(detector: "flash-loan-profit")), plan, Mandate(plan)));

        Assert.Equal("the precision of flash-loan-attack by 'flash-loan-profit' was never measured", held.Reason);
    }

    [Fact]
    public void Where_nothing_is_named_only_what_leads_to_the_action_triggers_it()
    {
        var ladder = Scene.Ladder("narrow", ", precision: 0.9")
            .Replace(", from: [flash-loan-attack]", "", StringComparison.Ordinal);
        var plan = Scene.Read(ladder).Plan;
        var joined = Incident(Scene.Finding(detector: "conduct", threat: Threat.ContractAnomaly));

        Assert.StartsWith("no finding that may trigger it", Assert.IsType<LadderJudgement.Held>(
            Judge(joined, plan, Mandate(plan))).Reason, StringComparison.Ordinal);
        Assert.IsType<LadderJudgement.Act>(Judge(Incident(), plan, Mandate(plan)));
    }

    [Fact]
    public void What_no_second_node_confirms_is_held_back_with_the_reason()
    {
        var plan = Scene.Plan("narrow");

        var held = Assert.IsType<LadderJudgement.Held>(Judge(Incident(), plan, Mandate(plan), _ => false));

        Assert.Equal(
            "'pause-all' is not taken by itself: no second node confirms the evidence.",
            Tocsin.Reports.Timeline.Line(
                new IncidentEvent.ActionHeldBack(First, held.Action, held.Stage, held.Reason)));
        Assert.Equal(Stage.Narrow, held.Stage);
    }

    [Fact]
    public void A_trigger_that_nobody_can_confirm_hides_none_that_they_can()
    {
        var plan = Scene.Plan("narrow");
        var incident = Incident(
            Scene.Finding("worst", confidence: 0.99m), Scene.Finding("confirmed", confidence: 0.9m),
            Scene.Finding("least", confidence: 0.8m));

        var all = Assert.IsType<LadderJudgement.Act>(Judge(incident, plan, Mandate(plan)));
        var act = Assert.IsType<LadderJudgement.Act>(
            Judge(incident, plan, Mandate(plan), finding => finding.Id.Value != "worst"));

        Assert.Equal("worst", Assert.Single(all.Upon).Id.Value);
        Assert.Equal("confirmed", Assert.Single(act.Upon).Id.Value);
        Assert.EndsWith("at confidence 0.90", act.Words, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_detector_that_nobody_can_confirm_hides_none_that_they_can()
    {
        var plan = Scene.Plan("wide", main: MinimalPlan.Main);
        var incident = Incident(
            Scene.Finding(), Scene.Finding("unconfirmed", "conduct", Threat.ContractAnomaly),
            Scene.Finding("again", "conduct", Threat.ContractAnomaly, 0.8m),
            Scene.Finding("reported", "user-reports", Threat.UserReports, 0.7m));

        Assert.Equal(["attack", "again"], Upon("unconfirmed"));
        Assert.Equal(["attack", "reported"], Upon("unconfirmed", "again"));
        Assert.Empty(Upon("attack"));
        Assert.Empty(Upon("unconfirmed", "again", "reported"));

        IEnumerable<string> Upon(params string[] unconfirmed) =>
            Judge(incident, plan, Mandate(plan), finding => !unconfirmed.Contains(finding.Id.Value))
                is LadderJudgement.Act act ? act.Upon.Select(finding => finding.Id.Value) : [];
    }

    [Fact]
    public void Other_nodes_are_asked_about_all_that_it_could_be_taken_upon_and_nothing_else()
    {
        var incident = Incident(
            Scene.Finding("lesser", confidence: 0.8m), Scene.Finding(confidence: 0.9m),
            Scene.Finding("second", "conduct", Threat.ContractAnomaly, 0.75m),
            Scene.Finding("unsure", confidence: 0.69m));

        Assert.Equal(["attack", "lesser"], Grounds(Scene.Plan("narrow")));
        Assert.Equal(["attack", "lesser", "second"], Grounds(Scene.Plan("wide", main: MinimalPlan.Main)));
        Assert.Empty(Grounds(Scene.Plan("propose")));

        IEnumerable<string> Grounds(Plan plan) =>
            Ladder.Grounds(incident, plan, "pause-all").Select(finding => finding.Id.Value);
    }

    [Theory]
    [InlineData("conduct", true)]
    [InlineData("user-reports", true)]
    [InlineData("oracle pattern", false)]
    [InlineData("flash-loan-profit", false)]
    [InlineData("pending-attack", false)]
    [InlineData("of somebody unknown", false)]
    public void A_wide_scope_takes_a_second_detector_that_looks_at_something_else(string second, bool acts)
    {
        var plan = Scene.Plan("wide", main: MinimalPlan.Main);
        var incident = Incident(Scene.Finding(), Scene.Finding("second", second, Threat.ContractAnomaly, 0.8m));

        Assert.Equal(acts, Judge(incident, plan, Mandate(plan)) is LadderJudgement.Act);
        Assert.Contains("a wide scope takes a second detector", Assert.IsType<LadderJudgement.Held>(
            Judge(Incident(), plan, Mandate(plan))).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_finding_that_is_unsure_or_taken_back_is_none()
    {
        var plan = Scene.Plan("wide", main: MinimalPlan.Main);
        foreach (var second in new[]
        {
            Scene.Finding("second", "conduct", confidence: 0.69m),
            Scene.Finding("second", "conduct", status: FindingStatus.Retracted),
            Scene.Finding("second", "conduct", status: FindingStatus.Over),
        })
            Assert.IsType<LadderJudgement.Held>(Judge(Incident(Scene.Finding(), second), plan, Mandate(plan)));
    }

    [Fact]
    public void Two_scopes_are_never_paused_on_the_narrow_stage()
    {
        var plan = Scene.Plan("narrow", main: MinimalPlan.Main);

        Assert.Contains("more than one scope", Assert.IsType<LadderJudgement.Held>(
            Judge(Incident(), plan, Mandate(plan))).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void In_an_incident_it_is_taken_by_itself_once()
    {
        var plan = Scene.Plan("narrow", ", per_day: 9");
        var again = Incident() with { ActedByItselfAt = At(20) };

        Assert.Contains("once in this incident", Assert.IsType<LadderJudgement.Held>(
            Judge(again, plan, Mandate(plan))).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void In_the_shadow_nothing_is_asked_for_unless_people_ask()
    {
        var plan = Scene.Plan("shadow");
        var incident = Incident();

        var duty = Assert.IsType<Duty.HoldBack>(Assert.Single(Duties.Of(incident, plan, At(20), Mandate(plan))));
        Assert.Equal(Stage.Shadow, duty.Held.Stage);
        var told = incident.Apply(
            new IncidentEvent.ActionHeldBack(First, "pause-all", duty.Held.Stage, duty.Held.Reason), At(20));
        Assert.Empty(Duties.Of(told, plan, At(20), Mandate(plan)));
        var asked = told.Apply(new IncidentEvent.DecisionRequested(First, "ada"), At(21));
        Assert.IsType<Duty.Propose>(Assert.Single(Duties.Of(asked, plan, At(21), Mandate(plan))));
    }

    [Fact]
    public void What_waits_for_approvals_is_taken_by_itself_when_the_second_detector_speaks()
    {
        var plan = Scene.Plan("wide", main: MinimalPlan.Main);
        var waiting = Incident().Apply(Proposed(), At(16));
        Assert.DoesNotContain(Duties.Of(waiting, plan, At(16), Mandate(plan)), duty => duty is Duty.TakeByItself);

        var second = waiting.Apply(Recorded(Scene.Finding("second", "conduct"), First), At(17));
        Assert.Contains(Duties.Of(second, plan, At(17), Mandate(plan)), duty => duty is Duty.TakeByItself);

        var taken = second.Apply(new IncidentEvent.DecisionTaken(First, Decision.Id), At(18));
        Assert.DoesNotContain(Duties.Of(taken, plan, At(18), Mandate(plan)), duty => duty is Duty.TakeByItself);
    }

    [Fact]
    public void A_severity_of_its_own_lets_approvals_be_asked_for_sooner()
    {
        var ladder = Scene.Ladder("propose").Replace("severity: 1", "severity: 2", StringComparison.Ordinal);
        var plan = Scene.Read(ladder).Plan;
        var high = Incident() with { Severity = Severity.High };

        Assert.Contains(Duties.Of(high, plan, At(20), Mandate(plan)), duty => duty is Duty.Propose);
        Assert.DoesNotContain(Duties.Of(high, MinimalPlan.Plan, At(20)), duty => duty is Duty.Propose);
    }

    /// <summary>The check of the plan is not trusted: the calls are judged again.</summary>
    [Fact]
    public void Whatever_the_plan_says_only_proved_pauses_are_ever_taken_by_themselves()
    {
        var good = Scene.Plan("wide", main: MinimalPlan.Main);
        var stages = Gen.Elements(Enum.GetValues<Stage>());
        var spoils = Gen.Elements(Spoils);
        Prop.ForAll(Arb.From(stages), Arb.From(spoils), (stage, spoil) =>
        {
            var action = spoil(good.Action("pause-all")!);
            var plan = good with
            {
                Actions = [action],
                Autonomy = good.Autonomy with { Ladder = [good.Autonomy.Ladder[0] with { Stage = stage }] },
            };
            var decision = Scene.Decision(good) with
            {
                Calls = action.Calls.Select(call => call.Call).ToValueList(),
            };
            var incident = Incident(Scene.Finding(), Scene.Finding("second", "conduct"));
            var mandate = Scene.Mandate(decision, MinimalPlan.Commander.Address, MinimalPlan.Engineer.Address);
            return Judge(incident, plan, mandate) is not LadderJudgement.Act;
        }).QuickCheckThrowOnFailure();
    }

    private static readonly Func<PlannedAction, PlannedAction>[] Spoils =
    [
        action => action with { By = new PlannedSenders("auditor", null, default) },
        action => action with { Calls = [] },
        action => action with { Manual = new ManualStep("call them", "ada", TimeSpan.FromMinutes(1), default) },
        action => action with { Calls = [action.Calls[0], action.Calls[1] with { Scope = "" }] },
        action => action with { Calls = [action.Calls[0] with { Holds = [] }] },
        action => action with { Calls = [action.Calls[0] with { Until = [] }] },
        action => action with { Calls = [action.Calls[0] with { IsPrivileged = true }, action.Calls[1]] },
        action => action with
        {
            Calls = [action.Calls[0] with { Call = action.Calls[0].Call with { ValueWei = UInt256.One } }],
        },
    ];

    [Fact]
    public void No_order_of_events_lets_an_action_be_taken_more_often_than_its_cap()
    {
        var plan = Scene.Plan("narrow", ", per_day: 2");
        Prop.ForAll(
            Arb.From(Gen.ArrayOf(Gen.Choose(0, 3 * 86_400))),
            seconds =>
            {
                var mandate = Tocsin.Autonomy.Mandate.None;
                var acts = new List<double>();
                foreach (var (at, number) in seconds.Order().Select((at, number) => (at, number)))
                {
                    var decision = Scene.Decision(plan, (byte)(number % 250), 4 * 86_400);
                    mandate = (mandate with { Authorisations = [] }) with
                    {
                        Authorisations = Scene.Mandate(
                            decision, MinimalPlan.Commander.Address, MinimalPlan.Engineer.Address).Authorisations,
                    };
                    if (Ladder.Judge(Incident(), plan, mandate, decision.Id, At(at)) is not LadderJudgement.Act)
                        continue;
                    mandate = mandate.With(new AutomaticAct(First, "pause-all", At(at)), decision.Id);
                    acts.Add(at);
                }
                return acts.TrueForAll(at => acts.Count(other => other <= at && at - other < 86_400) <= 2);
            }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(0, 0, "0")]
    [InlineData(0, 10, "0")]
    [InlineData(10, 0, "0.7224")]
    [InlineData(73, 0, "0.9500")]
    [InlineData(72, 0, "0.9493")]
    [InlineData(95, 5, "0.8882")]
    [InlineData(9500, 500, "0.9455")]
    public void Few_alarms_prove_little(int right, int wrong, string bound) => Assert.Equal(
        decimal.Parse(bound, System.Globalization.CultureInfo.InvariantCulture),
        new MeasuredPrecision("d", Threat.FlashLoanAttack, right, wrong).LowerBound);

    private static LadderJudgement Judge(
        Incident incident, Plan plan, Mandate mandate, Func<Finding, bool>? isConfirmed = null) =>
        Ladder.Judge(incident, plan, mandate, null, At(100), isConfirmed);

    private static Mandate Mandate(Plan plan) => Scene.Mandate(plan);

    private static Incident Incident(params Finding[] findings) => Scene.Incident(findings);
}
