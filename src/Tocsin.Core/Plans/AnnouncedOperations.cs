namespace Tocsin.Plans;

/// <summary>The operations that people announced while the server ran.</summary>
/// <param name="All">In the order in which they were announced; of former ones only the last.</param>
public sealed record AnnouncedOperations(ValueList<AnnouncedOperation> All)
{
    /// <summary>So many that are withdrawn or over are still shown; the log has them all.</summary>
    public const int FormerKept = 100;

    public static AnnouncedOperations None { get; } = new([]);

    /// <summary>Those that may still come.</summary>
    public IEnumerable<AnnouncedOperation> Live(DateTimeOffset now) => All.Where(one => one.IsLive(now));

    public AnnouncedOperations Apply(OperationAnnounced announced, DateTimeOffset at) => new(
        Kept(All, at).Add(new(announced, at)));

    public AnnouncedOperations Apply(OperationWithdrawn withdrawn, DateTimeOffset at) => new(All
        .Select(one => one.Operation.Name == withdrawn.Name && one.IsLive(at)
            ? one with { WithdrawnAt = at, WithdrawnBecause = $"{withdrawn.By}: {withdrawn.Reason}" }
            : one)
        .ToValueList());

    /// <summary>What a revoked person announced is told as what it looks like.</summary>
    public AnnouncedOperations Without(string revoked, DateTimeOffset at) => new(All
        .Select(one => one.Operation.By == revoked && one.IsLive(at)
            ? one with { WithdrawnAt = at, WithdrawnBecause = $"'{revoked}' is revoked" }
            : one)
        .ToValueList());

    private static ValueList<AnnouncedOperation> Kept(ValueList<AnnouncedOperation> all, DateTimeOffset at)
    {
        var tooMany = all.Count(one => !one.IsLive(at)) - FormerKept;
        return all.Where(one => one.IsLive(at) || tooMany-- <= 0).ToValueList();
    }
}

/// <summary>An operation that was announced, and what became of it.</summary>
public sealed record AnnouncedOperation(OperationAnnounced Operation, DateTimeOffset At)
{
    public DateTimeOffset? WithdrawnAt { get; init; }

    public string? WithdrawnBecause { get; init; }

    /// <summary>True while it may still come.</summary>
    public bool IsLive(DateTimeOffset now) => WithdrawnAt is null && now <= Operation.To;
}
