namespace Tocsin.Reachability;

/// <summary>How well one way reaches people, by its last canaries.</summary>
/// <param name="Tried">How many of them have ended.</param>
/// <param name="Proven">How many of those arrived, or were answered.</param>
/// <param name="Answered">How many a person answered.</param>
/// <param name="ProvenAt">When one last was; null for never.</param>
/// <param name="IsTakenOverOnly">True where nothing proves more than that a receiver took them over.</param>
/// <param name="Why">Why the last that ended is lost; null where it arrived.</param>
public sealed record Reach(
    Line Line, int Tried, int Proven, int Answered, bool IsTakenOverOnly, DateTimeOffset? ProvenAt, string? Why)
{
    /// <summary>In percent; null where nothing was tried yet.</summary>
    public int? Score => Tried == 0 ? null : 100 * Proven / Tried;

    /// <summary>False where the last one was lost; null where nothing was tried yet.</summary>
    public bool? IsReached => Tried == 0 ? null : Why is null;

    public static Reach Of(Canaries canaries, Line line)
    {
        var ended = canaries.Of(line).Where(canary => !canary.IsOpen).ToList();
        return new(
            line,
            ended.Count,
            ended.Count(canary => canary.IsProven),
            ended.Count(canary => canary.AnsweredAt is not null),
            ended.Where(canary => canary.IsProven).All(canary => canary is { IsTakenOverOnly: true, AnsweredAt: null }),
            ended.LastOrDefault(canary => canary.IsProven) is { } proven ? proven.ArrivedAt ?? proven.AnsweredAt : null,
            ended.Count == 0 ? null : ended[^1].Why);
    }
}
