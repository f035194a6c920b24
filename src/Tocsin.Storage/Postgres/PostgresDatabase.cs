using System.Data;
using System.Data.Common;
using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;

namespace Tocsin.Storage.Postgres;

/// <summary>One schema of a PostgreSQL database, for one process at a time: it holds an advisory lock.</summary>
internal sealed class PostgresDatabase : IDatabase
{
    private readonly NpgsqlConnectionStringBuilder address;
    private NpgsqlConnection connection;

    private PostgresDatabase(NpgsqlConnectionStringBuilder address)
    {
        this.address = address;
        Name = PostgresAddress.Name(address);
        connection = Connect();
    }

    public string Name { get; }

    public DbConnection Connection => connection;

    public bool IsLost => connection.State != ConnectionState.Open;

    /// <summary>Takes the lock, makes the tables where there are none, and brings them up to date.</summary>
    /// <inheritdoc cref="EventStore.OpenPostgres"/>
    public static PostgresDatabase Open(string connectionString)
    {
        var database = new PostgresDatabase(PostgresAddress.Read(connectionString));
        return database.Opened(() =>
        {
            database.RequireDurable();
            database.Lock();
            Schema.Migrate(database, database.Version(), PostgresSql.Migrations);
        });
    }

    /// <summary>Beside the process that has it: for who only reads.</summary>
    /// <exception cref="StorageException">It cannot be reached, or holds no store of this version.</exception>
    public static PostgresDatabase OpenReading(string connectionString)
    {
        var database = new PostgresDatabase(PostgresAddress.Read(connectionString));
        return database.Opened(() => Schema.Require(database, database.Version(), PostgresSql.Migrations));
    }

    // The old connection's lock is free once the server has noticed that it is gone.
    public void Reconnect()
    {
        connection.Dispose();
        connection = Connect();
        try
        {
            RequireDurable();
            Lock();
        }
        catch (NpgsqlException e)
        {
            connection.Close(); // without the lock it is of no use
            throw Refusal(e);
        }
        catch
        {
            connection.Close();
            throw;
        }
    }

    public void Begin() => connection.Run(PostgresSql.Begin);

    public void BeginReading() => connection.Run(PostgresSql.BeginReading);

    // A commit that failed by itself, as by a time limit, may still be done by the server: only the log can tell.
    public void Commit()
    {
        try
        {
            connection.Run(PostgresSql.Commit);
        }
        catch
        {
            connection.Close();
            throw;
        }
    }

    public void RollBack()
    {
        try
        {
            if (!IsLost)
                connection.Run(PostgresSql.Rollback);
        }
        catch (NpgsqlException)
        {
            connection.Close();
        }
    }

    public StorageException Refusal(DbException fault)
    {
        var sentence = (fault as PostgresException)?.SqlState switch
        {
            PostgresErrorCodes.LockNotAvailable => $"{Name} is in use by another process: stop that one, or give this "
                + "one a database of its own",
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
                $"{Name} refuses the user {address.Username}: look at the password and at pg_hba.conf",
            PostgresErrorCodes.InvalidCatalogName =>
                $"{Name} does not exist: make it, for example by: createdb --owner USER --encoding UTF8 NAME",
            PostgresErrorCodes.InsufficientPrivilege =>
                $"{Name} does not let this user make or write its tables: make that user the owner of the database",
            PostgresErrorCodes.ReadOnlySqlTransaction => OnlyRead,
            PostgresErrorCodes.DiskFull => $"the disk of {Name} is full: make room",
            PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted =>
                $"{Name} is damaged: restore it from a backup",
            { } code => $"{Name} failed (PostgreSQL error {code}, {((PostgresException)fault).MessageText})",
            null => Unreachable(fault).Message,
        };
        return new StorageException(sentence, fault);
    }

    public void Dispose() => connection.Dispose();

    private string OnlyRead => $"{Name} can only be read: connect to the primary server, not to a copy";

    private StorageException Unreachable(Exception fault) =>
        new($"{Name} cannot be reached ({fault.InnerException?.Message ?? fault.Message}): start it, or look at the "
            + "address", fault);

    private NpgsqlConnection Connect()
    {
        var made = new NpgsqlConnection(address.ConnectionString);
        try
        {
            made.Open();
            if (made.Scalar(PostgresSql.ReadSchemaName) is null)
                throw new StorageException($"{Name} has no schema to put tables into: make the one that its search "
                    + "path names");
            made.Run(PostgresSql.Session);
            return made;
        }
        catch (DbException e)
        {
            made.Dispose();
            throw Refusal(e);
        }
        catch (Exception e) when (e is SocketException or IOException or TimeoutException or AuthenticationException
            or ArgumentException)
        {
            made.Dispose();
            throw Unreachable(e);
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    private void RequireDurable()
    {
        // A copy gives the lock and the outbox to read: what is in it would be sent, and never marked as sent.
        if (connection.Scalar(PostgresSql.IsOnlyRead) is true)
            throw new StorageException(OnlyRead);
        if (connection.Scalar(PostgresSql.ReadFsync) is not "on")
            throw new StorageException($"{Name} runs with fsync = off and would lose what it has confirmed: set it on");
        if (connection.Scalar(PostgresSql.ReadSynchronous) is "off")
            connection.Run(PostgresSql.Synchronous);
        if (connection.Scalar(PostgresSql.ReadEncoding) is not "UTF8")
            throw new StorageException($"{Name} cannot keep every character: make it anew with the encoding UTF8");
    }

    private void Lock() => connection.Run(PostgresSql.Lock);

    private long Version()
    {
        if (connection.Scalar(PostgresSql.ReadMark) is PostgresSql.Mark)
            return (long)connection.Scalar(Schema.ReadVersion)!;
        if (connection.Scalar(PostgresSql.CountTables) is not 0L)
            throw new StorageException($"{Name} holds tables of another program: give this one a database of its own");
        return 0;
    }

    private PostgresDatabase Opened(Action open)
    {
        try
        {
            open();
            return this;
        }
        catch (NpgsqlException e)
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
}
