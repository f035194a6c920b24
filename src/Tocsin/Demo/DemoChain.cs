using Tocsin.Chains;
using Tocsin.Demo.Scenarios;

namespace Tocsin.Demo;

/// <summary>A local chain of its own with the protocol and what a scenario adds to it, all of it standing for days.
/// </summary>
internal sealed record DemoChain(Anvil Anvil, Cast Cast, Protocol Protocol, Additions Additions) : IAsyncDisposable
{
    /// <param name="signer">The one pauser.</param>
    /// <param name="isLimited">False to lift the limit of what the attack is after.</param>
    /// <param name="byFees">Whether who pays more is first in a block, as elsewhere, and not who came first.</param>
    public static async Task<DemoChain> StartAsync(
        Toolchain toolchain, Scenario scenario, Address signer, CancellationToken cancellationToken,
        bool isLimited = true, bool byFees = false)
    {
        var anvil = await Anvil.StartAsync(toolchain, cancellationToken, byFees);
        try
        {
            var cast = CastOf(await anvil.AccountsAsync(cancellationToken));
            await anvil.GiveEtherAsync(signer, cancellationToken);
            var launch = new ProtocolDeployment(anvil, toolchain, cast, signer, cancellationToken, scenario.HasPeg);
            var protocol = await launch.RunAsync();
            var deployment = new Deployment(anvil, toolchain, cast.Governance, cancellationToken);
            var additions = await scenario.DeployAsync(deployment, protocol, cast, cancellationToken);
            await launch.EndLaunchAsync(protocol);
            if (!isLimited && scenario.TargetOf(protocol, cast) is { Holder: { } holder, Coin: var coin })
                await protocol.Brake.LiftAsync(anvil, cast.Governance, holder, coin, cancellationToken);
            await anvil.ReachPresentAsync(cancellationToken);
            return new DemoChain(anvil, cast, protocol, additions);
        }
        catch
        {
            await anvil.DisposeAsync();
            throw;
        }
    }

    /// <summary>What the contracts keep with nobody there, before anybody is there.</summary>
    public Task<DemoAlone> MeasureAloneAsync(Scenario scenario, CancellationToken cancellationToken) =>
        new Unwatched(Anvil, Protocol, Cast, scenario).MeasureAsync(cancellationToken);

    /// <summary>From now on there is a block every so often. The watch begins here, where all is set up; the pair tells
    /// its reserves once more, so that they are known to it.</summary>
    public async Task<DemoChain> BeginToMineAsync(
        Toolchain toolchain, TimeSpan blockTime, CancellationToken cancellationToken)
    {
        var begun = Protocol with { DeployedAt = (await Anvil.Node.HeadAsync(cancellationToken)).Number };
        var deployment = new Deployment(Anvil, toolchain, Cast.Governance, cancellationToken);
        await deployment.SendAsync(Cast.Governance, begun.PairContract, "sync");
        await Anvil.MineEveryAsync(blockTime, cancellationToken);
        return this with { Protocol = begun };
    }

    public ValueTask DisposeAsync() => Anvil.DisposeAsync();

    private static Cast CastOf(IReadOnlyList<Address> accounts) =>
        new(
            accounts[0], accounts[1], accounts[^1], accounts[2], accounts[3], accounts[4], accounts[5],
            [.. accounts.Skip(6).Take(10)])
        { Extras = [.. accounts.Skip(16).SkipLast(1)] };
}
