using Tocsin.Findings;

namespace Tocsin.Demo.Scenarios;

/// <summary>The dollar loses its peg on the exchanges, and holders redeem as fast as they can. Nobody attacks, and
/// nothing is taken: whoever redeems has a right to. So there is nothing to pause, and much to say.</summary>
internal sealed class PegRun : Scenario, IAsyncDisposable
{
    private const int Rounds = 8;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly string[] Venues = ["bourse", "kiosk", "market-place"];

    private PriceBoard? board;

    public override string Name => "peg-run";

    public override string Shows => "the dollar loses its peg on the exchanges, and holders redeem as fast as they can";

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
        foreach (var holder in cast.Users.Take(4))
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

    public override Task<string> AttackAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        foreach (var venue in Venues)
            board!.Set(venue, 0.93m);
        return Task.FromResult("dUSD falls to 0.93 USD on every exchange, and holders begin to run");
    }

    public override Target TargetOf(Protocol protocol, Cast cast) => new(
        null, [], null,
        "nothing is taken: whoever redeems has a right to it, and a limit would only make holders wait in the queue");

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

    public ValueTask DisposeAsync() => board?.DisposeAsync() ?? ValueTask.CompletedTask;
}
