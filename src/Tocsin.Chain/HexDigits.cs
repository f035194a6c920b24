using System.Buffers;

namespace Tocsin.Chain;

/// <summary>Hexadecimal digits in UTF-8, without their prefix, to bytes and numbers; nothing is allocated.</summary>
internal static class HexDigits
{
    /// <summary>Fills the destination; false unless there are exactly two digits for each of its bytes.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> digits, Span<byte> destination) =>
        digits.Length == 2 * destination.Length
        && Convert.FromHexString(digits, destination, out _, out _) == OperationStatus.Done;

    /// <summary>False for no digits, a foreign one, or more than 64 bits; leading zeros are allowed.</summary>
    public static bool TryReadNumber(ReadOnlySpan<byte> digits, out ulong number)
    {
        number = 0;
        foreach (var digit in digits)
        {
            var value = ValueOf(digit);
            if (value > 15 || number >> 60 != 0)
                return false;
            number = (number << 4) | value;
        }
        return !digits.IsEmpty;
    }

    /// <summary>Fills 32 big-endian bytes; false for no digits, a foreign one, or more than 64 digits.</summary>
    public static bool TryReadQuantity(ReadOnlySpan<byte> digits, Span<byte> word)
    {
        Span<byte> padded = stackalloc byte[64];
        if (digits.IsEmpty || digits.Length > padded.Length)
            return false;
        padded.Fill((byte)'0');
        digits.CopyTo(padded[(padded.Length - digits.Length)..]);
        return TryDecode(padded, word);
    }

    /// <summary>Above 15 for what is no digit.</summary>
    private static uint ValueOf(byte digit)
    {
        var number = unchecked((uint)(digit - '0'));
        if (number <= 9)
            return number;
        var letter = unchecked((uint)((digit | 0x20) - 'a'));
        return letter <= 5 ? letter + 10 : uint.MaxValue;
    }
}
