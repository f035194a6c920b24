using Tocsin.Demo;
using Tocsin.Evm;
using Tocsin.Evm.Abi;

namespace Tocsin.EndToEnd.Adapters;

/// <summary>The adapters for OpenZeppelin's Pausable and AccessManager, on the library's own code.</summary>
public sealed class OpenZeppelinTests(AdapterChain chain) : IClassFixture<AdapterChain>
{
    private const string Manager = "@openzeppelin/contracts/build/contracts/AccessManager.json";
    private const ulong PauserRole = 7;

    [Fact]
    public async Task A_holder_of_the_role_pauses_what_looks_at_the_pause_and_nothing_else()
    {
        var target = await chain.Deployment.DeployAsync("RolePausable", chain.Admin);
        var trial = new Trial(chain, "openzeppelin-pausable", new() { ["target"] = target.Address });

        await trial.MayNotAsync("pause-by-role", chain.Guardian);
        Assert.False(await trial.ActAsync("pause-by-role", chain.Guardian));
        await chain.DoAsync(target, "grantRole", Keccak256.Hash("PAUSER_ROLE"), chain.Guardian);
        await trial.MayAsync("pause-by-role", chain.Guardian);
        await trial.IsReadyAsync("pause-by-role", chain.Guardian);
        await trial.WasNotDoneAsync("pause-by-role");

        Assert.True(await trial.ActAsync("pause-by-role", chain.Guardian));

        await trial.WasDoneAsync("pause-by-role");
        Assert.False(await chain.TryAsync(chain.Admin, target, "work"));
        Assert.True(await chain.TryAsync(chain.Admin, target, "workUnguarded"));
        await trial.IsNotReadyAsync("pause-by-role", chain.Guardian);
        Assert.False(await trial.ActAsync("pause-by-role", chain.Guardian));
    }

    [Fact]
    public async Task The_owner_pauses()
    {
        var target = await chain.Deployment.DeployAsync("OwnerPausable", chain.Admin);
        var trial = new Trial(chain, "openzeppelin-pausable", new() { ["target"] = target.Address });

        await trial.MayNotAsync("pause-by-owner", chain.Guardian);
        await chain.DoAsync(target, "transferOwnership", chain.Guardian);
        await trial.MayAsync("pause-by-owner", chain.Guardian);

        Assert.True(await trial.ActAsync("pause-by-owner", chain.Guardian));

        await trial.WasDoneAsync("pause-by-owner");
    }

    [Fact]
    public async Task A_role_of_the_access_manager_pauses_its_target()
    {
        var (manager, target, trial) = await ManagedAsync();

        await trial.MayNotAsync("pause-target", chain.Guardian);
        await GivePauseAsync(manager, target);
        await trial.MayAsync("pause-target", chain.Guardian);
        await trial.IsReadyAsync("pause-target", chain.Guardian);

        Assert.True(await trial.ActAsync("pause-target", chain.Guardian));

        await trial.WasDoneAsync("pause-target");
        Assert.False(await chain.TryAsync(chain.Admin, target, "work"));
    }

    [Fact]
    public async Task Closing_a_target_stops_operators_and_not_users()
    {
        var (manager, target, trial) = await ManagedAsync();
        await GivePauseAsync(manager, target);

        await trial.MayNotAsync("close-target", chain.Guardian);
        await chain.DoAsync(manager, "grantRole", 0, chain.Guardian, 0);
        await trial.MayAsync("close-target", chain.Guardian);
        await trial.IsReadyAsync("close-target", chain.Guardian);

        Assert.True(await trial.ActAsync("close-target", chain.Guardian));

        await trial.WasDoneAsync("close-target");
        Assert.True(await chain.TryAsync(chain.Admin, target, "work"));
        await trial.IsNotReadyAsync("pause-target", chain.Guardian);
        await trial.MayNotAsync("pause-target", chain.Guardian);
        Assert.False(await trial.ActAsync("pause-target", chain.Guardian));
    }

    [Fact]
    public async Task An_admin_delay_keeps_the_admin_from_closing_at_once()
    {
        var (manager, target, trial) = await ManagedAsync();
        await chain.DoAsync(manager, "setTargetAdminDelay", target.Address, 3_600);

        // A change of the delay waits by itself, a longer one too.
        await trial.IsReadyAsync("close-target", chain.Admin);
        await chain.LetPassAsync(TimeSpan.FromDays(5));

        await trial.MayNotAsync("close-target", chain.Admin);
        await trial.IsNotReadyAsync("close-target", chain.Admin);
        Assert.False(await trial.ActAsync("close-target", chain.Admin));
        await trial.WasNotDoneAsync("close-target");
    }

    private async Task<(Deployed Manager, Deployed Target, Trial Trial)> ManagedAsync()
    {
        var manager = await chain.Deployment.DeployPackageAsync(Manager, chain.Admin);
        var target = await chain.Deployment.DeployAsync("ManagedPausable", manager.Address);
        var trial = new Trial(
            chain,
            "openzeppelin-access-manager",
            new() { ["manager"] = manager.Address, ["target"] = target.Address });
        return (manager, target, trial);
    }

    private async Task GivePauseAsync(Deployed manager, Deployed target)
    {
        var selectors = new object[] { AbiSelector.Of("pause()").ToArray() };
        await chain.DoAsync(manager, "setTargetFunctionRole", target.Address, selectors, PauserRole);
        await chain.DoAsync(manager, "grantRole", PauserRole, chain.Guardian, 0);
    }
}
