using Tocsin.Chains;
using Tocsin.Findings;

namespace Tocsin.Demo.Scenarios;

/// <summary>Borrows millions for the length of a transaction, moves the price that the market trusts, and borrows
/// against it.</summary>
internal sealed class FlashLoan : Scenario
{
    private const int Rounds = 14;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    public override string Name => "flash-loan";

    public override string Shows => "a flash loan against a lending market that trusts a pool's spot price";

    public override Expectation Expected { get; } = new(Threat.FlashLoanAttack);

    public override async Task<string> LookAlikesAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        var protocol = world.Protocol;
        await world.SendAsync(
            world.Cast.HonestBorrower, protocol.HonestBorrower,
            protocol.HonestBorrower.Call("showSolvency", protocol.Dollar.Address, Protocol.Dollars(4_000_000)),
            cancellationToken);
        return "an honest flash loan of 4,000,000 dUSD";
    }

    public override async Task<string> AttackAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        var first = await StrikeAsync(world, cancellationToken);
        await world.SucceedAsync(cancellationToken, first);
        return $"{first.ToShortString()}: 4,000,000 dUSD borrowed, the price of GEM moved, the market drained of about "
            + "400,000 dUSD";
    }

    public override async Task GoOnAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        for (var round = 1; round < Rounds; round++)
        {
            await Task.Delay(Every, cancellationToken);
            await StrikeAsync(world, cancellationToken);
        }
    }

    public override Target TargetOf(Protocol protocol, Cast cast) => Target.DollarsOf(
        protocol, protocol.Market,
        "the market lets 30 % of what it surely holds leave in a day; what it lends beyond that waits in the queue, "
            + "where two recoverers can cancel it");

    public override async Task StrikeAloneAsync(DemoWorld world, int round, CancellationToken cancellationToken) =>
        await world.Anvil.ReceiptAsync(await StrikeAsync(world, cancellationToken), cancellationToken);

    /// <summary>Sends one whole attack.</summary>
    public static Task<Hash32> StrikeAsync(DemoWorld world, CancellationToken cancellationToken) => world.StrikeAsync(
        world.Cast.Attacker, world.Protocol.Attack,
        world.Protocol.Attack.Call("attack", Protocol.Dollars(4_000_000), Protocol.Gems(2_300)), takes: true,
        cancellationToken);
}
