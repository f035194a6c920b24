using System.Security.Cryptography;
using Tocsin.Chains;

namespace Tocsin.Evm;

/// <summary>
/// A secp256k1 key in this process's memory: for local chains, drills and the signer process. Production keys belong
/// in a remote signer.
/// </summary>
public sealed class PrivateKey
{
    public const int ByteCount = 32;

    private readonly UInt256 secret;

    /// <summary>Reads exactly 32 big-endian bytes.</summary>
    /// <exception cref="ArgumentException">
    /// Another length, or a number outside 1 to n − 1. The message does not show it.
    /// </exception>
    public PrivateKey(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != ByteCount)
            throw new ArgumentException($"a private key has {ByteCount} bytes, not {bytes.Length}", nameof(bytes));
        secret = new UInt256(bytes);
        if (!Secp256k1.IsScalar(secret))
            throw new ArgumentException("a private key is a number from 1 to n − 1 of secp256k1", nameof(bytes));
        Address = Secp256k1.AddressOf(secret);
    }

    public Address Address { get; }

    /// <summary>A new key from the operating system's cryptographic generator.</summary>
    public static PrivateKey Generate()
    {
        Span<byte> bytes = stackalloc byte[ByteCount];
        do
            RandomNumberGenerator.Fill(bytes);
        while (!Secp256k1.IsScalar(new UInt256(bytes)));
        var key = new PrivateKey(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return key;
    }

    /// <summary>Signs a digest as it stands, without a prefix: deterministic (RFC 6979), with low s (EIP-2).</summary>
    public Signature Sign(Hash32 digest) => Secp256k1.Sign(secret, digest);

    /// <summary>Writes the 32 secret bytes, for a keystore to encrypt. The caller clears them.</summary>
    public void ExportTo(Span<byte> destination) => secret.CopyTo(destination);

    /// <summary>Says nothing of the secret.</summary>
    public override string ToString() => "private key";
}
