namespace Tocsin.Plans;

/// <summary>Lints whom an escalation wakes: that the names are known, and that each level wakes somebody new.</summary>
internal static class EscalationCheck
{
    public static void Check(Plan plan, List<Complaint> complaints)
    {
        var names = plan.People.Select(person => person.Id)
            .Concat(PlanCheck.Roles(plan))
            .Concat(plan.Schedules.Select(schedule => schedule.Id))
            .Concat(plan.Organisations.Select(organisation => organisation.Id))
            .Append("core")
            .Append("extended")
            .ToHashSet();
        foreach (var escalation in plan.Escalations)
        {
            var notified = escalation.Notify
                .Concat(escalation.Then.SelectMany(level => level.Notify))
                .Concat(escalation.Nobody);
            foreach (var name in notified.Distinct().Where(name => !names.Contains(name)))
                PlanCheck.Error(
                    complaints, escalation.At, $"escalation notifies '{name}', which is no person, role, team, "
                        + $"schedule or organisation{PlanCheck.Near(name, names)}");
            CheckLevels(plan, escalation, complaints);
        }
    }

    // Of a schedule it is not known here who is on call, so a schedule that was not woken yet is somebody new.
    private static void CheckLevels(Plan plan, Escalation escalation, List<Complaint> complaints)
    {
        var woken = Wakes(plan, escalation.Notify);
        foreach (var (level, place) in escalation.Then.Select((level, place) => (level, place + 2)))
        {
            var wakes = Wakes(plan, level.Notify);
            if (wakes.Count > 0 && wakes.IsSubsetOf(woken))
                PlanCheck.Error(
                    complaints, escalation.At, $"level {place} of the escalation of '{escalation.Category}' wakes only "
                        + "who was woken before it: name somebody else there, or say under 'again' how often to begin "
                        + "anew");
            woken.UnionWith(wakes);
        }
    }

    private static HashSet<string> Wakes(Plan plan, IEnumerable<string> names) => names
        .SelectMany(name => plan.Schedule(name) is null
            ? plan.Named(name).Select(person => $"person {person.Id}")
            : [$"schedule {name}"])
        .ToHashSet();
}
