using System.Diagnostics.CodeAnalysis;
using Tocsin.Chains;

namespace Tocsin.Evm.Transactions;

/// <summary>
/// A call with a fee ceiling (EIP-1559, type 2) and an empty access list, the one form that the signer signs. It
/// calls; it never creates a contract. Two are equal when they sign the same bytes.
/// </summary>
/// <param name="MaxPriorityFeePerGasWei">The most that goes to the block's proposer, per unit of gas.</param>
/// <param name="MaxFeePerGasWei">The most that is paid in all, per unit of gas.</param>
public sealed record Eip1559Transaction(
    ChainId ChainId,
    ulong Nonce,
    UInt256 MaxPriorityFeePerGasWei,
    UInt256 MaxFeePerGasWei,
    ulong GasLimit,
    Address To,
    UInt256 ValueWei,
    byte[] Data)
{
    /// <summary>keccak256(0x02 ‖ rlp([chain, nonce, fees, gas, to, value, data, access list])).</summary>
    public Hash32 SigningHash() => Payload().SigningHash();

    /// <summary>What <see cref="SigningHash"/> hashes, for signers that hash by themselves.</summary>
    public byte[] SigningPreimage() => Payload().SigningPreimage();

    public SignedTransaction Sign(PrivateKey key) => Payload().Sign(key);

    /// <summary>The bytes to broadcast, made of this transaction and a signature of its signing hash.</summary>
    public SignedTransaction With(Signature signature) => Payload().With(signature);

    /// <summary>
    /// Reads what a signer returned and who signed it. False for anything else than a canonical type 2 call with an
    /// empty access list and a valid low-s signature.
    /// </summary>
    public static bool TryParseSigned(
        ReadOnlySpan<byte> raw, [NotNullWhen(true)] out Eip1559Transaction? transaction, out Address sender)
    {
        (transaction, sender) = (null, default);
        if (!TransactionReader.TryRead(raw, out var sent, out _)
            || sent.Payload is not
            {
                Type: TransactionType.FeeMarket,
                ChainId: { } chain,
                To: { } to,
                AccessList.Count: 0,
            } call)
            return false;
        transaction = new Eip1559Transaction(
            chain,
            call.Nonce,
            call.MaxPriorityFeePerGasWei,
            call.MaxFeePerGasWei,
            call.GasLimit,
            to,
            call.ValueWei,
            call.Data);
        sender = sent.Sender;
        return true;
    }

    public bool Equals(Eip1559Transaction? other) => other is not null && SigningHash() == other.SigningHash();

    public override int GetHashCode() => SigningHash().GetHashCode();

    private TransactionPayload Payload() =>
        new(TransactionType.FeeMarket, ChainId, Nonce, MaxFeePerGasWei, GasLimit, To, ValueWei, Data)
        {
            MaxPriorityFeePerGasWei = MaxPriorityFeePerGasWei,
        };
}
