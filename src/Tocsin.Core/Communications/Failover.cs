using Tocsin.Deadlines;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Communications;

/// <summary>When an alert that did not arrive goes by the next way too, and which that is.</summary>
public static class Failover
{
    /// <summary>So often something is sent whose sending ends without a word, once it presses no more.</summary>
    public const int UnknownMost = 3;

    /// <summary>So long an attempt at severity 1 may last until the next way is taken beside it.</summary>
    public static readonly TimeSpan AttemptHas = TimeSpan.FromSeconds(5);

    /// <summary>
    /// True at severity 1 after the first attempt, since the receiver may need long; at others where the next attempt
    /// would come after a deadline of the incident that is still to be kept. Once an alert, and only where there is a
    /// next way.
    /// </summary>
    /// <param name="next">When it is tried again.</param>
    public static bool IsOwed(
        Incident incident, Plan plan, AlertDelay alert, DateTimeOffset next, DateTimeOffset now) =>
        incident.IsOpen
        && alert.Reason != AlertReason.Update
        // That it is trusted again wakes nobody.
        && !(alert.Reason == AlertReason.ChannelDistrusted && incident.Judged is { IsTrusted: true })
        && !incident.DelayedAlerts.Contains(alert.Key)
        && (incident.Severity == Severity.Critical || CrossesDeadline(incident, plan, next, now))
        && NextWays(alert.Channel, alert.Reason, incident, plan).Count > 0;

    /// <summary>True where what did not arrive at last goes by the next way: unless it has gone there already, or what
    /// it tells of is over and it does not tell just that.</summary>
    /// <param name="before">The incident as the failure found it.</param>
    internal static bool IsOwedAfter(IncidentEvent.AlertFailed failed, Incident before) =>
        !before.DelayedAlerts.Contains(failed.Key)
        && (before.IsOpen || failed.Reason is AlertReason.Resolved or AlertReason.FalseAlarm or AlertReason.Merged
            or AlertReason.Retracted or AlertReason.DeadlineMissed);

    /// <summary>True for what wakes people, and for what the reserved part of a receiver's budget is there. A reminder
    /// or a test must not keep the next one from ringing.</summary>
    public static bool IsPage(AlertReason reason) => reason is AlertReason.Opened or AlertReason.Reopened
        or AlertReason.Worsened or AlertReason.Unanswered or AlertReason.DecisionNeeded or AlertReason.SilenceOver;

    /// <summary>
    /// True where nothing is gained by sending once more what may have arrived: somebody has answered, or it is over.
    /// Until then it is sent again and again, since nobody may have been woken.
    /// </summary>
    /// <param name="attempts">That ended so, or otherwise, with the last.</param>
    public static bool IsEnough(Incident incident, int attempts) =>
        attempts >= UnknownMost && (!incident.IsOpen || incident.Answers.Any());

    /// <summary>
    /// Of whoever hears a channel the next way of each, and the backup of what the plan tells there. A channel whose
    /// last word was that something did not arrive is passed over: it would be no way.
    /// </summary>
    public static List<Announcement> NextWays(string channel, AlertReason reason, Incident incident, Plan plan)
    {
        var told = new List<Announcement>();
        foreach (var communication in plan.Communications.Where(one => one.Channel == channel && !one.IsPublic))
            if (communication.Backup is { } backup && IsUsable(backup))
                Announcements.Add(told, new Announcement(backup, null, reason));
        foreach (var person in plan.People.Where(person => person.Ways.Contains(channel)))
            if (person.Ways.SkipWhile(way => way != channel).Skip(1).FirstOrDefault(IsUsable) is { } next)
                Announcements.Add(told, new Announcement(next, Announcements.Owner(person, next, plan), reason));
            // Whoever is cut off by distrust alone must not be without a word.
            else if (plan.Distrusted.Contains(channel))
                foreach (var shared in Distrusting.ResponderChannels(plan).Where(IsUsable))
                    Announcements.Add(told, new Announcement(shared, null, reason));
        return told;

        bool IsUsable(string way) =>
            way != channel && !incident.Troubled.Contains(way) && !plan.Distrusted.Contains(way);
    }

    private static bool CrossesDeadline(Incident incident, Plan plan, DateTimeOffset next, DateTimeOffset now) =>
        (!incident.Answers.Any() && next > IncidentDeadlines.AcknowledgeDue(incident, plan))
        || IncidentDeadlines.Of(incident, plan)
            .Any(deadline => deadline is { IsTold: true, MetAt: null } && deadline.Due > now && deadline.Due < next);
}

/// <summary>An alert that is on its way to a channel.</summary>
public readonly record struct AlertDelay(string Key, string Channel, AlertReason Reason);
