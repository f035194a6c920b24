using System.Security.Cryptography;
using System.Text;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;

namespace Tocsin.Inputs;

/// <summary>What became of inputs that were to be kept.</summary>
internal enum KeepOutcome
{
    Kept,

    /// <summary>All of them were kept before.</summary>
    NothingNew,

    /// <summary>The finding already keeps as much as one may; none of these was kept.</summary>
    FindingIsFull,

    /// <summary>All findings together keep as much as they may; none of these was kept.</summary>
    FolderIsFull,
}

/// <summary>An input as it is kept beside a finding: a line of the input log, or of a block file.</summary>
internal readonly record struct KeptInput(ReadOnlyMemory<byte> Line)
{
    public static KeptInput Of(Input input) => new(InputJson.Write(input));

    /// <param name="json">One line as block files hold them: <c>{"block":…,"receipts":…}</c>.</param>
    public static KeptInput OfBlock(ReadOnlyMemory<byte> json) => new(json);
}

/// <summary>
/// The inputs that findings cite, a file for each finding, so that they stay when the log moves on. Each line is there
/// once. Nothing is removed here. Not for use by several threads at once.
/// </summary>
internal sealed class KeptInputs
{
    private readonly string folder;
    private readonly long findingBytesMax;
    private readonly long bytesMax;
    private long bytes;

    /// <param name="folder">For example <c>inputs/kept</c> in the data folder; made where it is missing.</param>
    public KeptInputs(string folder, long findingBytesMax = 64L << 20, long bytesMax = 4L << 30)
    {
        (this.folder, this.findingBytesMax, this.bytesMax) = (folder, findingBytesMax, bytesMax);
        bytes = Directory.CreateDirectory(folder).EnumerateFiles().Sum(file => file.Length);
    }

    /// <summary>The file of a finding, whether it exists or not. The name holds no character of a path, and a part of
    /// the identifier's hash, because two identifiers may look alike without the others.</summary>
    public string PathOf(FindingId finding)
    {
        var plain = new string([.. finding.Value.Take(100).Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')]);
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(finding.Value));
        return Path.Combine(folder, $"{plain}.{Convert.ToHexStringLower(hash.AsSpan(0, 6))}.jsonl");
    }

    /// <summary>Adds to what a finding keeps, on disk when this returns: all of the inputs or none.</summary>
    public KeepOutcome Keep(FindingId finding, params ReadOnlySpan<KeptInput> inputs)
    {
        using var file = new FileStream(PathOf(finding), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        var held = HashesOf(file);
        var added = new MemoryStream();
        foreach (var input in inputs)
        {
            if (input.Line.Span.Contains((byte)'\n'))
                throw new ArgumentException("a kept input is one line", nameof(inputs));
            if (!held.Add(HashOf(input.Line.Span)))
                continue;
            added.Write(input.Line.Span);
            added.WriteByte((byte)'\n');
            if (file.Length + added.Length > findingBytesMax)
                return KeepOutcome.FindingIsFull;
        }
        if (added.Length == 0)
            return KeepOutcome.NothingNew;
        if (bytes + added.Length > bytesMax)
            return KeepOutcome.FolderIsFull;
        added.Position = 0;
        added.CopyTo(file);
        file.Flush(flushToDisk: true);
        bytes += added.Length;
        return KeepOutcome.Kept;
    }

    // A line that a crash tore is cut; the caller gives it again.
    private HashSet<UInt128> HashesOf(FileStream file)
    {
        var hashes = new HashSet<UInt128>();
        long whole = 0;
        using (var lines = LineReader.Open(file.Name, (int)Math.Min(findingBytesMax, InputJson.LineBytesMax)))
        {
            while (lines.Read() && lines.IsTerminated)
            {
                hashes.Add(HashOf(lines.Line.Span));
                whole = lines.Offset;
            }
        }
        bytes -= file.Length - whole;
        file.SetLength(whole);
        file.Seek(0, SeekOrigin.End);
        return hashes;
    }

    private static UInt128 HashOf(ReadOnlySpan<byte> line) =>
        System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(line));
}
