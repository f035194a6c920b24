using Tocsin.Chains;
using Tocsin.Demo;

namespace Tocsin.EndToEnd.Adapters;

/// <summary>The adapter for Aave v3, on a pool with its configurator, its ACL manager and real reserves.</summary>
public sealed class AaveTests(AdapterChain chain) : IClassFixture<AdapterChain>
{
    private const string Artifacts = "@aave/core-v3/artifacts";
    private const string Protocol = "contracts/protocol";

    private readonly Dictionary<string, Address> libraries = [];

    [Fact]
    public async Task The_emergency_admin_pauses_a_reserve_and_can_undo_it()
    {
        var market = await DeployAsync();
        var asset = await ListAsync(market);
        var trial = market.Trial.With("asset", asset.Address);
        Assert.True(await SupplyAsync(market, asset));

        await trial.MayNotAsync("pause-reserve", chain.Guardian);
        Assert.False(await trial.ActAsync("pause-reserve", chain.Guardian));
        await chain.DoAsync(market.Acl, "addEmergencyAdmin", chain.Guardian);
        await trial.MayAsync("pause-reserve", chain.Guardian);
        await trial.IsReadyAsync("pause-reserve", chain.Guardian);
        await trial.WasNotDoneAsync("pause-reserve");

        Assert.True(await trial.ActAsync("pause-reserve", chain.Guardian));

        await trial.WasDoneAsync("pause-reserve");
        Assert.False(await SupplyAsync(market, asset));
        Assert.False(await WithdrawAsync(market, asset));
        Assert.True(await chain.TryAsync(
            chain.Guardian, market.Configurator, "setReservePause", asset.Address, false));
        await trial.WasNotDoneAsync("pause-reserve");
    }

    [Fact]
    public async Task A_pause_of_the_pool_leaves_out_what_is_listed_later()
    {
        var market = await DeployAsync();
        var (first, second) = (await ListAsync(market), await ListAsync(market));
        await market.Trial.MayNotAsync("pause-pool", chain.Guardian);
        await chain.DoAsync(market.Acl, "addEmergencyAdmin", chain.Guardian);
        await market.Trial.MayAsync("pause-pool", chain.Guardian);

        Assert.True(await market.Trial.ActAsync("pause-pool", chain.Guardian));

        await market.Trial.With("asset", first.Address).WasDoneAsync("pause-pool");
        await market.Trial.With("asset", second.Address).WasDoneAsync("pause-pool");
        var later = await ListAsync(market);
        await market.Trial.With("asset", later.Address).WasNotDoneAsync("pause-pool");
        Assert.True(await SupplyAsync(market, later));
    }

    [Fact]
    public async Task A_frozen_reserve_takes_nothing_and_gives_back()
    {
        var market = await DeployAsync();
        var asset = await ListAsync(market);
        var trial = market.Trial.With("asset", asset.Address);
        Assert.True(await SupplyAsync(market, asset));
        await trial.MayNotAsync("freeze-reserve", chain.Guardian);
        await chain.DoAsync(market.Acl, "addRiskAdmin", chain.Guardian);
        await trial.MayAsync("freeze-reserve", chain.Guardian);

        Assert.True(await trial.ActAsync("freeze-reserve", chain.Guardian));

        await trial.WasDoneAsync("freeze-reserve");
        Assert.False(await SupplyAsync(market, asset));
        Assert.True(await WithdrawAsync(market, asset));
    }

    [Fact]
    public async Task A_role_in_a_replaced_ACL_manager_is_worth_nothing()
    {
        var market = await DeployAsync();
        var trial = market.Trial.With("asset", (await ListAsync(market)).Address);
        await chain.DoAsync(market.Acl, "addEmergencyAdmin", chain.Guardian);
        await trial.IsReadyAsync("pause-reserve", chain.Guardian);

        var other = await CreateAsync("configuration/ACLManager", market.Provider.Address);
        await chain.DoAsync(market.Provider, "setACLManager", other.Address);

        await trial.MayAsync("pause-reserve", chain.Guardian);
        await trial.IsNotReadyAsync("pause-reserve", chain.Guardian);
        Assert.False(await trial.ActAsync("pause-reserve", chain.Guardian));
    }

