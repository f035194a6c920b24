using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Tocsin.Chains;

namespace Tocsin.Audit;

/// <summary>Something that happened, before the log has given it a place.</summary>
/// <param name="Stream">What it belongs to: an incident's identifier, <c>plan</c>, <c>watch</c>.</param>
/// <param name="Kind">The event's name and version, for example <c>incident-opened.1</c>.</param>
/// <param name="Payload">The event as JSON text. The log never rewrites it: these exact characters are hashed.</param>
public sealed record NewEntry(DateTimeOffset Instant, string Stream, string Kind, string Payload);

/// <summary>An event in its place: numbered from 1 without gaps, each bound to the one before it by its hash.</summary>
public sealed record LogEntry(
    long Sequence,
    DateTimeOffset Instant,
    string Stream,
    string Kind,
    string Payload,
    Hash32 PreviousHash,
    Hash32 Hash);

/// <summary>The end of the log: whoever holds an old head can prove that nothing before it was changed.</summary>
public readonly record struct LogHead(long Sequence, Hash32 Hash)
{
    /// <summary>The head of a log without entries.</summary>
    public static LogHead Empty => default;

    /// <summary>Number and hash in the form that alerts carry and <c>audit verify --head</c> reads.</summary>
    public override string ToString() => $"{Sequence}:{Hash}";
}

/// <summary>The hash chain over the log.</summary>
public static class LogChain
{
    /// <summary>Gives an event its place behind <paramref name="head"/>.</summary>
    public static LogEntry Append(LogHead head, NewEntry entry)
    {
        var sequence = head.Sequence + 1;
        return new LogEntry(
            sequence,
            entry.Instant,
            entry.Stream,
            entry.Kind,
            entry.Payload,
            head.Hash,
            Link(head.Hash, sequence, entry));
    }

    /// <summary>Names the first entry that does not follow from the one before it; null if all do.</summary>
    /// <param name="before">The head that the first of them follows; none for a whole log.</param>
    public static string? FirstBrokenLink(IEnumerable<LogEntry> entries, LogHead before = default)
    {
        var head = before;
        foreach (var entry in entries)
        {
            var expected = Append(head, new NewEntry(entry.Instant, entry.Stream, entry.Kind, entry.Payload));
            if (entry.Sequence != expected.Sequence)
                return $"entry {expected.Sequence} is missing: entry {entry.Sequence} follows {head.Sequence}";
            if (entry.PreviousHash != head.Hash)
                return $"entry {entry.Sequence} does not follow the entry before it";
            if (entry.Hash != expected.Hash)
                return $"entry {entry.Sequence} was changed after it was written";
            head = new LogHead(entry.Sequence, entry.Hash);
        }
        return null;
    }

    // SHA-256 over length-prefixed fields: no two different entries can give the same bytes.
    private static Hash32 Link(Hash32 previous, long sequence, NewEntry entry)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(previous.ToArray());
        AppendNumber(hash, sequence);
        AppendNumber(hash, entry.Instant.UtcTicks);
        AppendText(hash, entry.Stream);
        AppendText(hash, entry.Kind);
        AppendText(hash, entry.Payload);
        return new Hash32(hash.GetHashAndReset());
    }

    private static void AppendNumber(IncrementalHash hash, long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        hash.AppendData(bytes);
    }

    private static void AppendText(IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        AppendNumber(hash, bytes.Length);
        hash.AppendData(bytes);
    }
}
