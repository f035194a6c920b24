using System.Buffers.Binary;

namespace Tocsin.Chains;

/// <summary>
/// A 20-byte account address. The default value is the zero address. Text is lower case here; the EIP-55 checksum
/// needs Keccak-256 and lives in <c>Tocsin.Evm</c>.
/// </summary>
public readonly struct Address : IEquatable<Address>, IComparable<Address>
{
    public const int ByteCount = 20;

    private readonly ulong high;
    private readonly ulong middle;
    private readonly uint low;

    /// <summary>Reads exactly 20 big-endian bytes.</summary>
    /// <exception cref="ArgumentException">The span has another length.</exception>
    public Address(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != ByteCount)
            throw new ArgumentException($"an address has {ByteCount} bytes, not {bytes.Length}", nameof(bytes));
        high = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        middle = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        low = BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]);
    }

    /// <summary>The zero address, which no one holds: mints come from it and burns go to it.</summary>
    public static Address Zero => default;

    public bool IsZero => (high | middle | low) == 0;

    /// <summary>True of the addresses at which chains have contracts built in: those below 0x10000.</summary>
    public bool IsPrecompiled => (high | middle) == 0 && low < 0x10000;

    /// <summary>Reads 0x and 40 digits of any case; the case is not checked as a checksum.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Address address)
    {
        Span<byte> bytes = stackalloc byte[ByteCount];
        if (!Hex.TryParseExactly(text, bytes))
        {
            address = default;
            return false;
        }
        address = new Address(bytes);
        return true;
    }

    /// <inheritdoc cref="TryParse"/>
    /// <exception cref="FormatException">The text is not an address.</exception>
    public static Address Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out var address)
            ? address
            : throw new FormatException($"'{Hex.Excerpt(text)}' is not an address");

    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, high);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], middle);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], low);
    }

    public byte[] ToArray()
    {
        var bytes = new byte[ByteCount];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>The form for places where forty digits do not fit: 0x1234…abcd. Never for a decision.</summary>
    public string ToShortString()
    {
        var text = ToString();
        return $"{text[..6]}…{text[^4..]}";
    }

    public bool Equals(Address other) => high == other.high && middle == other.middle && low == other.low;

    public override bool Equals(object? obj) => obj is Address other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(high, middle, low);

    public int CompareTo(Address other) => (high, middle, low).CompareTo((other.high, other.middle, other.low));

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[ByteCount];
        CopyTo(bytes);
        return Hex.Format(bytes);
    }

    public static bool operator ==(Address left, Address right) => left.Equals(right);

    public static bool operator !=(Address left, Address right) => !left.Equals(right);

    public static bool operator <(Address left, Address right) => left.CompareTo(right) < 0;

    public static bool operator >(Address left, Address right) => left.CompareTo(right) > 0;

    public static bool operator <=(Address left, Address right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Address left, Address right) => left.CompareTo(right) >= 0;
}
