using System.Diagnostics.CodeAnalysis;
using Tocsin.Chains;

namespace Tocsin.Evm.Transactions;

/// <summary>
/// A call with a fee ceiling (EIP-1559, type 2) and an empty access list. It calls; it never creates a contract. Two
/// are equal when they sign the same bytes.
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
    private const byte TransactionType = 2;
    private const int SignedFieldCount = 12;

    /// <summary>keccak256(0x02 ‖ rlp([chain, nonce, fees, gas, to, value, data, access list])).</summary>
    public Hash32 SigningHash() => Keccak256.Hash(Envelope([.. Fields()]));

    public SignedTransaction Sign(PrivateKey key) => With(key.Sign(SigningHash()));

    /// <summary>The bytes to broadcast, made of this transaction and a signature of its signing hash.</summary>
    public SignedTransaction With(Signature signature)
    {
        var raw = Envelope(
            [.. Fields(), Rlp.Encode(signature.YParity), Rlp.Encode(signature.R), Rlp.Encode(signature.S)]);
        return new SignedTransaction(raw, Keccak256.Hash(raw));
    }

    /// <summary>
    /// Reads what a signer returned and who signed it. False for anything else than a canonical type 2 call with an
    /// empty access list and a valid low-s signature.
    /// </summary>
    public static bool TryParseSigned(
        ReadOnlySpan<byte> raw, [NotNullWhen(true)] out Eip1559Transaction? transaction, out Address sender)
    {
        transaction = null;
        sender = default;
        if (raw.IsEmpty || raw[0] != TransactionType || !Rlp.TryDecode(raw[1..].ToArray(), out var list))
            return false;
        if (list.Items.Count != SignedFieldCount
            || !TryReadCall(list.Items, out var call)
            || !TryReadSignature(list.Items, out var signature)
            || !signature.TryRecover(call.SigningHash(), out sender))
            return false;
        transaction = call;
        return true;
    }

    public bool Equals(Eip1559Transaction? other) => other is not null && SigningHash() == other.SigningHash();

    public override int GetHashCode() => SigningHash().GetHashCode();

    private byte[][] Fields() =>
    [
        Rlp.Encode(ChainId.Value),
        Rlp.Encode(Nonce),
        Rlp.Encode(MaxPriorityFeePerGasWei),
        Rlp.Encode(MaxFeePerGasWei),
        Rlp.Encode(GasLimit),
        Rlp.Encode(To),
        Rlp.Encode(ValueWei),
        Rlp.Encode(Data),
        Rlp.EncodeList(),
    ];

    private static byte[] Envelope(byte[][] fields) => [TransactionType, .. Rlp.EncodeList(fields)];

    private static bool TryReadCall(IReadOnlyList<RlpItem> fields, [NotNullWhen(true)] out Eip1559Transaction? call)
    {
        call = null;
        if (!(fields[0].TryReadUInt64(out var chain)
            && fields[1].TryReadUInt64(out var nonce)
            && fields[2].TryReadUInt256(out var priorityFee)
            && fields[3].TryReadUInt256(out var fee)
            && fields[4].TryReadUInt64(out var gas)
            && fields[5].TryReadAddress(out var to)
            && fields[6].TryReadUInt256(out var value)
            && fields[7].TryReadBytes(out var data)
            && fields[8] is { IsList: true, Items.Count: 0 }))
            return false;
        call = new Eip1559Transaction(new ChainId(chain), nonce, priorityFee, fee, gas, to, value, data.ToArray());
        return true;
    }

    private static bool TryReadSignature(IReadOnlyList<RlpItem> fields, out Signature signature)
    {
        signature = default;
        if (!(fields[9].TryReadUInt64(out var parity) && parity <= 1
            && fields[10].TryReadUInt256(out var r)
            && fields[11].TryReadUInt256(out var s)))
            return false;
        signature = new Signature(r, s, (byte)parity);
        return true;
    }
}

/// <summary>A transaction ready to broadcast.</summary>
/// <param name="Raw">The bytes for <c>eth_sendRawTransaction</c>.</param>
/// <param name="Hash">The transaction hash: Keccak-256 of <paramref name="Raw"/>.</param>
public sealed record SignedTransaction(byte[] Raw, Hash32 Hash)
{
    public bool Equals(SignedTransaction? other) => other is not null && Hash == other.Hash;

    public override int GetHashCode() => Hash.GetHashCode();
}
