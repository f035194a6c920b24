using System.Numerics;
using Tocsin.Chains;
using Tocsin.Evm.Transactions;

namespace Tocsin.Bench;

/// <summary>
/// What waits for one block at its builder, as strict as geth: a replacement under the same nonce needs a tenth more of
/// both fees (core/txpool/legacypool, PriceBump), and the block takes first what pays its builder most (EIP-1559).
/// </summary>
internal sealed class RacePool(UInt256 baseFeeWei)
{
    private readonly Dictionary<string, (FeeOffer Offer, int Arrived)> waiting = [];
    private int arrived;

    /// <param name="who">Whose nonce it is; each has one.</param>
    /// <returns>False where it would replace and pays too little for that.</returns>
    public bool Take(string who, FeeOffer offer)
    {
        if (waiting.TryGetValue(who, out var former)
            && !(IsTenthMore(former.Offer.MaxFeeWei, offer.MaxFeeWei)
                && IsTenthMore(former.Offer.TipWei, offer.TipWei)))
            return false;
        waiting[who] = (offer, arrived++);
        return true;
    }

    /// <summary>What waits of somebody; null for nothing.</summary>
    public FeeOffer? Of(string who) => waiting.TryGetValue(who, out var known) ? known.Offer : null;

    /// <summary>Who is in the block, the first first; who came earlier where both pay alike.</summary>
    public IReadOnlyList<string> Block() =>
    [
        .. waiting
            .Where(one => one.Value.Offer.MaxFeeWei >= baseFeeWei)
            .OrderByDescending(one => PaidWei(one.Value.Offer))
            .ThenBy(one => one.Value.Arrived)
            .Select(one => one.Key),
    ];

    private UInt256 PaidWei(FeeOffer offer)
    {
        var room = offer.MaxFeeWei - baseFeeWei;
        return room < offer.TipWei ? room : offer.TipWei;
    }

    private static bool IsTenthMore(UInt256 before, UInt256 after) =>
        after > before && (BigInteger)after * 100 >= (BigInteger)before * 110;
}
