using Tocsin.Chains;

namespace Tocsin.Evm.Transactions;

/// <summary>The forms of Ethereum's transactions (EIP-2718); the number is the envelope's first byte.</summary>
public enum TransactionType
{
    /// <summary>The form before envelopes, with EIP-155's chain id or without.</summary>
    Legacy = 0,

    /// <summary>EIP-2930.</summary>
    AccessList = 1,

    /// <summary>EIP-1559.</summary>
    FeeMarket = 2,

    /// <summary>EIP-4844: carries the hashes of blobs that travel beside it.</summary>
    Blob = 3,

    /// <summary>EIP-7702: lets accounts act by the code of others.</summary>
    SetCode = 4,
}

/// <summary>
/// What a transaction says, of any type: all that its sender signs. Two are equal when they sign the same bytes.
/// </summary>
/// <param name="ChainId">Null for a legacy transaction that is valid on every chain (before EIP-155).</param>
/// <param name="To">Null where it creates a contract, which blob and set-code transactions cannot.</param>
/// <param name="MaxFeePerGasWei">The most that is paid per unit of gas; of types 0 and 1 the price itself.</param>
public sealed record TransactionPayload(
    TransactionType Type,
    ChainId? ChainId,
    ulong Nonce,
    UInt256 MaxFeePerGasWei,
    ulong GasLimit,
    Address? To,
    UInt256 ValueWei,
    byte[] Data)
{
    /// <summary>The most that goes to the block's proposer, per unit of gas; from type 2 on.</summary>
    public UInt256 MaxPriorityFeePerGasWei { get; init; }

    /// <summary>From type 1 on.</summary>
    public ValueList<AccessListEntry> AccessList { get; init; } = [];

    /// <summary>Type 3 alone.</summary>
    public UInt256 MaxFeePerBlobGasWei { get; init; }

    /// <summary>The versioned hashes of the blobs; type 3 alone.</summary>
    public ValueList<Hash32> BlobHashes { get; init; } = [];

    /// <summary>Type 4 alone.</summary>
    public ValueList<Authorization> Authorizations { get; init; } = [];

    /// <summary>The Keccak-256 of type and fields; for EIP-155 with the chain id and two zeros behind them.</summary>
    /// <exception cref="InvalidOperationException">Its parts are not those of its type.</exception>
    public Hash32 SigningHash() => Keccak256.Hash(SigningPreimage());

    /// <summary>What <see cref="SigningHash"/> hashes, for signers that hash by themselves.</summary>
    /// <inheritdoc cref="SigningHash" path="/exception"/>
    public byte[] SigningPreimage() => Type == TransactionType.Legacy && ChainId is { } chain
        ? Envelope([.. Fields(), Rlp.Encode(chain.Value), Rlp.Encode(0UL), Rlp.Encode(0UL)])
        : Envelope(Fields());

    public SignedTransaction Sign(PrivateKey key) => With(key.Sign(SigningHash()));

    /// <summary>The bytes to broadcast, made of this and a signature of its signing hash.</summary>
    /// <inheritdoc cref="SigningHash" path="/exception"/>
    public SignedTransaction With(Signature signature)
    {
        var raw = Envelope(
            [.. Fields(), Rlp.Encode(Parity(signature)), Rlp.Encode(signature.R), Rlp.Encode(signature.S)]);
        return new SignedTransaction(raw, Keccak256.Hash(raw));
    }

    public bool Equals(TransactionPayload? other) => other is not null && SigningHash() == other.SigningHash();

    public override int GetHashCode() => SigningHash().GetHashCode();

    /// <summary>27 or 28 before EIP-155, chain × 2 + 35 or 36 with it, the parity alone in envelopes.</summary>
    private UInt256 Parity(Signature signature) => (Type, ChainId) switch
    {
        (TransactionType.Legacy, null) => 27UL + signature.YParity,
        (TransactionType.Legacy, { } chain) => ((UInt256)chain.Value * 2) + 35 + signature.YParity,
        _ => signature.YParity,
    };

    private byte[] Envelope(byte[][] fields) =>
        Type == TransactionType.Legacy ? Rlp.EncodeList(fields) : [(byte)Type, .. Rlp.EncodeList(fields)];

    private byte[][] Fields()
    {
        CheckParts();
        byte[][] call =
        [
            Rlp.Encode(GasLimit),
            To is { } to ? Rlp.Encode(to) : Rlp.Encode([]),
            Rlp.Encode(ValueWei),
            Rlp.Encode(Data),
        ];
        if (Type == TransactionType.Legacy)
            return [Rlp.Encode(Nonce), Rlp.Encode(MaxFeePerGasWei), .. call];
        byte[][] head = [Rlp.Encode(ChainId!.Value.Value), Rlp.Encode(Nonce)];
        byte[][] fees = Type == TransactionType.AccessList
            ? [Rlp.Encode(MaxFeePerGasWei)]
            : [Rlp.Encode(MaxPriorityFeePerGasWei), Rlp.Encode(MaxFeePerGasWei)];
        byte[][] tail = Type switch
        {
            TransactionType.Blob =>
                [Rlp.Encode(MaxFeePerBlobGasWei), Rlp.EncodeList([.. BlobHashes.Select(Rlp.Encode)])],
            TransactionType.SetCode => [Rlp.EncodeList([.. Authorizations.Select(item => item.Encode())])],
            _ => [],
        };
        return [.. head, .. fees, .. call, Rlp.EncodeList([.. AccessList.Select(entry => entry.Encode())]), .. tail];
    }

    // What would silently not be signed must not be there.
    private void CheckParts()
    {
        var fault = (this, Type) switch
        {
            (_, < TransactionType.Legacy or > TransactionType.SetCode) => $"{(int)Type} is no type of transaction",
            ({ ChainId: null }, not TransactionType.Legacy) => "an envelope names its chain",
            ({ To: null }, TransactionType.Blob or TransactionType.SetCode) => "its type calls and never creates",
            ({ AccessList.Count: > 0 }, TransactionType.Legacy) => "a legacy transaction has no access list",
            ({ MaxPriorityFeePerGasWei.IsZero: false }, < TransactionType.FeeMarket) => "its type has one gas price",
            ({ MaxFeePerBlobGasWei.IsZero: false } or { BlobHashes.Count: > 0 }, not TransactionType.Blob) =>
                "only blob transactions carry blobs",
            ({ Authorizations.Count: > 0 }, not TransactionType.SetCode) =>
                "only set-code transactions carry authorizations",
            _ => null,
        };
        if (fault is not null)
            throw new InvalidOperationException(fault);
    }
}

