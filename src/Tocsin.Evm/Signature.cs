using Tocsin.Chains;

namespace Tocsin.Evm;

/// <summary>An ECDSA signature over secp256k1 that names its signer.</summary>
/// <param name="YParity">0 or 1: whether the y coordinate of the point behind R is odd.</param>
public readonly record struct Signature(UInt256 R, UInt256 S, byte YParity)
{
    public const int ByteCount = 65;

    private const byte LegacyParityOffset = 27;

    /// <summary>
    /// Reads 0x and r, s, v: 32, 32 and 1 byte. v is 0 or 1 as hardware wallets write it, or 27 or 28. Whether the
    /// parts make a signature is for <see cref="TryRecover"/> to say.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Signature signature)
    {
        signature = default;
        if (text.Length != 2 + (2 * ByteCount) || !Hex.TryParse(text, out var bytes))
            return false;
        var v = bytes[64];
        if (v is not (0 or 1 or 27 or 28))
            return false;
        signature = new Signature(new UInt256(bytes.AsSpan(0, 32)), new UInt256(bytes.AsSpan(32, 32)), (byte)(v % 27));
        return true;
    }

    /// <summary>
    /// Makes of the two numbers of an ECDSA signature one that names its signer: s is made low (EIP-2), and the parity
    /// is the one by which the signer is recovered. False where they are no signature of the digest by that signer.
    /// </summary>
    public static bool TryComplete(UInt256 r, UInt256 s, Hash32 digest, Address signer, out Signature signature)
    {
        signature = default;
        if (!Secp256k1.IsScalar(r) || !Secp256k1.IsScalar(s))
            return false;
        for (byte parity = 0; parity <= 1; parity++)
        {
            signature = new Signature(r, Secp256k1.LowS(s), parity);
            if (signature.TryRecover(digest, out var found) && found == signer)
                return true;
        }
        return false;
    }

    /// <summary>
    /// The address whose key signed the digest. False where there is none: a part that is zero or not below the order,
    /// a parity beyond 1, an r without a point, or a high s, which would be a second signature for the same consent
    /// (EIP-2).
    /// </summary>
    public bool TryRecover(Hash32 digest, out Address address)
    {
        address = default;
        return YParity <= 1
            && Secp256k1.IsScalar(R)
            && Secp256k1.IsScalar(S)
            && Secp256k1.IsLowS(S)
            && Secp256k1.TryRecover(this, digest, out address);
    }

    /// <summary>0x and r, s, v with v 27 or 28, as contracts and wallets read it.</summary>
    public string ToHex()
    {
        Span<byte> bytes = stackalloc byte[ByteCount];
        R.CopyTo(bytes);
        S.CopyTo(bytes[32..]);
        bytes[64] = (byte)(LegacyParityOffset + YParity);
        return Hex.Format(bytes);
    }

    public override string ToString() => ToHex();
}
