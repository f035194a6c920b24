using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Findings;

namespace Tocsin.Demo.Scenarios;

/// <summary>A bridge takes a message that nobody proved for proven, and makes dollars for which nothing was locked on
/// the other side.</summary>
internal sealed class UnbackedMint : Scenario
{
    private const int Rounds = 8;
    private const decimal Forged = 1_500_000;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    // So many users bring so much that a single arrival may be larger than by default.
    private static readonly OutflowRule Arrivals = OutflowRule.Minting(5_000_000) with { Single = 2_000_000 };

    private Deployed bridge = null!;
    private Address dollar;

    public override string Name => "unbacked-mint";

    public override string Shows => "a bridge makes dollars for which nothing was locked on the other side";

    public override Expectation Expected { get; } = new(Threat.UnbackedMint)
    {
        Besides = [Threat.ContractAnomaly],
        Names = Naming.Some,
        // A bridge that made more than it will ever hold has nothing left.
        Keeps = false,
    };

    public override async Task<Additions> DeployAsync(
        Deployment deployment, Protocol protocol, Cast cast, CancellationToken cancellationToken)
    {
        bridge = await deployment.DeployAsync("Bridge", cast.Extras[0], protocol.Brake.Wiring);
        // A contract's first creation has nonce 1: EIP-161.
        dollar = ContractAddress.Create(bridge.Address, 1);
        await deployment.LimitAsync(protocol, bridge, dollar, Arrivals);
        for (var i = 0; i < 4; i++)
            foreach (var (from, function, arguments) in Arrival(cast, cast.Users[i], 500_000, (ulong)i))
                await deployment.SendAsync(from, bridge, function, arguments);
        var token = new Deployed(dollar, protocol.Dollar.Abi);
        return new Additions(
            [new Guarded("bridge", bridge, "vault", "send(uint256)")],
            [new Coin("bUSD", token, Protocol.DollarDecimals, 1, "bridge")],
            [cast.Extras[0]])
        {
            // What it makes leaves it without anything coming in here: that is what a bridge is.
            Settings = """
                detectors:
                  outflow-drain:
                    - contract: bridge
                      transactions_min: 1000
                """,
        };
    }

    /// <summary>Dollars arrive over the bridge as they should: proven, then released.</summary>
    public override async Task<string> LookAlikesAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        for (var i = 4; i < 7; i++)
            foreach (var (from, function, arguments) in Arrival(world.Cast, world.Cast.Users[i], 60_000, (ulong)i))
                await world.SucceedAsync(
                    cancellationToken,
                    await world.SendAsync(from, bridge, bridge.Call(function, arguments), cancellationToken));
        return "three arrivals of 60,000 bUSD over the bridge, each proven";
    }

    public override async Task<string> AttackAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        await world.SucceedAsync(cancellationToken, await StrikeAsync(world, 100, cancellationToken));
        return "1,500,000 bUSD released by a message that nobody ever proved";
    }

    public override Target TargetOf(Protocol protocol, Cast cast) => new(
        new Coin("bUSD", new Deployed(dollar, protocol.Dollar.Abi), Protocol.DollarDecimals, 1, "bridge"),
        [Address.Zero], bridge.Address,
        "the bridge makes 5,000,000 a day at most, proven or not, and refuses the rest; without that there would be no "
            + $"end to it, and what is at risk are the {Rounds} messages of the story")
    { AskedUsd = Rounds * Forged };

    public override async Task StrikeAloneAsync(DemoWorld world, int round, CancellationToken cancellationToken) =>
        await world.Anvil.ReceiptAsync(
            await StrikeAsync(world, 100 + (ulong)round, cancellationToken), cancellationToken);

    public override async Task GoOnAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        for (var round = 1UL; round < Rounds; round++)
        {
            await Task.Delay(Every, cancellationToken);
            await StrikeAsync(world, 100 + round, cancellationToken);
        }
    }

    private Task<Hash32> StrikeAsync(DemoWorld world, ulong nonce, CancellationToken cancellationToken) =>
        world.StrikeAsync(
            world.Cast.Attacker, bridge,
            bridge.Call("release", world.Cast.Attacker, Protocol.Dollars(Forged), nonce), takes: true,
            cancellationToken);

    private (Address From, string Function, object[] Arguments)[] Arrival(
        Cast cast, Address to, decimal amount, ulong nonce)
    {
        var units = Protocol.Dollars(amount);
        var message = Keccak256.Hash(bridge.Call("messageOf", to, units, nonce).AsSpan(Selector.ByteCount));
        return
        [
            (cast.Extras[0], "prove", [message, Keccak256.Hash($"root {nonce}")]),
            (to, "release", [to, units, nonce]),
        ];
    }
}
