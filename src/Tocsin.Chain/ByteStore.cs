namespace Tocsin.Chain;

/// <summary>
/// Bytes handed out one after the other from one buffer that is used again after <see cref="Clear"/>. What was handed
/// out stays where it is until then, also when more room is needed.
/// </summary>
internal sealed class ByteStore
{
    private const int FirstBytes = 16 << 10;

    private byte[] buffer = new byte[FirstBytes];
    private int used;

    public void Clear() => used = 0;

    public Memory<byte> Take(int count)
    {
        if (count > buffer.Length - used)
        {
            buffer = new byte[Math.Max(count, (int)Math.Min(2L * buffer.Length, Array.MaxLength))];
            used = 0;
        }
        var taken = buffer.AsMemory(used, count);
        used += count;
        return taken;
    }
}

/// <summary>A list of plain values whose places are filled where they stand and used again after a clear.</summary>
/// <param name="what">What is counted, for the message.</param>
/// <param name="countMax">More than this is refused.</param>
internal sealed class Row<T>(string what, int countMax)
    where T : struct
{
    private const int FirstCount = 64;

    private T[] items = new T[FirstCount];

    public int Count { get; private set; }

    public ref T this[int place] => ref items.AsSpan(0, Count)[place];

    public void Clear() => Count = 0;

    /// <summary>One more place, which holds what was there the last time.</summary>
    /// <exception cref="RpcFormatException">There are too many already.</exception>
    public ref T Add()
    {
        if (Count == items.Length)
        {
            if (Count >= countMax)
                throw RpcJson.Garbage($"there are more than {countMax} {what}");
            Array.Resize(ref items, Math.Min(2 * items.Length, countMax));
        }
        return ref items[Count++];
    }

    public ReadOnlyMemory<T> Slice(int start, int count) => items.AsMemory(start, count);
}
