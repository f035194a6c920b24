using Tocsin.Chains;
using Tocsin.Findings;

namespace Tocsin.Demo.Scenarios;

/// <summary>Moves the price that the market trusts with money of the attacker's own, borrows against it a block later,
/// and trades back: no loan, and no single transaction that tells all.</summary>
internal sealed class OracleManipulation : Scenario
{
    private const int Rounds = 6;

    private static readonly UInt256 Pump = Protocol.Dollars(3_000_000);
    private static readonly UInt256 Stake = Protocol.Gems(2_300);
    private static readonly UInt256 Loan = Protocol.Dollars(200_000);

    public override string Name => "oracle-manipulation";

    public override string Shows => "a price that the market trusts is moved over several blocks, and borrowed against";

    public override Expectation Expected { get; } =
        new(Threat.OracleManipulation) { Besides = [Threat.UnusualTrading, Threat.LiquidityDrop] };

    public override async Task<Additions> DeployAsync(
        Deployment deployment, Protocol protocol, Cast cast, CancellationToken cancellationToken)
    {
        var whale = cast.Extras[0];
        foreach (var (account, dollars) in new[] { (cast.Attacker, 3_200_000m), (whale, 60_000m) })
        {
            await deployment.GiveDollarsAsync(protocol, account, dollars);
            await deployment.SendAsync(cast.Governance, protocol.Gem, "mint", account, Protocol.Gems(20_000));
            foreach (var token in (Deployed[])[protocol.Dollar, protocol.Gem])
            {
                await deployment.AllowAsync(account, token, protocol.Router);
                await deployment.AllowAsync(account, token, protocol.Market);
            }
        }
        return Additions.None with { Innocent = [whale] };
    }

    /// <summary>A whale buys GEM dearly and keeps it, somebody arbitrages the pool back, and a borrower borrows
    /// meanwhile.</summary>
    public override async Task<string> LookAlikesAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        var (protocol, whale, user) = (world.Protocol, world.Cast.Extras[0], world.Cast.Users[7]);
        await world.SucceedAsync(cancellationToken, await world.SendAsync(
            whale, protocol.Router, protocol.Swap(protocol.Dollar, protocol.Gem, Protocol.Dollars(50_000), whale),
            cancellationToken));
        await world.SucceedAsync(
            cancellationToken,
            await world.SendAsync(
                user, protocol.Market, protocol.Market.Call("borrow", Protocol.Dollars(500)), cancellationToken),
            await world.SendAsync(
                world.Cast.Users[8], protocol.Router,
                protocol.Swap(protocol.Gem, protocol.Dollar, Protocol.Gems(2_500), world.Cast.Users[8]),
                cancellationToken));
        return "a whale that bought 50,000 dUSD worth of GEM, an arbitrage against it, and a loan at the price between";
    }

    public override async Task<string> AttackAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        await RoundAsync(world, cancellationToken);
        return "over three blocks: GEM bought for 3,000,000 dUSD of the attacker's own, 200,000 dUSD borrowed against "
            + "its price, GEM sold again";
    }

    public override Target TargetOf(Protocol protocol, Cast cast) => Target.DollarsOf(
        protocol, protocol.Market,
        "the market lets 30 % of what it surely holds leave in a day, at whatever price it lends; what it lends beyond "
            + "that waits in the queue, where two recoverers can cancel it");

    public override Task StrikeAloneAsync(DemoWorld world, int round, CancellationToken cancellationToken) =>
        RoundAsync(world, cancellationToken);

    public override async Task GoOnAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        var market = world.Protocol.Market;
        for (var round = 1; round < Rounds; round++)
        {
            if (!await world.WouldSucceedAsync(
                world.Cast.Attacker, market, market.Call("borrow", UInt256.One), cancellationToken))
                return;
            await RoundAsync(world, cancellationToken);
        }
    }

    private static async Task RoundAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        var (protocol, attacker) = (world.Protocol, world.Cast.Attacker);
        var gems = await GemsAsync(world, cancellationToken);
        await StrikeAsync(protocol.Router, protocol.Swap(protocol.Dollar, protocol.Gem, Pump, attacker), false);
        var bought = await GemsAsync(world, cancellationToken) - gems;
        await world.StrikeAsync(
            attacker, protocol.Market, protocol.Market.Call("addCollateral", Stake), false, cancellationToken);
        await StrikeAsync(protocol.Market, protocol.Market.Call("borrow", Loan), true);
        await StrikeAsync(protocol.Router, protocol.Swap(protocol.Gem, protocol.Dollar, bought, attacker), false);

        async Task StrikeAsync(Deployed contract, byte[] data, bool takes)
        {
            var sent = await world.StrikeAsync(attacker, contract, data, takes, cancellationToken);
            await world.Anvil.ReceiptAsync(sent, cancellationToken);
        }
    }

    private static async Task<UInt256> GemsAsync(DemoWorld world, CancellationToken cancellationToken) =>
        new(await world.Anvil.Node.CallAsync(
            null, world.Protocol.Gem.Address, world.Protocol.Gem.Call("balanceOf", world.Cast.Attacker), UInt256.Zero,
            null, cancellationToken));
}
