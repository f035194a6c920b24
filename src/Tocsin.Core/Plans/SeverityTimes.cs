using Tocsin.Findings;

namespace Tocsin.Plans;

/// <summary>
/// How long people have, from when an incident got its severity: the promises that its deadlines come from.
/// </summary>
/// <param name="Acknowledge">Somebody has answered.</param>
/// <param name="Assemble">Commander and operations are there.</param>
/// <param name="Assess">Somebody has said what it is and how bad.</param>
/// <param name="Decide">The decision of the procedure is taken or refused.</param>
/// <param name="Contain">Nothing leaves any more.</param>
/// <param name="Update">Longest time between two internal updates; null where none is promised.</param>
/// <param name="Review">The post-mortem is read, from the incident's end on; null where none is promised.</param>
public sealed record SeverityTimes(
    Severity Severity,
    TimeSpan Acknowledge,
    TimeSpan? Assemble,
    TimeSpan? Assess,
    TimeSpan? Decide,
    TimeSpan? Contain,
    TimeSpan? Update,
    TimeSpan? Review)
{
    /// <summary>Where the plan says it.</summary>
    public SourceLine At { get; init; }

    /// <summary>What holds where a plan says nothing else.</summary>
    public static SeverityTimes Default(Severity severity) => severity switch
    {
        Severity.Critical => new(
            severity, severity.DefaultAnswerWithin(), Minutes(5), Minutes(10), Minutes(10), Minutes(10),
            TimeSpan.FromHours(1), TimeSpan.FromDays(2)),
        Severity.High => new(
            severity, severity.DefaultAnswerWithin(), null, null, null, null, TimeSpan.FromHours(1),
            TimeSpan.FromDays(2)),
        _ => new(severity, severity.DefaultAnswerWithin(), null, null, null, null, null, null),
    };

    private static TimeSpan Minutes(int minutes) => TimeSpan.FromMinutes(minutes);
}
