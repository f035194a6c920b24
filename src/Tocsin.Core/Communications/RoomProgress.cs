namespace Tocsin.Communications;

/// <summary>The rooms that an incident has or had, in the order in which they were made.</summary>
public sealed record RoomProgress(ValueList<Room> All)
{
    public static RoomProgress None { get; } = new([]);

    /// <summary>The one that is in use; null where there is none.</summary>
    public Room? OpenIn(string channel) => All.LastOrDefault(room => room.Channel == channel && room.ClosedAt is null);

    /// <exception cref="InvalidOperationException">The event is of a kind that this version does not know.</exception>
    public RoomProgress Apply(RoomEvent happened, DateTimeOffset at) => happened switch
    {
        RoomEvent.Made opened => new(All.Add(new(opened.Channel, opened.Room, opened.Address, [], at, null))),
        RoomEvent.Invited invited => With(happened, room => room with { Invited = room.Invited.Add(invited.Person) }),
        RoomEvent.Closed => With(happened, room => room with { ClosedAt = at }),
        _ => throw new InvalidOperationException($"no room can take {happened.GetType().Name}"),
    };

    private RoomProgress With(RoomEvent happened, Func<Room, Room> change) => new(All
        .Select(room => room.Channel == happened.Channel && room.Id == happened.Room ? change(room) : room)
        .ToValueList());
}

/// <param name="Id">As the provider knows it.</param>
/// <param name="Address">Where people enter it.</param>
/// <param name="Invited">People by name.</param>
public sealed record Room(
    string Channel, string Id, Uri Address, ValueList<string> Invited, DateTimeOffset OpenedAt,
    DateTimeOffset? ClosedAt);
