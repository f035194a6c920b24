using Tocsin.Findings;

namespace Tocsin.Plans;

/// <summary>Which people are woken for a category at a severity as bad as this, or worse.</summary>
public sealed record Escalation(
    string Category, Severity Severity, string Upon, ValueList<string> Notify, SourceLine At)
{
    /// <summary>The moment that <see cref="Upon"/> names.</summary>
    public EscalationMoment Moment { get; init; } = EscalationMoment.Detection;

    /// <summary>How many of the first level must answer.</summary>
    public AnswersNeeded Answer { get; init; } = AnswersNeeded.One;

    /// <summary>Whom to wake next where nobody answers, in order.</summary>
    public ValueList<EscalationLevel> Then { get; init; } = [];

    /// <summary>How often all levels are gone through again.</summary>
    public int Again { get; init; }

    /// <summary>Whom to wake by every way where all of that was in vain.</summary>
    public ValueList<string> Nobody { get; init; } = [];
}

/// <summary>At which moment of an incident an escalation begins.</summary>
public enum EscalationMoment
{
    /// <summary>When it opens.</summary>
    Detection,

    /// <summary>When somebody has confirmed that it is real.</summary>
    Validation,

    /// <summary>When it is resolved.</summary>
    Resolution,
}

/// <summary>How many of those who are paged must answer before the next level is spared.</summary>
public enum AnswersNeeded
{
    /// <summary>One of them.</summary>
    One,

    /// <summary>Each of them.</summary>
    Each,
}

/// <summary>Whom else to wake where a level did not answer in time.</summary>
/// <param name="After">From the beginning of the level before it.</param>
/// <param name="Notify">People, roles, schedules, or <c>core</c> and <c>extended</c>.</param>
public sealed record EscalationLevel(TimeSpan After, ValueList<string> Notify, AnswersNeeded Answer);
