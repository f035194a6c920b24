using Tocsin.Chains;

namespace Tocsin.Detection;

/// <summary>A <see cref="Watch"/> arranged for one lookup per log: addresses to places in its lists.</summary>
internal sealed class WatchIndex
{
    private readonly Dictionary<Address, int> assets = [];
    private readonly Dictionary<Address, int> pools = [];
    private readonly Dictionary<Address, int> contracts = [];
    private readonly Dictionary<string, int> poolNames = [];
    private readonly Dictionary<string, int> assetNames = [];
    private readonly PoolSides[] poolSides;
    private readonly int[] pricingPools;
    private readonly Address[] issuers;

    /// <exception cref="ArgumentException">The description has problems; the message names them.</exception>
    public WatchIndex(Watch watch)
    {
        var problems = watch.Problems();
        if (problems.Count > 0)
            throw new ArgumentException($"the watch cannot be used: {string.Join("; ", problems)}", nameof(watch));
        Watch = watch;
        poolSides = new PoolSides[watch.Pools.Count];
        pricingPools = new int[watch.Assets.Count];
        issuers = new Address[watch.Assets.Count];
        Array.Fill(pricingPools, -1);
        for (var i = 0; i < watch.Contracts.Count; i++)
            contracts[watch.Contracts[i].Address] = i;
        for (var i = 0; i < watch.Assets.Count; i++)
            Add(watch.Assets[i], i);
        for (var i = 0; i < watch.Pools.Count; i++)
            Add(watch.Pools[i], i);
    }

    public Watch Watch { get; }

    public bool TryAsset(Address address, out int asset) => assets.TryGetValue(address, out asset);

    public bool TryPool(Address address, out int pool) => pools.TryGetValue(address, out pool);

    public bool TryContract(Address address, out int contract) => contracts.TryGetValue(address, out contract);

    public bool TryPool(string name, out int pool) => poolNames.TryGetValue(name, out pool);

    public bool TryAsset(string name, out int asset) => assetNames.TryGetValue(name, out asset);

    /// <summary>True for addresses whose role is known, which therefore are nobody's attack contract.</summary>
    public bool IsWatched(Address address) =>
        contracts.ContainsKey(address) || pools.ContainsKey(address) || assets.ContainsKey(address);

    public PoolSides SidesOf(int pool) => poolSides[pool];

    /// <summary>The contract that stands behind an asset in mints and burns; zero if none does.</summary>
    public Address IssuerOf(int asset) => issuers[asset];

    /// <summary>The price of an asset in US dollars by these reserves; null while its pool was not seen.</summary>
    public decimal? UsdPrice(int asset, ReserveBook book)
    {
        if (Watch.Assets[asset].UsdPrice is { } fixedPrice)
            return fixedPrice;
        var pool = pricingPools[asset];
        return pool < 0 ? null : PoolUsdPrice(pool, book);
    }

    /// <summary>The price of a pool's base asset in US dollars by these reserves.</summary>
    public decimal? PoolUsdPrice(int pool, ReserveBook book) =>
        book[pool]?.Price is { } price ? ToUsd(pool, price) : null;

    /// <summary>Converts a pool's price, counted in its quote asset, to US dollars.</summary>
    public decimal ToUsd(int pool, decimal price) =>
        Amounts.Usd(price, Watch.Assets[poolSides[pool].Quote].UsdPrice ?? 0);

    private void Add(Asset asset, int index)
    {
        assets[asset.Address] = index;
        assetNames[asset.Name] = index;
        if (asset.Issuer is not null)
            issuers[index] = Watch.FindContract(asset.Issuer)!.Address;
    }

    private void Add(Pool pool, int index)
    {
        pools[pool.Address] = index;
        poolNames[pool.Name] = index;
        var sides = new PoolSides(assetNames[pool.Base], assetNames[pool.Quote], pool.BaseIsToken0);
        poolSides[index] = sides;
        // The first pool of an asset in the description is the one that prices it.
        if (pricingPools[sides.Base] < 0)
            pricingPools[sides.Base] = index;
    }
}

/// <summary>The two assets of a pool by their places in the watch.</summary>
internal readonly record struct PoolSides(int Base, int Quote, bool BaseIsToken0);
