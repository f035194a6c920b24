namespace Tocsin.Storage.Sqlite;

/// <summary>The database file as a file: its folder, its lock, its mode.</summary>
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

    // SQLite gives its side files the mode of the database, so the file must have it first. It holds keys: a copy that
    // came back from a backup open to others is closed again.
    public static void Create(string path)
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

    private static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, OwnerFolder);
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
