using Tocsin.Chains;

namespace Tocsin.Deployments;

/// <summary>What each holder holds, and what may leave it how fast.</summary>
internal sealed class AssetReader(ContractReads reads, Address limits, Address queue)
{
    public async Task<ValueList<AssetState>> ReadAsync(IEnumerable<Holder> holders)
    {
        var assets = new List<AssetState>();
        foreach (var holder in holders)
        {
            foreach (var asset in holder.Assets)
                assets.Add(new AssetState(
                    holder.Name, asset.Address, asset.IsMinted,
                    await reads.NumberAsync(asset.Address, BrakeFunctions.BalanceOf, holder.Address),
                    await RuleAsync(holder.Address, asset.Address), await LineAsync(holder.Address, asset.Address)));
        }
        return assets.ToValueList();
    }

    private async Task<LimitRule?> RuleAsync(Address holder, Address asset)
    {
        if ((await reads.AskAsync(limits, BrakeFunctions.RuleOf, holder, asset))?[0] is not object[] rule)
            return null;
        // The length of the window: a rule without one is none.
        if (((UInt256)rule[6]).IsZero)
            return null;
        return new LimitRule(
            (UInt256)rule[0], (UInt256)rule[2], (UInt256)rule[3], (UInt256)rule[4], (UInt256)rule[5],
            await reads.NumberAsync(limits, BrakeFunctions.LimitOf, holder, asset) ?? UInt256.Zero,
            await reads.NumberAsync(limits, BrakeFunctions.BaseOf, holder, asset) ?? UInt256.Zero);
    }

    private async Task<LineRule?> LineAsync(Address holder, Address asset)
    {
        var number = await reads.NumberAsync(queue, BrakeFunctions.LineOf, holder, asset);
        if (number is null || number.Value.IsZero)
            return null;
        return (await reads.AskAsync(queue, BrakeFunctions.LineRuleOf, holder, asset))?[0] is object[] rule
            ? new LineRule((UInt256)rule[0], (UInt256)rule[1], (UInt256)rule[2])
            : null;
    }
}
