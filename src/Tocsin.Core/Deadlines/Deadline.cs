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
    /// <summary>When its owner is reminded; null where nobody is.</summary>
    public DateTimeOffset? WarnAt { get; init; }

    /// <summary>True where a miss is told to everybody.</summary>
    public bool IsTold { get; init; }

    public DeadlineState StateAt(DateTimeOffset now)
    {
        if (MetAt is { } met)
            return met <= Due ? DeadlineState.Met : DeadlineState.MetLate;
        return now <= Due ? DeadlineState.Open : DeadlineState.Missed;
    }
}
