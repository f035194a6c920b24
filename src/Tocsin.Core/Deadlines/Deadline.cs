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
    // So much of the time is over when the owner is reminded, in percent.
    private const int WarnAfterPercent = 75;

    /// <summary>When its owner is reminded; null where nobody is.</summary>
    public DateTimeOffset? WarnAt { get; init; }

    /// <summary>True where a miss is told to everybody.</summary>
    public bool IsTold { get; init; }

    /// <summary>One of which its owner is reminded in time, and a miss of which is told.</summary>
    /// <param name="since">From when its time runs.</param>
    public static Deadline Told(
        string what, string owner, DateTimeOffset since, DateTimeOffset due, DateTimeOffset? metAt) =>
        new(what, owner, due, metAt) { WarnAt = ReminderAt(since, due - since), IsTold = true };

    /// <summary>When its owner is reminded of what is due so long after <paramref name="since"/>.</summary>
    public static DateTimeOffset ReminderAt(DateTimeOffset since, TimeSpan within) =>
        since + within * WarnAfterPercent / 100;

    public DeadlineState StateAt(DateTimeOffset now)
    {
        if (MetAt is { } met)
            return met <= Due ? DeadlineState.Met : DeadlineState.MetLate;
        return now <= Due ? DeadlineState.Open : DeadlineState.Missed;
    }
}
