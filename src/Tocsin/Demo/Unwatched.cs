using Tocsin.Chains;
using Tocsin.Demo.Scenarios;

namespace Tocsin.Demo;

/// <summary>What the limits on chain would have kept of an attack by themselves.</summary>
/// <param name="Applies">False where no limit bounds this attack; the reason says why.</param>
/// <param name="AtRiskUsd">What the attack is after.</param>
/// <param name="TakenUsd">What left for good, by the coin's own events.</param>
/// <param name="KeptUsd">What is still there, by balances; what waits in the queue counts as kept.</param>
/// <param name="LimitUsd">The limit of the day that was in force; null for none.</param>
internal sealed record DemoAlone(
    bool Applies, decimal AtRiskUsd, decimal TakenUsd, decimal KeptUsd, decimal? LimitUsd, string Reason)
{
    /// <summary>In a line, for people.</summary>
    public string ToText() => Applies
        ? $"Without any watcher the limits alone would have kept {KeptUsd:N0} of {AtRiskUsd:N0} USD within a day: the "
            + $"attack would have taken {TakenUsd:N0}."
        : $"Without a watcher the limits alone would not have helped: {Reason}.";
}

/// <summary>
/// Plays an attack again and again on a chain that nobody watches, until nothing more leaves, reads what is gone, and
/// takes the chain back to where it was.
/// </summary>
internal sealed class Unwatched(Anvil anvil, Protocol protocol, Cast cast, Scenario scenario)
{
    private const int MostRounds = 30;

    public async Task<DemoAlone> MeasureAsync(CancellationToken cancellationToken)
    {
        var target = scenario.TargetOf(protocol, cast);
        if (target.Coin is not { } coin)
            return new DemoAlone(false, 0, 0, 0, null, target.Reason);
        var snapshot = await anvil.SnapshotAsync(cancellationToken);
        try
        {
            return await PlayAsync(target, coin, cancellationToken);
        }
        finally
        {
            await anvil.RevertAsync(snapshot, cancellationToken);
        }
    }

    private async Task<DemoAlone> PlayAsync(Target target, Coin coin, CancellationToken cancellationToken)
    {
        var world = new DemoWorld(anvil, protocol, cast);
        decimal? limit = target.Holder is { } holder
            ? await ReadAsync(
                protocol.Brake.Limits, "limitOf", coin, cancellationToken, holder, coin.Contract.Address)
            : null;
        var madeBefore = await ReadAsync(coin.Contract, "totalSupply", coin, cancellationToken);
        var atRisk = target.AskedUsd ?? await HeldAsync(target.Purses, coin, cancellationToken);
        HashSet<Address> inside = [.. target.Purses, protocol.Brake.Queue.Address];
        var (taken, seen) = (0m, 0);
        for (var round = 0; round < MostRounds && (target.AskedUsd is null || taken < atRisk); round++)
        {
            await scenario.StrikeAloneAsync(world, round, cancellationToken);
            var lost = 0m;
            foreach (var blow in world.Blows.Skip(seen))
                lost += Books.LeftUsd(
                    await anvil.ReceiptAsync(blow.Transaction, cancellationToken), coin, inside);
            seen = world.Blows.Count;
            taken += lost;
            if (lost <= 0)
                break;
        }
        var kept = target.AskedUsd is { } asked
            ? asked - (await ReadAsync(coin.Contract, "totalSupply", coin, cancellationToken) - madeBefore)
            : await HeldAsync(inside, coin, cancellationToken);
        return new DemoAlone(target.Holder is not null, atRisk, taken, kept, limit, target.Reason);
    }

    private async Task<decimal> HeldAsync(
        IEnumerable<Address> purses, Coin coin, CancellationToken cancellationToken)
    {
        var held = 0m;
        foreach (var purse in purses)
            held += await ReadAsync(coin.Contract, "balanceOf", coin, cancellationToken, purse);
        return held;
    }

    private async Task<decimal> ReadAsync(
        Deployed contract, string function, Coin coin, CancellationToken cancellationToken, params object[] arguments)
    {
        var answer = await anvil.Node.CallAsync(
            null, contract.Address, contract.Call(function, arguments), UInt256.Zero, null, cancellationToken);
        return new UInt256(answer).ToUnits(coin.Decimals) * coin.Usd;
    }
}
