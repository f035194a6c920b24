using Tocsin.Chains;
using Tocsin.Demo;
using Tocsin.Evm.Abi;

namespace Tocsin.EndToEnd.Adapters;

/// <summary>The adapter for Balancer v2, on the vault of April 2021.</summary>
public sealed class BalancerTests(AdapterChain chain) : IClassFixture<AdapterChain>
{
    private const string Tasks = "@balancer-labs/v2-deployments/dist/tasks";

    private static readonly TimeSpan Window = TimeSpan.FromDays(90);
    private static readonly TimeSpan Buffer = TimeSpan.FromDays(30);

    [Fact]
    public async Task Whom_the_authorizer_allows_pauses_until_the_buffer_period_ends()
    {
        var (authorizer, vault, trial) = await DeployAsync();

        await trial.MayNotAsync("pause-vault", chain.Guardian);
        Assert.False(await trial.ActAsync("pause-vault", chain.Guardian));
        await AllowAsync(authorizer, vault);
        await trial.MayAsync("pause-vault", chain.Guardian);
        await trial.IsReadyAsync("pause-vault", chain.Guardian);
        await trial.WasNotDoneAsync("pause-vault");

        Assert.True(await trial.ActAsync("pause-vault", chain.Guardian));

        await trial.WasDoneAsync("pause-vault");
        await chain.LetPassAsync(Window);
        await trial.WasDoneAsync("pause-vault");
        await chain.LetPassAsync(Buffer + TimeSpan.FromSeconds(1));
        await trial.WasNotDoneAsync("pause-vault");
    }

    [Fact]
    public async Task After_the_pause_window_the_one_who_may_can_not()
    {
        var (authorizer, vault, trial) = await DeployAsync();
        await AllowAsync(authorizer, vault);
        await chain.LetPassAsync(Window);

        await trial.MayAsync("pause-vault", chain.Guardian);
        await trial.IsNotReadyAsync("pause-vault", chain.Guardian);
        Assert.False(await trial.ActAsync("pause-vault", chain.Guardian));
        await trial.WasNotDoneAsync("pause-vault");
    }

    private async Task AllowAsync(Deployed authorizer, Deployed vault)
    {
        var action = await chain.AskAsync(vault, "getActionId", AbiSelector.Of("setPaused(bool)").ToArray());
        await chain.DoAsync(authorizer, "grantRole", action, chain.Guardian);
    }

    private async Task<(Deployed Authorizer, Deployed Vault, Trial Trial)> DeployAsync()
    {
        var authorizer = await chain.Deployment.DeployPackageAsync(
            $"{Tasks}/20210418-authorizer/artifact/Authorizer.json", chain.Admin);
        var vault = await chain.Deployment.DeployPackageAsync(
            $"{Tasks}/20210418-vault/artifact/Vault.json", authorizer.Address, Address.Zero,
            (ulong)Window.TotalSeconds, (ulong)Buffer.TotalSeconds);
        return (authorizer, vault, new Trial(chain, "balancer-v2", new() { ["vault"] = vault.Address }));
    }
}
