using System.Data.Common;
using Tocsin.Audit;
using Tocsin.Communications;
using Tocsin.Findings;
using Tocsin.Storage.Postgres;
using Tocsin.Storage.Sqlite;

namespace Tocsin.Storage;

/// <summary>
/// The event log, the outbox, checkpoints and the server's keys, in a SQLite file or a PostgreSQL database. What
/// <see cref="Commit"/> has returned is on disk. Every member may be called from any thread: one lock inside lets them
/// pass one at a time.
/// </summary>
public sealed class EventStore : IDisposable
{
    private const int EntriesPerPage = 256;

    private readonly Lock gate = new();
    private readonly IDatabase database;
    private LogHead head;
    private string? overtaken;

    private EventStore(IDatabase database)
    {
        this.database = database;
        try
        {
            head = Guarded(ReadHead);
        }
        catch
        {
            database.Dispose();
            throw;
        }
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

    /// <summary>Why it refuses everything until the log is read anew; null where it does not.</summary>
    public string? Overtaken
    {
        get
        {
            lock (gate)
                return overtaken;
        }
    }

    /// <summary>
    /// Opens the SQLite file of this process, and makes it if there is none: on Unix with a folder and files that only
    /// the owner can open. Brings an older schema up to date. No second process can open it until this one ends.
    /// </summary>
    /// <exception cref="StorageException">
    /// Another process has it, the folder cannot be written, the file is not one of ours or has a newer schema.
    /// </exception>
    public static EventStore Open(string path) => new(SqliteDatabase.Open(path));

    /// <summary>
    /// Opens the store in a PostgreSQL database, and makes its tables if there are none. Brings an older schema up to
    /// date. No second process can open it until this one ends.
    /// </summary>
    /// <param name="connectionString">In Npgsql's form; a secret, which is in no message.</param>
    /// <exception cref="StorageException">
    /// It cannot be reached, another process has it, it holds other tables, has a newer schema, or is set up so that
    /// it would lose what it has confirmed.
    /// </exception>
    public static EventStore OpenPostgres(string connectionString) => new(PostgresDatabase.Open(connectionString));

    /// <summary>
    /// Writes the batch in one transaction and returns its entries in their places in the log, in the batch's order.
    /// An outbox item whose key is already there is left as it is. Where the connection to a database server breaks,
    /// it is done once more unless it had arrived.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// A text cannot be stored, or an outcome is for an item that is not in the outbox. Nothing was written.
    /// </exception>
    /// <exception cref="StorageException">
    /// The database failed. Nothing was written; where the connection broke at the end and cannot be made anew, that is
    /// found out as soon as it can, and a store that had gone on refuses everything from then on.
    /// </exception>
    public IReadOnlyList<LogEntry> Commit(Batch batch)
    {
        batch.RequireStorable();
        lock (gate)
        {
            var commit = new Attempt(batch, head);
            Guarded(() => commit.Take(database), commit.Head);
            head = commit.Head;
            return commit.Entries;
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
            var page = Rows(StoreRow.ReadEntry, Sql.ReadEntries,
                ("@after", afterSequence), ("@last", last), ("@limit", EntriesPerPage));
            foreach (var entry in page)
                yield return entry;
            if (page.Count == 0)
                yield break; // entries were taken out: the chain tells which
            afterSequence = page[^1].Sequence;
        }
    }

    /// <summary>
    /// The items of a channel whose next attempt is due, the worst severity first, then the oldest. No attempt is
    /// further away than the time within which somebody must answer: one that is was put off by a clock that has been
    /// set back since.
    /// </summary>
    /// <param name="worst">Of these severities alone: from this one.</param>
    /// <param name="least">To this one.</param>
    public IReadOnlyList<OutboxState> DueOutbox(
        string channel, DateTimeOffset now, int limit, Severity worst = Severity.Critical,
        Severity least = Severity.Routine) => Rows(
        StoreRow.ReadOutbox, Sql.DueOutbox, ("@channel", channel), ("@now", now.UtcTicks), ("@worst", (int)worst),
        ("@least", (int)least), ("@limit", limit), ("@far1", Far(Severity.Critical, now)),
        ("@far2", Far(Severity.High, now)), ("@far3", Far(Severity.Elevated, now)),
        ("@far4", Far(Severity.Minor, now)), ("@far5", Far(Severity.Routine, now)));

    private static long Far(Severity severity, DateTimeOffset now)
    {
        var longest = severity.DefaultAnswerWithin();
        return now > DateTimeOffset.MaxValue - longest ? long.MaxValue : (now + longest).UtcTicks;
    }

    /// <summary>Every item that is still to be sent, due or not, in the order of <see cref="DueOutbox"/>.</summary>
    public IReadOnlyList<OutboxState> UnsettledOutbox() => Rows(StoreRow.ReadOutbox, Sql.UnsettledOutbox);

    /// <summary>An item, settled or not; null where there is none of that key.</summary>
    public OutboxState? FindOutbox(string key) =>
        Rows(StoreRow.ReadOutbox, Sql.FindOutbox, ("@key", key)).FirstOrDefault();

    /// <summary>When the next item of a channel becomes due; null where all are settled.</summary>
    public DateTimeOffset? NextOutboxAttempt(
        string channel, Severity worst = Severity.Critical, Severity least = Severity.Routine) =>
        Scalar(Sql.NextOutboxAttempt, ("@channel", channel), ("@worst", (int)worst), ("@least", (int)least))
            is long ticks ? StoreRow.Instant(ticks) : null;

    /// <summary>The channels for which something is still to be sent, in the order of their characters.</summary>
    public IReadOnlyList<string> UnsettledChannels() => Rows(row => row.GetString(0), Sql.UnsettledChannels);

    /// <summary>The checkpoint's last payload; null where none was saved.</summary>
    public string? ReadCheckpoint(string name) => Scalar(Sql.ReadCheckpoint, ("@name", name)) as string;

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
                if (database.Connection.Scalar(Sql.ReadKey, ("@name", name)) is byte[] kept)
                    return kept;
                var created = create();
                database.Connection.Run(Sql.WriteKey, ("@name", name), ("@value", created));
                return created;
            });
        }
    }

    /// <summary>
    /// Puts what another store held into this one, in one transaction: all of it or nothing. The chain is checked on
    /// what this database gives back, before it stays.
    /// </summary>
    /// <param name="rows">As <see cref="StoreSnapshot.Read"/> gives them. What it throws ends the transaction.</param>
    /// <returns>What is wrong with the chain, where nothing was written; null where all is in order.</returns>
    /// <exception cref="ArgumentException">A text cannot be stored.</exception>
    /// <exception cref="StorageException">The database failed, or this store is not empty.</exception>
    public string? Restore(IEnumerable<StoreRow> rows)
    {
        lock (gate)
        {
            if (Guarded(() => database.Connection.Scalar(Sql.CountRows)) is not 0L)
                throw new StorageException($"{database.Name} is not empty: what is there would be mixed with the "
                    + "backup; give a new one, or move it away");
            try
            {
                database.Begin();
                var restored = LogHead.Empty;
                var broken = Restoring.Insert(database.Connection, rows, ref restored)
                    ?? Restoring.FirstBrokenLink(database.Connection, restored);
                if (broken is null)
                    database.Commit();
                else
                    database.RollBack();
                head = ReadHead();
                return broken;
            }
            catch (DbException e)
            {
                database.RollBack();
                throw database.Refusal(e);
            }
            catch
            {
                database.RollBack();
                throw;
            }
        }
    }

    public void Dispose()
    {
        lock (gate)
            database.Dispose();
    }

    private LogHead ReadHead() =>
        database.Connection.Rows(StoreRow.ReadHead, Sql.ReadHead) is [var last] ? last : LogHead.Empty;

    private object? Scalar(string sql, params (string Name, object? Value)[] values)
    {
        lock (gate)
            return Guarded(() => database.Connection.Scalar(sql, values));
    }

    private List<T> Rows<T>(Func<DbDataReader, T> read, string sql, params (string Name, object? Value)[] values)
    {
        lock (gate)
            return Guarded(() => database.Connection.Rows(read, sql, values));
    }

    // A database server can go away in the middle of anything. Once it is back, what was under way is done again.
    private T Guarded<T>(Func<T> act, LogHead? expected = null)
    {
        if (overtaken is not null)
            throw new StorageException(overtaken);
        try
        {
            if (database.IsLost)
                GoOn(expected: null);
            return act();
        }
        catch (DbException e) when (!database.IsLost)
        {
            throw database.Refusal(e);
        }
        catch (DbException)
        {
            return Again(act, expected);
        }
    }

    private T Again<T>(Func<T> act, LogHead? expected)
    {
        try
        {
            GoOn(expected);
            return act();
        }
        catch (DbException e)
        {
            throw database.Refusal(e);
        }
    }

    // While the connection was gone so was the lock. What this process knows must still be all that there is, with or
    // without the commit that was under way: on anything else nothing could be built.
    private void GoOn(LogHead? expected)
    {
        database.Reconnect();
        var now = ReadHead();
        if (now == head || now == expected)
            return;
        overtaken = $"the log in {database.Name} ends with {now} and not with {head}, where this process was when the "
            + "connection broke: restart it, so that it reads the log anew; if that number is smaller, the database "
            + "has lost what it confirmed";
        throw new StorageException(overtaken);
    }
}
