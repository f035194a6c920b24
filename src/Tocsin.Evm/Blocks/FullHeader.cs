using Tocsin.Chains;

namespace Tocsin.Evm.Blocks;

/// <summary>
/// The fields of a block that its hash commits to (yellow paper, section 4.4), to Prague. The later ones came one fork
/// after the other: each is there if the next is.
/// </summary>
/// <param name="TimestampSeconds">Since 1970.</param>
/// <param name="MixHash">Since the merge, the beacon chain's randomness.</param>
public sealed record FullHeader(
    Hash32 ParentHash,
    Hash32 OmmersHash,
    Address Beneficiary,
    Hash32 StateRoot,
    Hash32 TransactionsRoot,
    Hash32 ReceiptsRoot,
    LogsBloom LogsBloom,
    UInt256 Difficulty,
    ulong Number,
    ulong GasLimit,
    ulong GasUsed,
    ulong TimestampSeconds,
    byte[] ExtraData,
    Hash32 MixHash,
    ulong Nonce)
{
    private const int NonceByteCount = 8;

    /// <summary>London, EIP-1559.</summary>
    public UInt256? BaseFeePerGasWei { get; init; }

    /// <summary>Shanghai, EIP-4895.</summary>
    public Hash32? WithdrawalsRoot { get; init; }

    /// <summary>Cancun, EIP-4844.</summary>
    public ulong? BlobGasUsed { get; init; }

    /// <summary>Cancun, EIP-4844.</summary>
    public ulong? ExcessBlobGas { get; init; }

    /// <summary>Cancun, EIP-4788.</summary>
    public Hash32? ParentBeaconBlockRoot { get; init; }

    /// <summary>Prague, EIP-7685.</summary>
    public Hash32? RequestsHash { get; init; }

    /// <summary>The block hash: the Keccak-256 of the header's RLP.</summary>
    /// <exception cref="InvalidOperationException">A field is there and one of an earlier fork is not.</exception>
    public Hash32 Hash() => Keccak256.Hash(Encode());

    /// <inheritdoc cref="Hash" path="/exception"/>
    public byte[] Encode()
    {
        byte[][] fields =
        [
            Rlp.Encode(ParentHash),
            Rlp.Encode(OmmersHash),
            Rlp.Encode(Beneficiary),
            Rlp.Encode(StateRoot),
            Rlp.Encode(TransactionsRoot),
            Rlp.Encode(ReceiptsRoot),
            Rlp.Encode(Hex.Parse(LogsBloom.ToString())),
            Rlp.Encode(Difficulty),
            Rlp.Encode(Number),
            Rlp.Encode(GasLimit),
            Rlp.Encode(GasUsed),
            Rlp.Encode(TimestampSeconds),
            Rlp.Encode(ExtraData),
            Rlp.Encode(MixHash),
            // A number by its looks, eight bytes by the specification.
            Rlp.Encode(((UInt256)Nonce).ToArray().AsSpan(UInt256.ByteCount - NonceByteCount)),
        ];
        return Rlp.EncodeList([.. fields, .. LaterFields()]);
    }

    private IEnumerable<byte[]> LaterFields()
    {
        byte[]?[] later =
        [
            BaseFeePerGasWei is { } baseFee ? Rlp.Encode(baseFee) : null,
            WithdrawalsRoot is { } withdrawals ? Rlp.Encode(withdrawals) : null,
            BlobGasUsed is { } blobGas ? Rlp.Encode(blobGas) : null,
            ExcessBlobGas is { } excess ? Rlp.Encode(excess) : null,
            ParentBeaconBlockRoot is { } beacon ? Rlp.Encode(beacon) : null,
            RequestsHash is { } requests ? Rlp.Encode(requests) : null,
        ];
        var count = Array.IndexOf(later, null) is var missing and >= 0 ? missing : later.Length;
        return later.Skip(count).All(field => field is null)
            ? later.Take(count).OfType<byte[]>()
            : throw new InvalidOperationException("a header has a field of a later fork and lacks one of an earlier");
    }
}
