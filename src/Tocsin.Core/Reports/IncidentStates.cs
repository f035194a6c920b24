using Tocsin.Findings;
using Tocsin.Incidents;

namespace Tocsin.Reports;

/// <summary>An incident after each of its events, from these alone: the rest of the log is not needed for it.</summary>
public static class IncidentStates
{
    /// <summary>Each event with the incident as it then was; null before it opened.</summary>
    /// <param name="events">Of one incident, oldest first, the finding that opened it among them.</param>
    /// <exception cref="InvalidOperationException">They are not the events of one incident.</exception>
    public static IEnumerable<(Happened Happened, Incident? After)> Of(IEnumerable<Happened> events)
    {
        Incident? incident = null;
        var findings = new Dictionary<FindingId, Finding>();
        foreach (var happened in events)
        {
            if (incident is null && happened.Event is FindingRecorded recorded)
                findings[recorded.Finding.Id] = recorded.Finding;
            else
                incident = incident is null ? Open(happened, findings) : incident.Apply(happened.Event, happened.At);
            yield return (happened, incident);
        }
    }

    /// <summary>The incident after the last of its events; null where it is not open yet.</summary>
    /// <inheritdoc cref="Of"/>
    public static Incident? Last(IEnumerable<Happened> events) => Of(events).LastOrDefault().After;

    private static Incident Open(Happened happened, Dictionary<FindingId, Finding> findings) =>
        happened.Event is IncidentEvent.Opened opened && findings.TryGetValue(opened.Finding, out var finding)
            ? Incident.Open(opened, finding, happened.At)
            : throw new InvalidOperationException($"entry {happened.Sequence} does not open an incident");
}
