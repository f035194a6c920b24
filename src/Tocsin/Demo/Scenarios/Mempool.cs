using Tocsin.Findings;

namespace Tocsin.Demo.Scenarios;

/// <summary>The flash-loan attack, seen while it waits to be mined: people are woken before the first dollar is
/// gone.</summary>
internal sealed class Mempool : Scenario
{
    private readonly FlashLoan attack = new();

    public override string Name => "mempool";

    public override string Shows => "a flash-loan attack that is seen before it is in a block";

    // Long enough to see what waits, as on the main network.
    public override TimeSpan BlockTime => TimeSpan.FromSeconds(2);

    // What waits is judged by its calls; what is mined, by its events.
    public override Expectation Expected { get; } =
        new(Threat.ContractAnomaly, Threat.FlashLoanAttack) { IsForeseen = true };

    public override Task<Additions> DeployAsync(
        Deployment deployment, Protocol protocol, Cast cast, CancellationToken cancellationToken) =>
        Task.FromResult(Additions.None with { ChainSettings = "  pending: on" });

    public override Task<string> LookAlikesAsync(DemoWorld world, CancellationToken cancellationToken) =>
        attack.LookAlikesAsync(world, cancellationToken);

    /// <summary>Sends it just after a block, and waits for nothing: the harm is to be seen before it is done.</summary>
    public override async Task<string> AttackAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        var head = await world.Anvil.Node.HeadAsync(cancellationToken);
        while ((await world.Anvil.Node.HeadAsync(cancellationToken)).Number == head.Number)
            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
        var sent = await FlashLoan.StrikeAsync(world, cancellationToken);
        return $"{sent.ToShortString()} waits to be mined: it will borrow 4,000,000 dUSD and drain the market";
    }

    public override Target TargetOf(Protocol protocol, Cast cast) => attack.TargetOf(protocol, cast);

    public override Task StrikeAloneAsync(DemoWorld world, int round, CancellationToken cancellationToken) =>
        attack.StrikeAloneAsync(world, round, cancellationToken);

    public override Task GoOnAsync(DemoWorld world, CancellationToken cancellationToken) =>
        attack.GoOnAsync(world, cancellationToken);
}
