using System.Buffers;

namespace Tocsin.Chain;

/// <summary>The bytes of one answer in a rented buffer: answers run to megabytes several times a second.</summary>
internal sealed class BoundedBody : IDisposable
{
    private const int FirstBufferBytes = 16 << 10;
    private const int StartBytes = 120;

    private byte[] buffer;
    private int length;
    private byte[]? start;

    private BoundedBody(int capacity) => buffer = ArrayPool<byte>.Shared.Rent(capacity);

    public ReadOnlyMemory<byte> Memory => buffer.AsMemory(0, length);

    /// <summary>Reads to the end; null where there are more bytes than allowed.</summary>
    public static async Task<BoundedBody?> ReadAsync(
        Stream stream, long? announcedBytes, int maximumBytes, CancellationToken cancellationToken)
    {
        if (announcedBytes > maximumBytes)
            return null;
        var body = new BoundedBody((int)Math.Min(maximumBytes + 1L, announcedBytes + 1 ?? FirstBufferBytes));
        try
        {
            while (body.length <= maximumBytes)
            {
                var read = await stream.ReadAsync(body.Room(), cancellationToken);
                if (read == 0)
                    return body;
                body.length += read;
            }
        }
        catch
        {
            body.Dispose();
            throw;
        }
        body.Dispose();
        return null;
    }

    /// <summary>The first bytes, for a message; a copy that may be read after disposal.</summary>
    public ReadOnlySpan<byte> Start() => start ??= Memory.Span[..Math.Min(length, StartBytes)].ToArray();

    public void Dispose()
    {
        if (buffer.Length == 0)
            return;
        Start();
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
        length = 0;
    }

    private Memory<byte> Room()
    {
        if (length == buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(2 * buffer.Length);
            Memory.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }
        return buffer.AsMemory(length);
    }
}
