using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Text;
using Tocsin.Chains;
using Lanes = System.Runtime.Intrinsics.Vector256<ulong>;

namespace Tocsin.Evm;

/// <summary>
/// Keccak-256 as Ethereum uses it: the padding of the original submission, which is not that of SHA3-256 (FIPS 202).
/// The permutation is written out here, on four states at once, because every new address and topic of a block is
/// hashed for the bloom check: that is most of what the check costs, and a library that takes one message at a time is
/// several times slower (bench/README.md). A property holds the result equal to BouncyCastle's.
/// </summary>
public static class Keccak256
{
    /// <summary>How many messages <see cref="HashFour"/> takes.</summary>
    internal const int AtOnce = 4;

    /// <summary>Bytes taken in between two permutations: 1600 bits less twice the 256 of the hash.</summary>
    private const int RateBytes = 136;

    private const int LaneCount = 25;
    private const int LaneBytes = 8;

    // FIPS 202, section 3.2.5: the constants of step iota.
    private static readonly ulong[] RoundConstants =
    [
        0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000,
        0x000000000000808B, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
        0x000000000000008A, 0x0000000000000088, 0x0000000080008009, 0x000000008000000A,
        0x000000008000808B, 0x800000000000008B, 0x8000000000008089, 0x8000000000008003,
        0x8000000000008002, 0x8000000000000080, 0x000000000000800A, 0x800000008000000A,
        0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
    ];

    public static Hash32 Hash(ReadOnlySpan<byte> bytes)
    {
        Span<Lanes> state = stackalloc Lanes[LaneCount];
        state.Clear();
        while (bytes.Length >= RateBytes)
        {
            Absorb(state, bytes[..RateBytes], message: 0);
            Permute(state);
            bytes = bytes[RateBytes..];
        }
        AbsorbLast(state, bytes, message: 0);
        Permute(state);
        return HashOf(state, message: 0);
    }

    /// <summary>Four short messages in the time of one.</summary>
    /// <param name="messages">Each is the first bytes of its place.</param>
    /// <param name="lengths">How many bytes each message has.</param>
    internal static void HashFour(ReadOnlySpan<Hash32> messages, ReadOnlySpan<byte> lengths, Span<Hash32> hashes)
    {
        Span<Lanes> state = stackalloc Lanes[LaneCount];
        state.Clear();
        Span<byte> bytes = stackalloc byte[Hash32.ByteCount];
        for (var message = 0; message < AtOnce; message++)
        {
            messages[message].CopyTo(bytes);
            AbsorbLast(state, bytes[..lengths[message]], message);
        }
        Permute(state);
        for (var message = 0; message < AtOnce; message++)
            hashes[message] = HashOf(state, message);
    }

    /// <summary>Hashes the UTF-8 bytes of the text, as for signatures of functions and events.</summary>
    public static Hash32 Hash(string utf8Text) => Hash(Encoding.UTF8.GetBytes(utf8Text));

    private static void AbsorbLast(Span<Lanes> state, ReadOnlySpan<byte> bytes, int message)
    {
        Span<byte> last = stackalloc byte[RateBytes];
        last.Clear();
        bytes.CopyTo(last);
        // A one right after the message, a one at the very end; they meet where a single byte is left.
        last[bytes.Length] ^= 0x01;
        last[^1] ^= 0x80;
        Absorb(state, last, message);
    }

    private static void Absorb(Span<Lanes> state, ReadOnlySpan<byte> block, int message)
    {
        var words = MemoryMarshal.Cast<Lanes, ulong>(state);
        for (var lane = 0; lane < RateBytes / LaneBytes; lane++)
            words[(AtOnce * lane) + message] ^= BinaryPrimitives.ReadUInt64LittleEndian(block[(lane * LaneBytes)..]);
    }

    private static Hash32 HashOf(ReadOnlySpan<Lanes> state, int message)
    {
        Span<byte> hash = stackalloc byte[Hash32.ByteCount];
        for (var lane = 0; lane < Hash32.ByteCount / LaneBytes; lane++)
            BinaryPrimitives.WriteUInt64LittleEndian(hash[(lane * LaneBytes)..], state[lane][message]);
        return new Hash32(hash);
    }

    // One instruction where the processor has it, and the compiler sees through the other form where it has not.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Lanes Rotate(Lanes lanes, [ConstantExpected] byte bits) => Avx512F.VL.IsSupported
        ? Avx512F.VL.RotateLeft(lanes, bits)
        : (lanes << bits) | (lanes >>> (64 - bits));

