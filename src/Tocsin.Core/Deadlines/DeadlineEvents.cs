using Tocsin.Incidents;

namespace Tocsin.Deadlines;

/// <summary>A promise that was nearly broken, or was: what people were told of it.</summary>
/// <param name="What">As the deadline calls it.</param>
/// <param name="Owner">Who owes it.</param>
public abstract record DeadlineEvent(IncidentId Incident, string What, string Owner, DateTimeOffset Due)
    : IncidentEvent(Incident)
{
    /// <summary>Most of its time is over.</summary>
    public sealed record Neared(IncidentId Incident, string What, string Owner, DateTimeOffset Due)
        : DeadlineEvent(Incident, What, Owner, Due);

    public sealed record Missed(IncidentId Incident, string What, string Owner, DateTimeOffset Due)
        : DeadlineEvent(Incident, What, Owner, Due);
}

/// <summary>What was told of a deadline, and when.</summary>
public sealed record DeadlineNotice(string What, DateTimeOffset Due, bool IsMiss, DateTimeOffset At);
