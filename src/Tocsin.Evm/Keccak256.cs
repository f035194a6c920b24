using System.Text;
using Org.BouncyCastle.Crypto.Digests;
using Tocsin.Chains;

namespace Tocsin.Evm;

/// <summary>
/// Keccak-256 as Ethereum uses it: the padding of the original submission, which is not that of SHA3-256 (FIPS 202).
/// </summary>
public static class Keccak256
{
    public static Hash32 Hash(ReadOnlySpan<byte> bytes)
    {
        var digest = new KeccakDigest(Hash32.ByteCount * 8);
        digest.BlockUpdate(bytes.ToArray(), 0, bytes.Length);
        var hash = new byte[Hash32.ByteCount];
        digest.DoFinal(hash, 0);
        return new Hash32(hash);
    }

    /// <summary>Hashes the UTF-8 bytes of the text, as for signatures of functions and events.</summary>
    public static Hash32 Hash(string utf8Text) => Hash(Encoding.UTF8.GetBytes(utf8Text));
}
