using Tocsin.Communications;
using Tocsin.Decisions;
using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Deadlines;

/// <summary>What is to be told of an incident's deadlines, and when: a pure function.</summary>
public static class DeadlineNotices
{
    /// <summary>For so long a miss after the end is news: an old log, whose incidents ended long before anybody was
    /// told of such things, wakes nobody.</summary>
    public static readonly TimeSpan ToldLateWithin = TimeSpan.FromDays(7);

    /// <summary>What is owed at an instant. Of a deadline that is over without a reminder only the miss is told.
    /// </summary>
    public static IReadOnlyList<DeadlineEvent> Owed(Incident incident, Plan plan, DateTimeOffset now) =>
        [
            .. Open(incident, plan)
                .Where(deadline => now - deadline.Due < LateFor(incident, deadline))
                .Select(deadline => Owed(incident, deadline, now))
                .OfType<DeadlineEvent>(),
        ];

    // An open incident of before anybody followed what roles have to do wakes nobody for that either.
    private static TimeSpan LateFor(Incident incident, Deadline deadline) => !incident.IsOpen ? ToldLateWithin
        : deadline.What.StartsWith(RoleActions.Prefix, StringComparison.Ordinal) ? RoleActions.ToldLateWithin
        : TimeSpan.MaxValue;

    /// <summary>When something is owed next, if nothing happens before; null for never.</summary>
    public static DateTimeOffset? NextDue(Incident incident, Plan plan, DateTimeOffset now) => Open(incident, plan)
        .SelectMany(deadline => new[] { deadline.WarnAt, deadline.Due })
        .Where(due => due > now)
        .Min();

    private static IEnumerable<Deadline> Open(Incident incident, Plan plan) => incident.Phase switch
    {
        // What is told of it afterwards is still owed, what was done first is still ratified, and it is looked back on.
        IncidentPhase.Resolved or IncidentPhase.Reviewed => UpdatesDue.Of(incident, plan)
            .Concat(LedgerDues.Ratifications(incident, plan))
            .Append(ReviewDeadline.Of(incident, plan))
            .OfType<Deadline>()
            .Where(deadline => deadline is { IsTold: true, MetAt: null }),
        _ when incident.IsOpen =>
            IncidentDeadlines.Of(incident, plan).Where(deadline => deadline is { IsTold: true, MetAt: null }),
        _ => LedgerDues.Ratifications(incident, plan).Where(deadline => deadline.MetAt is null),
    };

    private static DeadlineEvent? Owed(Incident incident, Deadline deadline, DateTimeOffset now)
    {
        var (what, owner, due) = (deadline.What, deadline.Owner, deadline.Due);
        if (now >= due)
            return WasTold(incident, deadline, isMiss: true) ? null
                : new DeadlineEvent.Missed(incident.Id, what, owner, due);
        return now >= deadline.WarnAt && !WasTold(incident, deadline, isMiss: false)
            ? new DeadlineEvent.Neared(incident.Id, what, owner, due)
            : null;
    }

    private static bool WasTold(Incident incident, Deadline deadline, bool isMiss) => incident.Notices.Any(notice =>
        notice.What == deadline.What && notice.Due == deadline.Due && notice.IsMiss == isMiss);
}
