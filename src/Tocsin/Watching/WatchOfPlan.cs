using Tocsin.Configuration;
using Tocsin.Detection;
using Tocsin.Detection.Pegs;
using Tocsin.Evm.Abi;
using Tocsin.Plans;

namespace Tocsin.Watching;

/// <summary>What the plan protects, in the words of the detection engine.</summary>
internal static class WatchOfPlan
{
    /// <summary>The whole watch: what the plan protects, and what must be heard beside blocks.</summary>
    public static Watch Build(Plan plan, TocsinConfiguration configuration) =>
        Build(plan, new Thresholds
        {
            Confirmations = configuration.Chain.Confirmations,
            FinalityIsTold = configuration.Chain.Finality != FinalityMark.Confirmations,
        }) with
        { Senses = SensesOf(plan, configuration) };

    /// <summary>What the plan protects, heard through the chain alone.</summary>
    public static Watch Build(Plan plan, Thresholds thresholds)
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
            thresholds)
        {
            Pegs = things.Assets.Where(asset => asset.PegUsd is not null)
                .Select(asset => new Peg(asset.Name, asset.PegUsd!.Value))
                .ToValueList(),
        };
    }

    private static Senses SensesOf(Plan plan, TocsinConfiguration configuration) => new(
        configuration.Chain.StallAfter,
        configuration.Feeds.Select(feed => new FeedSense(feed.Name, feed.Asset, feed.StaleAfter)).ToValueList(),
        configuration.Heartbeats.Select(beat => new HeartbeatSense(beat.Name, beat.Every, beat.Grace)).ToValueList(),
        configuration.FrontEnds
            .Select(frontEnd => new FrontEndSense(frontEnd.Name, frontEnd.UnreachableAfter))
            .ToValueList(),
        configuration.Abis
            .SelectMany(abi => ConfigurationCheck.Places(abi, plan.Protected).Select(at => Known(abi, plan, at)))
            .ToValueList())
    {
        Nodes = configuration.Chain.Nodes.Select(node => node.Name).ToValueList(),
    };

    private static KnownContract Known(AbiSettings abi, Plan plan, Chains.Address address)
    {
        var named = plan.Protected.Contracts.FirstOrDefault(contract => contract.Address == address);
        // An anonymous event has no topic to know it by, so a contract that has one is never quiet for certain.
        var quietAfter = abi.Abi?.Events.Any(entry => entry.IsAnonymous) == true ? int.MaxValue : abi.QuietAfter;
        return new KnownContract(
            named?.Name ?? abi.Contract, address, Events(abi.Abi), Slots(abi.Proxy), quietAfter);
    }

    private static ValueList<KnownEvent> Events(ContractAbi? abi) =>
        abi?.Events
            .Where(entry => !entry.IsAnonymous)
            .DistinctBy(entry => entry.Topic0)
            .Select(entry => new KnownEvent(entry.Topic0, entry.Signature))
            .ToValueList() ?? [];

    private static ValueList<Chains.Hash32> Slots(ProxyKind proxy) => proxy switch
    {
        ProxyKind.None => [],
        ProxyKind.Standard => [ProxySlots.Implementation, ProxySlots.Beacon, ProxySlots.Admin],
        ProxyKind.Safe => [ProxySlots.SafeSingleton],
    };
}
