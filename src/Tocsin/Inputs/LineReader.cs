using System.IO.Compression;
using Tocsin.Texts;

namespace Tocsin.Inputs;

/// <summary>
/// The lines of a file, one at a time, in memory bounded by the longest line that is allowed. A line ends with a line
/// feed, before which a carriage return is dropped; a byte order mark at the head of the file is dropped too.
/// </summary>
/// <param name="bytesMax">More than so many bytes, after decompression, are not read.</param>
internal sealed class LineReader(Stream stream, string name, int lineBytesMax, long bytesMax = long.MaxValue)
    : IDisposable
{
    private const int FirstBufferBytes = 64 << 10;

    private static readonly FileStreamOptions Reading = new()
    {
        Share = FileShare.ReadWrite | FileShare.Delete,
        BufferSize = FirstBufferBytes,
    };

    private byte[] buffer = new byte[FirstBufferBytes];
    private int start;
    private int end;
    private long taken;
    private ReadOnlyMemory<byte> line;

    /// <summary>The line that was read last; valid until the next is read. Empty where it was too long.</summary>
    public ReadOnlyMemory<byte> Line => line;

    /// <summary>The number of that line, from 1.</summary>
    public long Number { get; private set; }

    /// <summary>How many bytes, after decompression, lie up to the end of that line.</summary>
    public long Offset { get; private set; }

    /// <summary>True where that line has more bytes than allowed and was passed over.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>False where the file ends in that line without a line feed.</summary>
    public bool IsTerminated { get; private set; }

    public string Place => $"{name}:{Number}";

    /// <summary>How much of the file was read, from 0 to 1.</summary>
    public double Fraction { get; private set; }

    /// <summary>Opens a file of lines; one whose name ends with .gz is decompressed on the way.</summary>
    /// <exception cref="InputException">The file cannot be opened, or is no regular file.</exception>
    public static LineReader Open(string path, int lineBytesMax, long bytesMax = long.MaxValue)
    {
        try
        {
            if (HoldsNothing(path))
                return new LineReader(Stream.Null, path, lineBytesMax);
            var isCompressed = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
            FileStream file = isCompressed ? new LastByteAlone(path) : new FileStream(path, Reading);
            return new LineReader(
                isCompressed ? new GZipStream(file, CompressionMode.Decompress) : file, path, lineBytesMax, bytesMax)
            {
                File = file,
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Lines of a stream, which is disposed with the reader.</summary>
    /// <param name="name">How messages name it.</param>
    public static LineReader Of(Stream stream, string name, int lineBytesMax) => new(stream, name, lineBytesMax);

    /// <summary>Goes to the next line; false at the end of the file.</summary>
    /// <exception cref="InputException">The file cannot be read on, is no gzip or one that was cut, or holds more than
    /// is read.</exception>
    public bool Read()
    {
        IsTooLong = false;
        var searched = 0;
        while (true)
        {
            var newline = buffer.AsSpan(start + searched, end - start - searched).IndexOf((byte)'\n');
            if (newline >= 0)
                return Take(searched + newline, terminator: 1);
            searched = end - start;
            if (searched > lineBytesMax)
            {
                IsTooLong = true;
                Offset += searched;
                (start, searched) = (end, 0);
            }
            if (Fill())
                continue;
            return (searched > 0 || IsTooLong) && Take(searched, terminator: 0);
        }
    }

    public void Dispose() => stream.Dispose();

    private FileStream? File { get; init; }

    // What is no regular file, a pipe or a device for example, has no length: opening or reading one may never end.
    private static bool HoldsNothing(string path) =>
        new FileInfo(System.IO.File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path).Length == 0;

    private bool Take(int length, int terminator)
    {
        Number++;
        Offset += length + terminator;
        IsTerminated = terminator > 0;
        IsTooLong |= length > lineBytesMax;
        line = IsTooLong ? default : Trimmed(buffer.AsMemory(start, length));
        start += length + terminator;
        return true;
    }

    private ReadOnlyMemory<byte> Trimmed(ReadOnlyMemory<byte> read)
    {
        if (Number == 1 && read.Span.StartsWith("\uFEFF"u8))
            read = read[3..];
        return read.Span is [.., (byte)'\r'] ? read[..^1] : read;
    }

    private bool Fill()
    {
        if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
        }
        if (end == buffer.Length)
            Array.Resize(ref buffer, (int)Math.Min((long)buffer.Length * 2, lineBytesMax + (long)FirstBufferBytes));
        try
        {
            var read = stream.Read(buffer, end, buffer.Length - end);
            end += read;
            taken += read;
            if (read == 0 && File is LastByteAlone compressed && compressed.Position < compressed.Length)
                throw new InvalidDataException("its compressed data ends before the file does");
            if (File is { Length: > 0 } file)
                Fraction = Math.Min(1, (double)file.Position / file.Length);
            return taken <= bytesMax
                ? read > 0
                : throw new InputException($"{name} holds more than {bytesMax} bytes: line {Number} is the last taken");
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            throw new InputException($"{name} cannot be read beyond line {Number}: {e.Message}", e);
        }
    }

    /// <summary>
    /// A compressed file whose last byte comes by itself, after all others: a decoder that never asks for it took the
    /// data for ended where something else than gzip goes on (RFC 1952), and its buffer would have hidden the rest.
    /// That the data was cut is noticed by the runtime: System.IO.Compression.UseStrictValidation.
    /// </summary>
    private sealed class LastByteAlone(string path) : FileStream(path, Reading)
    {
        public override int Read(byte[] buffer, int offset, int count)
        {
            var left = Length - Position;
            return base.Read(buffer, offset, left > 1 && count >= left ? (int)(left - 1) : count);
        }
    }
}
