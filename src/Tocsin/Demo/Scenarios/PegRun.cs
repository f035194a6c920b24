using System.Globalization;
using Tocsin.Chains;
using Tocsin.Findings;

namespace Tocsin.Demo.Scenarios;

/// <summary>The dollar loses its peg on the exchanges, step by step, and holders redeem as fast as they can. Nobody
/// attacks: whoever redeems has a right to, so there is nothing to pause, and much to say. But who runs first is paid
/// by who stays, and the contracts see the price: they tighten, stop minting, stop paying par, and queue.</summary>
internal sealed class PegRun : Scenario, IAsyncDisposable
{
    private const int Rounds = 8;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly string[] Venues = ["bourse", "kiosk", "market-place"];

    /// <summary>Each calls for the next grade of the gate.</summary>
    private static readonly decimal[] Fall = [0.994m, 0.985m, 0.975m, 0.93m];

    private PriceBoard? board;

    public override string Name => "peg-run";

    public override string Shows => "the dollar loses its peg on the exchanges, and holders redeem as fast as they can";

    public override bool HasPeg => true;

    public override Expectation Expected { get; } = new(Threat.PegDeviation)
    {
        Besides = [Threat.RedemptionRun, Threat.LiquidityDrop, Threat.UnusualTrading],
        Names = Naming.None,
        Pauses = false,
        Takes = false,
    };

    public override async Task<Additions> DeployAsync(
        Deployment deployment, Protocol protocol, Cast cast, CancellationToken cancellationToken)
    {
        board = await PriceBoard.StartAsync(cancellationToken);
        foreach (var venue in Venues)
            board.Set(venue, 1);
        foreach (var holder in Holders(cast))
            await deployment.GiveDollarsAsync(protocol, holder, 450_000);
        var feeds = Venues.Select(venue =>
            $"  {venue}: {{ kind: http, asset: dUSD, url: {board.UrlOf(venue)}, price: $.price, every: 1s, "
            + "stale_after: 30s }");
        return Additions.None with
        {
            // A minute must pass by default; a story has none.
            OfDollar = ", peg: 1.00, peg_held_for: 3s",
            Settings = $"feeds:\n{string.Join("\n", feeds)}",
        };
    }

    /// <summary>One venue prints a wrong price for a moment, prices tremble, and two large holders redeem.</summary>
    public override async Task<string> LookAlikesAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        board!.Set(Venues[0], 0.91m);
        board.Set(Venues[1], 0.998m);
        await Task.Delay(TimeSpan.FromSeconds(1.5), cancellationToken);
        board.Set(Venues[0], 1.001m);
        var vault = world.Protocol.Vault;
        await world.SucceedAsync(
            cancellationToken,
            await world.SendAsync(
                world.Cast.Users[0], vault, vault.Call("redeem", Protocol.Dollars(40_000)), cancellationToken),
            await world.SendAsync(
                world.Cast.Users[1], vault, vault.Call("redeem", Protocol.Dollars(30_000)), cancellationToken));
        return "a wrong print of 0.91 USD at one exchange, and 70,000 dUSD redeemed by two holders";
    }

    public override async Task<string> AttackAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        var grades = new List<string>();
        foreach (var price in Fall)
        {
            await PegOf(world).PublishAsync(world, price, cancellationToken);
            var grade = await PegOf(world).GradeAsync(world, cancellationToken);
            grades.Add(grade.ToString(CultureInfo.InvariantCulture));
        }
        foreach (var venue in Venues)
            board!.Set(venue, Fall[^1]);
        return "dUSD falls to 0.93 USD on every exchange, and holders begin to run; the gate on chain went through the "
            + $"grades {string.Join(", ", grades)}: it tightened, stopped minting, stopped paying par, and queues now";
    }

    public override Target TargetOf(Protocol protocol, Cast cast) => new(
        new Coin("rUSD", protocol.Reserve, Protocol.ReserveDecimals, 1, null), [protocol.Vault.Address],
        protocol.Vault.Address,
        "whoever redeems has a right to it, so what left is no theft; the gate halves the limit, pays no more than the "
            + "market does, and from 5 % below par on everything waits in the queue: what left before that left while "
            + "the price was still falling");

    /// <summary>A step of the fall, and each large holder redeems a fifth of what it has.</summary>
    public override async Task StrikeAloneAsync(DemoWorld world, int round, CancellationToken cancellationToken)
    {
        if (world.IsLimited)
            await PegOf(world).PublishAsync(world, Fall[Math.Min(round, Fall.Length - 1)], cancellationToken);
        var vault = world.Protocol.Vault;
        foreach (var holder in Holders(world.Cast))
        {
            var sent = await world.StrikeAsync(
                holder, vault, vault.Call("redeem", Protocol.Dollars(100_000)), takes: true, cancellationToken);
            await world.Anvil.ReceiptAsync(sent, cancellationToken);
        }
    }

    /// <summary>The gate is at its last grade, nothing is minted, and who runs stands in the queue.</summary>
    public override async Task<IReadOnlyList<string>> FaultsAsync(
        DemoWorld world, CancellationToken cancellationToken)
    {
        var (vault, reserve, queue) = (world.Protocol.Vault, world.Protocol.Reserve, world.Protocol.Brake.Queue);
        var faults = new List<string>();
        if (await PegOf(world).GradeAsync(world, cancellationToken) != DollarPeg.Queues)
            faults.Add("the peg's gate on chain says that what leaves goes to the queue");
        if (await world.WouldSucceedAsync(
            world.Cast.Users[5], vault, vault.Call("mint", Protocol.Reserves(100)), cancellationToken))
            faults.Add("nothing is minted on chain while the dollar is off its peg");
        var held = await world.Anvil.Node.CallAsync(
            null, reserve.Address, reserve.Call("balanceOf", queue.Address), UInt256.Zero, null, cancellationToken);
        if (new UInt256(held) < Protocol.Reserves(100_000))
            faults.Add("who runs stands in the queue on chain");
        return faults;
    }

    /// <summary>Large holders redeem all they have, step by step.</summary>
    public override async Task GoOnAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        var vault = world.Protocol.Vault;
        for (var round = 0; round < Rounds; round++)
        {
            await world.SendAsync(
                world.Cast.Users[round % 4], vault, vault.Call("redeem", Protocol.Dollars(180_000)),
                cancellationToken);
            await Task.Delay(Every, cancellationToken);
        }
    }

    private static DollarPeg PegOf(DemoWorld world) => world.Protocol.Brake.Peg!;

    private static IEnumerable<Address> Holders(Cast cast) => cast.Users.Take(4);

    public ValueTask DisposeAsync() => board?.DisposeAsync() ?? ValueTask.CompletedTask;
}
