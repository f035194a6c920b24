using Tocsin.Chains;
using Tocsin.Decisions;
using Tocsin.Evm;
using Tocsin.Evm.Safes;
using Tocsin.Evm.Transactions;
using Tocsin.Signing;

namespace Tocsin.Response;

/// <summary>
/// Whether what the signer gave is what it was asked for: a nonce may have been spent on something else.
/// </summary>
internal static class SignatureCheck
{
    /// <summary>Null where it is the call, signed by the account that was expected.</summary>
    public static string? Mismatch(SignAnswer signed, Call call, Address account)
    {
        if (!Hex.TryParse(signed.Raw, out var raw)
            || !Eip1559Transaction.TryParseSigned(raw, out var transaction, out var sender))
            return "the signer returned something that is not a signed transaction";
        if (sender != account)
            return $"the signer signs as {sender}, the configuration expects {account}";
        var asAsked = transaction.ChainId == call.Chain && transaction.To == call.Target
            && transaction.ValueWei == call.ValueWei
            && IsData(transaction.Data, call) && transaction.Nonce == signed.Nonce
            && Keccak256.Hash(raw) == signed.Transaction;
        return asAsked ? null : "the signer returned another call than was asked for";
    }

    // What a Safe's owners signed is the one thing that the signer fills in.
    private static bool IsData(byte[] data, Call call) =>
        data.AsSpan().SequenceEqual(call.Data.AsSpan())
        || SafeTransaction.WithoutSignatures(call.Chain, call.Target, data).AsSpan().SequenceEqual(call.Data.AsSpan());

    /// <summary>The calldata of a signed transaction.</summary>
    /// <inheritdoc cref="OfferOf"/>
    public static byte[] DataOf(string raw) =>
        Eip1559Transaction.TryParseSigned(Hex.Parse(raw), out var transaction, out _)
            ? transaction.Data
            : throw new InvalidOperationException("what was recorded as signed is no transaction");

    /// <summary>What a signed transaction offers for its gas.</summary>
    /// <exception cref="InvalidOperationException">It is no transaction of ours.</exception>
    public static FeeOffer OfferOf(string raw) =>
        Eip1559Transaction.TryParseSigned(Hex.Parse(raw), out var transaction, out _)
            ? new FeeOffer(transaction.MaxFeePerGasWei, transaction.MaxPriorityFeePerGasWei)
            : throw new InvalidOperationException("what was recorded as signed is no transaction");
}
