using System.Numerics;
using System.Text;
using Tocsin.Chains;

namespace Tocsin.Evm.Abi;

/// <summary>
/// Decodes what <see cref="AbiEncoder"/> and Solidity write. As strict as Solidity's own decoder: a value wider than
/// its type, a bool beyond 1, and an offset or a length beyond the data are errors; unused bytes, bytes behind the end
/// of a <c>bytes</c> or <c>string</c>, and tails in any order are not.
/// </summary>
public static class AbiDecoder
{
    /// <summary>One value a parameter, as the remarks of <see cref="AbiEncoder"/> list the kinds.</summary>
    /// <exception cref="AbiException">The data is not an encoding of these parameters.</exception>
    public static object[] Decode(IReadOnlyList<AbiParameter> parameters, ReadOnlySpan<byte> data)
    {
        var reader = new Reader(data);
        return reader.Sequence(parameters, start: 0);
    }

    /// <summary>The value of an elementary type in its one word, as topics hold it.</summary>
    internal static object DecodeWord(AbiType type, Hash32 word)
    {
        var reader = new Reader(word.ToArray());
        return reader.Value(type, position: 0);
    }

    private ref struct Reader(ReadOnlySpan<byte> data)
    {
        private const int Word = AbiType.WordByteCount;

        // Offsets may share tails, and a few bytes that point at themselves could otherwise unfold to millions of
        // values. Solidity never shares, hand-written encoders share a little.
        private const int MaxReadsOfOneByte = 8;

        private readonly ReadOnlySpan<byte> data = data;
        private long budgetBytes = MaxReadsOfOneByte * (long)data.Length;

        public object[] Sequence(IReadOnlyList<AbiParameter> parameters, int start)
        {
            var values = new object[parameters.Count];
            var position = start;
            for (var i = 0; i < values.Length; i++)
            {
                var type = parameters[i].Type;
                values[i] = Value(type, type.IsDynamic ? Offset(start, position) : position);
                position += type.HeadByteCount;
            }
            return values;
        }

        public object Value(AbiType type, int position) => type switch
        {
            AbiType.UnsignedInteger unsigned => Unsigned(unsigned, position),
            AbiType.SignedInteger signed => Signed(signed, position),
            AbiType.Account => new Address(Padded(type, position, Address.ByteCount)),
            AbiType.Flag => Flag(type, position),
            AbiType.FixedBytes fixedBytes => LeftAligned(type, fixedBytes.ByteCount, position),
            AbiType.ExternalFunction => LeftAligned(type, AbiType.ExternalFunction.ByteCount, position),
            AbiType.Bytes => Tail(position).ToArray(),
            // Token names and revert reasons are written by anyone; what is no UTF-8 becomes U+FFFD.
            AbiType.Text => Encoding.UTF8.GetString(Tail(position)),
            AbiType.FixedArray array => Elements(array.Element, array.Count, position),
            AbiType.DynamicArray array => Elements(array.Element, Length(position), position + Word),
            AbiType.Tuple tuple => Sequence(tuple.Components, position),
            _ => throw new AbiException($"{type} is not decoded"),
        };

        private object[] Elements(AbiType element, int count, int start)
        {
            if ((long)count * element.HeadByteCount > data.Length - start)
                throw new AbiException($"{count} elements of {element} do not fit the data");
            var values = new object[count];
            for (var i = 0; i < count; i++)
            {
                var position = start + (i * element.HeadByteCount);
                values[i] = Value(element, element.IsDynamic ? Offset(start, position) : position);
            }
            return values;
        }

        private UInt256 Unsigned(AbiType.UnsignedInteger type, int position) =>
            new(Padded(type, position, type.Bits / 8));

        private BigInteger Signed(AbiType.SignedInteger type, int position)
        {
            var number = new BigInteger(Take(position, Word), isUnsigned: false, isBigEndian: true);
            return number.GetBitLength() < type.Bits
                ? number
                : throw new AbiException($"{type} does not hold {number}");
        }

        private bool Flag(AbiType type, int position) => Padded(type, position, 1)[0] switch
        {
            0 => false,
            1 => true,
            var other => throw new AbiException($"bool does not hold {other}"),
        };

        private byte[] LeftAligned(AbiType type, int byteCount, int position)
        {
            var word = Take(position, Word);
            if (word[byteCount..].ContainsAnyExcept((byte)0))
                throw new AbiException($"{type} holds more than {byteCount} bytes");
            return word[..byteCount].ToArray();
        }

        private ReadOnlySpan<byte> Tail(int position) => Take(position + Word, Length(position));

        private int Offset(int start, int position)
        {
            var offset = Length(position);
            return start + offset <= data.Length
                ? start + offset
                : throw new AbiException($"an offset of {offset} leads beyond the data");
        }

        private int Length(int position)
        {
            var length = new UInt256(Take(position, Word));
            return length <= (ulong)data.Length
                ? (int)length.ToUInt64()
                : throw new AbiException($"an offset or length of {length} exceeds the data's {data.Length} bytes");
        }

        /// <summary>The last bytes of a word whose others must be zero.</summary>
        private ReadOnlySpan<byte> Padded(AbiType type, int position, int byteCount)
        {
            var word = Take(position, Word);
            if (word[..(Word - byteCount)].ContainsAnyExcept((byte)0))
                throw new AbiException($"{type} does not hold {new UInt256(word)}");
            return word[(Word - byteCount)..];
        }

        private ReadOnlySpan<byte> Take(int position, int byteCount)
        {
            if (position > data.Length || byteCount > data.Length - position)
                throw new AbiException($"{byteCount} bytes at {position} are expected, and the data has {data.Length}");
            budgetBytes -= byteCount;
            if (budgetBytes < 0)
                throw new AbiException("the data's offsets lead to the same bytes again and again");
            return data.Slice(position, byteCount);
        }
    }
}
