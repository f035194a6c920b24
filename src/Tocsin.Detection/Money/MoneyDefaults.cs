using Tocsin.Detection.Detectors;

namespace Tocsin.Detection.Money;

/// <summary>The detectors of money that need to know nothing but the watch.</summary>
internal static class MoneyDefaults
{
    // Each is a call to the node after each block.
    private const int BalancesReadMax = 32;

    public static IEnumerable<DetectorSettings> Of(Watch watch)
    {
        var pegged = watch.Pegs.Select(peg => peg.Asset).ToHashSet();
        var readsBalances = watch.Contracts.Count * watch.Assets.Count <= BalancesReadMax;
        foreach (var asset in watch.Assets)
        {
            if (asset.Issuer is not null || pegged.Contains(asset.Name))
                yield return new RedemptionRunSettings(asset.Name);
            if (asset.Issuer is not null)
                yield return new UnbackedMintSettings(asset.Name, []);
            else
                yield return new IssuerControlSettings(asset.Name);
        }
        foreach (var pool in watch.Pools)
            yield return new LiquidityDropSettings(pool.Name);
        if (watch.Contracts.Count > 0)
            yield return new OutflowDrainSettings(ReadsBalances: readsBalances);
    }
}
