using Tocsin.Chains;
using Tocsin.Findings;

namespace Tocsin.Demo.Scenarios;

/// <summary>The code behind a proxy is replaced without an event, and a share is worth five times as much. The thief
/// waits for a quiet moment; by then it is paused, and nothing was taken.</summary>
internal sealed class SilentUpgrade : Scenario
{
    private const string Proxy = "@openzeppelin/contracts/build/contracts/ERC1967Proxy.json";
    private const string Timelock = "@openzeppelin/contracts/build/contracts/TimelockController.json";
    private const ulong TwoDays = 172_800;

    private static readonly TimeSpan QuietMoment = TimeSpan.FromSeconds(12);
    private static readonly UInt256 Shares = Protocol.Dollars(50_000);

    private Deployed rate = null!;
    private Deployed desk = null!;
    private Deployed inflated = null!;
    private Deployed other = null!;
    private Deployed timelock = null!;

    public override string Name => "silent-upgrade";

    public override string Shows => "the code behind a proxy is replaced without an event";

    public override Expectation Expected { get; } = new(Threat.ContractChange)
    {
        Besides = [Threat.PrivilegeChange, Threat.OracleFailure],
        Names = Naming.None,
        Takes = false,
    };

    public override async Task<Additions> DeployAsync(
        Deployment deployment, Protocol protocol, Cast cast, CancellationToken cancellationToken)
    {
        var (keeper, otherKeeper) = (cast.Attacker, cast.Extras[0]);
        var code = await deployment.DeployAsync("RateSource");
        rate = await ProxyAsync(deployment, code, keeper);
        other = await ProxyAsync(deployment, code, otherKeeper);
        inflated = await deployment.DeployAsync(cast.Attacker, "InflatedRate");
        desk = await deployment.DeployAsync(
            "YieldDesk", protocol.Dollar.Address, rate.Address, protocol.Brake.Wiring);
        await deployment.LimitAsync(protocol, desk, protocol.Dollar.Address, OutflowRule.Default);
        timelock = await deployment.DeployPackageAsync(
            Timelock, TwoDays, new object[] { cast.Governance }, new object[] { cast.Governance }, cast.Governance);
        foreach (var account in (Address[])[.. cast.Users.Take(4), cast.Attacker])
        {
            await deployment.GiveDollarsAsync(protocol, account, 50_000);
            await deployment.AllowAsync(account, protocol.Dollar, desk);
            await deployment.SendAsync(account, desk, "buy", Protocol.Dollars(50_000));
        }
        return new Additions(
            [new Guarded("yield-desk", desk, "vault"), new Guarded("rate", rate, "vault")], [], [otherKeeper])
        {
            Settings = "abis:\n  rate: { proxy: true }",
        };
    }

    /// <summary>The rate accrues, a strange proxy of the same kind is replaced, and an upgrade of ours is scheduled for
    /// the day after tomorrow.</summary>
    public override async Task<string> LookAlikesAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        var replace = rate.Call("replaceCode", inflated.Address);
        var schedule = timelock.Call(
            "schedule", rate.Address, UInt256.Zero, replace, Hash32.Zero, Hash32.Zero, TwoDays);
        await world.SucceedAsync(
            cancellationToken,
            await world.SendAsync(world.Cast.Attacker, rate, rate.Call("accrue"), cancellationToken),
            await world.SendAsync(world.Cast.Extras[0], other, replace, cancellationToken),
            await world.SendAsync(world.Cast.Governance, timelock, schedule, cancellationToken));
        return "a rate that accrued, the code of somebody else's proxy replaced, and an upgrade scheduled in two days";
    }

    public override async Task<string> AttackAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        var replaced = await world.StrikeAsync(
            world.Cast.Attacker, rate, rate.Call("replaceCode", inflated.Address), takes: false, cancellationToken);
        await world.SucceedAsync(cancellationToken, replaced);
        return $"{replaced.ToShortString()}: the keeper's key replaced the code of the rate, and no event tells it";
    }

    public override async Task GoOnAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        await Task.Delay(QuietMoment, cancellationToken);
        await world.StrikeAsync(
            world.Cast.Attacker, desk, desk.Call("sell", Shares), takes: true, cancellationToken);
    }

    public override Target TargetOf(Protocol protocol, Cast cast) => Target.DollarsOf(
        protocol, desk,
        "the desk lets 30 % of what it surely holds leave in a day, at whatever rate it is told; the limits do not run "
            + "the code that was replaced, and would fall with it if they did");

    /// <summary>A tenth of the shares at a time: who asks for more at once than may leave gets nothing.</summary>
    public override async Task StrikeAloneAsync(DemoWorld world, int round, CancellationToken cancellationToken)
    {
        if (round == 0)
            await AttackAsync(world, cancellationToken);
        var sent = await world.StrikeAsync(
            world.Cast.Attacker, desk, desk.Call("sell", Protocol.Dollars(5_000)), takes: true, cancellationToken);
        await world.Anvil.ReceiptAsync(sent, cancellationToken);
    }

    private static async Task<Deployed> ProxyAsync(Deployment deployment, Deployed code, Address keeper)
    {
        var proxy = await deployment.DeployPackageAsync(Proxy, code.Address, code.Call("setUp", keeper));
        return code with { Address = proxy.Address };
    }
}
