using System.Data.Common;
using Tocsin.Audit;
using Tocsin.Storage.Postgres;
using Tocsin.Storage.Sqlite;

namespace Tocsin.Storage;

/// <summary>
/// Everything that a store holds at one instant, read beside the server that has it open and goes on writing.
/// </summary>
public sealed class StoreSnapshot : IDisposable
{
    private const int RowsPerPage = 256;

    private readonly IDatabase database;

    private StoreSnapshot(IDatabase database)
    {
        this.database = database;
        try
        {
            database.BeginReading();
            Head = Rows(StoreRow.ReadHead, Sql.ReadHead) is [var head] ? head : LogHead.Empty;
        }
        catch (DbException e)
        {
            var refusal = database.Refusal(e);
            database.Dispose();
            throw refusal;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>The last entry of the log in it.</summary>
    public LogHead Head { get; }

    /// <exception cref="StorageException">There is no store of this program's, or not of this version.</exception>
    public static StoreSnapshot Open(string path) => new(SqliteDatabase.OpenReading(path));

    /// <inheritdoc cref="Open"/>
    public static StoreSnapshot OpenPostgres(string connectionString) =>
        new(PostgresDatabase.OpenReading(connectionString));

    /// <summary>The log in its order, then the outbox in the order in which it was filled, then the rest.</summary>
    public IEnumerable<StoreRow> Read()
    {
        foreach (var entry in Pages(StoreRow.ReadEntry, entry => entry.Sequence, Sql.ReadEntries,
            ("@last", Head.Sequence)))
            yield return new StoreRow.Entry(entry);
        foreach (var (state, _) in Pages(row => (StoreRow.ReadOutbox(row), Position: row.GetInt64(9)),
            row => row.Position, Sql.ReadOutbox))
            yield return new StoreRow.Item(state);
        foreach (var name in Rows(row => row.GetString(0), Sql.ReadCheckpointNames))
            yield return new StoreRow.Mark(
                Rows(row => new Checkpoint(name, row.GetString(0)), Sql.ReadCheckpoint, ("@name", name))[0]);
        foreach (var key in Rows(row => new StoreRow.Key(row.GetString(0), row.GetFieldValue<byte[]>(1)),
            Sql.ReadKeys))
            yield return key;
    }

    public void Dispose() => database.Dispose();

    private IEnumerable<T> Pages<T>(
        Func<DbDataReader, T> read, Func<T, long> place, string sql, params (string Name, object? Value)[] values)
    {
        for (var after = 0L; ;)
        {
            var page = Rows(read, sql, [.. values, ("@after", after), ("@limit", RowsPerPage)]);
            foreach (var row in page)
                yield return row;
            if (page.Count < RowsPerPage)
                yield break;
            after = place(page[^1]);
        }
    }

    private List<T> Rows<T>(Func<DbDataReader, T> read, string sql, params (string Name, object? Value)[] values)
    {
        try
        {
            return database.Connection.Rows(read, sql, values);
        }
        catch (DbException e)
        {
            throw database.Refusal(e);
        }
    }
}
