using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Paging;

/// <summary>Which escalations an incident has begun, as the plan says.</summary>
public static class Escalating
{
    /// <summary>Those that call people now, each with its place in the plan.</summary>
    public static IEnumerable<(int Place, Escalation Escalation)> Of(Incident incident, Plan plan)
    {
        var category = plan.Issues.FirstOrDefault(issue => issue.Id == incident.Issue)?.Category;
        for (var place = 0; place < plan.Escalations.Count; place++)
        {
            var escalation = plan.Escalations[place];
            if (escalation.Category == category && incident.Severity <= escalation.Severity
                && HasCome(escalation.Moment, incident))
                yield return (place, escalation);
        }
    }

    private static bool HasCome(EscalationMoment moment, Incident incident) => moment switch
    {
        EscalationMoment.Detection => true,
        // Whoever has it decided or paused, or has seen it contained, has no doubt of it any more.
        EscalationMoment.Validation => incident.Command.Assessed is not null
            || incident.IsPaused || incident.Contained is not null || incident.Decision?.TakenAt is not null,
        EscalationMoment.Resolution => incident.ResolvedAt is not null,
    };
}
