using Tocsin.Findings;

namespace Tocsin.Evaluation;

/// <summary>What truly happened in a series.</summary>
/// <param name="To">The first instant after it.</param>
/// <param name="FoundAt">When it was first told so that somebody is woken; null where it never was.</param>
/// <param name="ShareBefore">Which part of what was taken was gone by then, where the file tells.</param>
internal sealed record FlowEvent(
    string Name, DateTimeOffset From, DateTimeOffset To, DateTimeOffset? FoundAt, decimal? ShareBefore);

/// <summary>A finding that would wake somebody although nothing is known to have happened.</summary>
internal sealed record FlowAlarm(DateTimeOffset Time, string Detector, Severity Severity, string Reason);

/// <param name="Series">The file, and the asset where the file has several.</param>
/// <param name="Kind">What it tells of: <c>issue</c>, <c>pool</c>, <c>range</c>, <c>reserve</c>, <c>bridge</c>.</param>
/// <param name="Lesser">Findings that wake nobody.</param>
internal sealed record FlowResult(
    string Series,
    string Kind,
    DateTimeOffset From,
    DateTimeOffset To,
    double Years,
    FlowEvent? Event,
    int Lesser,
    ValueList<FlowAlarm> Alarms);
