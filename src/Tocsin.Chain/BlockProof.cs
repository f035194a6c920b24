using Tocsin.Chains;
using Tocsin.Evm.Blocks;

namespace Tocsin.Chain;

/// <summary>
/// Whether a block is what its hash says: the header hashes to the block hash, and the receipts to the header's root
/// (yellow paper, sections 4.3 and 4.4). Transactions beyond their receipts are not hashed here.
/// </summary>
/// <param name="Hash">Null where it cannot be recomputed.</param>
/// <param name="Receipts">Null where they cannot be recomputed, or nothing binds the header's root.</param>
/// <param name="Why">Why the first of the two that is not true is not; null where both are.</param>
internal readonly record struct BlockProof(bool? Hash, bool? Receipts, string? Why)
{
    private const string OtherReceipts = "the receipts do not hash to the root in the header";

    /// <summary>Both hold.</summary>
    public static BlockProof Full => new(true, true, null);

    public static BlockProof NoHeader(string why) => new(null, null, why);

    public static BlockProof OtherHash(Hash32 recomputed) =>
        new(false, null, $"the header hashes to {recomputed}, not to the block hash");

    /// <param name="root">What the receipts hash to; null where that is not known.</param>
    public static BlockProof OfReceipts(FullHeader header, Hash32? root) => root is not { } recomputed
        ? new(true, null, "the root of the receipts cannot be recomputed: the chain adds some of its own kind")
        : recomputed == header.ReceiptsRoot ? Full : new(true, false, OtherReceipts);
}

/// <summary>
/// What a node's blocks have proven so far. Chains that hash otherwise than Ethereum are not told by their fields, so a
/// check counts against a node once it has held for one of its blocks. Safe for concurrent use.
/// </summary>
internal sealed class ProofRecord
{
    private volatile bool hashHeld;
    private volatile bool receiptsHeld;

    /// <summary>Why the block is not proven, null where it is; and whether other blocks of this node were: who hides
    /// a lie leaves out, or adds, what the proof needs.</summary>
    /// <param name="hasReceipts">An empty block has the same root on every chain, and shows nothing.</param>
    /// <exception cref="RpcFormatException">The block is not what its hash says.</exception>
    public (string? Why, bool IsOdd) Judge(BlockProof proof, BlockRef block, bool hasReceipts)
    {
        var isOdd = (proof.Hash is null && hashHeld) || (proof.Receipts is null && receiptsHeld);
        if ((proof.Hash == false && hashHeld) || (proof.Receipts == false && receiptsHeld))
            throw RpcJson.Inconsistent($"block {block} is not what its hash says: {proof.Why}");
        // No |=: it would write an older false over what another thread has just found to hold.
        if (proof.Hash == true)
            hashHeld = true;
        if (proof.Receipts == true && hasReceipts)
            receiptsHeld = true;
        return (proof.Why, isOdd);
    }
}
