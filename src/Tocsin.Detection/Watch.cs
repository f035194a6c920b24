using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Detection.Governance;
using Tocsin.Detection.Pegs;

namespace Tocsin.Detection;

/// <summary>A token whose movements are followed.</summary>
/// <param name="Decimals">The token's own number of decimal places, 1 to 36.</param>
/// <param name="UsdPrice">A fixed price in US dollars; null where a watched pool with this base asset gives it.</param>
/// <param name="Issuer">The protected contract whose liability the token is, if any: then a mint counts as value
/// leaving that contract and a burn as value coming back, so that an honest redemption is no loss.</param>
public sealed record Asset(string Name, Address Address, int Decimals, decimal? UsdPrice, string? Issuer = null);

/// <summary>A pool in the style of Uniswap V2. It is a source of prices, not a thing to protect.</summary>
/// <param name="Base">The asset that the pool gives a price to.</param>
/// <param name="Quote">The asset that the price is counted in.</param>
/// <param name="BaseIsToken0">True where the base asset is the pool's <c>token0</c>.</param>
public sealed record Pool(string Name, Address Address, string Base, string Quote, bool BaseIsToken0);

/// <summary>A contract that must not lose value.</summary>
/// <param name="Module">The part of the protocol that is paused together.</param>
public sealed record ProtectedContract(string Name, Address Address, string Module)
{
    /// <summary>Functions by which customers are paid.</summary>
    public ValueList<Selector> Exits { get; init; } = [];

    /// <summary>True where what is over a limit waits: what comes here has not left yet.</summary>
    public bool IsQueue { get; init; }
}

/// <summary>A contract by which we act, such as one that pauses, a timelock or a Safe: nothing of value is in it, but
/// powers over the others are.</summary>
public sealed record Control(string Name, Address Address);

