namespace Tocsin.Findings;

/// <summary>
/// How bad it is, from 1 (worst) to 5. Numbers compare the other way round than urgency: use
/// <see cref="SeverityRules.IsAtLeast"/>.
/// </summary>
public enum Severity
{
    Critical = 1,
    High = 2,
    Elevated = 3,
    Minor = 4,
    Routine = 5,
}

public static class SeverityRules
{
    /// <summary>True if this severity is as bad as the other, or worse.</summary>
    public static bool IsAtLeast(this Severity severity, Severity other) => severity <= other;

    /// <summary>The time within which a person must have answered.</summary>
    public static TimeSpan DefaultAnswerWithin(this Severity severity) => severity switch
    {
        Severity.Critical => TimeSpan.FromMinutes(5),
        Severity.High => TimeSpan.FromMinutes(15),
        Severity.Elevated => TimeSpan.FromHours(1),
        Severity.Minor => TimeSpan.FromHours(4),
        Severity.Routine => TimeSpan.FromHours(24),
    };
}
