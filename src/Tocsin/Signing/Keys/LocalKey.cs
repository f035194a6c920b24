using Tocsin.Chains;
using Tocsin.Evm;

namespace Tocsin.Signing.Keys;

/// <summary>A key in this process's memory.</summary>
internal sealed class LocalKey(PrivateKey key) : ISigningKey
{
    public Address Address => key.Address;

    public Task<Signature> SignAsync(ReadOnlyMemory<byte> preimage, CancellationToken cancellationToken) =>
        Task.FromResult(key.Sign(Keccak256.Hash(preimage.Span)));
}
