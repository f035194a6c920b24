using Microsoft.Data.Sqlite;

namespace Tocsin.Storage;

/// <summary>The database file: its folder, its lock, its connection, its schema.</summary>
internal static class StoreFile
{
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode OwnerFolder = OwnerFile | UnixFileMode.UserExecute;

    // What the kernel says of a file that another process locked: EAGAIN on Linux, EWOULDBLOCK on macOS and BSD,
    // and the two sharing violations of Windows.
    private static readonly int[] LockedByAnother = [11, 35, unchecked((int)0x80070020), unchecked((int)0x80070021)];

    /// <summary>The file itself: SQLite follows links, so the lock must stand where it ends up.</summary>
    public static string Resolve(string path)
    {
        var full = Path.GetFullPath(path);
        var file = new FileInfo(full);
        return file.LinkTarget is null ? full : file.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
    }

    /// <summary>
    /// Makes folder and lock file and holds the lock until the stream is disposed or the process ends, however it
    /// ends. The lock file stays behind: removing it would let two processes each lock a file of that name.
    /// </summary>
    public static FileStream Lock(string path)
    {
        try
        {
            CreateFolder(Path.GetDirectoryName(path)!);
            return Open(path + ".lock");
        }
        catch (IOException e) when (LockedByAnother.Contains(e.HResult))
        {
            throw new StorageException(
                $"the store {path} is in use by another process: stop that one, or give this one a path of its own", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(
                $"the folder of {path} cannot be written: give this user write access, or choose another path", e);
        }
    }

    /// <summary>Opens the database, which the caller has locked, and brings its schema up to date.</summary>
    public static SqliteConnection Connect(string path)
    {
        CreateFile(path);
        var settings = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWrite,
            ForeignKeys = true,
            Pooling = false, // a pooled connection would keep the file open after Dispose
        };
        var connection = new SqliteConnection(settings.ToString());
        try
        {
            connection.Open();
            connection.Run(Sql.Durability);
            RequireOurs(connection, path);
            if (connection.Scalar(Sql.WriteAheadLog) is not "wal")
                throw new StorageException($"{path} lies on a file system without shared memory: use a local disk");
            Migrate(connection, path);
            return connection;
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw Refusal(path, e);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>What a fault of the database means for the person who has to repair it.</summary>
    public static StorageException Refusal(string path, SqliteException cause)
    {
        const int readOnly = 8, corrupt = 11, full = 13, cannotOpen = 14, notADatabase = 26;
        var sentence = cause.SqliteErrorCode switch
        {
            notADatabase => $"{path} is not a database: choose another path, or move that file away",
            corrupt => $"the database {path} is damaged: restore it from a backup",
            full => $"the disk of {path} is full: make room",
            readOnly or cannotOpen =>
                $"the database {path} cannot be written: give this user write access to it and its folder",
            _ => $"the database {path} failed (SQLite error {cause.SqliteErrorCode}, {cause.Message})",
        };
        return new StorageException(sentence, cause);
    }

    // Checked before anything is written, so that a wrong path does no harm to another program's data.
    private static void RequireOurs(SqliteConnection connection, string path)
    {
        var empty = connection.Scalar(Sql.CountTables) is 0L;
        var id = connection.Scalar(Sql.ReadApplicationId);
        if (!empty && id is not Sql.ApplicationId)
            throw new StorageException($"{path} is a database of another program: choose another path");
    }

    private static void Migrate(SqliteConnection connection, string path)
    {
        var version = connection.Scalar(Sql.HasSchemaVersion) is 0L
            ? 0
            : (int)(long)connection.Scalar(Sql.ReadSchemaVersion)!;
        if (version > Sql.Migrations.Count)
        {
            throw new StorageException($"{path} has schema {version} and this program knows only schemas up to " +
                $"{Sql.Migrations.Count}: use the newer program that wrote it");
        }
        for (var next = version + 1; next <= Sql.Migrations.Count; next++)
        {
            using var transaction = connection.BeginTransaction();
            connection.Run(Sql.Migrations[next - 1]);
            connection.Run(Sql.WriteSchemaVersion, ("$version", next));
            transaction.Commit();
        }
    }

    private static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, OwnerFolder);
    }

    // SQLite gives its side files the mode of the database, so the file must have it first. It holds keys: a copy that
    // came back from a backup open to others is closed again.
    private static void CreateFile(string path)
    {
        try
        {
            Open(path).Dispose();
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, OwnerFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"the database {path} cannot be written: give it to this user, as a file", e);
        }
    }

    private static FileStream Open(string path)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerFile;
        return new FileStream(path, options);
    }
}
