using System.Diagnostics.CodeAnalysis;
using Tocsin.Chains;

namespace Tocsin.Evm.Blocks;

/// <summary>
/// The 2048-bit filter of a block's or a receipt's logs (yellow paper, M3:2048). A node that withholds or invents logs
/// cannot match the header's bloom with the logs it gave.
/// </summary>
public sealed class LogsBloom : IEquatable<LogsBloom>
{
    public const int ByteCount = 256;

    private const int BitCount = ByteCount * 8;

    private readonly byte[] bits;

    private LogsBloom(byte[] bits) => this.bits = bits;

    public static LogsBloom Of(IEnumerable<Log> logs)
    {
        var bits = new byte[ByteCount];
        Span<byte> word = stackalloc byte[Hash32.ByteCount];
        foreach (var log in logs)
        {
            log.Address.CopyTo(word);
            Add(bits, word[..Address.ByteCount]);
            foreach (var topic in log.Topics)
            {
                topic.CopyTo(word);
                Add(bits, word);
            }
        }
        return new LogsBloom(bits);
    }

    /// <summary>Reads 0x and 512 digits.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out LogsBloom? bloom)
    {
        bloom = text.Length == 2 + (2 * ByteCount) && Hex.TryParse(text, out var bytes) ? new LogsBloom(bytes) : null;
        return bloom is not null;
    }

    public bool Equals(LogsBloom? other) => other is not null && bits.AsSpan().SequenceEqual(other.bits);

    public override bool Equals(object? obj) => Equals(obj as LogsBloom);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(bits);
        return hash.ToHashCode();
    }

    public override string ToString() => Hex.Format(bits);

    /// <summary>Sets three bits, which the first three pairs of bytes of the item's hash name.</summary>
    private static void Add(byte[] bits, ReadOnlySpan<byte> item)
    {
        Span<byte> hash = stackalloc byte[Hash32.ByteCount];
        Keccak256.Hash(item).CopyTo(hash);
        for (var pair = 0; pair < 6; pair += 2)
        {
            var bit = ((hash[pair] << 8) | hash[pair + 1]) % BitCount;
            bits[ByteCount - 1 - (bit / 8)] |= (byte)(1 << (bit % 8));
        }
    }
}