    private Task<bool> SupplyAsync(Market market, Deployed asset) =>
        chain.TryAsync(chain.Admin, market.Pool, "supply", asset.Address, 100, chain.Admin, 0);

    private Task<bool> WithdrawAsync(Market market, Deployed asset) =>
        chain.TryAsync(chain.Admin, market.Pool, "withdraw", asset.Address, 10, chain.Admin);

    private async Task<Market> DeployAsync()
    {
        var provider = await CreateAsync("configuration/PoolAddressesProvider", "test", chain.Admin);
        await chain.DoAsync(provider, "setACLAdmin", chain.Admin);
        var acl = await CreateAsync("configuration/ACLManager", provider.Address);
        await chain.DoAsync(provider, "setACLManager", acl.Address);
        await chain.DoAsync(acl, "addPoolAdmin", chain.Admin);
        var pool = await CreateAsync("pool/Pool", provider.Address);
        await chain.DoAsync(provider, "setPoolImpl", pool.Address);
        pool = pool with { Address = (Address)await chain.AskAsync(provider, "getPool") };
        var configurator = await CreateAsync("pool/PoolConfigurator");
        await chain.DoAsync(provider, "setPoolConfiguratorImpl", configurator.Address);
        configurator = configurator with
        {
            Address = (Address)await chain.AskAsync(provider, "getPoolConfigurator"),
        };
        var trial = new Trial(chain, "aave-v3", new()
        {
            ["provider"] = provider.Address,
            ["acl"] = acl.Address,
            ["configurator"] = configurator.Address,
            ["pool"] = pool.Address,
        });
        return new Market(provider, acl, pool, configurator, trial);
    }

    /// <summary>Lists a new token, and gives the admin enough of it to supply.</summary>
    private async Task<Deployed> ListAsync(Market market)
    {
        var token = await chain.Deployment.CreateAsync(
            chain.Admin,
            await chain.LinkAsync(Artifacts, "contracts/mocks/tokens/MintableERC20.sol/MintableERC20", libraries),
            "Token", "TKN", 18);
        var strategy = await chain.Deployment.CreateAsync(
            chain.Admin,
            await chain.LinkAsync(
                Artifacts, "contracts/misc/ZeroReserveInterestRateStrategy.sol/ZeroReserveInterestRateStrategy",
                libraries),
            market.Provider.Address);
        var ours = await CreateAsync("tokenization/AToken", market.Pool.Address);
        var stable = await CreateAsync("tokenization/StableDebtToken", market.Pool.Address);
        var variable = await CreateAsync("tokenization/VariableDebtToken", market.Pool.Address);
        object[] reserve =
        [
            ours.Address, stable.Address, variable.Address, 18, strategy.Address, token.Address, chain.Admin,
            Address.Zero, "aToken", "aTKN", "variable", "vTKN", "stable", "sTKN", Array.Empty<byte>(),
        ];
        await chain.DoAsync(market.Configurator, "initReserves", (object)new object[] { reserve });
        await chain.DoAsync(token, "mint(uint256)", 1_000_000);
        await chain.DoAsync(token, "approve", market.Pool.Address, UInt256.MaxValue);
        return token;
    }

    private async Task<Deployed> CreateAsync(string contract, params object[] arguments)
    {
        var path = $"{Protocol}/{contract}.sol/{Path.GetFileName(contract)}";
        return await chain.Deployment.CreateAsync(
            chain.Admin, await chain.LinkAsync(Artifacts, path, libraries), arguments);
    }

    private sealed record Market(
        Deployed Provider, Deployed Acl, Deployed Pool, Deployed Configurator, Trial Trial);
}
