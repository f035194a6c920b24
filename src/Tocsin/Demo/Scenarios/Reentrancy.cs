using Tocsin.Chains;
using Tocsin.Findings;

namespace Tocsin.Demo.Scenarios;

/// <summary>A contract that pays before it writes down that it paid is called again from within the payment. No event
/// of a standard tells it: only the calls do.</summary>
internal sealed class Reentrancy : Scenario
{
    private const int Rounds = 8;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);
    private static readonly UInt256 Stake = Protocol.Dollars(20_000);

    private Deployed savings = null!;
    private Deployed thief = null!;
    private Deployed honest = null!;

    public override string Name => "reentrancy";

    public override string Shows => "a contract that pays before it writes that down is called from within the payment";

    public override Expectation Expected { get; } = new(Threat.ContractAnomaly);

    public override async Task<Additions> DeployAsync(
        Deployment deployment, Protocol protocol, Cast cast, CancellationToken cancellationToken)
    {
        var saver = cast.Extras[0];
        savings = await deployment.DeployAsync("Savings", protocol.Dollar.Address, protocol.Brake.Wiring);
        await deployment.LimitAsync(protocol, savings, protocol.Dollar.Address, OutflowRule.Default);
        thief = await deployment.DeployAsync(cast.Attacker, "ReentrancyAttacker", savings.Address);
        honest = await deployment.DeployAsync(saver, "HonestSaver", savings.Address);
        foreach (var user in (Address[])[.. cast.Users.Take(5), saver, cast.Attacker])
            await deployment.GiveDollarsAsync(protocol, user, 800_000);
        foreach (var user in cast.Users.Take(5))
        {
            await deployment.AllowAsync(user, protocol.Dollar, savings);
            await deployment.SendAsync(user, savings, "save", Protocol.Dollars(800_000));
        }
        await deployment.SendAsync(
            cast.Attacker, protocol.Dollar, "transfer", thief.Address, Protocol.Dollars(20_000));
        await deployment.SendAsync(saver, protocol.Dollar, "transfer", honest.Address, Protocol.Dollars(50_000));
        await deployment.SendAsync(saver, honest, "save");
        return new Additions([new Guarded("savings", savings, "vault")], [], [saver, honest.Address]);
    }

    /// <summary>A contract is paid, is called back, and then hands it on; a user takes out a part of its
    /// savings.</summary>
    public override async Task<string> LookAlikesAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        var (saver, paid) = (world.Cast.Extras[0], Protocol.Dollars(50_000));
        await world.SucceedAsync(
            cancellationToken,
            await world.SendAsync(saver, honest, honest.Call("withdraw", paid, saver), cancellationToken),
            await world.SendAsync(
                world.Cast.Users[0], savings, savings.Call("withdraw", Protocol.Dollars(100_000)), cancellationToken));
        return "a contract that was paid and called back, and a user who took a part of its savings out";
    }

    public override async Task<string> AttackAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        await world.SucceedAsync(cancellationToken, await StrikeAsync(world, cancellationToken));
        return "20,000 dUSD saved, and withdrawn five times within one payment: 80,000 dUSD of others are gone";
    }

    public override Target TargetOf(Protocol protocol, Cast cast) => Target.DollarsOf(
        protocol, savings,
        "every payment counts, also one from within another: 30 % of what the savings surely hold leaves in a day, and "
            + "the rest waits in the queue, where two recoverers can cancel it");

    public override async Task StrikeAloneAsync(DemoWorld world, int round, CancellationToken cancellationToken) =>
        await world.Anvil.ReceiptAsync(await StrikeAsync(world, cancellationToken), cancellationToken);

    public override async Task GoOnAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        for (var round = 1; round < Rounds; round++)
        {
            await Task.Delay(Every, cancellationToken);
            await StrikeAsync(world, cancellationToken);
        }
    }

    private Task<Hash32> StrikeAsync(DemoWorld world, CancellationToken cancellationToken) => world.StrikeAsync(
        world.Cast.Attacker, thief, thief.Call("attack", Stake, 5UL), takes: true, cancellationToken);
}
