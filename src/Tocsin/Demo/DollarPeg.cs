using Tocsin.Chains;

namespace Tocsin.Demo;

/// <summary>What the contracts know by themselves of the dollar's price: three exchanges tell it on chain, and the gate
/// follows their median.</summary>
/// <param name="Publisher">Who tells the prices of all three; a demo needs no more.</param>
internal sealed record DollarPeg(Deployed Gate, IReadOnlyList<Deployed> Feeds, Address Publisher)
{
    /// <summary>As <c>Grade.Queue</c> of PegGate.sol: what leaves goes to the queue.</summary>
    public const int Queues = 4;

    private const ulong Day = 86_400;
    private const ulong Decimals = 8;
    private const int Venues = 3;

    // 50 bps below par tighten, 100 stop minting, 200 stop par, 500 queue; 100 above tighten, 1,000 stop minting;
    // limits are halved; two of three must be fresh, and without them limits stay halved; below par the market's price
    // is paid.
    private static readonly object[] Settings =
        [50UL, 100UL, 200UL, 500UL, 100UL, 1_000UL, 2UL, 2UL, 1UL, true];

    public static async Task<DollarPeg> DeployAsync(Deployment deployment, Deployed controls, Cast cast)
    {
        var publisher = cast.Extras[0];
        var feeds = new List<Deployed>();
        for (var venue = 0; venue < Venues; venue++)
            feeds.Add(await deployment.DeployAsync("VenueFeed", publisher));
        // A feed of the demo speaks when its price moves, and stands for as long as a source may.
        object[] sources = [.. feeds.Select(feed => new object[] { feed.Address, Decimals, 7 * Day })];
        var gate = await deployment.DeployAsync(
            "PegGate", controls.Address, 2 * Day, 10UL, 10UL, Settings, sources);
        return new DollarPeg(gate, feeds, publisher);
    }

    /// <summary>Every exchange tells this price.</summary>
    public async Task PublishAsync(DemoWorld world, decimal usd, CancellationToken cancellationToken)
    {
        var answer = Protocol.Units(usd, (int)Decimals);
        var sent = new List<Hash32>();
        foreach (var feed in Feeds)
            sent.Add(await world.SendAsync(Publisher, feed, feed.Call("publish", answer), cancellationToken));
        await world.SucceedAsync(cancellationToken, sent);
    }

    /// <summary>What the gate makes of it, from 0 (calm) to <see cref="Queues"/>.</summary>
    public async Task<int> GradeAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        var answer = await world.Anvil.Node.CallAsync(
            null, Gate.Address, Gate.Call("grade"), UInt256.Zero, null, cancellationToken);
        return answer[^1];
    }
}
