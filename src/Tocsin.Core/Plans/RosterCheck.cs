namespace Tocsin.Plans;

/// <summary>Lints roles and people: whether each role has somebody, and somebody behind them.</summary>
internal static class RosterCheck
{
    public static void Check(Plan plan, List<Complaint> complaints)
    {
        foreach (var role in plan.Roles)
            CheckRole(plan, role, complaints);
        foreach (var circle in Circles.In(plan.Roles.Select(role => role.Id), id => Deputies(plan, id)))
            PlanCheck.Error(
                complaints, plan.Role(circle[0])!.At, $"the deputies {string.Join(" → ", circle)} lead back: where "
                    + "none of them is there, nobody would stand in; let one of them have none");
        foreach (var person in plan.People)
            CheckPerson(plan, person, complaints);
        foreach (var safe in plan.Protected.Safes)
            CheckSafe(plan, safe, complaints);
    }

    private static IEnumerable<string> Deputies(Plan plan, string id) =>
        plan.Role(id)?.Deputy is { } deputy ? [deputy] : [];

    private static void CheckRole(Plan plan, PlannedRole role, List<Complaint> complaints)
    {
        var held = PlanCheck.Roles(plan);
        if (role.From is { } from && plan.Schedule(from) is null)
            PlanCheck.Error(
                complaints, role.At, $"role '{role.Id}' is taken 'from' schedule '{from}', which does not exist"
                    + PlanCheck.Near(from, plan.Schedules.Select(schedule => schedule.Id)));
        if (role.From is null && !held.Contains(role.Id))
            PlanCheck.Error(
                complaints, role.At, $"nobody holds role '{role.Id}': give it to somebody in 'team', or name the "
                    + $"schedule 'from' which it is taken{PlanCheck.Near(role.Id, held)}");
        var known = held.Concat(plan.Roles.Select(one => one.Id)).ToHashSet();
        if (role.Deputy is { } deputy && !known.Contains(deputy))
            PlanCheck.Error(
                complaints, role.At, $"the 'deputy' of role '{role.Id}' is '{deputy}', which nobody holds"
                    + PlanCheck.Near(deputy, known));
        PlanCheck.Unique(role.Actions, action => (action.Id, role.At), $"action of role '{role.Id}'", complaints);
    }

    private static void CheckPerson(Plan plan, Person person, List<Complaint> complaints)
    {
        foreach (var substitute in person.Substitutes.Where(id => plan.Person(id) is null))
            PlanCheck.Error(
                complaints, person.At, $"'{substitute}' stands in for '{person.Id}', and is no person of the plan"
                    + PlanCheck.Near(substitute, plan.People.Select(one => one.Id)));
        // Two may stand in for each other: in a round each is asked once.
        if (person.Substitutes.Contains(person.Id))
            PlanCheck.Error(
                complaints, person.At, $"'{person.Id}' stands in for themselves: name somebody else under "
                    + "'substitutes', or nobody");
        var categories = plan.Issues.Select(issue => issue.Category).Concat(Issue.Categories).ToHashSet();
        foreach (var category in person.Categories.Where(category => !categories.Contains(category)))
            PlanCheck.Error(
                complaints, person.At, $"'{person.Id}' knows category '{category}', which no issue has"
                    + PlanCheck.Near(category, categories));
    }

    private static void CheckSafe(Plan plan, NamedSafe safe, List<Complaint> complaints)
    {
        foreach (var signer in safe.Signers)
            if (plan.Person(signer) is null && !signer.StartsWith("0x", StringComparison.Ordinal))
                PlanCheck.Error(
                    complaints, safe.At, $"'{signer}' signs for Safe '{safe.Name}', and is neither a person of the "
                        + $"plan nor an address{PlanCheck.Near(signer, plan.People.Select(person => person.Id))}");
        if (safe.Threshold > safe.Signers.Count)
            PlanCheck.Error(
                complaints, safe.At, $"Safe '{safe.Name}' needs {safe.Threshold} signatures, but has "
                    + $"{safe.Signers.Count} signers");
    }
}
