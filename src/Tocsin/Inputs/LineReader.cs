using System.IO.Compression;
using Tocsin.Texts;

namespace Tocsin.Inputs;

/// <summary>
/// The lines of a file, one at a time, in memory bounded by the longest line that is allowed. A line ends with a line
/// feed, before which a carriage return is dropped; a byte order mark at the head of the file is dropped too.
/// </summary>
internal sealed class LineReader(Stream stream, string name, int lineBytesMax) : IDisposable
{
    private const int FirstBufferBytes = 64 << 10;

    private byte[] buffer = new byte[FirstBufferBytes];
    private int start;
    private int end;
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
    /// <exception cref="InputException">The file cannot be opened.</exception>
    public static LineReader Open(string path, int lineBytesMax)
    {
        try
        {
            var file = new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FirstBufferBytes);
            return new LineReader(
                path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? Decompressed(file) : file,
                path,
                lineBytesMax)
            { File = file };
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
    /// <exception cref="InputException">The file cannot be read on, or is no gzip.</exception>
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

    private static GZipStream Decompressed(Stream file) => new(file, CompressionMode.Decompress);

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
            if (File is { Length: > 0 } file)
                Fraction = Math.Min(1, (double)file.Position / file.Length);
            return read > 0;
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            throw new InputException($"{name} cannot be read beyond line {Number}: {e.Message}", e);
        }
    }
}
