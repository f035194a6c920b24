using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Tocsin.Chains;

namespace Tocsin.Chain.Senses;

/// <summary>
/// The value encodings of <see cref="RpcJson"/>, read from the token at which a reader stands. The bytes lie in one
/// piece, because whole answers are read.
/// </summary>
internal static class JsonToken
{
    private const int MaximumWords = 200;

    public static Hash32 Hash(ref Utf8JsonReader reader, string name)
    {
        Span<byte> bytes = stackalloc byte[Hash32.ByteCount];
        return TryReadExactly(Digits(ref reader, name), bytes)
            ? new Hash32(bytes)
            : throw RpcJson.Garbage($"'{name}' is not 32 bytes of hexadecimal");
    }

    public static Address Address(ref Utf8JsonReader reader, string name)
    {
        Span<byte> bytes = stackalloc byte[Chains.Address.ByteCount];
        return TryReadExactly(Digits(ref reader, name), bytes)
            ? new Address(bytes)
            : throw RpcJson.Garbage($"'{name}' is not 20 bytes of hexadecimal");
    }

    /// <summary>A quantity of at most 256 bits, with leading zeros or without.</summary>
    public static UInt256 Quantity(ref Utf8JsonReader reader, string name)
    {
        var digits = Digits(ref reader, name);
        if (digits.Length is 0 or > 64)
            throw RpcJson.Garbage($"'{name}' is not a quantity of at most 256 bits");
        Span<byte> padded = stackalloc byte[64];
        padded.Fill((byte)'0');
        digits.CopyTo(padded[(64 - digits.Length)..]);
        Span<byte> word = stackalloc byte[UInt256.ByteCount];
        return TryReadExactly(padded, word)
            ? new UInt256(word)
            : throw RpcJson.Garbage($"'{name}' is not a quantity");
    }

    /// <summary>A count: a quantity, or a plain JSON number as tracers write nonces.</summary>
    public static ulong Number(ref Utf8JsonReader reader, string name)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetUInt64(out var plain))
            return plain;
        return ulong.TryParse(
            Digits(ref reader, name), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw RpcJson.Garbage($"'{name}' is not a quantity of at most 64 bits");
    }

    /// <summary>Bytes of any length; 0x alone is none.</summary>
    public static byte[] Bytes(ref Utf8JsonReader reader, string name)
    {
        var digits = Digits(ref reader, name);
        var bytes = digits.IsEmpty ? [] : new byte[digits.Length / 2];
        return TryReadExactly(digits, bytes)
            ? bytes
            : throw RpcJson.Garbage($"'{name}' is not hexadecimal bytes");
    }

    /// <summary>Foreign words for people: short, and on one line.</summary>
    public static string Words(ref Utf8JsonReader reader, string name)
    {
        if (reader.TokenType != JsonTokenType.String)
            throw RpcJson.Garbage($"'{name}' is not text");
        string text;
        try
        {
            text = reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Escapes of half a surrogate pair pass the reader and fail here.
            throw RpcJson.Garbage($"'{name}' is not valid Unicode");
        }
        return Plain(text);
    }

    /// <summary>
    /// Whether a reader that failed stands as deep as it may, so that depth was its reason. A reader does not count the
    /// brace or bracket at which it stands.
    /// </summary>
    public static bool IsAtDepth(in Utf8JsonReader reader, int maximumDepth) => reader.CurrentDepth >= maximumDepth - 1;

    public static string Plain(string text)
    {
        var shown = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (shown.Length >= MaximumWords)
                return shown.Append('…').ToString();
            var control = Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
            shown.Append(control ? new Rune(' ') : rune);
        }
        return shown.ToString().Trim();
    }

    // Digits written as JSON escapes are no digits.
    private static ReadOnlySpan<byte> Digits(ref Utf8JsonReader reader, string name) =>
        reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && !reader.ValueIsEscaped
            && reader.ValueSpan.StartsWith("0x"u8)
            ? reader.ValueSpan[2..]
            : throw RpcJson.Garbage($"'{name}' is not hexadecimal");

    private static bool TryReadExactly(ReadOnlySpan<byte> digits, Span<byte> destination) =>
        digits.Length == 2 * destination.Length
            && Convert.FromHexString(digits, destination, out _, out _) == OperationStatus.Done;
}
