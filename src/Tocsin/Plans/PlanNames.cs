using Tocsin.Chains;
using Tocsin.Evm.Abi;
using Tocsin.Texts;

namespace Tocsin.Plans;

/// <summary>What a plan's actions may name: chains, and the contracts on them.</summary>
internal sealed record PlanNames(
    ChainId Chain,
    string ChainName,
    ValueList<NamedChain> OtherChains,
    ValueList<Asset> Assets,
    ValueList<Pool> Pools,
    ValueList<ProtectedContract> Contracts,
    Dictionary<string, Address> Controls)
{
    /// <summary>A contract that an action calls.</summary>
    public Address Target(YamlPart part) => Named(
        part, "target", Controls.Select(pair => (pair.Key, pair.Value))
            .Concat(Contracts.Select(contract => (contract.Name, contract.Address))));

    /// <summary>A contract that an action reads: an asset's balance may be a condition too.</summary>
    public Address Read(YamlPart part) => Named(
        part, "target", Controls.Select(pair => (pair.Key, pair.Value))
            .Concat(Contracts.Select(contract => (contract.Name, contract.Address)))
            .Concat(Assets.Select(asset => (asset.Name, asset.Address)))
            .Concat(Pools.Select(pool => (pool.Name, pool.Address))));

    /// <summary>An asset by its name; null with a complaint where there is none of it.</summary>
    public string? Asset(YamlPart part)
    {
        var name = part.Text();
        if (Assets.Any(asset => asset.Name == name))
            return name;
        part.Complain($"'{name}' is no asset of the plan" + PlanCheck.Near(name, Assets.Select(asset => asset.Name)));
        return null;
    }

    /// <summary>The asset in whose units a view answers by what ERC-20 says of it; null for any other view.</summary>
    public string? AssetCounted(Address target, AbiFunction? view) =>
        view?.Name is "balanceOf" or "totalSupply" or "allowance"
            ? Assets.FirstOrDefault(asset => asset.Address == target)?.Name
            : null;

    public Address Control(YamlPart part, string what) =>
        Named(part, what, Controls.Select(pair => (pair.Key, pair.Value)));

    /// <summary>A chain by name or by number; the protected one where none is named.</summary>
    public ChainId ChainOf(YamlPart? part)
    {
        if (part?.Text() is not { Length: > 0 } text)
            return Chain;
        var chains = OtherChains.Add(new NamedChain(Chain, ChainName));
        if (chains.FirstOrDefault(chain => chain.Name == text || chain.Id.ToString() == text) is { } known)
            return known.Id;
        part.Complain($"chain '{text}' is neither the protected one nor under 'chains'"
            + PlanCheck.Near(text, chains.Select(chain => chain.Name)));
        return Chain;
    }

    private static Address Named(YamlPart part, string what, IEnumerable<(string Name, Address Address)> known)
    {
        var name = part.Text();
        var all = known.ToList();
        if (all.Exists(one => one.Name == name))
            return all.Find(one => one.Name == name).Address;
        if (name.Length > 0)
            part.Complain($"{what} '{name}' is neither under 'controls' nor a contract"
                + PlanCheck.Near(name, all.Select(one => one.Name)));
        return default;
    }
}
