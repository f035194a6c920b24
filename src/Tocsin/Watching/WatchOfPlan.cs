using Tocsin.Configuration;
using Tocsin.Configuration.Detectors;
using Tocsin.Detection;
using Tocsin.Detection.Detectors;
using Tocsin.Detection.Pegs;
using Tocsin.Evm.Abi;
using Tocsin.Plans;

namespace Tocsin.Watching;

/// <summary>What the plan protects, in the words of the detection engine.</summary>
internal static class WatchOfPlan
{
    /// <summary>The whole watch: what the plan protects, and what must be heard beside blocks.</summary>
    public static Watch Build(Plan plan, TocsinConfiguration configuration)
    {
        var watch = Build(plan, new Thresholds
        {
            Confirmations = configuration.Chain.Confirmations,
            FinalityIsTold = configuration.Chain.Finality != FinalityMark.Confirmations,
        }) with
        { Senses = SensesOf(plan, configuration) };
        return watch with
        {
            Detectors = DetectorsOf(watch, configuration.Detectors),
            Planned = configuration.Planned.Select(planned => planned.Operation).ToValueList(),
        };
    }

    // What the configuration describes takes the place of what would be there without it.
    private static ValueList<DetectorSettings> DetectorsOf(Watch watch, DetectorEntries entries)
    {
        var described = entries.Entries.Select(entry => entry.Settings).ToList();
        var subjects = described.Select(SubjectOf).ToHashSet();
        var defaults = DetectorDefaults.Of(watch).ToList();
        var kinds = defaults.Select(settings => settings.Card.Name).Distinct().ToList();
        // In one order, whoever described them: what asks what another found comes after it.
        return defaults
            .Where(settings => !subjects.Contains(SubjectOf(settings)) && !entries.Off.Contains(settings.Card.Name))
            .Concat(described)
            .OrderBy(settings => kinds.IndexOf(settings.Card.Name))
            .ToValueList();

        // One thing can be called by its name and by its address.
        (string Kind, string Subject) SubjectOf(DetectorSettings settings) =>
            (settings.Card.Name, watch.AddressOf(settings.Subject)?.ToString() ?? settings.Subject);
    }

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
                    contract.Name, contract.Address, contract.Scope ?? "")
                { Exits = contract.Exits.Select(exit => exit.Selector).ToValueList(), IsQueue = contract.IsQueue })
                .ToValueList(),
            thresholds)
        {
            Controls = things.Controls
                .Select(control => new Detection.Control(control.Name, control.Address))
                .ToValueList(),
            Pegs = things.Assets.Where(asset => asset.PegUsd is not null)
                .Select(PegOf)
                .ToValueList(),
        };
    }

    private static Peg PegOf(Plans.Asset asset)
    {
        var peg = new Peg(asset.Name, asset.PegUsd!.Value);
        return asset.PegHeldFor is { } heldFor ? peg with { HeldFor = heldFor } : peg;
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
