using Tocsin.Chains;
using Tocsin.Decisions;

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
        foreach (var actor in WhoCannotBeRatified(plan, decision))
            PlanCheck.Warn(
                complaints, decision.At, $"'ratify' of decision '{decision.Id}' lets '{actor.Id}' act first, and "
                    + "without them it can never have its approvals: they cannot ratify what they did");
        if (decision.Ratify is not null && plan.Action(decision.Action) is { Calls.Count: > 0 })
            PlanCheck.Warn(
                complaints, decision.At, $"decision '{decision.Id}' lets people act first, but the calls of action "
                    + $"'{decision.Action}' need the wallets of all its approvers: nothing follows from 'ratify'");
        if (decision.Attested is not null && plan.Action(decision.Action) is { Calls.Count: > 0 })
            PlanCheck.Warn(
                complaints, decision.At, $"decision '{decision.Id}' counts what was approved by voice, which signs "
                    + $"nothing on chain: the calls of action '{decision.Action}' need the wallets all the same");
    }

    private static IEnumerable<Person> WhoCannotBeRatified(Plan plan, DecisionRule decision) => plan.People
        .Where(person => decision.Ratify is { } ratify && ratify.Roles.Any(person.Roles.Contains))
        .Where(person => !plan.ApprovalRule(decision).IsMetBy(
            [.. plan.People.Where(other => other != person).Select(other => other.Wallet).OfType<Address>()]));

    // Whoever cannot be reached may be kept from it: fewer people must never be enough for the same.
    private static void CheckUnreachable(Plan plan, DecisionRule decision, List<Complaint> complaints)
    {
        if (decision.Unreachable is not { } unreachable)
            return;
        if (unreachable.After >= decision.ValidFor && Deciding.IsOfPeople(plan, decision))
            PlanCheck.Warn(
                complaints, decision.At, $"decision '{decision.Id}' expires before '{unreachable.Then}' would be "
                    + "prepared in its place: let 'after' be shorter than 'valid_for'");
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
