namespace Tocsin.Plans;

/// <summary>
/// Lints how large a plan is: what it costs to judge grows with the products of these, and a plan of which nobody can
/// keep an overview helps nobody at night. Each limit is far above what a team of hundreds needs.
/// </summary>
public static class SizeCheck
{
    /// <summary>People of the plan.</summary>
    public const int MostPeople = 1_000;

    private const int MostApprovers = 100;
    private const int MostEscalations = 100;
    private const int MostNotified = 100;
    private const int MostDecisions = 100;
    private const int MostPlaces = 20;
    private const int MostOfAPerson = 20;
    private const int MostIssues = 500;
    private const int MostSteps = 5_000;
    private const int MostActions = 300;
    private const int MostCalls = 100;
    private const int MostRows = 300;
    private const int MostThings = 1_000;

    /// <summary>A complaint for each part of the plan that is too large, in the line of the first that is too many.
    /// </summary>
    /// <returns>False where it is too large to be looked at further.</returns>
    public static bool Check(Plan plan, List<Complaint> complaints)
    {
        var before = complaints.Count;
        CheckPeople(plan, complaints);
        CheckTold(plan, complaints);
        CheckDone(plan, complaints);
        CheckThings(plan, complaints);
        return complaints.Count == before;
    }

    private static void CheckPeople(Plan plan, List<Complaint> complaints)
    {
        AtMost(MostPeople, plan.People, person => person.At, "people", complaints);
        var approvers = plan.People.Where(person => person.Wallet is not null).ToList();
        AtMost(MostApprovers, approvers, person => person.At, "people with a wallet", complaints);
        foreach (var person in plan.People)
        {
            Within(MostOfAPerson, person.Roles.Count, person.At, $"roles of '{person.Id}'", complaints);
            Within(MostOfAPerson, person.Ways.Count, person.At, $"ways to '{person.Id}'", complaints);
            Within(MostOfAPerson, person.Substitutes.Count, person.At, $"substitutes of '{person.Id}'", complaints);
            Within(MostOfAPerson, person.Categories.Count, person.At, $"categories of '{person.Id}'", complaints);
        }
        AtMost(MostRows, plan.Roles, role => role.At, "roles", complaints);
        foreach (var role in plan.Roles)
            Within(MostOfAPerson, role.Actions.Count, role.At, $"actions of the role '{role.Id}'", complaints);
    }

    private static void CheckTold(Plan plan, List<Complaint> complaints)
    {
        AtMost(MostEscalations, plan.Escalations, one => one.At, "escalations", complaints);
        foreach (var one in plan.Escalations)
            Within(
                MostNotified, one.Notify.Count + one.Nobody.Count + one.Then.Sum(level => 1 + level.Notify.Count),
                one.At,
                $"levels and names in the escalation of '{one.Category}'", complaints);
        AtMost(MostRows, plan.Organisations, one => one.At, "organisations", complaints);
        AtMost(MostRows, plan.Communications, one => one.At, "communications", complaints);
        AtMost(MostRows, plan.Templates, one => one.At, "templates", complaints);
        AtMost(MostRows, plan.Exercises, one => one.At, "exercises", complaints);
        AtMost(MostRows, plan.Legal, one => one.At, "legal duties", complaints);
    }

    private static void CheckDone(Plan plan, List<Complaint> complaints)
    {
        AtMost(MostIssues, plan.Issues, issue => issue.At, "issues", complaints);
        AtMost(MostSteps, plan.Procedures.SelectMany(one => one.Steps).ToList(), step => step.At, "steps", complaints);
        AtMost(MostDecisions, plan.Decisions, decision => decision.At, "decisions", complaints);
        foreach (var decision in plan.Decisions)
        {
            Within(
                MostPlaces, decision.Required.Count + decision.Additional.Sum(group => group.AtLeast), decision.At,
                $"approvals for '{decision.Id}'", complaints);
            Within(
                MostPlaces, decision.Required.Sum(required => required.Substitutes.Count), decision.At,
                $"substitutes in '{decision.Id}'", complaints);
        }
        AtMost(MostActions, plan.Actions, action => action.At, "actions", complaints);
        foreach (var action in plan.Actions)
            Within(MostCalls, action.OnChain.Count(), action.At, $"calls of '{action.Id}'", complaints);
        AtMost(MostRows, plan.Autonomy.Ladder, entry => entry.At, "entries of the ladder", complaints);
    }

    private static void CheckThings(Plan plan, List<Complaint> complaints)
    {
        AtMost(MostThings, plan.Protected.Assets, asset => asset.At, "assets", complaints);
        AtMost(MostThings, plan.Protected.Pools, pool => pool.At, "pools", complaints);
        AtMost(MostThings, plan.Protected.Contracts, contract => contract.At, "contracts", complaints);
    }

    // The line is that of the first which is too many.
    private static void AtMost<T>(
        int most, IReadOnlyList<T> items, Func<T, SourceLine> at, string what, List<Complaint> complaints)
    {
        if (items.Count > most)
            Within(most, items.Count, at(items[most]), what, complaints);
    }

    private static void Within(int most, int count, SourceLine at, string what, List<Complaint> complaints)
    {
        if (count > most)
            PlanCheck.Error(
                complaints, at, $"there are {count} {what}, and at most {most} are allowed; nothing else is looked at "
                    + "until there are fewer");
    }
}
