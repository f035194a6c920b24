using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Tocsin.Chains;

namespace Tocsin.Chain;

/// <summary>JSON of a node or a recording that is not what it must be.</summary>
/// <param name="fault">Garbage where it is malformed, Inconsistent where it contradicts itself.</param>
public sealed class RpcFormatException(NodeFault fault, string reason) : FormatException(reason)
{
    public NodeFault Fault { get; } = fault;
}

/// <summary>
/// The value encodings of Ethereum JSON-RPC (execution-apis, "Hex value encoding"): quantities and unformatted data.
/// Each reader takes the value and the name under which a message shall complain about it.
/// </summary>
public static class RpcJson
{
    /// <summary>A field of an object.</summary>
    /// <exception cref="RpcFormatException">Not an object, or no such field.</exception>
    public static JsonElement Field(JsonElement parent, string name) =>
        Optional(parent, name) ?? throw Garbage($"'{name}' is missing");

    /// <summary>A field of an object; null where it is absent. A JSON null is a value, not an absence.</summary>
    /// <exception cref="RpcFormatException">Not an object.</exception>
    public static JsonElement? Optional(JsonElement parent, string name)
    {
        if (parent.ValueKind != JsonValueKind.Object)
            throw Garbage($"'{name}' is looked for in a JSON {parent.ValueKind} instead of an object");
        try
        {
            return parent.TryGetProperty(name, out var value) ? value : null;
        }
        catch (InvalidOperationException)
        {
            throw NoUnicode(name);
        }
    }

    public static Hash32 Hash(JsonElement parent, string name) => ToHash(Field(parent, name), name);

    public static Address Address(JsonElement parent, string name) => ToAddress(Field(parent, name), name);

    public static ulong Number(JsonElement parent, string name) => ToNumber(Field(parent, name), name);

    public static UInt256 Quantity(JsonElement parent, string name) => ToQuantity(Field(parent, name), name);

    public static byte[] Bytes(JsonElement parent, string name) => ToBytes(Field(parent, name), name);

    /// <summary>A quantity that counts things of one answer and so fits an int.</summary>
    public static int Index(JsonElement parent, string name)
    {
        var number = Number(parent, name);
        return number <= int.MaxValue ? (int)number : throw Garbage($"'{name}' is {number}, too large for an index");
    }

    public static string Text(JsonElement parent, string name)
    {
        var value = Field(parent, name);
        return value.ValueKind == JsonValueKind.String
            ? Unescaped(value, name)
            : throw Garbage($"'{name}' is not text");
    }

    /// <summary>The text of a JSON string.</summary>
    /// <exception cref="RpcFormatException">It has half a surrogate pair.</exception>
    public static string Unescaped(JsonElement text, string name)
    {
        try
        {
            return text.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw NoUnicode(name);
        }
    }

    public static JsonElement Array(JsonElement parent, string name) => ToArray(Field(parent, name), name);

    public static JsonElement ToArray(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Array ? value : throw Garbage($"'{name}' is not an array");

    public static Hash32 ToHash(JsonElement value, string name)
    {
        Span<byte> bytes = stackalloc byte[Hash32.ByteCount];
        return TryReadDigits(value, bytes)
            ? new Hash32(bytes)
            : throw Garbage($"'{name}' is not 32 bytes of hexadecimal");
    }

    public static Address ToAddress(JsonElement value, string name)
    {
        Span<byte> bytes = stackalloc byte[Chains.Address.ByteCount];
        return TryReadDigits(value, bytes)
            ? new Address(bytes)
            : throw Garbage($"'{name}' is not 20 bytes of hexadecimal");
    }

    /// <summary>A quantity of at most 64 bits: block numbers, timestamps, gas, nonces.</summary>
    public static ulong ToNumber(JsonElement value, string name)
    {
        var digits = Digits(value);
        if (ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number))
            return number;
        throw Garbage($"'{name}' is not a quantity of at most 64 bits");
    }

    /// <summary>A quantity of at most 256 bits: amounts.</summary>
    public static UInt256 ToQuantity(JsonElement value, string name)
    {
        var digits = Digits(value);
        if (digits.Length is 0 or > 64)
            throw Garbage($"'{name}' is not a quantity of at most 256 bits");
        Span<byte> padded = stackalloc byte[64];
        padded.Fill((byte)'0');
        digits.CopyTo(padded[(64 - digits.Length)..]);
        Span<byte> word = stackalloc byte[UInt256.ByteCount];
        return Convert.FromHexString(padded, word, out _, out _) == OperationStatus.Done
            ? new UInt256(word)
            : throw Garbage($"'{name}' is not a quantity");
    }

    /// <summary>Bytes of any length; 0x alone is none.</summary>
    public static byte[] ToBytes(JsonElement value, string name)
    {
        if (!HasPrefix(value) || Digits(value).Length % 2 != 0)
            throw Garbage($"'{name}' is not hexadecimal bytes");
        var bytes = new byte[Digits(value).Length / 2];
        return TryReadDigits(value, bytes) ? bytes : throw Garbage($"'{name}' is not hexadecimal bytes");
    }

    /// <param name="seconds">Since 1970, as a block's timestamp has it.</param>
    internal static DateTimeOffset ToTime(ulong seconds) =>
        seconds <= (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds((long)seconds)
            : throw Garbage($"'timestamp' is {seconds}, beyond any calendar");

    /// <summary>The number of a block; what can be counted on without overflow.</summary>
    internal static ulong ToHeight(ulong number) => number <= long.MaxValue
        ? number
        : throw Garbage($"'number' is {number}, beyond any chain");

    internal static RpcFormatException Garbage(string reason) => new(NodeFault.Garbage, reason);

    internal static RpcFormatException Inconsistent(string reason) => new(NodeFault.Inconsistent, reason);

    // An escape of half a surrogate pair passes the parser and fails when it is read, in names as in values.
    private static RpcFormatException NoUnicode(string name) =>
        Garbage($"'{name}' stands among text that is no Unicode");

    private static bool TryReadDigits(JsonElement value, Span<byte> destination)
    {
        var digits = Digits(value);
        return HasPrefix(value) && digits.Length == 2 * destination.Length
            && Convert.FromHexString(digits, destination, out _, out _) == OperationStatus.Done;
    }

    private static bool HasPrefix(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && JsonMarshal.GetRawUtf8Value(value)[1..].StartsWith("0x"u8);

    // The raw text is read as it stands: digits written as JSON escapes are no digits, and no string is made of them.
    private static ReadOnlySpan<byte> Digits(JsonElement value) =>
        HasPrefix(value) ? JsonMarshal.GetRawUtf8Value(value)[3..^1] : default;
}
