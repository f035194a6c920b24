using Tocsin.Communications;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Deadlines;

public enum DeadlineState
{
    Open,
    Met,
    MetLate,
    Missed,
}

/// <summary>Something due at an instant.</summary>
/// <param name="Owner">The role or person who owes it.</param>
public sealed record Deadline(string What, string Owner, DateTimeOffset Due, DateTimeOffset? MetAt)
{
    public DeadlineState StateAt(DateTimeOffset now)
    {
        if (MetAt is { } met)
            return met <= Due ? DeadlineState.Met : DeadlineState.MetLate;
        return now <= Due ? DeadlineState.Open : DeadlineState.Missed;
    }
}

/// <summary>The deadlines of an incident: a pure function of its events and its plan.</summary>
public static class IncidentDeadlines
{
    /// <summary>Goals of a severity-1 incident, measured from its opening, in incidents and drills alike.</summary>
    public static readonly TimeSpan AlertWithin = TimeSpan.FromSeconds(30);

    /// <inheritdoc cref="AlertWithin"/>
    public static readonly TimeSpan PauseWithin = TimeSpan.FromMinutes(10);

    public static ValueList<Deadline> Of(Incident incident, Plan plan)
    {
        var deadlines = new List<Deadline>
        {
            new("alert sent", "Tocsin", incident.OpenedAt + AlertWithin, FirstAlertAt(incident)),
            new("acknowledge", plan.Lead(), AnswerBy(incident), FirstAnswerAt(incident)),
        };
        if (incident.Decision is { } decision)
        {
            if (incident.Severity == Severity.Critical)
                deadlines.Add(
                    new("emergency pause", "approvers", incident.SeveritySince + PauseWithin, decision.PausedAt));
            if (decision.TakenAt is null)
                deadlines.Add(new("decision expires", "approvers", decision.Decision.ExpiresAt, null));
            var owner = plan.OwnerOf(plan.Decision(decision.Rule));
            foreach (var call in decision.Calls.Where(call => call.PausedUntil is not null))
                deadlines.Add(new($"pause of {call.Scope} expires", owner, call.PausedUntil!.Value, null));
        }
        return deadlines.ToValueList();
    }

    private static DateTimeOffset AnswerBy(Incident incident) =>
        incident.SeveritySince + incident.Severity.DefaultAnswerWithin();

    private static DateTimeOffset? FirstAlertAt(Incident incident) => incident.Deliveries
        .Where(delivery => delivery.Reason == AlertReason.Opened && delivery.Failure is null)
        .Select(delivery => (DateTimeOffset?)delivery.At)
        .Min();

    private static DateTimeOffset? FirstAnswerAt(Incident incident) =>
        incident.Acknowledgements.Select(acknowledgement => (DateTimeOffset?)acknowledgement.At).Min();
}
