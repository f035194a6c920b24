namespace Tocsin.Plans;

/// <summary>A text for an update, with fields in braces that facts of the incident fill.</summary>
/// <param name="Text">As <see cref="UpdateFields"/> reads it.</param>
public sealed record UpdateTemplate(string Id, string Text, SourceLine At);

/// <summary>When an update of a communication is due.</summary>
public enum UpdateMoment
{
    /// <summary>When the incident opens.</summary>
    AtOnce,

    /// <summary>Again and again until it is resolved: each time something is to be told.</summary>
    Open,

    /// <summary>Every so often until it is resolved.</summary>
    Every,

    /// <summary>So long after it was resolved.</summary>
    AfterResolution,
}
