using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Tocsin.Texts;

namespace Tocsin.Inputs;

/// <summary>A file of the input log: <c>0000000001.jsonl</c>, or <c>.jsonl.gz</c> once it is closed.</summary>
/// <param name="Bytes">As they lie on the disk.</param>
/// <param name="ClosedAt">When it was written last.</param>
internal sealed record InputSegment(long Number, string Path, bool IsCompressed, long Bytes, DateTimeOffset ClosedAt);

/// <summary>
/// The files of an input log, for whoever reads it, also while it is written. The first line of each says how many
/// inputs came before it: <c>{"kind":"segment.1","first":N}</c>.
/// </summary>
internal static class InputSegments
{
    /// <summary>More than so many bytes, before compression, are no segment: one is closed long before.</summary>
    public const long BytesMax = 1L << 30;

    private const string Plain = ".jsonl";
    private const string Compressed = ".jsonl.gz";
    private const string Aside = ".damaged";

    // Ten digits, with room for what comes after.
    private const long NumberMax = 9_000_000_000;

    public static string PathOf(string folder, long number, bool compressed = false) =>
        Path.Combine(folder, $"{number:D10}{(compressed ? Compressed : Plain)}");

    public static byte[] Header(long first) => Encoding.UTF8.GetBytes($$"""{"kind":"segment.1","first":{{first}}}""");

    /// <summary>Oldest first. Where a crash left both forms of a segment, the plain one, which is whole.</summary>
    public static List<InputSegment> List(string folder)
    {
        // A segment that is compressed meanwhile can be seen in both forms or in neither: two looks must agree.
        var seen = Look(folder);
        while (true)
        {
            var again = Look(folder);
            if (seen is not null && again is not null
                && seen.Select(segment => segment.Number).SequenceEqual(again.Select(segment => segment.Number)))
                return again;
            seen = again;
        }
    }

