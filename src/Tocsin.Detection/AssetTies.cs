using System.Collections.Frozen;
using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Detection.Money;
using Tocsin.Detection.Risk;
using Tocsin.Detection.Shares;

namespace Tocsin.Detection;

/// <summary>
/// Which protected contracts depend on which assets: those that the settings of detectors name with an asset, and those
/// that were seen giving or taking it. Who issues an asset does not depend on it.
/// </summary>
internal sealed class AssetTies
{
    /// <summary>An asset on which more contracts than this depend is everybody's.</summary>
    public const int ContractsMax = 3;

    private const int AssetsMax = 256;

    private readonly FrozenSet<(string Asset, string Contract)> told;
    private readonly FrozenDictionary<string, string> issuers;
    private readonly int contracts;
    private readonly Notebook<string, ValueList<string>> seen = new(AssetsMax);

    public AssetTies(Watch watch)
    {
        told = watch.Detectors.SelectMany(settings => Told(settings, watch)).ToFrozenSet();
        issuers = watch.Assets.Where(asset => asset.Issuer is not null)
            .ToFrozenDictionary(asset => asset.Name, asset => asset.Issuer!);
        contracts = watch.Contracts.Count;
    }

    public void Take(IReadOnlyList<Flow> flows, BlockRef block)
    {
        foreach (var (contract, asset, _) in flows)
        {
            if (issuers.TryGetValue(asset, out var issuer) && issuer == contract)
                continue;
            if (!seen.TryGet(asset, out var known))
                seen.Set(asset, [contract], block);
            else if (known.Count <= ContractsMax && !known.Contains(contract))
                seen.Set(asset, known.Add(contract), block);
        }
    }

    /// <summary>True where the contract holds or prices the asset, and not everybody does.</summary>
    public bool Depends(string contract, string asset)
    {
        var dependent = Dependents(asset);
        return dependent.Contains(contract) && dependent.Count <= ContractsMax
            && (dependent.Count < contracts || contracts <= 2);
    }

    public void Rollback(BlockRef ancestor) => seen.Rollback(ancestor);

    public NotebookState<string, ValueList<string>> Snapshot() => seen.Snapshot();

    public void Restore(NotebookState<string, ValueList<string>> state) => seen.Restore(state);

    private HashSet<string> Dependents(string asset)
    {
        var dependents = told.Where(tie => tie.Asset == asset).Select(tie => tie.Contract).ToHashSet();
        if (seen.TryGet(asset, out var known))
            dependents.UnionWith(known);
        return dependents;
    }

    private static IEnumerable<(string Asset, string Contract)> Told(DetectorSettings settings, Watch watch) =>
        settings switch
        {
            SharePriceJumpSettings share => [(share.Asset, share.Vault)],
            StandingRiskSettings risk => risk.Lends
                .Concat(watch.FindPool(risk.Pool) is { } pool ? [pool.Base] : [])
                .Select(asset => (asset, risk.Market)),
            UnbackedMintSettings mint when watch.FindAsset(mint.Asset)?.Issuer is { } issuer => mint.Backing
                .OfType<Backing.Holding>()
                .Select(held => watch.Assets.FirstOrDefault(asset => asset.Address == watch.AddressOf(held.Token)))
                .OfType<Asset>()
                .Select(asset => (asset.Name, issuer)),
            _ => [],
        };
}
