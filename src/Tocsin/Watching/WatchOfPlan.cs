using Tocsin.Detection;
using Tocsin.Plans;

namespace Tocsin.Watching;

/// <summary>What the plan protects, in the words of the detection engine.</summary>
internal static class WatchOfPlan
{
    public static Watch Build(Plan plan, int confirmations)
    {
        var things = plan.Protected;
        var addresses = things.Assets.ToDictionary(asset => asset.Name, asset => asset.Address);
        return new Watch(
            things.Chain,
            things.Assets
                .Select(asset => new Detection.Asset(
                    asset.Name, asset.Address, asset.Decimals, asset.UsdPrice, asset.Issuer))
                .ToValueList(),
            // Uniswap V2 sorts a pair's tokens by address: UniswapV2Factory.createPair.
            things.Pools
                .Select(pool => new Detection.Pool(
                    pool.Name, pool.Address, pool.Base, pool.Quote, addresses[pool.Base] < addresses[pool.Quote]))
                .ToValueList(),
            things.Contracts
                .Select(contract => new Detection.ProtectedContract(
                    contract.Name, contract.Address, contract.Scope ?? ""))
                .ToValueList(),
            new Thresholds { Confirmations = confirmations });
    }
}
