using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tocsin.Recording;
using Tocsin.Texts;

namespace Tocsin.Signing;

/// <summary>
/// What others rely on: one JSON line an entry, chained by SHA-256 and flushed to the disk before anybody is told.
/// </summary>
internal sealed class ChainedLines<T> : IDisposable
    where T : class
{
    private readonly FileStream file;
    private readonly List<T> entries = [];
    private readonly string what;
    private readonly int keep;
    private string link = new('0', 64);

    private ChainedLines(FileStream file, string what, int keep) =>
        (this.file, this.what, this.keep) = (file, what, keep);

    /// <summary>The last ones, in order.</summary>
    public IReadOnlyList<T> Entries => entries;

    /// <summary>Opens or creates the file, alone: two signers on one memory would contradict each other.</summary>
    /// <param name="what">What the file is, in messages.</param>
    /// <param name="keep">How many of the last entries are kept at hand.</param>
    /// <exception cref="InputException">The file is in use, unreadable, or not what was written.</exception>
    public static ChainedLines<T> Open(string path, string what, int keep = int.MaxValue)
    {
        try
        {
            var options = new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
            };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            var file = new FileStream(path, options);
            try
            {
                var lines = new ChainedLines<T>(file, what, keep);
                lines.Load(path);
                return lines;
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{what} {path} cannot be opened: {e.Message}", e);
        }
    }

    /// <summary>Writes and flushes one entry. When this returns, a power cut does not lose it.</summary>
    /// <exception cref="InvalidOperationException">
    /// The disk failed, perhaps half-way: what the file holds now is unknown, so the signer must end.
    /// </exception>
    public void Append(T entry)
    {
        var text = JsonSerializer.Serialize(entry, EventJson.Options);
        var next = Link(link, text);
        try
        {
            file.Write(Encoding.UTF8.GetBytes($"{next} {text}\n"));
            file.Flush(flushToDisk: true);
        }
        catch (IOException e)
        {
            throw new InvalidOperationException($"{what} cannot be written: {e.Message}", e);
        }
        link = next;
        Keep(entry);
    }

    public void Dispose() => file.Dispose();

    /// <summary>What a file holds, with the link of each line; the file stays as it is.</summary>
    /// <exception cref="InputException">The file is in use, unreadable, too large, or not what was written.</exception>
    public static IReadOnlyList<(string Link, T Entry)> Read(string path, string what, int maximumBytes)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (file.Length > maximumBytes)
                throw new InputException($"{what} {path} has more than {maximumBytes:N0} bytes");
            var (_, lines) = Parse(file, path, what);
            return lines;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{what} {path} cannot be opened: {e.Message}", e);
        }
    }

    private void Load(string path)
    {
        var (complete, lines) = Parse(file, path, what);
        foreach (var (next, entry) in lines)
        {
            link = next;
            Keep(entry);
        }
        // A line without its end was cut off by a crash before its flush returned: nobody was told of it.
        file.SetLength(complete);
        file.Seek(0, SeekOrigin.End);
    }

    private static (int Complete, List<(string Link, T Entry)> Lines) Parse(FileStream file, string path, string what)
    {
        // As bytes: a reader of text would drop marks such as a byte order mark, and the length kept would be wrong.
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        var complete = Array.LastIndexOf(bytes, (byte)'\n') + 1;
        var link = new string('0', 64);
        var entries = new List<(string, T)>();
        var lines = Encoding.UTF8.GetString(bytes, 0, complete).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (var (line, number) in lines.Select((line, i) => (line, i + 1)))
        {
            var separator = line.IndexOf(' ');
            if (separator < 0 || Link(link, line[(separator + 1)..]) != line[..separator])
                throw new InputException(
                    $"{path}:{number}: {what} is not what was written; restore it before anything is signed");
            link = line[..separator];
            entries.Add((link, JsonSerializer.Deserialize<T>(line[(separator + 1)..], EventJson.Options)!));
        }
        return (complete, entries);
    }

    private void Keep(T entry)
    {
        if (entries.Count >= keep)
            entries.RemoveAt(0);
        entries.Add(entry);
    }

    private static string Link(string previous, string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(previous + text)));
}
