using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.EC;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Math.EC;
using Org.BouncyCastle.Math.EC.Multiplier;
using Tocsin.Chains;

namespace Tocsin.Evm;

/// <summary>
/// The curve (SEC 2, section 2.4.1) and ECDSA over it. The only file that knows the library behind them; everything
/// that crosses its border is a fixed-size value.
/// </summary>
internal static class Secp256k1
{
    private static readonly ECDomainParameters Curve = Domain();
    private static readonly BigInteger HalfOrder = Curve.N.ShiftRight(1);

    /// <summary>True for 1 to n − 1, where n is the order of the curve.</summary>
    public static bool IsScalar(UInt256 value) => !value.IsZero && ToInteger(value).CompareTo(Curve.N) < 0;

    /// <summary>True for the lower of the two s values that a signature can have (EIP-2).</summary>
    public static bool IsLowS(UInt256 s) => ToInteger(s).CompareTo(HalfOrder) <= 0;

    /// <summary>The lower of s and n − s; s must be in range.</summary>
    public static UInt256 LowS(UInt256 s) => IsLowS(s) ? s : ToWord(Curve.N.Subtract(ToInteger(s)));

    public static Address AddressOf(UInt256 secret) => AddressOf(PublicKey(secret));

    /// <summary>Deterministic (RFC 6979 with HMAC-SHA-256) and with low s.</summary>
    public static Signature Sign(UInt256 secret, Hash32 digest)
    {
        var signer = new ECDsaSigner(new HMacDsaKCalculator(new Sha256Digest()));
        signer.Init(forSigning: true, new ECPrivateKeyParameters(ToInteger(secret), Curve));
        var parts = signer.GenerateSignature(digest.ToArray());
        var s = parts[1].CompareTo(HalfOrder) > 0 ? Curve.N.Subtract(parts[1]) : parts[1];
        var even = new Signature(ToWord(parts[0]), ToWord(s), 0);
        var address = AddressOf(secret);
        foreach (var candidate in (ReadOnlySpan<Signature>)[even, even with { YParity = 1 }])
        {
            if (TryRecover(candidate, digest, out var signedBy) && signedBy == address)
                return candidate;
        }
        // r is the x coordinate modulo n. One that wrapped occurs once in 2^127 times, and Ethereum cannot carry it.
        throw new InvalidOperationException("the signature has no recovery parity");
    }

    /// <summary>SEC 1, section 4.1.6, for an x coordinate below n. The parts must be in range.</summary>
    public static bool TryRecover(Signature signature, Hash32 digest, out Address address)
    {
        address = default;
        if (!TryLift(signature.R, signature.YParity, out var point))
            return false;
        var inverse = ToInteger(signature.R).ModInverse(Curve.N);
        var hash = new BigInteger(1, digest.ToArray());
        var ofBase = Curve.N.Subtract(hash.Mod(Curve.N)).Multiply(inverse).Mod(Curve.N);
        var ofPoint = ToInteger(signature.S).Multiply(inverse).Mod(Curve.N);
        var key = ECAlgorithms.SumOfTwoMultiplies(Curve.G, ofBase, point, ofPoint).Normalize();
        if (key.IsInfinity)
            return false;
        address = AddressOf(key);
        return true;
    }

    private static bool TryLift(UInt256 x, byte yParity, out ECPoint point)
    {
        byte[] compressed = [(byte)(2 + yParity), .. x.ToArray()];
        try
        {
            point = Curve.Curve.DecodePoint(compressed);
            return true;
        }
        catch (ArgumentException)
        {
            // Half of all x have no point on the curve, and the library says so only by throwing.
            point = Curve.Curve.Infinity;
            return false;
        }
    }

    private static ECPoint PublicKey(UInt256 secret) =>
        new FixedPointCombMultiplier().Multiply(Curve.G, ToInteger(secret)).Normalize();

    private static Address AddressOf(ECPoint publicKey)
    {
        var coordinates = publicKey.GetEncoded(compressed: false).AsSpan(1);
        var hash = Keccak256.Hash(coordinates).ToArray();
        return new Address(hash.AsSpan(Hash32.ByteCount - Address.ByteCount));
    }

    private static BigInteger ToInteger(UInt256 value) => new(1, value.ToArray());

    private static UInt256 ToWord(BigInteger value) => new(value.ToByteArrayUnsigned());

    private static ECDomainParameters Domain()
    {
        // With arithmetic of its own for this field: the named curve without it takes several times as long.
        var parameters = CustomNamedCurves.GetByName("secp256k1");
        return new ECDomainParameters(parameters.Curve, parameters.G, parameters.N, parameters.H);
    }
}
