using Tocsin.Incidents;

namespace Tocsin.Deadlines;

/// <summary>A deadline that is asked for again after each miss, until it is met.</summary>
public static class Insisting
{
    private const string Overdue = ", overdue";

    /// <summary>True for the name of one that was told to be missed before: those who are called hear nothing of it
    /// again, but for its owner, who stands in, and who leads.</summary>
    public static bool IsReminder(string what) => what.EndsWith(Overdue, StringComparison.Ordinal);

    /// <summary>The deadline itself until it was told to be missed, from then on the next time that it is asked for.
    /// </summary>
    /// <param name="most">So often it is asked for again at most; null for as long as it is not met.</param>
    public static Deadline Next(
        Incident incident, string what, string owner, DateTimeOffset since, DateTimeOffset due, TimeSpan every,
        int? most = null)
    {
        var late = what + Overdue;
        var lastMiss = incident.Notices
            .Where(notice => notice.IsMiss && (notice.What == late || (notice.What == what && notice.Due == due)))
            .Select(notice => (DateTimeOffset?)notice.At)
            .LastOrDefault(at => at >= due);
        return lastMiss is { } missed
            ? new Deadline(late, owner, missed + every, null)
            {
                IsTold = most is null || incident.Notices.Count(notice => notice.IsMiss && notice.What == late) < most,
            }
            : Deadline.Told(what, owner, since, due, null);
    }
}
