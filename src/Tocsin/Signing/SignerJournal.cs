using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Recording;
using Tocsin.Texts;

namespace Tocsin.Signing;

/// <summary>
/// One signature that was given: which call of which decision, under which nonce, and the exact bytes.
/// </summary>
internal sealed record JournalEntry(
    Hash32 Decision,
    Hash32 PlanHash,
    string Action,
    ulong Use,
    int Call,
    Hash32 CallsHash,
    ChainId Chain,
    ulong Nonce,
    Hash32 Transaction,
    string Raw,
    DateTimeOffset At);

/// <summary>
/// The signer's memory: one JSON line a signature, chained by SHA-256 and flushed to the disk before the signature
/// leaves the process. What is here was perhaps sent; what is not here was never signed.
/// </summary>
internal sealed class SignerJournal : IDisposable
{
    private readonly FileStream file;
    private readonly List<JournalEntry> entries = [];
    private string link = new('0', 64);

    private SignerJournal(FileStream file) => this.file = file;

    public IReadOnlyList<JournalEntry> Entries => entries;

    /// <summary>Opens or creates the journal, alone: a second signer on the same journal could sign twice.</summary>
    /// <exception cref="InputException">The file is in use, unreadable, or not what was written.</exception>
    public static SignerJournal Open(string path)
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
                var journal = new SignerJournal(file);
                journal.Load(path);
                return journal;
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"the signer's journal {path} cannot be opened: {e.Message}", e);
        }
    }

    /// <summary>Writes and flushes one entry. When this returns, a power cut does not lose it.</summary>
    /// <exception cref="InvalidOperationException">
    /// The disk failed, perhaps half-way: what the file holds now is unknown, so the signer must end.
    /// </exception>
    public void Append(JournalEntry entry)
    {
        var text = JsonSerializer.Serialize(entry, EventJson.Options);
        var next = Link(link, text);
        var line = Encoding.UTF8.GetBytes($"{next} {text}\n");
        try
        {
            file.Write(line);
            file.Flush(flushToDisk: true);
        }
        catch (IOException e)
        {
            throw new InvalidOperationException($"the signer's journal cannot be written: {e.Message}", e);
        }
        link = next;
        entries.Add(entry);
    }

    public void Dispose() => file.Dispose();

    private void Load(string path)
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
                    $"{path}:{number}: the journal is not what was written; restore it before anything is signed");
            link = line[..separator];
            entries.Add(JsonSerializer.Deserialize<JournalEntry>(line[(separator + 1)..], EventJson.Options)!);
        }
        // A line without its end was cut off by a crash before its flush returned: nobody was given that signature.
        file.SetLength(complete);
        file.Seek(0, SeekOrigin.End);
    }

    private static string Link(string previous, string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(previous + text)));
}
