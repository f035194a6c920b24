using System.Buffers;

namespace Tocsin.Chain;

/// <summary>The bytes of one answer in a rented buffer: answers run to megabytes several times a second.</summary>
internal sealed class BoundedBody : IDisposable
{
    private const int FirstBufferBytes = 16 << 10;
    private const int StartBytes = 120;

    private readonly MemoryAllowance allowance;
    private readonly int weight;
    private byte[] buffer = [];
    private long noted;
    private int length;
    private byte[]? start;

    private BoundedBody(MemoryAllowance allowance, int weight) => (this.allowance, this.weight) = (allowance, weight);

    public ReadOnlyMemory<byte> Memory => buffer.AsMemory(0, length);

    /// <summary>Reads to the end.</summary>
    /// <param name="allowance">What all bodies of a node may take together.</param>
    /// <param name="weight">How many bytes are taken at worst for one of the body, with what is made of it.</param>
    /// <exception cref="BodyTooLargeException">There are more bytes than allowed.</exception>
    public static async Task<BoundedBody> ReadAsync(
        Stream stream,
        long? announcedBytes,
        int maximumBytes,
        MemoryAllowance allowance,
        int weight,
        CancellationToken cancellationToken)
    {
        if (announcedBytes > maximumBytes)
            throw BodyTooLargeException.Alone(maximumBytes);
        var body = new BoundedBody(allowance, weight);
        try
        {
            body.Grow((int)Math.Min(maximumBytes + 1L, announcedBytes + 1 ?? FirstBufferBytes));
            while (body.length <= maximumBytes)
            {
                var read = await stream.ReadAsync(body.Room(), cancellationToken);
                if (read == 0)
                    return body.Noted();
                body.length += read;
            }
            throw BodyTooLargeException.Alone(maximumBytes);
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    /// <summary>The first bytes, for a message; a copy that may be read after disposal.</summary>
    public ReadOnlySpan<byte> Start() => start ??= Memory.Span[..Math.Min(length, StartBytes)].ToArray();

    public void Dispose()
    {
        if (buffer.Length == 0)
            return;
        Start();
        Return(buffer);
        allowance.Give(noted);
        buffer = [];
        noted = 0;
        length = 0;
    }

    // What will be made of the body counts as soon as its length is known.
    private BoundedBody Noted()
    {
        var notes = (long)length * (weight - 1);
        if (!allowance.TryTake(notes))
            throw BodyTooLargeException.Together(allowance.Bytes);
        noted = notes;
        return this;
    }

    private Memory<byte> Room()
    {
        if (length == buffer.Length)
            Grow(2 * buffer.Length);
        return buffer.AsMemory(length);
    }

    private void Grow(int bytes)
    {
        // As the pool rounds it: what is taken must be what is given back.
        var larger = ArrayPool<byte>.Shared.Rent(bytes);
        if (!allowance.TryTake(larger.Length))
        {
            ArrayPool<byte>.Shared.Return(larger);
            throw BodyTooLargeException.Together(allowance.Bytes);
        }
        Memory.CopyTo(larger);
        if (buffer.Length > 0)
            Return(buffer);
        buffer = larger;
    }

    private void Return(byte[] rented)
    {
        allowance.Give(rented.Length);
        ArrayPool<byte>.Shared.Return(rented);
    }
}

/// <summary>How many bytes may be held at the same time. Safe for concurrent use.</summary>
internal sealed class MemoryAllowance(long bytes)
{
    private long left = bytes;

    public long Bytes { get; } = bytes;

    /// <summary>False where there is not so much left; then nothing is taken.</summary>
    public bool TryTake(long wanted)
    {
        if (Interlocked.Add(ref left, -wanted) >= 0)
            return true;
        Give(wanted);
        return false;
    }

    public void Give(long back) => Interlocked.Add(ref left, back);
}

/// <summary>More bytes than we are willing to read.</summary>
/// <param name="what">Reads on after who answered with it.</param>
internal sealed class BodyTooLargeException(string what) : Exception(what)
{
    public static BodyTooLargeException Alone(int maximumBytes) => new($"more than {maximumBytes} bytes");

    public static BodyTooLargeException Together(long maximumBytes) =>
        new($"so much that its answers together take more than {maximumBytes} bytes of memory");
}
