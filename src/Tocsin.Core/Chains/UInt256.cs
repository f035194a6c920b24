using System.Buffers.Binary;
using System.Numerics;

namespace Tocsin.Chains;

/// <summary>
/// An unsigned 256-bit integer, the word of the EVM. Arithmetic throws on overflow: a wrapped amount is a lie about
/// money. The default value is zero.
/// </summary>
public readonly struct UInt256 : IEquatable<UInt256>, IComparable<UInt256>
{
    public const int ByteCount = 32;

    private readonly UInt128 upper;
    private readonly UInt128 lower;

    public UInt256(UInt128 upper, UInt128 lower)
    {
        this.upper = upper;
        this.lower = lower;
    }

    /// <summary>Reads up to 32 big-endian bytes; fewer are padded on the left.</summary>
    /// <exception cref="ArgumentException">The span is longer than 32 bytes.</exception>
    public UInt256(ReadOnlySpan<byte> bigEndian)
    {
        if (bigEndian.Length > ByteCount)
            throw new ArgumentException($"a word has {ByteCount} bytes, not {bigEndian.Length}", nameof(bigEndian));
        Span<byte> word = stackalloc byte[ByteCount];
        word.Clear();
        bigEndian.CopyTo(word[(ByteCount - bigEndian.Length)..]);
        upper = BinaryPrimitives.ReadUInt128BigEndian(word);
        lower = BinaryPrimitives.ReadUInt128BigEndian(word[16..]);
    }

    public static UInt256 Zero => default;

    public static UInt256 One => new(0, 1);

    public static UInt256 MaxValue => new(UInt128.MaxValue, UInt128.MaxValue);

    public bool IsZero => upper == 0 && lower == 0;

    private bool Fits64Bits => upper == 0 && lower <= ulong.MaxValue;

    /// <summary>Reads a quantity as nodes write it: 0x and 1 to 64 digits.</summary>
    public static bool TryParseQuantity(ReadOnlySpan<char> text, out UInt256 value)
    {
        value = default;
        if (text.Length is < 3 or > 66 || text[0] != '0' || text[1] is not ('x' or 'X'))
            return false;
        Span<char> padded = stackalloc char[66];
        padded.Fill('0');
        padded[1] = 'x';
        text[2..].CopyTo(padded[(66 - (text.Length - 2))..]);
        Span<byte> word = stackalloc byte[ByteCount];
        if (!Hex.TryParseExactly(padded, word))
            return false;
        value = new UInt256(word);
        return true;
    }

    /// <summary>Reads decimal digits or a 0x quantity; false for anything else and beyond 256 bits.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out UInt256 value)
    {
        if (TryParseQuantity(text, out value))
            return true;
        if (text.Length is 0 or > 78 || text.ContainsAnyExceptInRange('0', '9'))
            return false;
        var big = BigInteger.Parse(text);
        if (big.GetByteCount(isUnsigned: true) > ByteCount)
            return false;
        value = (UInt256)big;
        return true;
    }

    /// <inheritdoc cref="TryParse"/>
    /// <exception cref="FormatException">The text is neither, or needs more than 256 bits.</exception>
    public static UInt256 Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out var value)
            ? value
            : throw new FormatException($"'{Hex.Excerpt(text)}' is not an unsigned 256-bit integer");

    /// <summary>
    /// left × right ÷ divisor, rounded down, where the product may need up to 512 bits: the step of fixed-point maths
    /// (shares of a vault, prices as square roots).
    /// </summary>
    /// <exception cref="DivideByZeroException">The divisor is zero.</exception>
    /// <exception cref="OverflowException">The quotient needs more than 256 bits.</exception>
    public static UInt256 MulDiv(UInt256 left, UInt256 right, UInt256 divisor) =>
        (UInt256)((BigInteger)left * (BigInteger)right / (BigInteger)divisor);

    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt128BigEndian(destination, upper);
        BinaryPrimitives.WriteUInt128BigEndian(destination[16..], lower);
    }

    public byte[] ToArray()
    {
        var bytes = new byte[ByteCount];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>The quantity form of JSON-RPC: 0x and no leading zeros.</summary>
    public string ToQuantity()
    {
        var digits = Convert.ToHexStringLower(ToArray()).TrimStart('0');
        return "0x" + (digits.Length == 0 ? "0" : digits);
    }

    /// <summary>The amount in whole units of a token with that many decimals, for display and estimates only.</summary>
    public decimal ToUnits(int decimals)
    {
        var scaled = BigInteger.DivRem((BigInteger)this, BigInteger.Pow(10, decimals), out var rest);
        // Beyond what a decimal holds, the order of magnitude is all an estimate needs.
        if (scaled > (BigInteger)1_000_000_000_000_000_000)
            return (decimal)BigInteger.Min(scaled, (BigInteger)decimal.MaxValue);
        var dropped = Math.Max(0, decimals - 9);
        return (decimal)scaled
            + ((decimal)(rest / BigInteger.Pow(10, dropped)) / (decimal)BigInteger.Pow(10, decimals - dropped));
    }

    /// <exception cref="OverflowException">The value needs more than 64 bits.</exception>
    public ulong ToUInt64() =>
        Fits64Bits
            ? (ulong)lower
            : throw new OverflowException($"{this} needs more than 64 bits");

    public bool Equals(UInt256 other) => upper == other.upper && lower == other.lower;

    public override bool Equals(object? obj) => obj is UInt256 other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(upper, lower);

    public int CompareTo(UInt256 other) =>
        upper != other.upper ? upper.CompareTo(other.upper) : lower.CompareTo(other.lower);

    /// <summary>Decimal digits.</summary>
    public override string ToString() => upper == 0 ? lower.ToString() : ((BigInteger)this).ToString();

    public static implicit operator UInt256(ulong value) => new(0, value);

    public static explicit operator UInt256(BigInteger value)
    {
        if (value.Sign < 0 || value.GetByteCount(isUnsigned: true) > ByteCount)
            throw new OverflowException($"{value} is not an unsigned 256-bit integer");
        return new UInt256(value.ToByteArray(isUnsigned: true, isBigEndian: true));
    }

    public static explicit operator BigInteger(UInt256 value) => ((BigInteger)value.upper << 128) | value.lower;

    public static UInt256 operator +(UInt256 left, UInt256 right)
    {
        var lower = unchecked(left.lower + right.lower);
        var carry = lower < left.lower ? UInt128.One : UInt128.Zero;
        return new UInt256(checked(left.upper + right.upper + carry), lower);
    }

    public static UInt256 operator -(UInt256 left, UInt256 right)
    {
        if (left < right)
            throw new OverflowException($"{left} - {right} is negative");
        var borrow = left.lower < right.lower ? UInt128.One : UInt128.Zero;
        return new UInt256(left.upper - right.upper - borrow, unchecked(left.lower - right.lower));
    }

    public static UInt256 operator *(UInt256 left, UInt256 right) =>
        left.Fits64Bits && right.Fits64Bits
            ? new UInt256(0, Math.BigMul((ulong)left.lower, (ulong)right.lower))
            : (UInt256)((BigInteger)left * (BigInteger)right);

    public static UInt256 operator /(UInt256 left, UInt256 right) =>
        left.upper == 0 && right.upper == 0
            ? new UInt256(0, left.lower / right.lower)
            : (UInt256)((BigInteger)left / (BigInteger)right);

    public static UInt256 operator %(UInt256 left, UInt256 right) =>
        left.upper == 0 && right.upper == 0
            ? new UInt256(0, left.lower % right.lower)
            : (UInt256)((BigInteger)left % (BigInteger)right);

    /// <summary>Times two to the power of <paramref name="bits"/>.</summary>
    /// <exception cref="OverflowException">A bit that is set would be lost.</exception>
    public static UInt256 operator <<(UInt256 value, int bits)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bits);
        if (value.IsZero || bits == 0)
            return value;
        if (bits > LeadingZeroCount(value))
            throw new OverflowException($"{value} << {bits} needs more than 256 bits");
        return bits >= 128
            ? new UInt256(value.lower << (bits - 128), 0)
            : new UInt256((value.upper << bits) | (value.lower >> (128 - bits)), value.lower << bits);
    }

    /// <summary>Divided by two to the power of <paramref name="bits"/>, rounded down.</summary>
    public static UInt256 operator >>(UInt256 value, int bits)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bits);
        return bits switch
        {
            0 => value,
            >= 256 => Zero,
            >= 128 => new UInt256(0, value.upper >> (bits - 128)),
            _ => new UInt256(value.upper >> bits, (value.lower >> bits) | (value.upper << (128 - bits))),
        };
    }

    public static bool operator ==(UInt256 left, UInt256 right) => left.Equals(right);

    public static bool operator !=(UInt256 left, UInt256 right) => !left.Equals(right);

    public static bool operator <(UInt256 left, UInt256 right) => left.CompareTo(right) < 0;

    public static bool operator >(UInt256 left, UInt256 right) => left.CompareTo(right) > 0;

    public static bool operator <=(UInt256 left, UInt256 right) => left.CompareTo(right) <= 0;

    public static bool operator >=(UInt256 left, UInt256 right) => left.CompareTo(right) >= 0;

    private static int LeadingZeroCount(UInt256 value) =>
        (int)(value.upper != 0
            ? UInt128.LeadingZeroCount(value.upper)
            : 128 + UInt128.LeadingZeroCount(value.lower));
}
