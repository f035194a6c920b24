using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.People;
using Tocsin.Plans;

namespace Tocsin.Communications;

/// <summary>What is to be done about the room of an incident.</summary>
public abstract record RoomDuty
{
    private RoomDuty()
    {
    }

    public sealed record Open : RoomDuty;

    /// <param name="Account">Of the person, as the chat knows it.</param>
    public sealed record Invite(Room Room, string Person, string Account) : RoomDuty;

    public sealed record Close(Room Room) : RoomDuty;
}

/// <summary>Which rooms there should be: a pure function of the incident and its plan.</summary>
public static class RoomsDue
{
    /// <summary>
    /// A room from severity 2 on, with everybody who was called or has answered; closed when the incident was looked
    /// back on, was none, or goes on in another.
    /// </summary>
    /// <param name="isAccount">What reads as an account of this channel's chat.</param>
    public static IEnumerable<RoomDuty> Of(
        Incident incident, Plan plan, string channel, Func<string, bool> isAccount)
    {
        var room = incident.Rooms.OpenIn(channel);
        if (IsPast(incident.Phase))
            return room is null ? [] : [new RoomDuty.Close(room)];
        if (room is null)
            return incident.IsOpen && incident.Severity.IsAtLeast(Severity.High) ? [new RoomDuty.Open()] : [];
        return
            from person in plan.People
            where IsConcerned(incident, person) && !room.Invited.Contains(person.Name)
            let account = Accounts.ChatsOf(person).FirstOrDefault(isAccount)
            where account is not null
            select new RoomDuty.Invite(room, person.Name, account);
    }

    private static bool IsPast(IncidentPhase phase) =>
        phase is IncidentPhase.Reviewed or IncidentPhase.FalseAlarm or IncidentPhase.Merged;

    private static bool IsConcerned(Incident incident, Person person) =>
        incident.Pages.Called.Contains(person.Name)
        || incident.Acknowledgements.Any(one => one.Person == person.Name);
}
