using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace Tocsin.Evm;

/// <summary>
/// The password hash scrypt (RFC 7914), which .NET does not have; BouncyCastle's refuses parameters that keystores have
/// (a cost of 65,536 and more with a block size of 1).
/// </summary>
public static class Scrypt
{
    /// <summary>A derivation takes 128 × cost × block size bytes of memory; more than this is refused.</summary>
    public const int MaximumMemoryBytes = 256 << 20;

    /// <summary>The most of cost × block size × parallelisation: several seconds of work.</summary>
    public const int MaximumWork = 1 << 24;

    private const int MaximumFactor = 1 << 10;
    private const int MaximumBlocks = 1 << 14;
    private const int BytesPerUnit = 128;
    private const int SalsaWords = 16;

    /// <param name="cost">N: a power of two above 1.</param>
    /// <param name="blockSize">r.</param>
    /// <param name="parallelisation">p.</param>
    /// <exception cref="ArgumentException">
    /// A parameter is none, or asks for more memory or work than anybody needs.
    /// </exception>
    public static byte[] DeriveKey(
        byte[] password, byte[] salt, long cost, long blockSize, long parallelisation, int byteCount)
    {
        // Each bound by itself first: the products must not overflow.
        if (cost is < 2 or > MaximumMemoryBytes / BytesPerUnit
            || !long.IsPow2(cost)
            || blockSize is < 1 or > MaximumFactor
            || parallelisation is < 1 or > MaximumFactor
            || byteCount is < 1 or > MaximumFactor)
            throw new ArgumentException("these are no parameters of scrypt that can be used");
        if (BytesPerUnit * cost * blockSize > MaximumMemoryBytes
            || cost * blockSize * parallelisation > MaximumWork
            || blockSize * parallelisation > MaximumBlocks)
            throw new ArgumentException("the parameters of scrypt ask for too much memory or work");
        var length = BytesPerUnit * (int)blockSize;
        var blocks = Rfc2898DeriveBytes.Pbkdf2(
            password, salt, 1, HashAlgorithmName.SHA256, length * (int)parallelisation);
        var table = new uint[(int)cost * length / sizeof(uint)];
        for (var at = 0; at < blocks.Length; at += length)
            Mix(blocks.AsSpan(at, length), table, (int)cost);
        return Rfc2898DeriveBytes.Pbkdf2(password, blocks, 1, HashAlgorithmName.SHA256, byteCount);
    }

    // scryptROMix: section 5.
    private static void Mix(Span<byte> block, uint[] table, int cost)
    {
        var words = new uint[block.Length / sizeof(uint)];
        var mixed = new uint[words.Length];
        for (var i = 0; i < words.Length; i++)
            words[i] = BinaryPrimitives.ReadUInt32LittleEndian(block[(i * sizeof(uint))..]);
        for (var i = 0; i < cost; i++)
        {
            words.CopyTo(table.AsSpan(i * words.Length));
            MixBlock(words, mixed);
        }
        for (var i = 0; i < cost; i++)
        {
            var place = (int)(words[^SalsaWords] & (uint)(cost - 1));
            Xor(words, table.AsSpan(place * words.Length, words.Length));
            MixBlock(words, mixed);
        }
        for (var i = 0; i < words.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(block[(i * sizeof(uint))..], words[i]);
    }

    // scryptBlockMix: section 4. The even results come first, the odd ones behind them.
    private static void MixBlock(Span<uint> words, Span<uint> mixed)
    {
        Span<uint> state = stackalloc uint[SalsaWords];
        words[^SalsaWords..].CopyTo(state);
        var count = words.Length / SalsaWords;
        for (var i = 0; i < count; i++)
        {
            Xor(state, words.Slice(i * SalsaWords, SalsaWords));
            Salsa(state);
            var place = i % 2 == 0 ? i / 2 : (count / 2) + (i / 2);
            state.CopyTo(mixed[(place * SalsaWords)..]);
        }
        mixed.CopyTo(words);
    }

    private static void Xor(Span<uint> into, ReadOnlySpan<uint> words)
    {
        for (var i = 0; i < into.Length; i++)
            into[i] ^= words[i];
    }

    // Salsa20/8: section 3.
    private static void Salsa(Span<uint> state)
    {
        Span<uint> x = stackalloc uint[SalsaWords];
        state.CopyTo(x);
        for (var round = 0; round < 8; round += 2)
        {
            Quarter(x, 0, 4, 8, 12);
            Quarter(x, 5, 9, 13, 1);
            Quarter(x, 10, 14, 2, 6);
            Quarter(x, 15, 3, 7, 11);
            Quarter(x, 0, 1, 2, 3);
            Quarter(x, 5, 6, 7, 4);
            Quarter(x, 10, 11, 8, 9);
            Quarter(x, 15, 12, 13, 14);
        }
        for (var i = 0; i < SalsaWords; i++)
            state[i] = unchecked(state[i] + x[i]);
    }

    private static void Quarter(Span<uint> x, int a, int b, int c, int d)
    {
        unchecked
        {
            x[b] ^= BitOperations.RotateLeft(x[a] + x[d], 7);
            x[c] ^= BitOperations.RotateLeft(x[b] + x[a], 9);
            x[d] ^= BitOperations.RotateLeft(x[c] + x[b], 13);
            x[a] ^= BitOperations.RotateLeft(x[d] + x[c], 18);
        }
    }
}
