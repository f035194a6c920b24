using System.Globalization;
using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Findings;

namespace Tocsin.Demo.Scenarios;

/// <summary>A stolen key pays out of a desk in many small steps, each to a fresh account and each below every limit of
/// a single transaction.</summary>
internal sealed class SlowDrain : Scenario
{
    private const int Payments = 16;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly UInt256 Payment = Protocol.Dollars(90_000);

    // Half of what it holds a day: to pay out is what a desk is for.
    private static readonly OutflowRule PaysOut = OutflowRule.Default with { ShareBasisPoints = 5_000 };

    private Deployed desk = null!;

    public override string Name => "slow-drain";

    public override string Shows => "a stolen key empties a desk in many payments, each below every limit";

    public override Expectation Expected { get; } = new(Threat.ContractAnomaly) { Names = Naming.Among };

    public override async Task<Additions> DeployAsync(
        Deployment deployment, Protocol protocol, Cast cast, CancellationToken cancellationToken)
    {
        desk = await deployment.DeployAsync(
            "PayoutDesk", protocol.Dollar.Address, cast.Attacker, protocol.Brake.Wiring);
        await deployment.LimitAsync(protocol, desk, protocol.Dollar.Address, PaysOut);
        await deployment.GiveDollarsAsync(protocol, cast.Extras[0], 2_200_000);
        await deployment.AllowAsync(cast.Extras[0], protocol.Dollar, desk);
        await deployment.SendAsync(cast.Extras[0], desk, "fund", Protocol.Dollars(2_000_000));
        return new Additions([new Guarded("payout-desk", desk, "vault")], [], [.. cast.Extras]);
    }

    /// <summary>The same key pays customers as on any day, and a customer brings new money.</summary>
    public override async Task<string> LookAlikesAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        var sent = new List<Hash32>
        {
            await world.SendAsync(
                world.Cast.Extras[0], desk, desk.Call("fund", Protocol.Dollars(150_000)), cancellationToken),
        };
        foreach (var user in world.Cast.Users.Take(5))
            sent.Add(await world.SendAsync(
                world.Cast.Attacker, desk, desk.Call("pay", user, Protocol.Dollars(40_000)), cancellationToken));
        await world.SucceedAsync(cancellationToken, sent);
        return "five payments of 40,000 dUSD to customers, and 150,000 dUSD that came in";
    }

    public override async Task<string> AttackAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        await world.SucceedAsync(cancellationToken, await PayAsync(world, cancellationToken));
        return "90,000 dUSD paid to an account that nobody knows, by the right key: the first of many payments";
    }

    public override Target TargetOf(Protocol protocol, Cast cast) => Target.DollarsOf(
        protocol, desk,
        "the payments count together, however small: half of what the desk surely holds leaves in a day, and the rest "
            + "waits in the queue, where two recoverers can cancel it");

    public override async Task StrikeAloneAsync(DemoWorld world, int round, CancellationToken cancellationToken) =>
        await world.Anvil.ReceiptAsync(await PayAsync(world, cancellationToken), cancellationToken);

    public override async Task GoOnAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        for (var payment = 1; payment < Payments; payment++)
        {
            await Task.Delay(Every, cancellationToken);
            await PayAsync(world, cancellationToken);
        }
    }

    private Task<Hash32> PayAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        var number = world.Blows.Count.ToString(CultureInfo.InvariantCulture);
        var fresh = new Address(Keccak256.Hash($"fresh account {number}").ToArray().AsSpan(12));
        return world.StrikeAsync(
            world.Cast.Attacker, desk, desk.Call("pay", fresh, Payment), takes: true, cancellationToken);
    }
}
