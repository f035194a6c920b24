using Tocsin.Incidents;

namespace Tocsin.Communications;

/// <summary>A room of one incident in the chat, where those who are called talk to each other.</summary>
/// <param name="Channel">The channel whose provider has the room, by its name in the configuration.</param>
/// <param name="Room">As the provider knows it.</param>
public abstract record RoomEvent(IncidentId Incident, string Channel, string Room) : IncidentEvent(Incident)
{
    /// <summary>There is one.</summary>
    /// <param name="Address">Where people enter it.</param>
    public sealed record Made(IncidentId Incident, string Channel, string Room, Uri Address)
        : RoomEvent(Incident, Channel, Room);

    /// <summary>A person can read and write there.</summary>
    /// <param name="Person">The person's name.</param>
    public sealed record Invited(IncidentId Incident, string Channel, string Room, string Person)
        : RoomEvent(Incident, Channel, Room);

    /// <summary>Nobody can write there any more; what was said stays.</summary>
    public sealed record Closed(IncidentId Incident, string Channel, string Room)
        : RoomEvent(Incident, Channel, Room);
}
