using System.Net;
using System.Net.Sockets;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Demo;
using Tocsin.Deployments;
using Tocsin.EndToEnd.Deployments;
using Tocsin.Evm;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Readiness;

namespace Tocsin.EndToEnd.Readiness;

/// <summary>Prepared actions tried against the real brake and a real Safe.</summary>
public sealed class ActionProbeTests(BrakedChain chain) : IClassFixture<BrakedChain>, IAsyncLifetime
{
    private const string SafeArtifacts = "@safe-global/safe-contracts/build/artifacts/contracts";
    private static readonly UInt256 Gwei = 1_000_000_000UL;

    private KnownCode known = KnownCode.None;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private Address Pauser => chain.Accounts[1];

    public async ValueTask InitializeAsync() => await chain.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_pauser_with_gas_can_pause() => await ReadyAsync(Pause());

    [Fact]
    public async Task A_role_that_was_taken_away_is_seen_by_the_next_probe_and_its_return_too()
    {
        await ReadyAsync(Pause());

        await chain.GovernAsync(chain.Controls, "removeFromRole", Pauser);
        await NotReadyAsync(Pause(), "does not hold the role that it needs (reverted: NotInRole(");

        await chain.GiveRoleAsync(Pauser, Role.Pauser);
        await ReadyAsync(Pause());
    }

    [Fact]
    public async Task A_pause_that_holds_needs_no_second_one()
    {
        await chain.SendAsync(Pauser, chain.Controls, "pause", Module("vault"), BrakedChain.Day, Hash32.Zero);

        await ReadyAsync(Pause());
    }

    [Fact]
    public async Task A_pause_that_the_brake_does_not_allow_is_told_in_its_words() => await NotReadyAsync(
        Pause(seconds: 60), "pause(vault, 60, under-attack) would fail now: reverted: DurationOutOfBounds(");

    [Fact]
    public async Task An_account_without_gas_is_told()
    {
        await chain.Anvil.Node.RequestAsync("anvil_setBalance", Cancelled, Pauser, "0x2386f26fc10000");

        // 200,000 gas at 100 gwei.
        await NotReadyAsync(Pause(), "has 0.01 ETH on Local, and the calls may cost 0.02 ETH");
    }

    [Fact]
    public async Task An_upgraded_target_is_not_ready_until_the_plan_changes()
    {
        await ReadyAsync(Pause());

        await chain.StoreAsync(chain.Controls.Address, Slot, BrakedChain.Word(chain.Accounts[9]));
        await NotReadyAsync(Pause(), "was upgraded, to 0x");
        await NotReadyAsync(Pause(), "was upgraded, to 0x");

        await ReadyAsync(Pause(what: "Pause the vault of version 2"));
    }

    [Fact]
    public async Task An_address_without_code_is_told()
    {
        await NotReadyAsync(Pause(target: new Address([.. new byte[18], 0xab, 0xcd])), "has no code");
    }

    [Fact]
    public async Task What_an_action_needs_is_read()
    {
        const string budget = "{ target: brake, function: budgetLeft(address pauser) returns (uint64), arguments: [";

        await ReadyAsync(Pause() + $"\n    needs: [{budget}\"{Pauser}\"], at_least: 86400 }}]");
        await NotReadyAsync(
            Pause() + $"\n    needs: [{budget}\"{Pauser}\"], at_least: 86400000, in_words: the budget lasts }}]",
            "it needs that the budget lasts: budgetLeft(0x");
        await NotReadyAsync(
            Pause() + "\n    then: [{ target: brake, function: nothing() returns (bool), is_true: true }]",
            "whether it had effect could not be read: nothing() gives no value");
    }

