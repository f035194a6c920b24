using Org.BouncyCastle.Crypto.Generators;

namespace Tocsin.Evm;

/// <summary>
/// The password hash scrypt (RFC 7914), which .NET does not have. The only file that knows the library behind it.
/// </summary>
public static class Scrypt
{
    /// <summary>A derivation takes 128 × cost × block size bytes of memory; more than this is refused.</summary>
    public const int MaximumMemoryBytes = 256 << 20;

    /// <summary>The most of cost × block size × parallelisation: several seconds of work.</summary>
    public const int MaximumWork = 1 << 24;

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
        if (cost is < 2 or > MaximumMemoryBytes / 128
            || !long.IsPow2(cost)
            || blockSize is < 1 or > 1 << 10
            || parallelisation is < 1 or > 1 << 10
            || byteCount is < 1 or > 1 << 10)
            throw new ArgumentException("these are no parameters of scrypt that can be used");
        if (128 * cost * blockSize > MaximumMemoryBytes || cost * blockSize * parallelisation > MaximumWork)
            throw new ArgumentException("the parameters of scrypt ask for too much memory or work");
        return SCrypt.Generate(password, salt, (int)cost, (int)blockSize, (int)parallelisation, byteCount);
    }
}
