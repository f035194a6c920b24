using System.Text.Json;
using Tocsin.Incidents;
using Tocsin.Recording;

namespace Tocsin.BreakGlass;

/// <summary>What was recorded at once: a line of the journal. Its events are those of the log.</summary>
internal sealed record JournalLine(DateTimeOffset At, ValueList<JournalEvent> Events)
{
    /// <summary>What a journal is, in messages.</summary>
    public const string What = "the journal";

    public static JournalLine Of(DateTimeOffset at, IEnumerable<LogEvent> events) => new(
        at,
        events.Select(happened => new JournalEvent(
            EventJson.Kind(happened),
            JsonSerializer.SerializeToElement(happened, happened.GetType(), EventJson.Options)))
            .ToValueList());

    /// <exception cref="InvalidOperationException">This version of Tocsin does not know a kind.</exception>
    /// <exception cref="JsonException">An event is not of its kind's shape.</exception>
    public IEnumerable<LogEvent> Read() =>
        Events.Select(written => EventJson.Read(written.Kind, written.Event.GetRawText()));
}

/// <param name="Kind">As in the log, with its version.</param>
internal sealed record JournalEvent(string Kind, JsonElement Event);
