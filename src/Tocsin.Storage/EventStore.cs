using Microsoft.Data.Sqlite;
using Tocsin.Audit;
using Tocsin.Chains;
using Tocsin.Communications;
using Tocsin.Findings;

namespace Tocsin.Storage;

/// <summary>
/// The event log, the outbox, checkpoints and the server's keys in one SQLite file. What <see cref="Commit"/> has
/// returned is on disk. Every member may be called from any thread: one lock inside lets them pass one at a time.
/// </summary>
public sealed class EventStore : IDisposable
{
    private const int EntriesPerPage = 256;

    private readonly Lock gate = new();
    private readonly string path;
    private readonly FileStream processLock;
    private readonly SqliteConnection connection;
    private LogHead head;

    static EventStore() => SQLitePCL.Batteries_V2.Init();

    private EventStore(string path, FileStream processLock, SqliteConnection connection)
    {
        this.path = path;
        this.processLock = processLock;
        this.connection = connection;
        head = ReadHead();
    }

    /// <summary>The last entry that is durable.</summary>
    public LogHead Head
    {
        get
        {
            lock (gate)
                return head;
        }
    }

    /// <summary>
    /// Opens the store of this process, and makes it if there is none: on Unix with a folder and files that only the
    /// owner can open. Brings an older schema up to date. No second process can open it until this one ends.
    /// </summary>
    /// <exception cref="StorageException">
    /// Another process has it, the folder cannot be written, the file is not one of ours or has a newer schema.
    /// </exception>
    public static EventStore Open(string path)
    {
        var file = StoreFile.Resolve(path);
        var processLock = StoreFile.Lock(file);
        SqliteConnection? connection = null;
        try
        {
            connection = StoreFile.Connect(file);
            return new EventStore(file, processLock, connection);
        }
        catch
        {
            connection?.Dispose();
            processLock.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Writes the batch in one transaction and returns its entries in their places in the log, in the batch's order.
    /// An outbox item whose key is already there is left as it is.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// A text cannot be stored, or an outcome is for an item that is not in the outbox. Nothing was written.
    /// </exception>
    /// <exception cref="StorageException">The database failed. Nothing was written.</exception>
    public IReadOnlyList<LogEntry> Commit(Batch batch)
    {
        batch.RequireStorable();
        lock (gate)
        {
            return Guarded(() =>
            {
                connection.Run(Sql.Begin);
                try
                {
                    var entries = Write(batch);
                    connection.Run(Sql.Commit);
                    if (entries.Count > 0)
                        head = HeadAt(entries[^1]);
                    return entries;
                }
                catch
                {
                    RollBack();
                    throw;
                }
            });
        }
    }

    private List<LogEntry> Write(Batch batch)
    {
        var entries = Append(batch.Entries);
        Enqueue(batch.Outbox);
        Record(batch.Settled);
        if (batch.Checkpoint is { } checkpoint)
            connection.Run(Sql.WriteCheckpoint, ("$name", checkpoint.Name), ("$payload", checkpoint.Payload));
        return entries;
    }

    // On a full disk SQLite has rolled back by itself, and to roll back again is an error that would hide the first
    // one. A SqliteTransaction would then stay open for ever, and no other could begin.
    private void RollBack()
    {
        try
        {
            connection.Run(Sql.Rollback);
        }
        catch (SqliteException)
        {
            // What made it fail is on its way already.
        }
    }

    /// <summary>
    /// The log in its order from the entry after <paramref name="afterSequence"/> to the head at the time when the
    /// enumeration begins. Read page by page: others commit meanwhile.
    /// </summary>
    public IEnumerable<LogEntry> Read(long afterSequence = 0)
    {
        var last = Head.Sequence;
        while (afterSequence < last)
        {
            var page = Rows(ReadEntry, Sql.ReadEntries,
                ("$after", afterSequence), ("$last", last), ("$limit", EntriesPerPage));
            foreach (var entry in page)
                yield return entry;
            if (page.Count == 0)
                yield break; // entries were taken out: the chain tells which
            afterSequence = page[^1].Sequence;
        }
    }

    /// <summary>The items of a channel whose next attempt is due, the worst severity first, then the oldest.</summary>
    public IReadOnlyList<OutboxState> DueOutbox(string channel, DateTimeOffset now, int limit) =>
        Rows(ReadOutbox, Sql.DueOutbox, ("$channel", channel), ("$now", now.UtcTicks), ("$limit", limit));

    /// <summary>Every item that is still to be sent, due or not, in the order of <see cref="DueOutbox"/>.</summary>
    public IReadOnlyList<OutboxState> UnsettledOutbox() => Rows(ReadOutbox, Sql.UnsettledOutbox);

    /// <summary>When the next item of a channel becomes due; null where all are settled.</summary>
    public DateTimeOffset? NextOutboxAttempt(string channel) =>
        Scalar(Sql.NextOutboxAttempt, ("$channel", channel)) is long ticks ? Instant(ticks) : null;

    /// <summary>The checkpoint's last payload; null where none was saved.</summary>
    public string? ReadCheckpoint(string name) => Scalar(Sql.ReadCheckpoint, ("$name", name)) as string;

    /// <summary>
    /// A key of the server, such as the one that signs acknowledge links: made at its first use and the same from then
    /// on. It is a secret; it must not be written to a log or a page.
    /// </summary>
    public byte[] Key(string name, Func<byte[]> create)
    {
        lock (gate)
        {
            return Guarded(() =>
            {
                if (connection.Scalar(Sql.ReadKey, ("$name", name)) is byte[] kept)
                    return kept;
                var created = create();
                connection.Run(Sql.WriteKey, ("$name", name), ("$value", created));
                return created;
            });
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            connection.Dispose();
            processLock.Dispose();
        }
    }

    private List<LogEntry> Append(IReadOnlyList<NewEntry> entries)
    {
        var appended = new List<LogEntry>(entries.Count);
        var last = head;
        foreach (var entry in entries)
        {
            var placed = LogChain.Append(last, entry);
            connection.Run(Sql.InsertEntry, ("$sequence", placed.Sequence), ("$instant", placed.Instant.UtcTicks),
                ("$stream", placed.Stream), ("$kind", placed.Kind), ("$payload", placed.Payload),
                ("$previous", placed.PreviousHash.ToArray()), ("$hash", placed.Hash.ToArray()));
            appended.Add(placed);
            last = HeadAt(placed);
        }
        return appended;
    }

    private void Enqueue(IReadOnlyList<OutboxItem> items)
    {
        foreach (var item in items)
        {
            connection.Run(Sql.InsertOutbox, ("$key", item.Key), ("$channel", item.Channel),
                ("$severity", (int)item.Severity), ("$created", item.CreatedAt.UtcTicks), ("$alert", item.Alert));
        }
    }

    private void Record(IReadOnlyList<OutboxOutcome> outcomes)
    {
        foreach (var outcome in outcomes)
        {
            var changed = connection.Run(Sql.RecordOutcome, ("$key", outcome.Key),
                ("$settled", outcome.Settled ? 1 : 0), ("$next", outcome.NextAttemptAt.UtcTicks),
                ("$result", outcome.Result));
            if (changed == 0)
                throw new ArgumentException($"no item of the outbox has the key '{outcome.Key}'", nameof(outcomes));
        }
    }

    private LogHead ReadHead()
    {
        var heads = Rows(row => new LogHead(row.GetInt64(0), Hash(row, 1)), Sql.ReadHead);
        return heads.Count == 0 ? LogHead.Empty : heads[0];
    }

    private object? Scalar(string sql, params (string Name, object Value)[] values)
    {
        lock (gate)
            return Guarded(() => connection.Scalar(sql, values));
    }

    private List<T> Rows<T>(Func<SqliteDataReader, T> read, string sql, params (string Name, object Value)[] values)
    {
        lock (gate)
            return Guarded(() => connection.Rows(read, sql, values));
    }

    private T Guarded<T>(Func<T> act)
    {
        try
        {
            return act();
        }
        catch (SqliteException e)
        {
            throw StoreFile.Refusal(path, e);
        }
    }

    private static LogEntry ReadEntry(SqliteDataReader row) => new(row.GetInt64(0), Instant(row.GetInt64(1)),
        row.GetString(2), row.GetString(3), row.GetString(4), Hash(row, 5), Hash(row, 6));

    private static OutboxState ReadOutbox(SqliteDataReader row)
    {
        var item = new OutboxItem(row.GetString(0), row.GetString(1), (Severity)row.GetInt32(2),
            Instant(row.GetInt64(3)), row.GetString(4));
        return new OutboxState(item, row.GetInt32(5), Instant(row.GetInt64(6)), row.GetInt64(7) != 0,
            row.IsDBNull(8) ? null : row.GetString(8));
    }

    private static LogHead HeadAt(LogEntry entry) => new(entry.Sequence, entry.Hash);

    private static Hash32 Hash(SqliteDataReader row, int column) => new(row.GetFieldValue<byte[]>(column));

    private static DateTimeOffset Instant(long ticks) => new(ticks, TimeSpan.Zero);
}