    // Null where a file went away between its name and its length.
    private static List<InputSegment>? Look(string folder)
    {
        try
        {
            return LookOnce(folder);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private static List<InputSegment> LookOnce(string folder)
    {
        var segments = new SortedDictionary<long, InputSegment>();
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles())
        {
            var compressed = file.Name.EndsWith(Compressed, StringComparison.Ordinal);
            if (!compressed && !file.Name.EndsWith(Plain, StringComparison.Ordinal))
                continue;
            var name = file.Name[..^(compressed ? Compressed : Plain).Length];
            if (name.Length != 10 || !long.TryParse(name, out var number) || number is < 1 or > NumberMax)
                continue;
            if (!compressed || !segments.ContainsKey(number))
                segments[number] = new InputSegment(
                    number, file.FullName, compressed, file.Length, file.LastWriteTimeUtc);
        }
        return [.. segments.Values];
    }

    /// <summary>
    /// The inputs from a place on, each with the place after it, up to the newest that was flushed. Between them stands
    /// what is lost, with the place from which the log goes on.
    /// </summary>
    /// <param name="from">A place that a log gave; the default for the oldest input there is.</param>
    /// <exception cref="InputException">The log does not hold that place, or holds something else than
    /// inputs.</exception>
    public static IEnumerable<(LoggedInput Input, InputPosition After)> Read(string folder, InputPosition from)
    {
        var segments = List(folder);
        if (from.Segment > 0)
            segments.RemoveAll(segment => segment.Number < from.Segment);
        if (from.Segment > 0 && (segments.Count == 0 || segments[0].Number != from.Segment))
            throw new InputException(
                $"{folder} does not hold segment {from.Segment} any more: begin at a state that it holds, or anew");
        InputPosition? end = null;
        foreach (var segment in segments)
        {
            var isLast = segment == segments[^1];
            if (Open(folder, segment) is not { } opened)
            {
                if (isLast && (end is not null || from.Offset == 0))
                    yield break;
                throw new InputException($"{segment.Path} is torn at its head: it cannot be replayed");
            }
            using var lines = opened.Lines;
            var begin = new InputPosition(segment.Number, lines.Offset, opened.First);
            if (end is null && from.Segment == 0 && PutAsideBefore(folder, segment.Number) is { } first)
                yield return (first, begin);
            if (end is { } before && LostBetween(folder, before, begin) is { } lost)
                yield return (lost, begin);
            var count = end is null && from.Segment > 0 ? Seek(lines, opened.First, from) : opened.First;
            while (lines.Read())
            {
                // A line without an end is being written, or was when the power went.
                if (!lines.IsTerminated && isLast)
                    yield break;
                yield return (ReadLine(lines), new InputPosition(segment.Number, lines.Offset, ++count));
            }
            end = new InputPosition(segment.Number, lines.Offset, count);
        }
    }

    /// <summary>Opens a segment and takes its first line; null where a crash tore even that.</summary>
    /// <exception cref="InputException">It is no segment of an input log, or cannot be read.</exception>
    public static (LineReader Lines, long First)? Open(string folder, InputSegment segment)
    {
        var lines = OpenEitherForm(folder, segment);
        try
        {
            if (!lines.Read() || (!lines.IsTerminated && !lines.IsTooLong && IsTornHead(lines.Line.Span)))
            {
                lines.Dispose();
                return null;
            }
            var header = JsonSerializer.Deserialize<SegmentHeader>(lines.Line.Span, HeaderOptions);
            if (header is { Kind: "segment.1", First: >= 0 } && lines.IsTerminated)
                return (lines, header.First);
        }
        catch (JsonException)
        {
            // Told below with the file's name.
        }
        catch
        {
            lines.Dispose();
            throw;
        }
        lines.Dispose();
        throw new InputException($"{lines.Place} is not the head of an input log of this version");
    }

    /// <summary>The place after a segment's last whole line; null where a crash tore even its head.</summary>
    /// <exception cref="InputException">It is no segment of an input log, or cannot be read to its end.</exception>
    public static InputPosition? EndOf(string folder, InputSegment segment)
    {
        if (Open(folder, segment) is not { } opened)
            return null;
        using var lines = opened.Lines;
        var end = new InputPosition(segment.Number, lines.Offset, opened.First);
        while (lines.Read() && lines.IsTerminated)
        {
            CheckLength(lines);
            end = new InputPosition(segment.Number, lines.Offset, end.Count + 1);
        }
        return end;
    }

    /// <summary>Whether a segment has that place between two of its lines.</summary>
    /// <exception cref="InputException">It is no segment of an input log, or cannot be read so far.</exception>
    public static bool Holds(string folder, InputSegment segment, InputPosition position)
    {
        if (segment.Number != position.Segment || Open(folder, segment) is not { } opened)
            return false;
        using var lines = opened.Lines;
        var count = opened.First;
        while (lines.Offset < position.Offset && lines.Read() && lines.IsTerminated)
            count++;
        return lines.Offset == position.Offset && count == position.Count;
    }

    /// <summary>Renames a segment, so that it is none any more and stays for whoever looks at it.</summary>
    /// <returns>Its new path.</returns>
    public static string PutAside(InputSegment segment)
    {
        var aside = segment.Path + Aside;
        for (var number = 2; Path.Exists(aside); number++)
            aside = $"{segment.Path}.{number}{Aside}";
        File.Move(segment.Path, aside);
        return aside;
    }

    /// <summary>Rewrites a closed segment in its compressed form.</summary>
    /// <exception cref="InputException">What bears its name is none: it is left alone.</exception>
    public static void Compress(string folder, long number)
    {
        var plain = PathOf(folder, number);
        CheckFile(plain);
        if (new FileInfo(plain).Length == 0)
            throw new InputException($"{plain} holds nothing, or is no regular file");
        var whole = PathOf(folder, number, compressed: true);
        var closedAt = File.GetLastWriteTimeUtc(plain);
        using (var from = File.OpenRead(plain))
        using (var to = new FileStream(whole + ".tmp", FileMode.Create))
        {
            using (var gzip = new GZipStream(to, CompressionLevel.Fastest, leaveOpen: true))
                from.CopyTo(gzip);
            to.Flush(flushToDisk: true);
        }
        File.SetLastWriteTimeUtc(whole + ".tmp", closedAt);
        File.Move(whole + ".tmp", whole, overwrite: true);
        File.Delete(plain);
    }

    /// <summary>The opposite, for a segment that is to be written on.</summary>
    /// <param name="length">So many bytes of it, all of which were read before.</param>
    public static void Decompress(string folder, long number, long length)
    {
        var plain = PathOf(folder, number);
        var whole = PathOf(folder, number, compressed: true);
        using (var from = new GZipStream(File.OpenRead(whole), CompressionMode.Decompress))
        using (var to = new FileStream(plain + ".tmp", FileMode.Create))
        {
            var buffer = new byte[64 << 10];
            for (int read; length > 0; length -= read)
            {
                read = from.ReadAtLeast(buffer.AsSpan(0, (int)Math.Min(buffer.Length, length)), 1);
                to.Write(buffer, 0, read);
            }
            to.Flush(flushToDisk: true);
        }
        File.Move(plain + ".tmp", plain, overwrite: true);
        File.Delete(whole);
    }

    private static readonly byte[] HeadBegin = Header(0)[..^2];

    private static readonly JsonSerializerOptions HeaderOptions =
        new(Recording.EventJson.Options) { AllowDuplicateProperties = false };

    private static LoggedInput.Lost? LostBetween(string folder, InputPosition end, InputPosition begin)
    {
        if (begin.Count < end.Count)
            throw new InputException($"segment {begin.Segment} in {folder} is of another log than those before it");
        return begin.Segment == end.Segment + 1 && begin.Count == end.Count
            ? null
            : new LoggedInput.Lost($"what came between segment {end.Segment} and segment {begin.Segment} is not there");
    }

    // What grew too old is gone without a trace, and meant to be; what was put aside is not.
    private static LoggedInput.Lost? PutAsideBefore(string folder, long first)
    {
        foreach (var path in Directory.GetFiles(folder, "*.damaged").Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(path);
            if (long.TryParse(name.Split('.')[0], out var number) && number < first)
                return new LoggedInput.Lost($"what {name} held is not there");
        }
        return null;
    }

    private static long Seek(LineReader lines, long count, InputPosition position)
    {
        while (lines.Offset < position.Offset && lines.Read())
            count++;
        return lines.Offset == position.Offset && count == position.Count
            ? count
            : throw new InputException($"{lines.Place} does not hold {position}: it is another log, or was cut");
    }

    private static LoggedInput ReadLine(LineReader lines)
    {
        CheckLength(lines);
        try
        {
            return InputJson.Read(lines.Line.Span);
        }
        catch (FormatException e)
        {
            throw new InputException($"{lines.Place}: {e.Message}", e);
        }
    }

    private static void CheckLength(LineReader lines)
    {
        if (lines.IsTooLong)
            throw new InputException($"{lines.Place} is longer than {InputJson.LineBytesMax} bytes");
    }

    // A beginning of what the writer writes first; anything else is no work of a crash, and not to be written over.
    private static bool IsTornHead(ReadOnlySpan<byte> line)
    {
        var begin = HeadBegin.AsSpan();
        return begin.StartsWith(line)
            || (line.StartsWith(begin)
                && !line[begin.Length..].TrimEnd((byte)'}').ContainsAnyExceptInRange((byte)'0', (byte)'9'));
    }

    // The writer may compress a segment, and so remove its plain form, between our listing it and opening it.
    private static LineReader OpenEitherForm(string folder, InputSegment segment)
    {
        try
        {
            return OpenFile(segment.Path);
        }
        catch (InputException) when (!segment.IsCompressed && !File.Exists(segment.Path))
        {
            return OpenFile(PathOf(folder, segment.Number, compressed: true));
        }
    }

    private static LineReader OpenFile(string path)
    {
        CheckFile(path);
        return LineReader.Open(path, InputJson.LineBytesMax, BytesMax);
    }

    // The writer makes no links; where one leads may never end.
    private static void CheckFile(string path)
    {
        var file = new FileInfo(path);
        if (file.LinkTarget is not null)
            throw new InputException($"{path} is a link, and no segment of an input log");
        if (file.Exists && file.Length > BytesMax)
            throw new InputException($"{path} is larger than any segment of an input log");
    }

    private sealed record SegmentHeader(string Kind, long First);
}
