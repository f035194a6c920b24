using Tocsin.Findings;

namespace Tocsin.Plans;

/// <param name="Audience">Whom it is for, for example <c>responders</c>.</param>
/// <param name="When">At which moment, for example <c>at-once</c>.</param>
public sealed record Communication(string Audience, string When, string Channel, string? Backup, SourceLine At)
{
    /// <summary>Its name for commands and events; null where the plan gives none.</summary>
    public string? Id { get; init; }

    /// <summary>The moment that <see cref="When"/> names; null where it names none that is known, so that nothing is
    /// ever due by it.</summary>
    public UpdateMoment? Moment { get; init; }

    /// <summary>How often, or how long after the end.</summary>
    public TimeSpan? Every { get; init; }

    /// <summary>When the first is due, from the opening on; null for <see cref="Every"/>.</summary>
    public TimeSpan? Within { get; init; }

    /// <summary>From which severity on; null for any.</summary>
    public Severity? Severity { get; init; }

    /// <summary>The role that writes it.</summary>
    public string? Writer { get; init; }

    /// <summary>The role that approves it; nothing public goes out without.</summary>
    public string? Approver { get; init; }

    /// <summary>The template of its drafts.</summary>
    public string? Template { get; init; }

    /// <summary>Issues that do not need it.</summary>
    public ValueList<string> NotFor { get; init; } = [];

    /// <summary>True where the world reads it.</summary>
    public bool IsPublic { get; init; }

    /// <summary>What to do where the usual channel is in wrong hands, in words.</summary>
    public string? IfCompromised { get; init; }
}
