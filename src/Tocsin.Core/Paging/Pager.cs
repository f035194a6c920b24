using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Paging;

/// <summary>
/// Whom to wake next, and when: a pure function of the incident and its plan. A person's ways are gone through until
/// they answer, then whoever stands in for them; a level that does not answer calls the next one; all levels are gone
/// through as often as the plan says, and then whoever it names for that case.
/// </summary>
/// <remarks>
/// What is late is counted from what was done, not from what should have been: after an hour without the server the
/// next level is called at once, and the one after it only when that one had its time.
/// </remarks>
public static class Pager
{
    /// <summary>What is owed at an instant, as the events that do it.</summary>
    public static IReadOnlyList<PageEvent> Owed(Incident incident, Plan plan, DateTimeOffset now) =>
        [.. Steps(incident, plan, now).Where(step => step.Due <= now).Select(step => step.Event)];

    /// <summary>When something is owed next, if nothing happens before; null for never.</summary>
    public static DateTimeOffset? NextDue(Incident incident, Plan plan, DateTimeOffset now) =>
        Steps(incident, plan, now)
            .Where(step => step.Due > now)
            .Select(step => (DateTimeOffset?)step.Due)
            .Min();

    private static IEnumerable<PageStep> Steps(Incident incident, Plan plan, DateTimeOffset now)
    {
        if (!incident.IsOpen)
            return [];
        var steps = new List<PageStep>();
        foreach (var (place, escalation) in Escalating.Of(incident, plan))
            steps.AddRange(new EscalationRound(incident, plan, place, escalation, now).Steps());
        steps.AddRange(ApproverPages.Steps(incident, plan));
        // Two escalations that call the same person do it once.
        return steps.OrderBy(step => step.Due).DistinctBy(step => step.Event is PageEvent.Paged paged
            ? (object)(paged.Person, paged.Way, paged.Purpose)
            : step.Event);
    }
}

/// <summary>Something that is to be done for a page at an instant.</summary>
internal readonly record struct PageStep(DateTimeOffset Due, PageEvent Event);
