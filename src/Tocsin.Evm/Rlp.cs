using System.Diagnostics.CodeAnalysis;
using Tocsin.Chains;

namespace Tocsin.Evm;

/// <summary>
/// Recursive length prefix, the encoding of transactions (yellow paper, appendix B). Encoding composes: every method
/// returns the encoding of one item, and a list takes encoded items.
/// </summary>
public static class Rlp
{
    /// <summary>The longest input that is decoded; geth's pool refuses transactions beyond 128 KiB.</summary>
    public const int MaxByteCount = 1 << 20;

    /// <summary>The deepest nesting of lists that is decoded; access lists of transactions need 3.</summary>
    public const int MaxDepth = 16;

    private const int ShortLimit = 55;
    private const byte StringBase = 0x80;
    private const byte ListBase = 0xc0;

    public static byte[] Encode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == 1 && bytes[0] < StringBase)
            return bytes.ToArray();
        return [.. Prefix(StringBase, bytes.Length), .. bytes];
    }

    /// <summary>The big-endian bytes without leading zeros; zero is the empty string.</summary>
    public static byte[] Encode(UInt256 value) => Encode(value.ToArray().AsSpan().TrimStart((byte)0));

    public static byte[] Encode(ulong value) => Encode((UInt256)value);

    public static byte[] Encode(Address value) => Encode(value.ToArray());

    public static byte[] Encode(Hash32 value) => Encode(value.ToArray());

    /// <summary>A list of items that are encoded already.</summary>
    public static byte[] EncodeList(params ReadOnlySpan<byte[]> encodedItems)
    {
        var length = 0;
        foreach (var item in encodedItems)
            length += item.Length;
        var list = new List<byte>(length + 9);
        list.AddRange(Prefix(ListBase, length));
        foreach (var item in encodedItems)
            list.AddRange(item);
        return [.. list];
    }

    /// <summary>
    /// Decodes one item that fills the input. False for anything that the encoder would not have written: longer forms
    /// than needed, missing or trailing bytes, nesting beyond <see cref="MaxDepth"/>, more than
    /// <see cref="MaxByteCount"/> bytes.
    /// </summary>
    public static bool TryDecode(ReadOnlyMemory<byte> encoded, [NotNullWhen(true)] out RlpItem? item)
    {
        item = null;
        return encoded.Length <= MaxByteCount
            && TryDecodeFirst(encoded, depth: 0, out item, out var rest)
            && rest.IsEmpty;
    }

    private static bool TryDecodeFirst(
        ReadOnlyMemory<byte> input, int depth, [NotNullWhen(true)] out RlpItem? item, out ReadOnlyMemory<byte> rest)
    {
        item = null;
        rest = input;
        if (!TrySplit(input, out var isList, out var payload, out rest))
            return false;
        if (!isList)
        {
            item = new RlpItem(payload, []);
            return true;
        }
        var items = new List<RlpItem>();
        while (!payload.IsEmpty)
        {
            if (depth == MaxDepth || !TryDecodeFirst(payload, depth + 1, out var inner, out payload))
                return false;
            items.Add(inner);
        }
        item = new RlpItem(items);
        return true;
    }

    private static bool TrySplit(
        ReadOnlyMemory<byte> input, out bool isList, out ReadOnlyMemory<byte> payload, out ReadOnlyMemory<byte> rest)
    {
        (isList, payload, rest) = (false, default, default);
        if (input.IsEmpty)
            return false;
        var first = input.Span[0];
        isList = first >= ListBase;
        if (first < StringBase)
            return TryCut(input, 0, 1, out payload, out rest);
        var size = first - (isList ? ListBase : StringBase);
        if (size > ShortLimit)
        {
            var lengthBytes = size - ShortLimit;
            return TryReadLongLength(input.Span[1..], lengthBytes, out var length)
                && TryCut(input, 1 + lengthBytes, length, out payload, out rest);
        }
        return TryCut(input, 1, size, out payload, out rest)
            && (isList || size != 1 || payload.Span[0] >= StringBase);
    }

    private static bool TryCut(
        ReadOnlyMemory<byte> input,
        int start,
        int length,
        out ReadOnlyMemory<byte> payload,
        out ReadOnlyMemory<byte> rest)
    {
        var fits = input.Length - start >= length;
        payload = fits ? input.Slice(start, length) : default;
        rest = fits ? input[(start + length)..] : default;
        return fits;
    }

    private static bool TryReadLongLength(ReadOnlySpan<byte> input, int lengthBytes, out int length)
    {
        length = 0;
        // Three bytes hold every length up to MaxByteCount, so a longer count is a lie.
        if (lengthBytes > 3 || input.Length < lengthBytes || input[0] == 0)
            return false;
        for (var i = 0; i < lengthBytes; i++)
            length = (length << 8) | input[i];
        return length > ShortLimit;
    }

    private static byte[] Prefix(byte kind, int length)
    {
        if (length <= ShortLimit)
            return [(byte)(kind + length)];
        ReadOnlySpan<byte> bigEndian =
            [(byte)(length >> 24), (byte)((length >> 16) & 0xff), (byte)((length >> 8) & 0xff), (byte)(length & 0xff)];
        var digits = bigEndian.TrimStart((byte)0);
        return [(byte)(kind + ShortLimit + digits.Length), .. digits];
    }
}

/// <summary>A decoded item: a byte string or a list.</summary>
public sealed class RlpItem
{
    private readonly ReadOnlyMemory<byte> bytes;

    internal RlpItem(ReadOnlyMemory<byte> bytes, IReadOnlyList<RlpItem> items) => (this.bytes, Items) = (bytes, items);

    internal RlpItem(IReadOnlyList<RlpItem> items) => (Items, IsList) = (items, true);

    /// <summary>The string of no bytes.</summary>
    internal static RlpItem Empty { get; } = new(default, []);

    public bool IsList { get; }

    /// <summary>The items of a list; none for a string.</summary>
    public IReadOnlyList<RlpItem> Items { get; }

    /// <summary>The bytes of a string; false for a list.</summary>
    public bool TryReadBytes(out ReadOnlySpan<byte> value)
    {
        value = bytes.Span;
        return !IsList;
    }

    /// <summary>An integer of at most 256 bits without leading zeros.</summary>
    public bool TryReadUInt256(out UInt256 value)
    {
        var canonical = !IsList && bytes.Length <= UInt256.ByteCount && (bytes.IsEmpty || bytes.Span[0] != 0);
        value = canonical ? new UInt256(bytes.Span) : default;
        return canonical;
    }

    /// <summary>An integer of at most 64 bits without leading zeros.</summary>
    public bool TryReadUInt64(out ulong value)
    {
        var canonical = bytes.Length <= sizeof(ulong) & TryReadUInt256(out var wide);
        value = canonical ? wide.ToUInt64() : 0;
        return canonical;
    }

    /// <summary>Exactly 20 bytes.</summary>
    public bool TryReadAddress(out Address value)
    {
        var exact = !IsList && bytes.Length == Address.ByteCount;
        value = exact ? new Address(bytes.Span) : default;
        return exact;
    }

    /// <summary>Exactly 32 bytes.</summary>
    public bool TryReadHash(out Hash32 value)
    {
        var exact = !IsList && bytes.Length == Hash32.ByteCount;
        value = exact ? new Hash32(bytes.Span) : default;
        return exact;
    }
}
