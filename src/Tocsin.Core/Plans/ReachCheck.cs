namespace Tocsin.Plans;

/// <summary>Lints whether those who are woken can answer in the time that the severity gives them.</summary>
internal static class ReachCheck
{
    public static void Check(Plan plan, List<Complaint> complaints)
    {
        foreach (var escalation in plan.Escalations.Where(one => one.Moment == EscalationMoment.Detection))
        {
            var start = TimeSpan.Zero;
            CheckLevel(plan, escalation, escalation.Notify, start, complaints);
            foreach (var level in escalation.Then)
            {
                start += level.After;
                CheckLevel(plan, escalation, level.Notify, start, complaints);
            }
        }
    }

    private static void CheckLevel(
        Plan plan, Escalation escalation, ValueList<string> names, TimeSpan start, List<Complaint> complaints)
    {
        var within = plan.TimesOf(escalation.Severity).Acknowledge;
        var severity = (int)escalation.Severity;
        var people = names.SelectMany(plan.Named).Distinct().ToList();
        if (start > within)
        {
            PlanCheck.Error(
                complaints, escalation.At, $"{string.Join(", ", names)} would be woken {Spoken.Of(start)} after the "
                    + $"beginning, but severity {severity} is acknowledged within {Spoken.Of(within)}: shorten "
                    + "'after'");
            return;
        }
        if (people.Count > 0 && people.All(person => person.Ways.Count == 0))
            Told(plan, escalation, people)(
                complaints, escalation.At, $"nobody of {string.Join(", ", names)} has 'ways': nothing would reach "
                    + "them");
        foreach (var person in people)
        {
            var tried = person.WaysInOrder.SkipLast(1).Aggregate(TimeSpan.Zero, (sum, way) => sum + way.Wait);
            if (start + tried > within)
                Told(plan, escalation, [person])(
                    complaints, escalation.At, $"the last way to '{person.Id}' is tried after "
                        + $"{Spoken.Of(start)} of levels and {Spoken.Of(tried)} of other ways, but severity "
                        + $"{severity} is acknowledged within {Spoken.Of(within)}: shorten the waits, or wake them "
                        + "earlier");
        }
    }

    // A plan that gives no times of its own was in order before there were any.
    private static Action<List<Complaint>, SourceLine, string> Told(
        Plan plan, Escalation escalation, List<Person> people) =>
        plan.Times.Any(times => times.Severity == escalation.Severity) || escalation.Then.Count > 0
            || people.Exists(person => person.Waits.Count > 0)
            ? PlanCheck.Error
            : PlanCheck.Warn;
}
