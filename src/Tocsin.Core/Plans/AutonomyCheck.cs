using System.Globalization;
using Tocsin.Autonomy;
using Tocsin.Findings;

namespace Tocsin.Plans;

/// <summary>Lints what the system does by itself: nothing automatic loosens, and nothing acts unmeasured.</summary>
internal static class AutonomyCheck
{
    public static void Check(Plan plan, List<Complaint> complaints)
    {
        foreach (var group in plan.Autonomy.Ladder.GroupBy(entry => (entry.Action, entry.Severity)))
            foreach (var entry in group.Skip(1))
                PlanCheck.Error(
                    complaints, entry.At, $"'{entry.Action}' has two stages at severity {(int)entry.Severity}: keep "
                        + "one");
        foreach (var entry in plan.Autonomy.Ladder)
            CheckEntry(plan, entry, complaints);
        CheckMeasured(plan.Autonomy, complaints);
        CheckRevocation(plan, complaints);
    }

    // What nobody is called has no alarms: a name that was made up or mistyped proves nothing.
    private static void CheckMeasured(AutonomyPlan autonomy, List<Complaint> complaints)
    {
        var known = Evidence.Sources.Keys.Order(StringComparer.Ordinal).ToList();
        var named = autonomy.Measured.Select(one => one.Detector).Distinct();
        foreach (var name in named.Where(one => !known.Contains(one)))
            PlanCheck.Error(
                complaints, autonomy.At, $"'measured' has alarms of a detector '{name}', and there is none of that "
                    + "name: 'tocsin evaluate --precision' writes those that were measured. There are "
                    + string.Join(", ", known) + PlanCheck.Near(name, known));
    }

    private static void CheckEntry(Plan plan, Automation entry, List<Complaint> complaints)
    {
        if (plan.Action(entry.Action) is not { } action)
        {
            PlanCheck.Error(
                complaints, entry.At, $"'automation' names action '{entry.Action}', which does not exist"
                    + PlanCheck.Near(entry.Action, plan.Actions.Select(one => one.Id)));
            return;
        }
        var rules = plan.Decisions.Where(decision => decision.Action == action.Id).ToList();
        var isDecided = plan.Procedures.Any(procedure => rules.Any(rule => rule.Id == procedure.Decision));
        var threats = entry.LeadingIn(plan);
        if (!isDecided)
            PlanCheck.Error(
                complaints, entry.At, $"no procedure decides action '{entry.Action}', so nothing would ever be done of "
                    + "it by itself");
        foreach (var threat in entry.From.Where(threat => isDecided && !threats.Contains(threat)))
            PlanCheck.Warn(
                complaints, entry.At, $"{threat.ToName()} leads to no procedure that decides '{entry.Action}': it "
                    + "triggers nothing alone");
        if (!entry.ActsByItself)
            return;
        if (Ladder.Unfit(action, entry.Stage) is { } unfit)
            PlanCheck.Error(
                complaints, entry.At, $"action '{entry.Action}' cannot be taken by itself: {unfit}; nothing automatic "
                    + "loosens, moves funds or changes roles, so make its stage 'propose'");
        if (entry.Stage == Stage.Wide && rules.Any(rule => plan.ApprovalRule(rule).Places.Count < 2))
            PlanCheck.Error(
                complaints, entry.At, $"action '{entry.Action}' is approved by one person: a wide scope takes a quorum "
                    + "of two or more");
        CheckPrecision(plan, entry, complaints);
    }

    private static void CheckPrecision(Plan plan, Automation entry, List<Complaint> complaints)
    {
        foreach (var threat in entry.TriggersIn(plan).Order())
        {
            var measured = plan.Autonomy.BestOf(threat);
            if (measured is not null && measured.LowerBound >= entry.Precision)
                continue;
            var known = measured is null
                ? "was never measured"
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"was measured as {measured.LowerBound:0.####} at least ({measured.TrueAlarms} true and "
                        + $"{measured.FalseAlarms} false alarms) by '{measured.Detector}', and "
                        + $"{entry.Precision:0.####} is wanted");
            PlanCheck.Error(
                complaints, entry.At, $"action '{entry.Action}' would be taken by itself upon {threat.ToName()}, whose "
                    + $"precision {known}: name under 'from' what was measured well enough, or go back to 'propose'");
        }
    }

    private static void CheckRevocation(Plan plan, List<Complaint> complaints)
    {
        var autonomy = plan.Autonomy;
        if (autonomy.Revoke is null)
        {
            if (autonomy.Ladder.Any(entry => entry.ActsByItself))
                PlanCheck.Warn(
                    complaints, autonomy.At, "something is done by itself, but no action is named under 'revoke' by "
                        + "which people take the role from the signer's account in one transaction");
        }
        else if (plan.Action(autonomy.Revoke) is not { } action)
        {
            PlanCheck.Error(
                complaints, autonomy.At, $"'revoke' is action '{autonomy.Revoke}', which does not exist"
                    + PlanCheck.Near(autonomy.Revoke, plan.Actions.Select(one => one.Id)));
        }
        else if (action.By is null)
        {
            PlanCheck.Error(
                complaints, autonomy.At, $"'revoke' is action '{autonomy.Revoke}', which is not 'by' people: whoever "
                    + "took over server and signer would not revoke themselves");
        }
        else if (action.Then.Count == 0)
        {
            PlanCheck.Warn(
                complaints, autonomy.At, $"'revoke' is action '{autonomy.Revoke}', which has no 'then': nobody would "
                    + "know whether the role is gone; name a view of the contract and what it answers without it");
        }
        else if (action.Calls.Count > 1)
        {
            PlanCheck.Warn(
                complaints, autonomy.At, $"'revoke' is action '{autonomy.Revoke}', which takes more than one "
                    + "transaction");
        }
    }
}
