using Tocsin.Chains;
using Tocsin.Evm;

namespace Tocsin.Signing.Keys;

/// <summary>A secp256k1 key that signs, wherever it is kept: in this process, or with another that holds it.</summary>
internal interface ISigningKey
{
    Address Address { get; }

    /// <summary>Signs the Keccak-256 of the bytes, with low s (EIP-2).</summary>
    /// <param name="preimage">Not its hash: some who hold keys hash by themselves.</param>
    /// <exception cref="KeyUnavailableException">It did not sign; nothing is known to be signed.</exception>
    Task<Signature> SignAsync(ReadOnlyMemory<byte> preimage, CancellationToken cancellationToken);
}

/// <summary>Whoever holds the key did not sign. The message holds no secret.</summary>
internal sealed class KeyUnavailableException(string message, Exception? cause = null) : Exception(message, cause);
