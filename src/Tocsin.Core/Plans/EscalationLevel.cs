namespace Tocsin.Plans;

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
