using Tocsin.Chains;
using Tocsin.Demo;
using Tocsin.Demo.Scenarios;
using Tocsin.Evm;

namespace Tocsin.EndToEnd.Parts;

/// <summary>A chain with the demo's protocol on it, deployed once and taken back to that state for each test.</summary>
public class ProtectedChain : IAsyncLifetime
{
    private string snapshot = "";

    internal Anvil Anvil { get; private set; } = null!;

    internal Cast Cast { get; private set; } = null!;

    internal Protocol Protocol { get; private set; } = null!;

    /// <summary>Whether who pays more is first in a block; otherwise who came first.</summary>
    private protected virtual bool IsByFees => false;

    /// <summary>What a scenario deploys beside the protocol.</summary>
    internal Additions Additions { get; private set; } = Additions.None;

    /// <summary>The scenario that does; null for none.</summary>
    internal virtual Scenario? Beside => null;

    internal PrivateKey SignerKey { get; } = PrivateKey.Generate();

    public async ValueTask InitializeAsync()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var toolchain = await Toolchain.PrepareAsync(_ => { }, cancellationToken);
        Anvil = await Anvil.StartAsync(toolchain, cancellationToken, IsByFees);
        var accounts = await Anvil.AccountsAsync(cancellationToken);
        Cast =
            new Cast(
                accounts[0], accounts[1], accounts[^1], accounts[2], accounts[3], accounts[4], accounts[5],
                [.. accounts.Skip(6).Take(5)])
            {
                Extras = [.. accounts.Skip(11).Take(1)],
            };
        await Anvil.GiveEtherAsync(SignerKey.Address, cancellationToken);
        Protocol = await new ProtocolDeployment(Anvil, toolchain, Cast, SignerKey.Address, cancellationToken)
            .RunAsync();
        if (Beside is { } scenario)
            Additions = await scenario.DeployAsync(
                new Deployment(Anvil, toolchain, Cast.Governance, cancellationToken), Protocol, Cast,
                cancellationToken);
        snapshot = await SnapshotAsync();
    }

    /// <summary>Back to the freshly deployed protocol, with a block a second from now on.</summary>
    internal async Task ResetAsync()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await Anvil.Node.RequestAsync("evm_setIntervalMining", cancellationToken, 0L);
        // The pool is no part of a snapshot: what a failed test left in it would enter the next one's chain.
        await Anvil.Node.RequestAsync("anvil_dropAllTransactions", cancellationToken);
        // Blocks are mined one after the other: a last one of the interval that is still being mined is in the chain
        // before this one. Mined while the chain goes back, it would leave a hole that no block fills.
        await Anvil.Node.RequestAsync("evm_mine", cancellationToken);
        await Anvil.Node.RequestAsync("evm_revert", cancellationToken, snapshot);
        snapshot = await SnapshotAsync();
        await Anvil.MineEveryAsync(TimeSpan.FromSeconds(1), cancellationToken);
    }

    internal Task<Hash32> AttackAsync() => Anvil.SendAsync(
        Cast.Attacker,
        Protocol.Attack.Address,
        Protocol.Attack.Call("attack", Protocol.Dollars(4_000_000), Protocol.Gems(2_300)),
        TestContext.Current.CancellationToken);

    internal async Task<bool> HasSucceededAsync(Hash32 transaction) =>
        (await Anvil.ReceiptAsync(transaction, TestContext.Current.CancellationToken)).Succeeded;

    public async ValueTask DisposeAsync()
    {
        await Anvil.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private async Task<string> SnapshotAsync() =>
        (await Anvil.Node.RequestAsync("evm_snapshot", TestContext.Current.CancellationToken)).GetString()!;
}