    [Fact]
    public async Task Who_only_watches_is_not_told_that_nobody_can_act()
    {
        var result = await ProbeAsync(Pause(), chain.Anvil.Rpc, withSigner: false);

        Assert.Equal(ReadyState.Unknown, result.State);
        Assert.Contains("no 'signer' is configured", result.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chain_without_a_node_and_a_node_that_is_silent_are_two_things()
    {
        await NotReadyAsync(
            Pause().Replace("scope:", "chain: Base\n        scope:", StringComparison.Ordinal),
            "no node of Base is configured");

        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var result = await ProbeAsync(Pause(), new Uri($"http://127.0.0.1:{port}"));

        Assert.Equal(ReadyState.Unknown, result.State);
        Assert.Contains("Local could not be asked", result.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hook_is_ready_while_somebody_listens()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var hook = $"hook: {{ url: \"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/on\" }}";

        await ReadyAsync(Action(hook));
        listener.Stop();
        await NotReadyAsync(Action(hook), "cannot be reached");
        await NotReadyAsync(
            Action("hook: { url: \"env:TOCSIN_TEST_NO_SUCH_HOOK\" }"), "TOCSIN_TEST_NO_SUCH_HOOK is not set");
    }

    [Fact]
    public async Task What_a_person_does_is_ready() =>
        await ReadyAsync(Action("manual: { text: Call the exchange, who: commander }"));

    [Fact]
    public async Task A_Safe_is_as_expected_until_its_owners_or_its_nonce_change()
    {
        var (safe, owners) = await DeploySafeAsync();
        var planned = Action(
            $"safe: {{ safe: safe, threshold: 2, nonce: 0, owners: [{string.Join(", ", owners.Select(Quoted))}],\n"
                + "      calls: [{ target: brake, function: budget() }] }");
        await ReadyAsync(planned, safe);

        await chain.Anvil.GiveEtherAsync(safe, Cancelled);
        await chain.Anvil.Node.RequestAsync("anvil_impersonateAccount", Cancelled, safe);
        await chain.SendAsync(safe, Safe(safe), "addOwnerWithThreshold", chain.Accounts[9], 3);
        await chain.StoreAsync(safe, 5, BrakedChain.Word((UInt256)7UL));

        var result = await ProbeAsync(planned, chain.Anvil.Rpc, safe);
        Assert.Equal(ReadyState.NotReady, result.State);
        Assert.Contains("owns Safe 'safe', and the plan does not say so", result.Words, StringComparison.Ordinal);
        Assert.Contains("needs 3 signatures, and the plan says 2", result.Words, StringComparison.Ordinal);
        Assert.Contains("the nonce of Safe 'safe' is 7", result.Words, StringComparison.Ordinal);
    }

    private static Hash32 Slot => Hash32.Parse("0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc");

    private async Task ReadyAsync(string action, Address? safe = null)
    {
        var result = await ProbeAsync(action, chain.Anvil.Rpc, safe);
        Assert.True(result.State == ReadyState.Ready, result.Words);
    }

    private async Task NotReadyAsync(string action, string expected)
    {
        var result = await ProbeAsync(action, chain.Anvil.Rpc);
        Assert.Equal(ReadyState.NotReady, result.State);
        Assert.Contains(expected, result.Words, StringComparison.Ordinal);
    }

    private async Task<ProbeResult> ProbeAsync(
        string action, Uri rpc, Address? safe = null, bool withSigner = true)
    {
        var read = PlanReader.Read([new PlanFile(PlanReader.MainFile, Plan(action, safe))]);
        Assert.Empty(read.Complaints);
        using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        var node = new Node(http, rpc, TimeProvider.System, new NodeOptions());
        var nodes = new Chain.Nodes(
            [new NamedNode("anvil", node, 1)], TimeProvider.System,
            new NodesOptions { ExpectedChain = Anvil.Chain, AgreeingNodes = 1 });
        var probe = new ActionProbe(
            on => on == Anvil.Chain ? nodes : null, withSigner ? Pauser : null,
            _ => Task.FromResult<UInt256?>(Gwei * 100UL), new HookProbe(".", TimeProvider.System), TimeProvider.System);
        (var results, known) = await probe.ProbeAsync(read.Plan, known, Cancelled);
        return Assert.Single(results);
    }

    private string Plan(string action, Address? safe) => $"""
        name: Test
        protected:
          chain: ({Anvil.Chain})
          chains: [(8453)]
          controls:
            brake: "{ChecksumAddress.Format(chain.Controls.Address)}"
            safe: "{ChecksumAddress.Format(safe ?? chain.Controls.Address)}"
            empty: "0x000000000000000000000000000000000000abcd"
          assets: []
          contracts: []
        issues: []
        escalation: []
        team:
          core: []
        communications: []
        decisions: []
        actions:
        {action}
        """
        .Replace($"({Anvil.Chain})", $"{{ id: {Anvil.Chain}, name: Local }}", StringComparison.Ordinal)
        .Replace("(8453)", "{ id: 8453, name: Base }", StringComparison.Ordinal);

    private static string Pause(ulong seconds = 86_400, string what = "Pause", Address? target = null) => $"""
          - id: test
            what: {what}
            calls:
              - scope: vault
                target: {(target is null ? "brake" : "empty")}
                function: pause(bytes32 module,uint64 durationSeconds,bytes32 reasonCode)
                arguments: [vault, {seconds}, under-attack]
                holds: isPaused(bytes32 module) returns (bool)
                until: pausedUntil(bytes32 module) returns (uint64)
        """;

    private static string Action(string means) => $"  - id: test\n    what: Test\n    {means}";

    private static string Quoted(Address address) => $"\"{ChecksumAddress.Format(address)}\"";

    private static Hash32 Module(string name) => ModuleName.TryParse(name, out var module) ? module : Hash32.Zero;

    private Deployed Safe(Address address) => new(address, safeAbi!);

    private Evm.Abi.ContractAbi? safeAbi;

    private async Task<(Address Safe, Address[] Owners)> DeploySafeAsync()
    {
        var toolchain = await Toolchain.PrepareAsync(_ => { }, Cancelled);
        var deployment = new Deployment(chain.Anvil, toolchain, chain.Accounts[0], Cancelled);
        var singleton = await deployment.DeployPackageAsync($"{SafeArtifacts}/Safe.sol/Safe.json");
        var proxy = await deployment.DeployPackageAsync(
            $"{SafeArtifacts}/proxies/SafeProxy.sol/SafeProxy.json", singleton.Address);
        safeAbi = singleton.Abi;
        Address[] owners = [chain.Accounts[7], chain.Accounts[8]];
        await deployment.SendAsync(
            chain.Accounts[0], Safe(proxy.Address), "setup", owners, 2, Address.Zero, Array.Empty<byte>(),
            Address.Zero, Address.Zero, 0, Address.Zero);
        return (proxy.Address, owners);
    }
}
