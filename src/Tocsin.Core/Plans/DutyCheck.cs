namespace Tocsin.Plans;

/// <summary>Lints what the plan says of itself, and what the team owes to itself.</summary>
internal static class DutyCheck
{
    private static readonly TimeSpan Year = TimeSpan.FromDays(366);

    public static void Check(Plan plan, List<Complaint> complaints)
    {
        var known = plan.People.Select(person => person.Id).Concat(PlanCheck.Roles(plan)).ToHashSet();
        if (plan.About is { Owner: { } owner } about && !known.Contains(owner))
            PlanCheck.Error(
                complaints, about.At, $"the 'owner' of the plan is '{owner}', which is no person and no role that "
                    + $"anyone holds{PlanCheck.Near(owner, known)}");
        foreach (var exercise in plan.Exercises.Where(exercise => exercise.Every > Year))
            PlanCheck.Warn(
                complaints, exercise.At, $"exercise '{exercise.Id}' comes less than once a year: who joined since the "
                    + "last one has never done it");
    }
}
