using Tocsin.Incidents;

namespace Tocsin.Communications;

/// <summary>What people tell others of an incident, in words of their own.</summary>
/// <param name="Communication">By its id in the plan.</param>
/// <param name="Number">From 1, of this communication in this incident.</param>
/// <param name="By">The person's name.</param>
public abstract record UpdateEvent(IncidentId Incident, string Communication, int Number, string By)
    : IncidentEvent(Incident)
{
    /// <summary>It is written. Without an approver it goes out with that.</summary>
    /// <param name="Channel">Where it goes.</param>
    /// <param name="IsPublic">True where the world reads it: nothing but these words goes there.</param>
    /// <param name="Approver">The role that must approve it; null where none must.</param>
    /// <param name="Next">The instant until which it promises the next one; null where it promises none.</param>
    public sealed record Drafted(
        IncidentId Incident,
        string Communication,
        int Number,
        string Text,
        string Channel,
        bool IsPublic,
        string? Approver,
        DateTimeOffset? Next,
        string By) : UpdateEvent(Incident, Communication, Number, By);

    /// <summary>A second person has read it; it goes out with that.</summary>
    public sealed record Approved(IncidentId Incident, string Communication, int Number, string By)
        : UpdateEvent(Incident, Communication, Number, By);

    /// <summary>It does not go out.</summary>
    public sealed record Withdrawn(IncidentId Incident, string Communication, int Number, string By, string Reason)
        : UpdateEvent(Incident, Communication, Number, By);

    /// <summary>This time none is needed.</summary>
    public sealed record Skipped(IncidentId Incident, string Communication, int Number, string By, string Reason)
        : UpdateEvent(Incident, Communication, Number, By);
}
