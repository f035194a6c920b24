using System.Data.Common;
using Tocsin.Audit;

namespace Tocsin.Storage;

/// <summary>Rows put into a database as they are.</summary>
internal static class Restoring
{
    private const int EntriesPerPage = 256;

    /// <summary>All of them, up to an entry that does not follow from those before it: then what is wrong.</summary>
    /// <param name="head">The end of the log, before and afterwards.</param>
    /// <exception cref="ArgumentException">A text in it cannot be stored.</exception>
    public static string? Insert(DbConnection connection, IEnumerable<StoreRow> rows, ref LogHead head)
    {
        foreach (var row in rows)
        {
            if (row is StoreRow.Entry(var entry))
            {
                var expected = LogChain.Append(
                    head, new NewEntry(entry.Instant, entry.Stream, entry.Kind, entry.Payload));
                if (entry != expected)
                    return $"entry {entry.Sequence} does not follow from entry {head.Sequence}";
                head = new LogHead(entry.Sequence, entry.Hash);
            }
            Batch.RequireStorable(row);
            Insert(connection, row);
        }
        return null;
    }

    public static int Insert(DbConnection connection, StoreRow row) => row switch
    {
        StoreRow.Entry(var entry) => connection.Run(
            Sql.InsertEntry, ("@sequence", entry.Sequence), ("@instant", entry.Instant.UtcTicks),
            ("@stream", entry.Stream), ("@kind", entry.Kind), ("@payload", entry.Payload),
            ("@previous", entry.PreviousHash.ToArray()), ("@hash", entry.Hash.ToArray())),
        StoreRow.Item(var state) => connection.Run(
            Sql.RestoreOutbox, ("@key", state.Item.Key), ("@channel", state.Item.Channel),
            ("@severity", (int)state.Item.Severity), ("@created", state.Item.CreatedAt.UtcTicks),
            ("@alert", state.Item.Alert), ("@attempts", state.Attempts),
            ("@next", state.NextAttemptAt.UtcTicks), ("@settled", state.Settled ? 1 : 0),
            ("@result", state.LastResult)),
        StoreRow.Mark(var checkpoint) => connection.Run(
            Sql.WriteCheckpoint, ("@name", checkpoint.Name), ("@payload", checkpoint.Payload)),
        StoreRow.Key(var name, var value) => connection.Run(
            Sql.WriteKey, ("@name", name), ("@value", value.ToArray())),
        _ => throw new InvalidOperationException($"no table for {row.GetType().Name}"),
    };

    /// <summary>What is wrong with the chain of the entries up to a head, as the database gives them back.</summary>
    public static string? FirstBrokenLink(DbConnection connection, LogHead head) =>
        LogChain.FirstBrokenLink(Entries(connection, head.Sequence));

    private static IEnumerable<LogEntry> Entries(DbConnection connection, long last)
    {
        for (var after = 0L; after < last;)
        {
            var page = connection.Rows(StoreRow.ReadEntry, Sql.ReadEntries,
                ("@after", after), ("@last", last), ("@limit", EntriesPerPage));
            foreach (var entry in page)
                yield return entry;
            if (page.Count == 0)
                yield break;
            after = page[^1].Sequence;
        }
    }
}