/// <summary>What is protected on one chain, and from what deviation on something is remarkable.</summary>
public sealed record Watch(
    ChainId Chain,
    ValueList<Asset> Assets,
    ValueList<Pool> Pools,
    ValueList<ProtectedContract> Contracts,
    Thresholds Thresholds)
{
    /// <summary>The contracts by which we act; one of them may be protected besides.</summary>
    public ValueList<Control> Controls { get; init; } = [];

    /// <summary>What must be heard beside blocks.</summary>
    public Senses Senses { get; init; } = Senses.ChainOnly;

    /// <summary>The assets that are meant to keep a price; none may be there twice.</summary>
    public ValueList<Peg> Pegs { get; init; } = [];

    /// <summary>The detectors that look for more than the patterns do; no two of one name.</summary>
    public ValueList<DetectorSettings> Detectors { get; init; } = [];

    /// <summary>Operations of ours that were announced; no two of one name.</summary>
    public ValueList<Planned> Planned { get; init; } = [];

    private const int DecimalsMax = 36;

    /// <summary>Says in sentences what is wrong with the description; empty if the engine can use it.</summary>
    public ValueList<string> Problems()
    {
        var problems = new List<string>();
        if (Chain.Value == 0)
            problems.Add("the chain has no identifier");
        CheckNamesAndAddresses(problems);
        foreach (var asset in Assets)
            CheckAsset(asset, problems);
        foreach (var pool in Pools)
            CheckPool(pool, problems);
        problems.AddRange(Thresholds.Problems());
        problems.AddRange(Senses.Problems());
        foreach (var peg in Pegs)
            problems.AddRange(peg.Problems());
        foreach (var detector in Detectors)
            problems.AddRange(detector.Problems(this));
        foreach (var twice in Detectors.GroupBy(detector => detector.Name).Where(group => group.Count() > 1))
            problems.Add($"the detector '{twice.Key}' is described twice");
        foreach (var planned in Planned)
            problems.AddRange(planned.Problems(this));
        foreach (var twice in Planned.GroupBy(planned => planned.Name).Where(group => group.Count() > 1))
            problems.Add($"the planned operation '{twice.Key}' is described twice");
        foreach (var twice in Pegs.GroupBy(peg => peg.Asset).Where(group => group.Count() > 1))
            problems.Add($"the peg of '{twice.Key}' is described twice");
        return [.. problems];
    }

    /// <summary>The address of what has that name here, or that the text itself is; null for neither.</summary>
    public Address? AddressOf(string subject) =>
        FindContract(subject)?.Address ?? FindAsset(subject)?.Address ?? FindPool(subject)?.Address
        ?? FindControl(subject)?.Address ?? (Address.TryParse(subject, out var address) ? address : null);

    internal Control? FindControl(string name)
    {
        foreach (var control in Controls)
            if (control.Name == name)
                return control;
        return null;
    }

    internal Pool? FindPool(string name)
    {
        foreach (var pool in Pools)
            if (pool.Name == name)
                return pool;
        return null;
    }

    internal Asset? FindAsset(string name)
    {
        foreach (var asset in Assets)
            if (asset.Name == name)
                return asset;
        return null;
    }

    internal ProtectedContract? FindContract(string name)
    {
        foreach (var contract in Contracts)
            if (contract.Name == name)
                return contract;
        return null;
    }

    private void CheckNamesAndAddresses(List<string> problems)
    {
        var names = new Dictionary<string, (string Kind, Address Address)>();
        var addresses = new Dictionary<Address, string>();
        foreach (var asset in Assets)
            CheckOne("asset", asset.Name, asset.Address);
        foreach (var pool in Pools)
            CheckOne("pool", pool.Name, pool.Address);
        foreach (var contract in Contracts)
            CheckOne("contract", contract.Name, contract.Address);

        void CheckOne(string kind, string name, Address address)
        {
            if (string.IsNullOrWhiteSpace(name))
                problems.Add($"a {kind} has no name");
            else if (!names.TryAdd(name, (kind, address)))
                problems.Add(names[name].Kind == kind
                    ? $"{kind} '{name}' is described twice"
                    // Settings name their subjects: which of the two they mean must not be a matter of order.
                    : $"the name '{name}' means the {names[name].Kind} at {names[name].Address} and the {kind} at "
                        + $"{address}: call one of them something else");
            if (address.IsZero)
                problems.Add($"{kind} '{name}' has the zero address");
            // One address in two roles would be counted as victim and as market at once.
            else if (!addresses.TryAdd(address, $"{kind} '{name}'"))
                problems.Add($"{kind} '{name}' has the address of {addresses[address]}");
        }
    }

    private void CheckAsset(Asset asset, List<string> problems)
    {
        if (asset.Decimals is < 1 or > DecimalsMax)
            problems.Add($"asset '{asset.Name}' has {asset.Decimals} decimals: 1 to {DecimalsMax} are possible");
        if (asset.UsdPrice is <= 0 or > Amounts.PriceMax)
            problems.Add($"asset '{asset.Name}' has the price {asset.UsdPrice}: "
                + $"it must be above 0 and at most {Amounts.PriceMax}");
        if (asset.Issuer is not null && FindContract(asset.Issuer) is null)
            problems.Add($"asset '{asset.Name}' is issued by '{asset.Issuer}', which is no protected contract");
        if (asset.UsdPrice is null && !IsPricedByPool(asset.Name))
            problems.Add($"asset '{asset.Name}' has neither a fixed price nor a pool that has it as base asset");
    }

    private bool IsPricedByPool(string asset)
    {
        foreach (var pool in Pools)
            if (pool.Base == asset)
                return true;
        return false;
    }

    private void CheckPool(Pool pool, List<string> problems)
    {
        if (FindAsset(pool.Base) is null)
            problems.Add($"pool '{pool.Name}' has the unknown base asset '{pool.Base}'");
        var quote = FindAsset(pool.Quote);
        if (quote is null)
            problems.Add($"pool '{pool.Name}' has the unknown quote asset '{pool.Quote}'");
        else if (quote.UsdPrice is null)
            problems.Add($"pool '{pool.Name}' counts in '{pool.Quote}', which has no fixed price");
        if (pool.Base == pool.Quote)
            problems.Add($"pool '{pool.Name}' has '{pool.Base}' on both sides");
    }
}
