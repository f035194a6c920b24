using Tocsin.Chains;

namespace Tocsin.Detection;

/// <summary>Reads the 32-byte words of a log whose layout is fixed. Nothing is assumed about its length.</summary>
internal static class LogWords
{
    /// <summary>The word at that place of the data; false where the data ends before it does.</summary>
    public static bool TryRead(ReadOnlySpan<byte> data, int index, out UInt256 word)
    {
        var start = index * UInt256.ByteCount;
        if (data.Length < start + UInt256.ByteCount)
        {
            word = default;
            return false;
        }
        word = new UInt256(data.Slice(start, UInt256.ByteCount));
        return true;
    }

    /// <summary>An address in a word of the data: its last 20 bytes.</summary>
    public static bool TryReadAddress(ReadOnlySpan<byte> data, int index, out Address address)
    {
        if (!TryRead(data, index, out _))
        {
            address = default;
            return false;
        }
        address = new Address(data.Slice(index * UInt256.ByteCount + 12, Address.ByteCount));
        return true;
    }

    /// <summary>An address in a topic: its last 20 bytes.</summary>
    public static Address AddressOf(Hash32 topic)
    {
        Span<byte> bytes = stackalloc byte[Hash32.ByteCount];
        topic.CopyTo(bytes);
        return new Address(bytes[12..]);
    }
}
