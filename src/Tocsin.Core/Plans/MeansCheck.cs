namespace Tocsin.Plans;

/// <summary>Lints what a decision has for when people are missing: substitutes, or another decision.</summary>
internal static class MeansCheck
{
    public static void Check(Plan plan, List<Complaint> complaints)
    {
        foreach (var decision in plan.Decisions)
        {
            CheckSubstitutes(plan, decision, complaints);
            CheckRoles(plan, decision, complaints);
            CheckUnreachable(plan, decision, complaints);
        }
        foreach (var circle in Circles.In(plan.Decisions.Select(decision => decision.Id), id => Others(plan, id)))
            PlanCheck.Error(
                complaints, plan.Decision(circle[0])!.At, $"the decisions {string.Join(" → ", circle)} lead back: "
                    + "where nobody can be reached for any of them, there would be no way left; let one of them have "
                    + "no 'unreachable'");
    }

    private static IEnumerable<string> Others(Plan plan, string id) =>
        plan.Decision(id)?.Unreachable is { } unreachable ? [unreachable.Then] : [];

    private static void CheckSubstitutes(Plan plan, DecisionRule decision, List<Complaint> complaints)
    {
        foreach (var required in decision.Required.Where(required => required.Substitutes.Count == 0))
            if (plan.Holders(required.Role).ToList() is [{ Substitutes.Count: 0 } alone])
                PlanCheck.Warn(
                    complaints, decision.At, $"decision '{decision.Id}' needs role '{required.Role}', which "
                        + $"'{alone.Id}' alone holds: without them it cannot be taken; name 'substitutes'");
    }

    private static void CheckRoles(Plan plan, DecisionRule decision, List<Complaint> complaints)
    {
        var roles = PlanCheck.Roles(plan);
        var named = (decision.Ratify?.Roles ?? []).Select(role => ("ratify", role));
        if (decision.Reviewer is { } reviewer)
            named = named.Append(("reviewer", reviewer));
        foreach (var (key, role) in named.Where(one => !roles.Contains(one.Item2)))
            PlanCheck.Error(
                complaints, decision.At, $"'{key}' of decision '{decision.Id}' names '{role}', which is no role that "
                    + $"anyone holds{PlanCheck.Near(role, roles)}");
        if (decision.Ratify is { Roles.Count: 0 })
            PlanCheck.Error(
                complaints, decision.At, $"'ratify' of decision '{decision.Id}' names no 'roles': nobody could act "
                    + "first");
        if (decision.Attested is not null && plan.Action(decision.Action) is { Calls.Count: > 0 })
            PlanCheck.Warn(
                complaints, decision.At, $"decision '{decision.Id}' counts what was approved by voice, which signs "
                    + $"nothing on chain: the calls of action '{decision.Action}' need the wallets all the same");
    }

    // Whoever cannot be reached may be kept from it: fewer people must never be enough for the same.
    private static void CheckUnreachable(Plan plan, DecisionRule decision, List<Complaint> complaints)
    {
        if (decision.Unreachable is not { } unreachable)
            return;
        if (plan.Decision(unreachable.Then) is not { } other)
            PlanCheck.Error(
                complaints, decision.At, $"'unreachable' of decision '{decision.Id}' leads to '{unreachable.Then}', "
                    + "which is no decision"
                    + PlanCheck.Near(unreachable.Then, plan.Decisions.Select(one => one.Id)));
        else if (other.Id != decision.Id && other.Action == decision.Action
            && plan.ApprovalRule(other).Places.Count < plan.ApprovalRule(decision).Places.Count)
            PlanCheck.Error(
                complaints, decision.At, $"where nobody can be reached for decision '{decision.Id}', '{other.Id}' "
                    + "would do the same with fewer approvals: let it do less, or have as many");
    }
}
