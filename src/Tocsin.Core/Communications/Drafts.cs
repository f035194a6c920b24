using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Communications;

/// <summary>A first text for an update: the plan's template, filled with what is known.</summary>
public static class Drafts
{
    /// <summary>Null where the communication has no template.</summary>
    /// <param name="next">The instant that it promises; null for none.</param>
    public static string? Of(
        Communication communication, Incident incident, Plan plan, Uri warRoom, DateTimeOffset? next) =>
        communication.Template is { } id && plan.Template(id) is { } template
            ? UpdateFields.Fill(template.Text, field => Value(field, incident, plan, warRoom, next))
            : null;

    // The fields that UpdateFields knows; a template that asks for another was refused when the plan was read.
    private static string Value(string field, Incident incident, Plan plan, Uri warRoom, DateTimeOffset? next) =>
        field switch
        {
            "incident" => incident.Id.ToString(),
            "severity" => $"{(int)incident.Severity}",
            "issue" => plan.Issues.FirstOrDefault(issue => issue.Id == incident.Issue)?.Name ?? incident.Issue,
            "opened" => Instant(incident.OpenedAt),
            "detected" => Instant(incident.FirstSeenAt),
            "state" => State(incident),
            "impact" => Impact(incident),
            "affected" => Affected(incident),
            "paused" => incident.IsPaused
                ? string.Join(", ", incident.Decision!.Calls.Where(call => call.IsPause).Select(call => call.Scope))
                : "nothing",
            "until" => incident.Decision?.Calls.Min(call => call.PausedUntil) is { } until
                ? Instant(until) : "an instant that is not known yet",
            "next" => next is { } promised ? Instant(promised) : "an instant that we will name",
            "lead" => Commanding.Lead(incident, plan),
            "warroom" => warRoom.AbsoluteUri,
            "done" => Done(incident, plan),
            _ => $"{{{field}}}",
        };

    // What people or other systems tell of stands for no protected thing yet: its subject is the issue.
    private static string Affected(Incident incident)
    {
        var known = incident.Findings
            .Where(finding => finding.Status != FindingStatus.Retracted && finding.Subject != incident.Issue)
            .Select(finding => finding.Subject)
            .Distinct()
            .ToList();
        return known.Count == 0 ? "not known yet" : string.Join(", ", known);
    }

    private static string State(Incident incident) => incident.Phase switch
    {
        IncidentPhase.Detected or IncidentPhase.Triaged => "We are looking into it.",
        IncidentPhase.Paused => "We have paused what is concerned, and look whether that holds.",
        IncidentPhase.Contained => "What is concerned is paused, and nothing unexplained has left since.",
        IncidentPhase.Eradicated => "What caused it is removed; what was stopped is being brought back.",
        IncidentPhase.Recovered => "What was stopped runs again, and we keep watching.",
        IncidentPhase.Resolved or IncidentPhase.Reviewed => "It is over.",
        IncidentPhase.FalseAlarm => "It was a false alarm.",
        IncidentPhase.Merged => $"It goes on as {incident.Command.Merged!.Into}.",
    };

    // Only what was assessed: the first figures of a night are wrong.
    private static string Impact(Incident incident) => incident.Impact is null
        ? "What was lost is not known yet."
        : $"{Announcements.ImpactInWords(incident)}.";

    private static string Done(Incident incident, Plan plan)
    {
        var steps = plan.StepsOf(plan.Procedure(incident.Procedure));
        var done = incident.Steps
            .Select(result => steps.FirstOrDefault(step => step.Id == result.Step)?.What.Trim().TrimEnd('.'))
            .OfType<string>()
            .ToList();
        return done.Count == 0 ? "begun to look into it." : $"done this: {string.Join("; ", done)}.";
    }

    private static string Instant(DateTimeOffset instant) => $"{instant.UtcDateTime:yyyy-MM-dd HH:mm} UTC";
}
