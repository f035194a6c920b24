using Tocsin.Findings;

namespace Tocsin.Plans;

/// <summary>What the plan says of itself.</summary>
/// <param name="Owner">The person or role that keeps it.</param>
/// <param name="Reviewed">When it was last read through; null for never.</param>
/// <param name="Tested">When it was last drilled; null for never.</param>
public sealed record PlanAbout(string? Owner, DateOnly? Reviewed, DateOnly? Tested, bool IsConfidential)
{
    public SourceLine At { get; init; }
}

/// <summary>What counts as an incident.</summary>
/// <param name="What">In words, for people who wonder whether to open one.</param>
public sealed record IncidentRule(string What, Severity Severity, decimal Confidence)
{
    public static IncidentRule Default { get; } =
        new("Anything that costs our users money or our word, or soon may.", Severity.High, 0.7m);
}
