using Tocsin.Incidents;

namespace Tocsin.Paging;

/// <summary>What a person says to a page.</summary>
public enum PageAnswer
{
    /// <summary>They know, and are on it.</summary>
    Informed,

    /// <summary>They know, and have the device at hand that signs.</summary>
    AbleToSign,

    /// <summary>They know, and cannot help now: whoever stands in for them is woken at once.</summary>
    Unable,
}

/// <summary>What somebody is woken for.</summary>
public enum PagePurpose
{
    /// <summary>To answer the incident.</summary>
    Respond,

    /// <summary>To approve its decision.</summary>
    Approve,
}

/// <summary>Who is woken, and what they say. People stand here by name, as in the rest of the log.</summary>
public abstract record PageEvent(IncidentId Incident) : IncidentEvent(Incident)
{
    /// <summary>
    /// A level of an escalation began, and these people are to answer. Whom a schedule named is written down here, so
    /// that nothing of the past is ever computed from a schedule again.
    /// </summary>
    /// <param name="Escalation">Its place in the plan, from 0.</param>
    /// <param name="Level">0 for those who are told at once.</param>
    /// <param name="Round">0 for the first time that the levels are gone through.</param>
    public sealed record LevelBegan(
        IncidentId Incident, int Escalation, int Level, int Round, ValueList<string> People) : PageEvent(Incident);

    /// <summary>A person is woken by one of their ways.</summary>
    /// <param name="Way">Its place among the ways of the person, from 0.</param>
    /// <param name="InPlaceOf">For whom they stand in; null where they do not.</param>
    public sealed record Paged(
        IncidentId Incident, string Person, string Channel, int Way, PagePurpose Purpose, string? InPlaceOf = null)
        : PageEvent(Incident);

    /// <summary>A person said more than that they know.</summary>
    /// <param name="Means">How they said it, for example <c>personal link</c>.</param>
    public sealed record Answered(IncidentId Incident, string Person, PageAnswer Answer, string Means)
        : PageEvent(Incident);

    /// <summary>Every level was gone through as often as the plan says, in vain.</summary>
    /// <param name="People">Who is woken now, by each of their ways.</param>
    public sealed record NobodyAnswered(IncidentId Incident, int Escalation, ValueList<string> People)
        : PageEvent(Incident);
}
