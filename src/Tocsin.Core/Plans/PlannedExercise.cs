namespace Tocsin.Plans;

/// <summary>A drill that the team owes itself.</summary>
/// <param name="Kind">One of <see cref="Kinds"/>.</param>
public sealed record PlannedExercise(string Id, string Kind, TimeSpan Every, string What, SourceLine At)
{
    public static ValueList<string> Kinds { get; } = ["tabletop", "paging", "communications", "drill", "live-fork"];
}
