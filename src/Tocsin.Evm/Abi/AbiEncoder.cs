using System.Buffers;
using System.Collections;
using System.Numerics;
using System.Text;
using Tocsin.Chains;

namespace Tocsin.Evm.Abi;

/// <summary>
/// Encodes values as <c>abi.encode</c> does: heads first, then the tails that the offsets in the heads point to.
/// </summary>
/// <remarks>
/// Values: <see cref="UInt256"/>, <see cref="BigInteger"/> or any of the language's integers for integers;
/// <see cref="Address"/>; <see cref="bool"/>; byte arrays for bytes, bytesN and function, <see cref="Hash32"/> also for
/// bytes32;
/// <see cref="string"/>; any sequence for arrays and tuples.
/// </remarks>
public static class AbiEncoder
{
    private const int Word = AbiType.WordByteCount;

    // Throws where the text holds half a surrogate pair: what is signed must be what was read.
    private static readonly UTF8Encoding StrictUtf8 =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="AbiException">A value is missing, superfluous, of another kind, or out of range.</exception>
    public static byte[] Encode(IReadOnlyList<AbiParameter> parameters, params ReadOnlySpan<object> values) =>
        Sequence([.. parameters.Select(parameter => parameter.Type)], values.ToArray());

    /// <summary>The encoding of one value alone: one word for elementary types, no leading offset for others.</summary>
    internal static byte[] EncodeValue(AbiType type, object value) => type switch
    {
        AbiType.UnsignedInteger unsigned => Unsigned(unsigned, value),
        AbiType.SignedInteger signed => Signed(signed, value),
        AbiType.Account => value is Address address ? LeftPadded(address.ToArray()) : throw Mismatch(type, value),
        AbiType.Flag => value is bool flag ? LeftPadded([flag ? (byte)1 : (byte)0]) : throw Mismatch(type, value),
        AbiType.FixedBytes fixedBytes => RightPadded(FixedBytes(type, fixedBytes.ByteCount, value)),
        AbiType.ExternalFunction => RightPadded(FixedBytes(type, AbiType.ExternalFunction.ByteCount, value)),
        AbiType.Bytes => value is byte[] bytes ? Tail(bytes) : throw Mismatch(type, value),
        AbiType.Text => Tail(Utf8(type, value)),
        AbiType.FixedArray array => Sequence(Repeated(array.Element, array.Count), Items(type, value)),
        AbiType.DynamicArray array => Counted(array, Items(type, value)),
        AbiType.Tuple tuple => Sequence([.. tuple.Components.Select(component => component.Type)], Items(type, value)),
        _ => throw Mismatch(type, value),
    };

    internal static byte[] Utf8(AbiType type, object value)
    {
        try
        {
            return value is string text ? StrictUtf8.GetBytes(text) : throw Mismatch(type, value);
        }
        catch (EncoderFallbackException exception)
        {
            throw new AbiException("the text is not valid Unicode", exception);
        }
    }

    internal static object[] Items(AbiType type, object value) =>
        value is IEnumerable items and not (string or byte[]) ? [.. items.Cast<object>()] : throw Mismatch(type, value);

    private static byte[] Sequence(AbiType[] types, object[] values)
    {
        if (types.Length != values.Length)
            throw new AbiException($"{types.Length} values are expected, not {values.Length}");
        var head = new ArrayBufferWriter<byte>();
        var tail = new ArrayBufferWriter<byte>();
        var headByteCount = types.Sum(type => type.HeadByteCount);
        for (var i = 0; i < types.Length; i++)
        {
            var encoded = EncodeValue(types[i], values[i]);
            if (types[i].IsDynamic)
                head.Write(Length(headByteCount + tail.WrittenCount));
            (types[i].IsDynamic ? tail : head).Write(encoded);
        }
        return [.. head.WrittenSpan, .. tail.WrittenSpan];
    }

    private static byte[] Counted(AbiType.DynamicArray array, object[] items) =>
        [.. Length(items.Length), .. Sequence(Repeated(array.Element, items.Length), items)];

    private static byte[] Tail(byte[] bytes) => [.. Length(bytes.Length), .. RightPadded(bytes)];

    private static byte[] Unsigned(AbiType.UnsignedInteger type, object value)
    {
        var number = Integer(type, value);
        if (number.Sign < 0 || number.GetBitLength() > type.Bits)
            throw OutOfRange(type, number);
        return ((UInt256)number).ToArray();
    }

    private static byte[] Signed(AbiType.SignedInteger type, object value)
    {
        var number = Integer(type, value);
        // GetBitLength leaves the sign out: −128 and 127 both need 7.
        if (number.GetBitLength() >= type.Bits)
            throw OutOfRange(type, number);
        return ((UInt256)(number.Sign < 0 ? number + (BigInteger.One << 256) : number)).ToArray();
    }

    private static BigInteger Integer(AbiType type, object value) => value switch
    {
        UInt256 number => (BigInteger)number,
        BigInteger number => number,
        ulong number => number,
        long number => number,
        uint number => number,
        int number => number,
        ushort number => number,
        byte number => number,
        _ => throw Mismatch(type, value),
    };

    private static byte[] FixedBytes(AbiType type, int byteCount, object value) => value switch
    {
        byte[] bytes when bytes.Length == byteCount => bytes,
        byte[] bytes => throw new AbiException($"{type} holds {byteCount} bytes, not {bytes.Length}"),
        Hash32 hash when byteCount == Hash32.ByteCount => hash.ToArray(),
        Selector selector when byteCount == Selector.ByteCount => selector.ToArray(),
        _ => throw Mismatch(type, value),
    };

    private static AbiType[] Repeated(AbiType element, int count)
    {
        var types = new AbiType[count];
        Array.Fill(types, element);
        return types;
    }

    private static byte[] Length(int value) => ((UInt256)(ulong)value).ToArray();

    private static byte[] LeftPadded(ReadOnlySpan<byte> bytes) => [.. new byte[Word - bytes.Length], .. bytes];

    private static byte[] RightPadded(byte[] bytes) => [.. bytes, .. new byte[(Word - (bytes.Length % Word)) % Word]];

    private static AbiException OutOfRange(AbiType type, BigInteger number) => new($"{type} does not hold {number}");

    private static AbiException Mismatch(AbiType type, object? value) =>
        new($"{type} is not written from {(value is null ? "nothing" : "a " + value.GetType().Name)}");
}
