using Tocsin.Communications;
using Tocsin.Deadlines;
using Tocsin.Decisions;
using Tocsin.Paging;
using Tocsin.Plans;

namespace Tocsin.Incidents;

/// <summary>
/// What people are to hear now, and when next: a pure function of incident, plan and instant, so that a restart at any
/// moment forgets no call and makes none twice.
/// </summary>
public static class Dues
{
    /// <summary>What is owed at an instant, as the events that do it.</summary>
    public static IReadOnlyList<IncidentEvent> Owed(Incident incident, Plan plan, DateTimeOffset now) =>
    [
        // Reminders go to whoever holds the role from now on.
        .. RoleDuties.Owed(incident, plan, now),
        .. DeadlineNotices.Owed(incident, plan, now),
        .. LedgerDues.Owed(incident, plan, now),
        .. Pager.Owed(incident, plan, now),
        .. PauseExpiry.Owed(incident, now),
        .. Unproven.Owed(incident, plan, now),
        .. incident.IsOpen ? incident.Silenced.Owed(incident.Id, now) : [],
    ];

    /// <summary>
    /// When something is owed next, if nothing happens before; null where nothing is. Of an open incident something is
    /// always owed, now or at a next instant.
    /// </summary>
    public static DateTimeOffset? NextDue(Incident incident, Plan plan, DateTimeOffset now)
    {
        DateTimeOffset?[] dues =
        [
            RoleDuties.NextDue(incident, plan, now),
            DeadlineNotices.NextDue(incident, plan, now),
            LedgerDues.NextDue(incident, plan, now),
            Pager.NextDue(incident, plan, now),
            PauseExpiry.NextDue(incident, now),
            Unproven.NextDue(incident, plan, now),
            incident.IsOpen ? incident.Silenced.NextDue(now) : null,
        ];
        return dues.Min();
    }
}
