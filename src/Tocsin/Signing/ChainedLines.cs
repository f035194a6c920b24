using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tocsin.Recording;
using Tocsin.Texts;

namespace Tocsin.Signing;

/// <summary>
/// A memory of the signer: one JSON line an entry, chained by SHA-256 and flushed to the disk before anybody is told.
/// </summary>
internal sealed class ChainedLines<T> : IDisposable
    where T : class
{
    private readonly FileStream file;
    private readonly List<T> entries = [];
    private readonly int keep;
    private string link = new('0', 64);

    private ChainedLines(FileStream file, int keep) => (this.file, this.keep) = (file, keep);

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
                var lines = new ChainedLines<T>(file, keep);
                lines.Load(path, what);
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
            throw new InvalidOperationException($"the signer's memory cannot be written: {e.Message}", e);
        }
        link = next;
        Keep(entry);
    }

    public void Dispose() => file.Dispose();

    private void Load(string path, string what)
    {
        // As bytes: a reader of text would drop marks such as a byte order mark, and the length kept would be wrong.
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        var complete = Array.LastIndexOf(bytes, (byte)'\n') + 1;
        var lines = Encoding.UTF8.GetString(bytes, 0, complete).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (var (line, number) in lines.Select((line, i) => (line, i + 1)))
        {
            var separator = line.IndexOf(' ');
            if (separator < 0 || Link(link, line[(separator + 1)..]) != line[..separator])
                throw new InputException(
                    $"{path}:{number}: {what} is not what was written; restore it before anything is signed");
            link = line[..separator];
            Keep(JsonSerializer.Deserialize<T>(line[(separator + 1)..], EventJson.Options)!);
        }
        // A line without its end was cut off by a crash before its flush returned: nobody was told of it.
        file.SetLength(complete);
        file.Seek(0, SeekOrigin.End);
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
