namespace Tocsin.Plans;

/// <summary>Lints the days that a plan names: what lies ahead was not done yet, and what is old may be wrong.</summary>
internal static class ReviewCheck
{
    private const int YearDays = 366;

    public static void Check(Plan plan, DateTimeOffset from, List<Complaint> complaints)
    {
        var today = DateOnly.FromDateTime(from.UtcDateTime);
        foreach (var (what, day, at) in Days(plan))
        {
            // It is tomorrow somewhere already.
            if (day > today.AddDays(1))
                PlanCheck.Error(complaints, at, $"{what} on {day:yyyy-MM-dd}, which is still to come");
        }
        if (plan.About is { Reviewed: { } reviewed } about && reviewed.AddDays(YearDays) < today)
            PlanCheck.Warn(
                complaints, about.At, $"the plan was read through on {reviewed:yyyy-MM-dd}, more than a year ago");
        foreach (var duty in plan.Legal.Where(duty => duty.Reviewed.AddDays(YearDays) < today))
            PlanCheck.Warn(
                complaints, duty.At, $"legal duty '{duty.Id}' was last read by counsel on {duty.Reviewed:yyyy-MM-dd}, "
                    + "more than a year ago");
    }

    private static IEnumerable<(string What, DateOnly Day, SourceLine At)> Days(Plan plan)
    {
        if (plan.About is { Reviewed: { } reviewed } read)
            yield return ("the plan is said to be reviewed", reviewed, read.At);
        if (plan.About is { Tested: { } tested } tried)
            yield return ("the plan is said to be tested", tested, tried.At);
        foreach (var duty in plan.Legal)
            yield return ($"legal duty '{duty.Id}' is said to be reviewed", duty.Reviewed, duty.At);
        foreach (var procedure in plan.Procedures)
        {
            if (procedure.Reviewed is { } day)
                yield return ($"procedure '{procedure.Id}' is said to be reviewed", day, procedure.At);
            foreach (var step in procedure.Steps)
                if (step.Tested is { } when)
                    yield return ($"step '{step.Id}' is said to be tested", when, step.At);
        }
    }
}
