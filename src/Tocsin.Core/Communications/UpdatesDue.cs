using Tocsin.Deadlines;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Communications;

/// <summary>Which updates an incident owes, and when: a pure function of its events and its plan.</summary>
public static class UpdatesDue
{
    /// <summary>When the first is due where the plan says only that it is told at once.</summary>
    public static readonly TimeSpan AtOnceWithin = TimeSpan.FromMinutes(15);

    /// <summary>How often its owner hears of one that is late, where the plan does not ask for it more often.</summary>
    public static readonly TimeSpan RemindEvery = TimeSpan.FromMinutes(30);

    /// <summary>How the name of each of these deadlines begins.</summary>
    internal const string Prefix = "update '";

    /// <summary>The communications of the plan that this incident needs, and that people write.</summary>
    public static IEnumerable<Communication> NeededBy(Incident incident, Plan plan) =>
        plan.Communications.Where(one => IsWritten(one)
            && (one.Severity is not { } least || incident.Severity.IsAtLeast(least))
            && !one.NotFor.Contains(incident.Issue));

    /// <summary>What is owed next of each; nothing of what was told once and is needed once.</summary>
    public static IEnumerable<Deadline> Of(Incident incident, Plan plan) => NeededBy(incident, plan)
        .Where(_ => incident.IsOpen || incident.Phase is IncidentPhase.Resolved or IncidentPhase.Reviewed)
        .Select(one => Of(one, incident))
        .OfType<Deadline>();

    /// <summary>As deadlines call it.</summary>
    public static string Name(string communication) => $"{Prefix}{communication}'";

    /// <summary>The latest instant that an update given now may promise for the next; null where the plan asks for
    /// none.</summary>
    public static DateTimeOffset? LatestNext(Communication communication, DateTimeOffset now) =>
        communication.Moment == UpdateMoment.Every ? now + communication.Every : null;

    // What goes to responders by itself is an alert, and nobody writes it.
    private static bool IsWritten(Communication one) => one.Id is not null && one.Moment is { } moment
        && (moment != UpdateMoment.AtOnce || one.Writer is not null || one.Template is not null);

    private static Deadline? Of(Communication one, Incident incident)
    {
        // Whoever was told of the first wave knows nothing of the second.
        var last = incident.Updates.LastDone(one.Id!) is { } told
            && (told.DoneAt >= incident.AskedSince || one.Moment == UpdateMoment.AfterResolution) ? told : null;
        var (since, due) = one.Moment switch
        {
            UpdateMoment.AfterResolution => (incident.ResolvedAt, last is null || last.DoneAt < incident.ResolvedAt
                ? incident.ResolvedAt + one.Every
                : null),
            _ when incident.ResolvedAt is not null => (null, null),
            UpdateMoment.Every => last is null
                ? (incident.AskedSince, incident.AskedSince + (one.Within ?? one.Every))
                : (last.DoneAt, last.Next ?? last.DoneAt + one.Every),
            // Each time there is something to say: only the first is owed.
            UpdateMoment.Open => (incident.AskedSince, last is null ? incident.AskedSince + one.Within : null),
            _ => (incident.AskedSince,
                last is null ? incident.AskedSince + (one.Within ?? AtOnceWithin) : (DateTimeOffset?)null),
        };
        return due is { } instant ? Told(one, incident, since!.Value, instant) : null;
    }

    private static Deadline Told(Communication one, Incident incident, DateTimeOffset since, DateTimeOffset due)
    {
        var next = Insisting.Next(
            incident, Name(one.Id!), one.Writer ?? Commanding.Commander, since, due,
            one.Every < RemindEvery ? one.Every.Value : RemindEvery);
        // One miss after the end is enough: nobody is woken for a report.
        return next with { IsTold = incident.IsOpen || !Insisting.IsReminder(next.What) };
    }
}
