using System.Text;
using Tocsin.Audit;
using Tocsin.Communications;

namespace Tocsin.Storage;

/// <summary>What became of one attempt to send an outbox item.</summary>
/// <param name="Key">The item's key; the item must be in the outbox.</param>
/// <param name="Settled">True if nothing more is to be sent. A settled item never becomes due again.</param>
/// <param name="NextAttemptAt">When the next attempt is due; without meaning for a settled item.</param>
/// <param name="Result">What the receiver said, safe for logs.</param>
public sealed record OutboxOutcome(string Key, bool Settled, DateTimeOffset NextAttemptAt, string Result);

/// <summary>Where a worker stands, replaced as a whole. It is saved with the events that it accounts for.</summary>
public sealed record Checkpoint(string Name, string Payload);

/// <summary>
/// What becomes durable together or not at all: events, the messages they oblige us to send, the ends of attempts,
/// and where the worker that made them stands.
/// </summary>
public sealed record Batch
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public IReadOnlyList<NewEntry> Entries { get; init; } = [];

    public IReadOnlyList<OutboxItem> Outbox { get; init; } = [];

    public IReadOnlyList<OutboxOutcome> Settled { get; init; } = [];

    public Checkpoint? Checkpoint { get; init; }

    /// <summary>Refuses text that would come back from the database other than it went in.</summary>
    /// <exception cref="ArgumentException">A text holds U+0000 or half of a surrogate pair.</exception>
    internal void RequireStorable()
    {
        foreach (var entry in Entries)
            RequireStorable(entry.Stream, entry.Kind, entry.Payload);
        foreach (var item in Outbox)
            RequireStorable(item.Key, item.Channel, item.Alert);
        foreach (var outcome in Settled)
            RequireStorable(outcome.Key, outcome.Result);
        if (Checkpoint is not null)
            RequireStorable(Checkpoint.Name, Checkpoint.Payload);
    }

    /// <inheritdoc cref="RequireStorable()"/>
    internal static void RequireStorable(StoreRow row)
    {
        switch (row)
        {
            case StoreRow.Entry(var entry):
                RequireStorable(entry.Stream, entry.Kind, entry.Payload);
                break;
            case StoreRow.Item(var state):
                RequireStorable(state.Item.Key, state.Item.Channel, state.Item.Alert, state.LastResult ?? "");
                break;
            case StoreRow.Mark(var checkpoint):
                RequireStorable(checkpoint.Name, checkpoint.Payload);
                break;
            case StoreRow.Key(var name, _):
                RequireStorable(name);
                break;
        }
    }

    // The chain hashes these characters: a log that gave back others would accuse itself of being changed.
    private static void RequireStorable(params ReadOnlySpan<string> texts)
    {
        foreach (var text in texts)
        {
            ArgumentNullException.ThrowIfNull(text);
            if (text.Contains('\0'))
                throw new ArgumentException("a text to be stored holds the character U+0000");
            _ = Strict.GetByteCount(text);
        }
    }
}
