using Tocsin.Findings;

namespace Tocsin.Plans;

/// <summary>A potential issue: how it is detected, how bad it usually is, and which procedure answers it.</summary>
public sealed record Issue(
    string Id,
    string Name,
    string Category,
    ValueList<Threat> Detection,
    Severity Severity,
    string Procedure,
    SourceLine At)
{
    /// <summary>The kinds of issue; another one is warned about.</summary>
    public static ValueList<string> Categories { get; } =
        ["hacker-attack", "protocol-problem", "network-problem", "own-operations", "market"];

    /// <summary>True where something or somebody would notice it.</summary>
    public bool IsNoticed => Detection.Count + Heartbeats.Count + Manual.Count > 0;

    /// <summary>Heartbeats of tocsin.yaml whose silence shows it.</summary>
    public ValueList<string> Heartbeats { get; init; } = [];

    /// <summary>How people notice it where no detector does, for example by what users write.</summary>
    public ValueList<string> Manual { get; init; } = [];

    /// <summary>What tells it from similar issues: "if X but not Y".</summary>
    public ValueList<string> Unlike { get; init; } = [];
}
