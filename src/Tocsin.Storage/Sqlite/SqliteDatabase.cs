using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Tocsin.Storage.Sqlite;

/// <summary>One SQLite file, for one process at a time.</summary>
internal sealed class SqliteDatabase : IDatabase
{
    private readonly FileStream? processLock;
    private readonly SqliteConnection connection;

    static SqliteDatabase() => SQLitePCL.Batteries_V2.Init();

    private SqliteDatabase(string path, FileStream? processLock)
    {
        Name = path;
        this.processLock = processLock;
        connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWrite,
            ForeignKeys = true,
            Pooling = false, // a pooled connection would keep the file open after Dispose
        }.ToString());
    }

    public string Name { get; }

    public DbConnection Connection => connection;

    public bool IsLost => false;

    /// <summary>Locks the file, makes it where there is none, and brings its schema up to date.</summary>
    /// <inheritdoc cref="EventStore.Open"/>
    public static SqliteDatabase Open(string path)
    {
        var file = StoreFile.Resolve(path);
        var database = new SqliteDatabase(file, StoreFile.Lock(file));
        return database.Opened(() =>
        {
            StoreFile.Create(file);
            database.connection.Open();
            database.connection.Run(SqliteSql.Durability);
            database.RequireOurs();
            if (database.connection.Scalar(SqliteSql.WriteAheadLog) is not "wal")
                throw new StorageException($"{file} lies on a file system without shared memory: use a local disk");
            Schema.Migrate(database, database.Version(), SqliteSql.Migrations);
        });
    }

    /// <summary>Beside the process that has it: for who only reads.</summary>
    /// <exception cref="StorageException">There is none, or it is not one of this program's.</exception>
    public static SqliteDatabase OpenReading(string path)
    {
        var file = StoreFile.Resolve(path);
        if (!File.Exists(file))
            throw new StorageException($"{file} does not exist: nothing was recorded yet");
        var database = new SqliteDatabase(file, processLock: null);
        return database.Opened(() =>
        {
            database.connection.Open();
            database.connection.Run(SqliteSql.OnlyReading);
            database.RequireOurs();
            Schema.Require(database, database.Version(), SqliteSql.Migrations);
        });
    }

    public void Reconnect() => throw new InvalidOperationException("a file is never lost");

    public void Begin() => connection.Run(SqliteSql.Begin);

    public void BeginReading() => connection.Run(SqliteSql.BeginReading);

    public void Commit() => connection.Run(SqliteSql.Commit);

    // On a full disk SQLite has rolled back by itself, and to roll back again is an error that would hide the first
    // one. A SqliteTransaction would then stay open for ever, and no other could begin.
    public void RollBack()
    {
        try
        {
            connection.Run(SqliteSql.Rollback);
        }
        catch (SqliteException)
        {
            // What made it fail is on its way already.
        }
    }

    public StorageException Refusal(DbException fault)
    {
        const int readOnly = 8, corrupt = 11, full = 13, cannotOpen = 14, notADatabase = 26;
        var code = (fault as SqliteException)?.SqliteErrorCode;
        var sentence = code switch
        {
            notADatabase => $"{Name} is not a database: choose another path, or move that file away",
            corrupt => $"the database {Name} is damaged: restore it from a backup",
            full => $"the disk of {Name} is full: make room",
            readOnly or cannotOpen =>
                $"the database {Name} cannot be written: give this user write access to it and its folder",
            _ => $"the database {Name} failed (SQLite error {code}, {fault.Message})",
        };
        return new StorageException(sentence, fault);
    }

    public void Dispose()
    {
        connection.Dispose();
        processLock?.Dispose();
    }

    private SqliteDatabase Opened(Action open)
    {
        try
        {
            open();
            return this;
        }
        catch (SqliteException e)
        {
            Dispose();
            throw Refusal(e);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    // Checked before anything is written, so that a wrong path does no harm to another program's data.
    private void RequireOurs()
    {
        var empty = connection.Scalar(SqliteSql.CountTables) is 0L;
        var id = connection.Scalar(SqliteSql.ReadApplicationId);
        if (!empty && id is not SqliteSql.ApplicationId)
            throw new StorageException($"{Name} is a database of another program: choose another path");
    }

    private long Version() =>
        connection.Scalar(SqliteSql.HasSchemaVersion) is 0L ? 0 : (long)connection.Scalar(Schema.ReadVersion)!;
}
