using System.Buffers.Binary;

namespace Tocsin.Fuzz;

/// <summary>Makes hostile input out of good input.</summary>
internal static class Mutation
{
    /// <summary>No input grows beyond this.</summary>
    public const int ByteCountMax = 1 << 16;

    private const int ChangesMax = 6;
    private const int Word = 32;

    // Where readers break: the ends of widths, the prefixes of RLP, and numbers that look like lengths and offsets.
    private static readonly byte[] Edges =
        [0, 1, 0x1f, 0x20, 0x37, 0x7f, 0x80, 0xb7, 0xb8, 0xbf, 0xc0, 0xf7, 0xf8, 0xff];

    private static readonly byte[][] Tokens =
    [
        .. new[]
        {
            "\"", "\\", "\\ud800", "\\u0000", "{", "}", "[", "]", "[]", "[0]", "[9999999]", "(", ")", ",", ":", "null",
            "true", "-1", "1e9", "0x", "0x0", "tuple", "uint256", "int7", "bytes33", "indexed", "anonymous", "function",
            "\u202e", "\r\n", "18446744073709551616", "\"0xffffffffffffffffffffffffffffffffffffffff\"",
        }.Select(System.Text.Encoding.UTF8.GetBytes),
        [0xff, 0xfe],
        [0xed, 0xa0, 0x80],
    ];

    /// <summary>One of the seeds with none to six changes.</summary>
    public static byte[] Of(IReadOnlyList<byte[]> seeds, ref CaseRandom random)
    {
        var bytes = new List<byte>(seeds[random.Below(seeds.Count)]);
        for (var changes = random.Below(ChangesMax + 1); changes > 0; changes--)
            Change(bytes, seeds, ref random);
        return bytes.Count <= ByteCountMax ? [.. bytes] : [.. bytes.Take(ByteCountMax)];
    }

    private static void Change(List<byte> bytes, IReadOnlyList<byte[]> seeds, ref CaseRandom random)
    {
        var place = random.Below(bytes.Count + 1);
        switch (random.Below(11))
        {
            case 0 when place < bytes.Count:
                bytes[place] ^= (byte)(1 << random.Below(8));
                break;
            case 1 when place < bytes.Count:
                bytes[place] = Edges[random.Below(Edges.Length)];
                break;
            case 2 when place < bytes.Count:
                bytes[place] = (byte)random.Below(256);
                break;
            case 3:
                bytes.InsertRange(place, Tokens[random.Below(Tokens.Length)]);
                break;
            case 4:
                bytes.RemoveRange(place, random.Below(Math.Min(bytes.Count - place, 64) + 1));
                break;
            case 5:
                bytes.RemoveRange(place, bytes.Count - place);
                break;
            case 6:
                Overwrite(bytes, place, WordOfNumber(bytes.Count, ref random));
                break;
            case 7:
                Repeat(bytes, place, ref random);
                break;
            case 8:
                Splice(bytes, place, seeds[random.Below(seeds.Count)], ref random);
                break;
            case 9:
                var noise = new byte[random.Below(40)];
                random.Fill(noise);
                bytes.InsertRange(place, noise);
                break;
            default:
                Swap(bytes, ref random);
                break;
        }
    }

    /// <summary>An ABI word that could be a length or an offset of this input, or is far beyond it.</summary>
    private static byte[] WordOfNumber(int length, ref CaseRandom random)
    {
        var word = new byte[Word];
        if (random.OneIn(4))
            Array.Fill(word, (byte)0xff, random.Below(Word), 1);
        BinaryPrimitives.WriteInt32BigEndian(word.AsSpan(Word - 4), random.Below(length + 65) & ~31);
        return word;
    }

    // Mostly on a word's border, where heads and tails begin.
    private static void Overwrite(List<byte> bytes, int place, byte[] word)
    {
        var start = place & ~(Word - 1);
        for (var i = 0; i < word.Length && start + i < bytes.Count; i++)
            bytes[start + i] = word[i];
    }

    // Now and then thousands of times: what costs the square of its length shows itself.
    private static void Repeat(List<byte> bytes, int place, ref CaseRandom random)
    {
        var length = random.Below(Math.Min(bytes.Count - place, 96) + 1);
        var times = random.OneIn(20) ? random.Below(2_000) : 1 + random.Below(4);
        times = Math.Min(times, (ByteCountMax - Math.Min(bytes.Count, ByteCountMax)) / Math.Max(length, 1));
        var piece = bytes.GetRange(place, length);
        var repeated = new List<byte>(length * times);
        for (var i = 0; i < times; i++)
            repeated.AddRange(piece);
        bytes.InsertRange(place, repeated);
    }

    private static void Splice(List<byte> bytes, int place, byte[] other, ref CaseRandom random)
    {
        var start = random.Below(other.Length + 1);
        bytes.InsertRange(place, other.Skip(start).Take(random.Below(other.Length - start + 1)));
    }

    private static void Swap(List<byte> bytes, ref CaseRandom random)
    {
        var length = Math.Min(bytes.Count / 2, 1 + random.Below(Word));
        var (from, to) = (random.Below(bytes.Count - length + 1), random.Below(bytes.Count - length + 1));
        for (var i = 0; i < length; i++)
            (bytes[from + i], bytes[to + i]) = (bytes[to + i], bytes[from + i]);
    }
}
