namespace Tocsin.Schedules;

/// <summary>The clock of a place: its offset from UTC, and every instant at which that changes.</summary>
/// <remarks>
/// Plain values, so that what is due is a function of the plan and an instant alone; whoever reads the plan fills them
/// from the time zone database.
/// </remarks>
/// <param name="Id">The IANA name, for example <c>Europe/Zurich</c>.</param>
/// <param name="First">The offset before the first change; what held before 2020 is not kept.</param>
/// <param name="Changes">Ascending.</param>
public sealed record Zone(string Id, TimeSpan First, ValueList<OffsetChange> Changes)
{
    public static Zone Utc { get; } = new("Etc/UTC", TimeSpan.Zero, []);

    /// <summary>The offset from UTC that holds at an instant.</summary>
    public TimeSpan OffsetAt(DateTimeOffset instant)
    {
        var changes = Changes.AsSpan();
        var (low, high) = (0, changes.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (changes[middle].At <= instant)
                low = middle + 1;
            else
                high = middle;
        }
        return low == 0 ? First : changes[low - 1].Offset;
    }

    /// <summary>What the clock shows at an instant.</summary>
    public DateTime LocalAt(DateTimeOffset instant) =>
        DateTime.SpecifyKind(instant.UtcDateTime + OffsetAt(instant), DateTimeKind.Unspecified);

    /// <summary>
    /// The instant at which the clock shows a time. A time that the clock leaves out is the instant of the change; one
    /// that it shows twice is the first of both. So a later time is never an earlier instant.
    /// </summary>
    public DateTimeOffset InstantOf(DateTime local)
    {
        var utc = new DateTimeOffset(DateTime.SpecifyKind(local, DateTimeKind.Unspecified), TimeSpan.Zero);
        // A day is longer than any offset: the offsets on both sides of a change near it are among these.
        var before = OffsetAt(utc.AddDays(-1));
        var after = OffsetAt(utc.AddDays(1));
        var early = utc - before;
        if (OffsetAt(early) == before)
            return early;
        var late = utc - after;
        return OffsetAt(late) == after ? late : ChangeBetween(late, early);
    }

    // A time that is left out: by the old offset it is after the change, by the new one before it.
    private DateTimeOffset ChangeBetween(DateTimeOffset from, DateTimeOffset to) =>
        Changes.First(change => change.At > from && change.At <= to).At;
}

/// <summary>From this instant on, the clock is this far from UTC.</summary>
public readonly record struct OffsetChange(DateTimeOffset At, TimeSpan Offset);
