using System.IO.Compression;
using System.Security.Cryptography;
using Tocsin.Audit;
using Tocsin.Inputs;
using Tocsin.Storage;
using Tocsin.Texts;

namespace Tocsin.Backups;

/// <summary>How much is in a backup.</summary>
/// <param name="Unsent">Of the messages, those that are still to be sent.</param>
internal sealed record BackupContents(
    LogHead Head, long Entries, long Messages, long Unsent, long Checkpoints, long Keys)
{
    public static BackupContents None { get; } = new(LogHead.Empty, 0, 0, 0, 0, 0);

    public BackupContents With(StoreRow row) => row switch
    {
        StoreRow.Entry(var entry) =>
            this with { Head = new LogHead(entry.Sequence, entry.Hash), Entries = Entries + 1 },
        StoreRow.Item(var state) =>
            this with { Messages = Messages + 1, Unsent = Unsent + (state.Settled ? 0 : 1) },
        StoreRow.Mark => this with { Checkpoints = Checkpoints + 1 },
        StoreRow.Key => this with { Keys = Keys + 1 },
        _ => this,
    };
}

/// <summary>
/// A file with everything that a store holds: JSON Lines, compressed where its name ends with .gz. The first line says
/// what it is, the last one how it ends, so that one that was cut is known. It holds keys, so only its owner can read
/// it.
/// </summary>
internal sealed class BackupFile
{
    public const int LineBytesMax = 64 << 20;

    private readonly string path;

    private BackupFile(string path) => this.path = path;

    /// <summary>What was in the lines that were read or written.</summary>
    public BackupContents Contents { get; private set; } = BackupContents.None;

    /// <summary>Writes a new file, or none.</summary>
    /// <returns>What is in it, or what is wrong with the chain: then no file was written.</returns>
    /// <exception cref="InputException">The file is there, or cannot be written.</exception>
    public static (BackupContents? Contents, string? Broken) Write(
        StoreSnapshot snapshot, string path, DateTimeOffset now)
    {
        var backup = new BackupFile(path);
        string? broken = null;
        var isWhole = false;
        try
        {
            using var file = Create(path);
            try
            {
                using (var compressed = IsCompressed(path)
                    ? new GZipStream(file, CompressionLevel.Optimal, leaveOpen: true)
                    : null)
                    broken = LogChain.FirstBrokenLink(backup.WriteAll(snapshot, compressed ?? (Stream)file, now));
                file.Flush(flushToDisk: true);
                isWhole = broken is null;
            }
            finally
            {
                // A cut one would look like a backup, and holds keys.
                if (!isWhole)
                    File.Delete(path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path} cannot be written as a new file: {e.Message}", e);
        }
        return broken is null ? (backup.Contents, null) : (null, broken);
    }

    /// <exception cref="InputException">It is not there.</exception>
    public static BackupFile Open(string path) => File.Exists(path)
        ? new BackupFile(path)
        : throw new InputException($"{path} does not exist, or is no file");

    /// <summary>Every row in it. What is wrong with the file is thrown where it is met, at the latest at its end.
    /// </summary>
    /// <exception cref="InputException">It is no backup, was cut, changed, or is of another version.</exception>
    public IEnumerable<StoreRow> Read()
    {
        using var lines = LineReader.Open(path, LineBytesMax);
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Contents = BackupContents.None;
        var head = Next(lines).Backup ?? throw new InputException($"{path} is no backup of Tocsin");
        if (head.Version != BackupText.Version)
            throw new InputException($"{path} has version {head.Version} of backups and this program reads version "
                + $"{BackupText.Version}: use the program that wrote it");
        while (true)
        {
            digest.AppendData(lines.Line.Span);
            digest.AppendData("\n"u8);
            var count = lines.Number;
            var line = Next(lines);
            if (line.End is { } end)
            {
                RequireWhole(lines, head, end, new BackupEnd(count, Sum(digest)));
                yield break;
            }
            var row = RowOf(lines, line);
            Contents = Contents.With(row);
            yield return row;
        }
    }

    private IEnumerable<LogEntry> WriteAll(StoreSnapshot snapshot, Stream lines, DateTimeOffset now)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(new BackupLine(Backup: new BackupHead(BackupText.Version, now, snapshot.Head.ToString())));
        var count = 1L;
        foreach (var row in snapshot.Read())
        {
            Append(BackupText.Of(row));
            count++;
            Contents = Contents.With(row);
            if (row is StoreRow.Entry(var entry))
                yield return entry;
        }
        Append(new BackupLine(End: new BackupEnd(count, Sum(digest))));

        void Append(BackupLine line)
        {
            byte[] text = [.. BackupText.Write(line), (byte)'\n'];
            if (text.Length > LineBytesMax)
                throw new IOException($"a line would have {text.Length} bytes, more than is read back");
            digest.AppendData(text);
            lines.Write(text);
        }
    }

    private BackupLine Next(LineReader lines)
    {
        if (!lines.Read())
            throw new InputException($"{path} ends after line {lines.Number} without the line that ends a backup: "
                + "it was cut");
        if (lines.IsTooLong)
            throw new InputException($"{lines.Place} has more than {LineBytesMax} bytes: that is no backup of Tocsin");
        if (!lines.IsTerminated)
            throw new InputException($"{lines.Place} ends in the middle of a line: it was cut");
        try
        {
            return BackupText.Read(lines.Line.Span);
        }
        catch (FormatException e)
        {
            throw new InputException($"{lines.Place} is no line of a backup of Tocsin of this version", e);
        }
    }

    private static StoreRow RowOf(LineReader lines, BackupLine line)
    {
        try
        {
            return BackupText.RowOf(line)
                ?? throw new InputException($"{lines.Place} begins a backup in the middle of another one");
        }
        catch (FormatException e)
        {
            throw new InputException($"{lines.Place} cannot have been written by a backup: {e.Message}", e);
        }
    }

    private void RequireWhole(LineReader lines, BackupHead head, BackupEnd end, BackupEnd met)
    {
        if (end != met)
            throw new InputException($"{path} was changed after it was written: its lines are not those that its last "
                + "line sums up");
        if (head.Head != Contents.Head.ToString())
            throw new InputException($"{path} ends with {Contents.Head} and not with {head.Head}, as its first line "
                + "says");
        if (lines.Read())
            throw new InputException($"{path} goes on after its end");
    }

    private static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }

    private static string Sum(IncrementalHash digest) => Convert.ToHexStringLower(digest.GetCurrentHash());

    private static bool IsCompressed(string path) => path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
}
