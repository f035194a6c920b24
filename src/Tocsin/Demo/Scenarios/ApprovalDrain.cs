using Tocsin.Chains;
using Tocsin.Findings;

namespace Tocsin.Demo.Scenarios;

/// <summary>A contract of ours that users allowed to take their dollars calls whatever it is told to, and so takes them
/// for a thief. The contracts themselves lose nothing: their users do.</summary>
internal sealed class ApprovalDrain : Scenario
{
    private const int Rounds = 8;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);
    private static readonly UInt256 Share = Protocol.Dollars(4_000);

    private Deployed zap = null!;
    private Deployed thief = null!;
    private Deployed debit = null!;

    public override string Name => "approval-drain";

    public override string Shows => "users' allowances to a contract of ours are turned against them";

    public override Expectation Expected { get; } = new(Threat.ContractAnomaly) { Takes = false };

    public override async Task<Additions> DeployAsync(
        Deployment deployment, Protocol protocol, Cast cast, CancellationToken cancellationToken)
    {
        var payee = cast.Extras[0];
        zap = await deployment.DeployAsync("Zap", protocol.Dollar.Address, protocol.Brake.Wiring);
        await deployment.LimitAsync(protocol, zap, protocol.Dollar.Address, OutflowRule.Default);
        thief = await deployment.DeployAsync(cast.Attacker, "ApprovalDrainer", zap.Address);
        debit = await deployment.DeployAsync(payee, "DirectDebit", protocol.Dollar.Address, Protocol.Dollars(20));
        foreach (var user in cast.Users)
        {
            await deployment.AllowAsync(user, protocol.Dollar, zap);
            await deployment.SendAsync(user, protocol.Dollar, "approve", debit.Address, Protocol.Dollars(20));
        }
        return new Additions([new Guarded("zap", zap, "market")], [], [payee, debit.Address]);
    }

    /// <summary>A company collects a fee from all its subscribers at once, and users zap for themselves.</summary>
    public override async Task<string> LookAlikesAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        var (protocol, users) = (world.Protocol, world.Cast.Users);
        var supply = protocol.Market.Call("supply", Protocol.Dollars(500));
        var sent = new List<Hash32>
        {
            await world.SendAsync(
                world.Cast.Extras[0], debit, debit.Call("collect", Of(users)), cancellationToken),
        };
        foreach (var user in users.Take(6))
            sent.Add(await world.SendAsync(
                user, zap, zap.Call("zap", Protocol.Dollars(500), protocol.Market.Address, supply), cancellationToken));
        await world.SucceedAsync(cancellationToken, sent);
        return "a fee of 20 dUSD collected from ten subscribers at once, and six users who zapped for themselves";
    }

    public override async Task<string> AttackAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        await world.SucceedAsync(cancellationToken, await StrikeAsync(world, cancellationToken));
        return "40,000 dUSD taken out of the accounts of ten users, by what they allowed the zap";
    }

    public override Target TargetOf(Protocol protocol, Cast cast) => new(
        protocol.DollarCoin, cast.Users, null,
        "what is taken lies in the users' own accounts, which no contract of the protocol holds or can limit: only a "
            + "pause of the zap, or users who withdraw their allowances, end it");

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
        world.Cast.Attacker, thief, thief.Call("drain", Of(world.Cast.Users), Share), takes: true, cancellationToken);

    private static object Of(IEnumerable<Address> accounts) => accounts.Cast<object>().ToArray();
}
