using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Communications;

/// <summary>
/// What a receiver took over, and of which it never said that it arrived: after the way's time for an answer the next
/// way is taken, at severities 1 and 2. Where pages go on by themselves, to whoever has not answered, nothing is added.
/// </summary>
internal static class Unproven
{
    public static IReadOnlyList<IncidentEvent> Owed(Incident incident, Plan plan, DateTimeOffset now) =>
        [.. Steps(incident, plan, now).Where(step => step.Due <= now).Select(step => step.Event)];

    public static DateTimeOffset? NextDue(Incident incident, Plan plan, DateTimeOffset now) =>
        Steps(incident, plan, now).Where(step => step.Due > now).Select(step => (DateTimeOffset?)step.Due).Min();

    private static IEnumerable<(DateTimeOffset Due, IncidentEvent Event)> Steps(
        Incident incident, Plan plan, DateTimeOffset now)
    {
        if (!incident.IsOpen || !incident.Severity.IsAtLeast(Severity.High))
            yield break;
        foreach (var alert in incident.AcceptedAlerts)
        {
            var owner = OwnerOf(alert.Channel, plan);
            if (alert.Reason == AlertReason.Update
                || incident.DelayedAlerts.Contains(alert.Key)
                || incident.Deliveries.Any(one => one.Key == alert.Key)
                || (owner is not null && IsPaged(alert.Reason))
                || HasAnswered(incident, owner, alert.At)
                || Failover.NextWays(alert.Channel, alert.Reason, incident, plan).Count == 0)
                continue;
            var wait = owner?.WaysInOrder.First(way => way.Channel == alert.Channel).Wait ?? Way.DefaultWait;
            yield return (alert.At + wait, new IncidentEvent.AlertDelayed(
                incident.Id, alert.Key, alert.Channel, alert.Reason,
                $"it was taken over, and nothing says that it arrived within {wait.TotalMinutes:0.#} min", now));
        }
    }

    // Whoever opens, escalates or asks for approvals wakes by the next way when nobody answers.
    private static bool IsPaged(AlertReason reason) =>
        reason is AlertReason.Opened or AlertReason.Reopened or AlertReason.Unanswered or AlertReason.DecisionNeeded
            or AlertReason.SilenceOver;

    // That somebody answers proves that it is known; in a channel of many, whoever it is.
    private static bool HasAnswered(Incident incident, Person? owner, DateTimeOffset since) =>
        incident.Acknowledgements.Any(one => one.At >= since && (owner is null || one.Person == owner.Name))
        || incident.Pages.Answers.Any(one => one.At >= since && (owner is null || one.Person == owner.Name));

    private static Person? OwnerOf(string channel, Plan plan) =>
        plan.People.FirstOrDefault(person =>
            person.Ways.Contains(channel) && Announcements.Owner(person, channel, plan) is not null);
}
