using Tocsin.Chains;
using Tocsin.Evm;

namespace Tocsin.Signing.Keys;

/// <summary>
/// Holds whoever keeps the key to its word: it answers in time, and what it answers is a signature of these bytes by
/// this account, or it is refused.
/// </summary>
internal sealed class CheckedKey(ISigningKey inner, TimeSpan? timeout = null) : ISigningKey
{
    /// <summary>Well within the time that a client waits.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    public Address Address => inner.Address;

    public async Task<Signature> SignAsync(ReadOnlyMemory<byte> preimage, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout ?? Timeout);
        Signature signature;
        try
        {
            // Waited for from outside: one that does not heed the token is given up all the same.
            signature = await inner.SignAsync(preimage, deadline.Token).WaitAsync(deadline.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new KeyUnavailableException(
                $"whoever holds the key did not sign within {(timeout ?? Timeout).TotalSeconds:0.#} s", e);
        }
        return signature.TryRecover(Keccak256.Hash(preimage.Span), out var signer) && signer == Address
            ? signature
            : throw new KeyUnavailableException(
                $"what came back is not a signature of these bytes by {ChecksumAddress.Format(Address)}");
    }
}
