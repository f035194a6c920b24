using System.Buffers.Binary;
using System.Text.Json;
using Tocsin.Chains;

namespace Tocsin.Chain;

/// <summary>
/// The value encodings of Ethereum JSON-RPC, read from where a JSON reader stands, and the way through objects and
/// arrays. The same rules as <see cref="RpcJson"/>, without a document: the raw bytes are looked at as they stand, so
/// digits written as JSON escapes are no digits.
/// </summary>
internal static class RpcToken
{
    /// <summary>Moves on by one token.</summary>
    /// <exception cref="RpcFormatException">The JSON is over.</exception>
    public static void Advance(ref Utf8JsonReader json)
    {
        if (!json.Read())
            throw RpcJson.Garbage("the JSON ends too early");
    }

    /// <summary>Moves to the value of the next field that is asked for; false at the end of the object.</summary>
    /// <param name="wanted">Other fields are skipped, whatever they hold.</param>
    /// <param name="seen">The fields met so far.</param>
    /// <param name="copy">Takes every field, wanted or not; null where nobody needs them.</param>
    /// <exception cref="RpcFormatException">A wanted field is given twice, or a name hides behind escapes.</exception>
    public static bool NextField(
        ref Utf8JsonReader json,
        RpcFields wanted,
        ref RpcFields seen,
        out RpcFields field,
        HeaderCopy? copy = null)
    {
        while (true)
        {
            Advance(ref json);
            if (json.TokenType == JsonTokenType.EndObject)
            {
                field = RpcFields.None;
                return false;
            }
            if (json.ValueIsEscaped)
                throw RpcJson.Garbage("the name of a field is written with escapes");
            field = RpcFieldNames.Find(json.ValueSpan) & wanted;
            copy?.Name(json.ValueSpan);
            Advance(ref json);
            copy?.Value(ref json);
            if (field != RpcFields.None)
                break;
            Skip(ref json);
        }
        if ((seen & field) != 0)
            throw RpcJson.Garbage($"'{RpcFieldNames.NameOf(field)}' is given twice");
        seen |= field;
        return true;
    }

    /// <summary>Moves to the next item of an array; false at its end.</summary>
    public static bool NextItem(ref Utf8JsonReader json)
    {
        Advance(ref json);
        return json.TokenType != JsonTokenType.EndArray;
    }

    /// <summary>Moves to the end of the value, if it has an inside.</summary>
    public static void Skip(ref Utf8JsonReader json)
    {
        if (json.TokenType is (JsonTokenType.StartObject or JsonTokenType.StartArray) && !json.TrySkip())
            throw RpcJson.Garbage("the JSON ends too early");
    }

    /// <exception cref="RpcFormatException">A required field was not seen.</exception>
    public static void Require(RpcFields required, RpcFields seen)
    {
        var missing = (int)(required & ~seen);
        if (missing != 0)
            throw RpcJson.Garbage($"'{RpcFieldNames.NameOf((RpcFields)(missing & -missing))}' is missing");
    }

    public static void StartArray(ref Utf8JsonReader json, RpcFields field)
    {
        if (json.TokenType != JsonTokenType.StartArray)
            throw RpcJson.Garbage($"'{RpcFieldNames.NameOf(field)}' is not an array");
    }

    /// <param name="what">What is expected here, for the message.</param>
    public static void StartObject(ref Utf8JsonReader json, string what)
    {
        if (json.TokenType != JsonTokenType.StartObject)
            throw RpcJson.Garbage($"{what} is a JSON {json.TokenType} instead of an object");
    }

    public static bool IsNull(ref Utf8JsonReader json) => json.TokenType == JsonTokenType.Null;

    public static Hash32 Hash(ref Utf8JsonReader json, RpcFields field)
    {
        Span<byte> bytes = stackalloc byte[Hash32.ByteCount];
        return TryDigits(ref json, out var digits) && HexDigits.TryDecode(digits, bytes)
            ? new Hash32(bytes)
            : throw RpcJson.Garbage($"'{RpcFieldNames.NameOf(field)}' is not 32 bytes of hexadecimal");
    }

    public static Address Address(ref Utf8JsonReader json, RpcFields field)
    {
        Span<byte> bytes = stackalloc byte[Chains.Address.ByteCount];
        return TryDigits(ref json, out var digits) && HexDigits.TryDecode(digits, bytes)
            ? new Address(bytes)
            : throw RpcJson.Garbage($"'{RpcFieldNames.NameOf(field)}' is not 20 bytes of hexadecimal");
    }

    public static Address? OptionalAddress(ref Utf8JsonReader json, RpcFields field) =>
        IsNull(ref json) ? null : Address(ref json, field);

    /// <summary>A quantity of at most 64 bits.</summary>
    public static ulong Number(ref Utf8JsonReader json, RpcFields field) =>
        TryDigits(ref json, out var digits) && HexDigits.TryReadNumber(digits, out var number)
            ? number
            : throw RpcJson.Garbage($"'{RpcFieldNames.NameOf(field)}' is not a quantity of at most 64 bits");

    /// <summary>A quantity of at most 64 bits; null for anything else.</summary>
    public static ulong? NumberOrNull(ref Utf8JsonReader json) =>
        TryDigits(ref json, out var digits) && HexDigits.TryReadNumber(digits, out var number) ? number : null;

    /// <summary>A quantity that counts things of one answer and so fits an int.</summary>
    public static int Index(ref Utf8JsonReader json, RpcFields field)
    {
        var number = Number(ref json, field);
        return number <= int.MaxValue
            ? (int)number
            : throw RpcJson.Garbage($"'{RpcFieldNames.NameOf(field)}' is {number}, too large for an index");
    }

    /// <summary>A quantity of at most 256 bits.</summary>
    public static UInt256 Quantity(ref Utf8JsonReader json, RpcFields field)
    {
        Span<byte> word = stackalloc byte[UInt256.ByteCount];
        return TryDigits(ref json, out var digits) && HexDigits.TryReadQuantity(digits, word)
            ? new UInt256(
                BinaryPrimitives.ReadUInt128BigEndian(word), BinaryPrimitives.ReadUInt128BigEndian(word[16..]))
            : throw RpcJson.Garbage($"'{RpcFieldNames.NameOf(field)}' is not a quantity of at most 256 bits");
    }

    /// <summary>Bytes of any length, put into the store; 0x alone is none.</summary>
    public static ReadOnlyMemory<byte> Bytes(ref Utf8JsonReader json, RpcFields field, ByteStore store)
    {
        if (TryDigits(ref json, out var digits) && digits.Length % 2 == 0)
        {
            var bytes = store.Take(digits.Length / 2);
            if (HexDigits.TryDecode(digits, bytes.Span))
                return bytes;
        }
        throw RpcJson.Garbage($"'{RpcFieldNames.NameOf(field)}' is not hexadecimal bytes");
    }

    /// <summary>What follows 0x in a string; false for anything else.</summary>
    public static bool TryDigits(ref Utf8JsonReader json, out ReadOnlySpan<byte> digits)
    {
        var text = json.ValueSpan;
        if (json.TokenType == JsonTokenType.String && text.Length >= 2 && text[0] == (byte)'0' && text[1] == (byte)'x')
        {
            digits = text[2..];
            return true;
        }
        digits = default;
        return false;
    }
}
