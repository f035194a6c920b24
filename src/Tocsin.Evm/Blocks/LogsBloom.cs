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

    // One memory for all chains and threads: a block holds it for as long as its items take.
    private static readonly BloomBits Known = new();
    private static readonly Lock KnownLock = new();

    private readonly byte[] bits;

    private LogsBloom(byte[] bits) => this.bits = bits;

    public static LogsBloom Of(ReadOnlySpan<Log> logs)
    {
        var bits = new byte[ByteCount];
        lock (KnownLock)
        {
            Add(bits, logs);
            Known.Finish(bits);
        }
        return new LogsBloom(bits);
    }

    public static LogsBloom OfBlock(ReadOnlySpan<Transaction> transactions)
    {
        var bits = new byte[ByteCount];
        lock (KnownLock)
        {
            foreach (ref readonly var transaction in transactions)
                Add(bits, transaction.Logs.Span);
            Known.Finish(bits);
        }
        return new LogsBloom(bits);
    }

    /// <summary>Reads 0x and 512 digits.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out LogsBloom? bloom)
    {
        bloom = text.Length == 2 + (2 * ByteCount) && Hex.TryParse(text, out var bytes) ? new LogsBloom(bytes) : null;
        return bloom is not null;
    }

    /// <exception cref="ArgumentException">Not exactly 256 bytes.</exception>
    public static LogsBloom FromBytes(ReadOnlySpan<byte> bits) => bits.Length == ByteCount
        ? new LogsBloom(bits.ToArray())
        : throw new ArgumentException($"a bloom has {ByteCount} bytes, not {bits.Length}", nameof(bits));

    public bool Equals(LogsBloom? other) => other is not null && bits.AsSpan().SequenceEqual(other.bits);

    public override bool Equals(object? obj) => Equals(obj as LogsBloom);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(bits);
        return hash.ToHashCode();
    }

    public override string ToString() => Hex.Format(bits);

    private static void Add(Span<byte> bits, ReadOnlySpan<Log> logs)
    {
        foreach (ref readonly var log in logs)
        {
            Known.Add(log.Address, bits);
            foreach (ref readonly var topic in log.Topics.AsSpan())
                Known.Add(topic, bits);
        }
    }
}
