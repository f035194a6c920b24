using Tocsin.Communications;

namespace Tocsin.Reports;

/// <summary>What became of the rooms of an incident, as lines that people read.</summary>
internal static class RoomTimeline
{
    public static string Line(RoomEvent happened) => happened switch
    {
        RoomEvent.Made opened => $"A room was opened by {opened.Channel}: {opened.Address}",
        RoomEvent.Invited invited => $"{invited.Person} was invited to the room of {invited.Channel}.",
        RoomEvent.Closed closed => $"The room of {closed.Channel} was closed.",
        _ => throw new InvalidOperationException($"no words for {happened.GetType().Name}"),
    };
}