    // Keccak-f[1600] (FIPS 202, section 3.3), lane (x, y) at x + 5y: theta into c and d, rho and pi into b, chi and
    // iota back into a.
    private static void Permute(Span<Lanes> s)
    {
        Lanes a0 = s[0], a1 = s[1], a2 = s[2], a3 = s[3], a4 = s[4];
        Lanes a5 = s[5], a6 = s[6], a7 = s[7], a8 = s[8], a9 = s[9];
        Lanes a10 = s[10], a11 = s[11], a12 = s[12], a13 = s[13], a14 = s[14];
        Lanes a15 = s[15], a16 = s[16], a17 = s[17], a18 = s[18], a19 = s[19];
        Lanes a20 = s[20], a21 = s[21], a22 = s[22], a23 = s[23], a24 = s[24];
        foreach (var constant in RoundConstants)
        {
            var c0 = a0 ^ a5 ^ a10 ^ a15 ^ a20;
            var c1 = a1 ^ a6 ^ a11 ^ a16 ^ a21;
            var c2 = a2 ^ a7 ^ a12 ^ a17 ^ a22;
            var c3 = a3 ^ a8 ^ a13 ^ a18 ^ a23;
            var c4 = a4 ^ a9 ^ a14 ^ a19 ^ a24;
            var d0 = c4 ^ Rotate(c1, 1);
            var d1 = c0 ^ Rotate(c2, 1);
            var d2 = c1 ^ Rotate(c3, 1);
            var d3 = c2 ^ Rotate(c4, 1);
            var d4 = c3 ^ Rotate(c0, 1);
            Lanes b0 = a0 ^ d0, b1 = Rotate(a6 ^ d1, 44);
            Lanes b2 = Rotate(a12 ^ d2, 43), b3 = Rotate(a18 ^ d3, 21);
            Lanes b4 = Rotate(a24 ^ d4, 14), b5 = Rotate(a3 ^ d3, 28);
            Lanes b6 = Rotate(a9 ^ d4, 20), b7 = Rotate(a10 ^ d0, 3);
            Lanes b8 = Rotate(a16 ^ d1, 45), b9 = Rotate(a22 ^ d2, 61);
            Lanes b10 = Rotate(a1 ^ d1, 1), b11 = Rotate(a7 ^ d2, 6);
            Lanes b12 = Rotate(a13 ^ d3, 25), b13 = Rotate(a19 ^ d4, 8);
            Lanes b14 = Rotate(a20 ^ d0, 18), b15 = Rotate(a4 ^ d4, 27);
            Lanes b16 = Rotate(a5 ^ d0, 36), b17 = Rotate(a11 ^ d1, 10);
            Lanes b18 = Rotate(a17 ^ d2, 15), b19 = Rotate(a23 ^ d3, 56);
            Lanes b20 = Rotate(a2 ^ d2, 62), b21 = Rotate(a8 ^ d3, 55);
            Lanes b22 = Rotate(a14 ^ d4, 39), b23 = Rotate(a15 ^ d0, 41);
            Lanes b24 = Rotate(a21 ^ d1, 2);
            a0 = b0 ^ (~b1 & b2) ^ Vector256.Create(constant);
            a1 = b1 ^ (~b2 & b3);
            a2 = b2 ^ (~b3 & b4);
            a3 = b3 ^ (~b4 & b0);
            a4 = b4 ^ (~b0 & b1);
            a5 = b5 ^ (~b6 & b7);
            a6 = b6 ^ (~b7 & b8);
            a7 = b7 ^ (~b8 & b9);
            a8 = b8 ^ (~b9 & b5);
            a9 = b9 ^ (~b5 & b6);
            a10 = b10 ^ (~b11 & b12);
            a11 = b11 ^ (~b12 & b13);
            a12 = b12 ^ (~b13 & b14);
            a13 = b13 ^ (~b14 & b10);
            a14 = b14 ^ (~b10 & b11);
            a15 = b15 ^ (~b16 & b17);
            a16 = b16 ^ (~b17 & b18);
            a17 = b17 ^ (~b18 & b19);
            a18 = b18 ^ (~b19 & b15);
            a19 = b19 ^ (~b15 & b16);
            a20 = b20 ^ (~b21 & b22);
            a21 = b21 ^ (~b22 & b23);
            a22 = b22 ^ (~b23 & b24);
            a23 = b23 ^ (~b24 & b20);
            a24 = b24 ^ (~b20 & b21);
        }
        s[0] = a0; s[1] = a1; s[2] = a2; s[3] = a3; s[4] = a4;
        s[5] = a5; s[6] = a6; s[7] = a7; s[8] = a8; s[9] = a9;
        s[10] = a10; s[11] = a11; s[12] = a12; s[13] = a13; s[14] = a14;
        s[15] = a15; s[16] = a16; s[17] = a17; s[18] = a18; s[19] = a19;
        s[20] = a20; s[21] = a21; s[22] = a22; s[23] = a23; s[24] = a24;
    }
}