/// <summary>Storage that a transaction announces to touch (EIP-2930).</summary>
public sealed record AccessListEntry(Address Address, ValueList<Hash32> StorageKeys)
{
    internal byte[] Encode() =>
        Rlp.EncodeList(Rlp.Encode(Address), Rlp.EncodeList([.. StorageKeys.Select(Rlp.Encode)]));
}

/// <summary>An account's consent to act by the code of another (EIP-7702).</summary>
/// <param name="ChainId">Zero for every chain.</param>
/// <param name="Delegate">Whose code it takes; the zero address takes it back.</param>
public sealed record Authorization(UInt256 ChainId, Address Delegate, ulong Nonce, Signature Signature)
{
    private const byte Magic = 5;

    /// <summary>keccak256(0x05 ‖ rlp([chain, delegate, nonce])).</summary>
    public Hash32 SigningHash() => Keccak256.Hash(
        [Magic, .. Rlp.EncodeList(Rlp.Encode(ChainId), Rlp.Encode(Delegate), Rlp.Encode(Nonce))]);

    /// <summary>Whose account it is; false where the signature is none, and chains then ignore the entry.</summary>
    public bool TryRecover(out Address authority) => Signature.TryRecover(SigningHash(), out authority);

    internal byte[] Encode() => Rlp.EncodeList(
        Rlp.Encode(ChainId),
        Rlp.Encode(Delegate),
        Rlp.Encode(Nonce),
        Rlp.Encode(Signature.YParity),
        Rlp.Encode(Signature.R),
        Rlp.Encode(Signature.S));
}

/// <summary>A transaction ready to broadcast.</summary>
/// <param name="Raw">The bytes for <c>eth_sendRawTransaction</c>.</param>
/// <param name="Hash">The transaction hash: Keccak-256 of <paramref name="Raw"/>.</param>
public sealed record SignedTransaction(byte[] Raw, Hash32 Hash)
{
    public bool Equals(SignedTransaction? other) => other is not null && Hash == other.Hash;

    public override int GetHashCode() => Hash.GetHashCode();
}
