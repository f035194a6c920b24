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
    private const string Plain = ".jsonl";
    private const string Compressed = ".jsonl.gz";

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
            if (name.Length != 10 || !long.TryParse(name, out var number) || number < 1)
                continue;
            if (!compressed || !segments.ContainsKey(number))
                segments[number] = new InputSegment(
                    number, file.FullName, compressed, file.Length, file.LastWriteTimeUtc);
        }
        return [.. segments.Values];
    }

    /// <summary>
    /// The inputs from a place on, each with the place after it, up to the newest that was flushed.
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
        long? expected = null;
        foreach (var segment in segments)
        {
            if (expected is { } number && segment.Number != number)
                throw new InputException($"{folder} lacks segment {number}: what came then cannot be replayed");
            var isLast = segment == segments[^1];
            foreach (var entry in ReadSegment(folder, segment, segment.Number == from.Segment ? from : null, isLast))
                yield return entry;
            expected = segment.Number + 1;
        }
    }

    /// <summary>Opens a segment and takes its first line; null where even that is torn.</summary>
    public static (LineReader Lines, long First)? Open(string folder, InputSegment segment)
    {
        var lines = OpenEitherForm(folder, segment);
        if (!lines.Read() || !lines.IsTerminated)
        {
            lines.Dispose();
            return null;
        }
        try
        {
            var header = JsonSerializer.Deserialize<SegmentHeader>(lines.Line.Span, HeaderOptions);
            if (header is { Kind: "segment.1", First: >= 0 })
                return (lines, header.First);
        }
        catch (JsonException)
        {
            // Told below with the file's name.
        }
        lines.Dispose();
        throw new InputException($"{lines.Place} is not the head of an input log of this version");
    }

    /// <summary>Rewrites a closed segment in its compressed form.</summary>
    public static void Compress(string folder, long number)
    {
        var plain = PathOf(folder, number);
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
    public static void Decompress(string folder, long number)
    {
        var plain = PathOf(folder, number);
        var whole = PathOf(folder, number, compressed: true);
        using (var from = new GZipStream(File.OpenRead(whole), CompressionMode.Decompress))
        using (var to = new FileStream(plain + ".tmp", FileMode.Create))
        {
            from.CopyTo(to);
            to.Flush(flushToDisk: true);
        }
        File.Move(plain + ".tmp", plain, overwrite: true);
        File.Delete(whole);
    }

    private static readonly JsonSerializerOptions HeaderOptions =
        new(Recording.EventJson.Options) { AllowDuplicateProperties = false };

    private static IEnumerable<(LoggedInput Input, InputPosition After)> ReadSegment(
        string folder, InputSegment segment, InputPosition? from, bool isLast)
    {
        if (Open(folder, segment) is not { } opened)
        {
            if (isLast && from is null or { Offset: 0 })
                yield break;
            throw new InputException($"{segment.Path} is torn at its head: it cannot be replayed");
        }
        using var lines = opened.Lines;
        var count = opened.First;
        if (from is { } position)
        {
            while (lines.Offset < position.Offset && lines.Read())
                count++;
            if (lines.Offset != position.Offset || count != position.Count)
                throw new InputException($"{segment.Path} does not hold {position}: it is another log, or was cut");
        }
        while (lines.Read())
        {
            // A line without an end is being written, or was when the power went.
            if (!lines.IsTerminated && isLast)
                yield break;
            yield return (ReadLine(lines), new InputPosition(segment.Number, lines.Offset, ++count));
        }
    }

    private static LoggedInput ReadLine(LineReader lines)
    {
        if (lines.IsTooLong)
            throw new InputException($"{lines.Place} is longer than {InputJson.LineBytesMax} bytes");
        try
        {
            return InputJson.Read(lines.Line.Span);
        }
        catch (FormatException e)
        {
            throw new InputException($"{lines.Place}: {e.Message}", e);
        }
    }

    // The writer may compress a segment, and so remove its plain form, between our listing it and opening it.
    private static LineReader OpenEitherForm(string folder, InputSegment segment)
    {
        try
        {
            return LineReader.Open(segment.Path, InputJson.LineBytesMax);
        }
        catch (InputException) when (!segment.IsCompressed && !File.Exists(segment.Path))
        {
            return LineReader.Open(PathOf(folder, segment.Number, compressed: true), InputJson.LineBytesMax);
        }
    }

    private sealed record SegmentHeader(string Kind, long First);
}
