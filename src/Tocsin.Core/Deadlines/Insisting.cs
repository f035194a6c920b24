using Tocsin.Incidents;

namespace Tocsin.Deadlines;

/// <summary>A deadline that is asked for again after each miss, until it is met.</summary>
public static class Insisting
{
    private const string Overdue = ", overdue";

    // Of its time so much is over when the owner is reminded, in percent.
    private const int WarnAfterPercent = 75;

    /// <summary>True for the name of one that was told to be missed before: its owner hears of it again, and nobody
    /// else does.</summary>
    public static bool IsReminder(string what) => what.EndsWith(Overdue, StringComparison.Ordinal);

    /// <summary>The deadline itself until it was told to be missed, from then on the next time that it is asked for.
    /// </summary>
    public static Deadline Next(
        Incident incident, string what, string owner, DateTimeOffset since, DateTimeOffset due, TimeSpan every)
    {
        var late = what + Overdue;
        var lastMiss = incident.Notices
            .Where(notice => notice.IsMiss && (notice.What == late || (notice.What == what && notice.Due == due)))
            .Select(notice => (DateTimeOffset?)notice.At)
            .LastOrDefault(at => at >= due);
        return lastMiss is { } missed
            ? new Deadline(late, owner, missed + every, null) { IsTold = true }
            : new Deadline(what, owner, due, null)
            {
                WarnAt = since + (due - since) * WarnAfterPercent / 100,
                IsTold = true,
            };
    }
}
