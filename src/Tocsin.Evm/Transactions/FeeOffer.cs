using Tocsin.Chains;

namespace Tocsin.Evm.Transactions;

/// <summary>What a transaction offers for each unit of gas (EIP-1559).</summary>
/// <param name="MaxFeeWei">The most that is paid in all.</param>
/// <param name="TipWei">The most of it that goes to the block's proposer.</param>
public readonly record struct FeeOffer(UInt256 MaxFeeWei, UInt256 TipWei)
{
    // With four times the base fee a transaction outlives eleven full blocks, each 12.5 % dearer than the last.
    private const ulong BaseFeeMultiple = 4;

    /// <summary>The first offer for a call that must get in, no higher than the ceiling.</summary>
    /// <param name="tipWei">What the node suggests.</param>
    /// <param name="ceilingWei">The most that may be paid for a unit of gas, tip included.</param>
    public static FeeOffer First(UInt256 baseFeeWei, UInt256 tipWei, UInt256 ceilingWei)
    {
        // Bounded first: a node that lies must not overflow the sum.
        var tip = Least(tipWei, ceilingWei);
        var fee = Least((Least(baseFeeWei, ceilingWei) * BaseFeeMultiple) + tip, ceilingWei);
        return new FeeOffer(fee, Least(tip, fee));
    }

    /// <summary>
    /// This offer, raised so that whoever orders a block by what it earns takes it before another transaction: an
    /// eighth more than the other's tip, and than the most that it pays, as far as the ceiling goes.
    /// </summary>
    public FeeOffer AheadOf(FeeOffer rival, UInt256 ceilingWei)
    {
        // Bounded first: whoever bids without measure must not overflow the sum.
        var tip = Most(TipWei, AnEighthMore(Least(Least(rival.TipWei, rival.MaxFeeWei), ceilingWei)));
        var room = MaxFeeWei - TipWei;
        var fee = Most(room + tip, AnEighthMore(Least(rival.MaxFeeWei, ceilingWei)));
        fee = Least(Most(fee, MaxFeeWei), ceilingWei);
        return new FeeOffer(fee, Least(tip, fee));
    }

    /// <summary>
    /// The offer that takes the place of this one: an eighth more of both fields, and at least what a first offer would
    /// be now. Null where the ceiling leaves no room for that.
    /// </summary>
    /// <param name="rival">A transaction that it must go ahead of; null for none.</param>
    public FeeOffer? Raised(UInt256 baseFeeWei, UInt256 tipWei, UInt256 ceilingWei, FeeOffer? rival = null)
    {
        var now = First(baseFeeWei, tipWei, ceilingWei);
        if (rival is { } other)
            now = now.AheadOf(other, ceilingWei);
        var fee = Most(AnEighthMore(MaxFeeWei), now.MaxFeeWei);
        var tip = Most(AnEighthMore(TipWei), now.TipWei);
        if (fee < tip)
            fee = tip;
        return fee <= ceilingWei ? new FeeOffer(fee, tip) : null;
    }

    /// <summary>
    /// True where every node takes this in the place of the other under the same nonce: geth asks for a tenth more of
    /// both fields (core/txpool/legacypool, PriceBump) and for more at all, nodes in Parity's line for an eighth.
    /// </summary>
    public bool Replaces(FeeOffer other) =>
        MaxFeeWei >= AnEighthMore(other.MaxFeeWei) && TipWei >= AnEighthMore(other.TipWei);

    /// <summary>True where a block with that base fee has room for it, and its proposer gets that tip.</summary>
    public bool Buys(UInt256 baseFeeWei, UInt256 tipWei) =>
        TipWei >= tipWei && MaxFeeWei >= baseFeeWei && MaxFeeWei - baseFeeWei >= tipWei;

    // Rounded up, and more than before also where an eighth is nothing.
    private static UInt256 AnEighthMore(UInt256 wei) => wei.IsZero ? UInt256.One : wei + ((wei + 7) / 8);

    private static UInt256 Least(UInt256 one, UInt256 other) => one < other ? one : other;

    private static UInt256 Most(UInt256 one, UInt256 other) => one > other ? one : other;
}
