using Tocsin.Chains;
using Tocsin.Demo.Scenarios;

namespace Tocsin.Demo;

/// <summary>What the limits on chain would have kept of an attack by themselves.</summary>
/// <param name="Applies">False where no limit bounds this attack; the reason says why.</param>
/// <param name="AtRiskUsd">What the attack is after.</param>
/// <param name="TakenUsd">What left for good, by the coin's own events.</param>
/// <param name="KeptUsd">What is still there, by balances; what waits in the queue counts as kept.</param>
/// <param name="LimitUsd">The limit of the day that was in force; null for none.</param>
/// <param name="UnlimitedUsd">What the same attack takes once the limit is lifted.</param>
internal sealed record DemoAlone(
    bool Applies, decimal AtRiskUsd, decimal TakenUsd, decimal KeptUsd, decimal? LimitUsd, decimal UnlimitedUsd,
    string Reason)
{
    /// <summary>The part of what would be taken without limits that they keep, from 0 to 1.</summary>
    public decimal Saved => UnlimitedUsd <= 0 ? 0 : Math.Max(0, 1 - (TakenUsd / UnlimitedUsd));

    /// <summary>What cannot be: what left is counted by events, what is there by balances, and the limit is read from
    /// the chain.</summary>
    public IEnumerable<string> Faults()
    {
        if (Math.Abs(TakenUsd + KeptUsd - AtRiskUsd) >= 1)
            yield return $"what the attack took alone ({TakenUsd:N0} USD) and what was kept ({KeptUsd:N0}) make what "
                + $"was there ({AtRiskUsd:N0})";
        if (TakenUsd > (LimitUsd ?? decimal.MaxValue))
            yield return $"alone, no more than the limit of {LimitUsd:N0} USD left, but {TakenUsd:N0} did";
        if (UnlimitedUsd < TakenUsd)
            yield return $"the limits do not help the attack, but it took {TakenUsd:N0} USD with them and "
                + $"{UnlimitedUsd:N0} without";
    }

    /// <summary>In a line, for people.</summary>
    public string ToText() => Applies
        ? $"Without any watcher {TakenUsd:N0} USD would have left within a day, and {UnlimitedUsd:N0} without the "
            + $"contracts' limits: they alone would have kept {Saved * 100:0} % of it."
        : $"Without a watcher the limits alone would not have helped: {Reason}.";
}

/// <summary>
/// Plays an attack again and again on a chain that nobody watches, until nothing more leaves, reads what is gone, and
/// takes the chain back to where it was. Then the same with the limit lifted.
/// </summary>
internal sealed class Unwatched(Anvil anvil, Protocol protocol, Cast cast, Scenario scenario)
{
    private const int MostRounds = 30;

    public async Task<DemoAlone> MeasureAsync(CancellationToken cancellationToken)
    {
        var target = scenario.TargetOf(protocol, cast);
        var alone = await ApartAsync(() => PlayAsync(target, cancellationToken), cancellationToken);
        return target.Holder is not { } holder
            ? alone
            : alone with
            {
                UnlimitedUsd = await ApartAsync(
                    () => PlayUnlimitedAsync(target, holder, cancellationToken), cancellationToken),
            };
    }

    private async Task<T> ApartAsync<T>(Func<Task<T>> play, CancellationToken cancellationToken)
    {
        var snapshot = await anvil.SnapshotAsync(cancellationToken);
        try
        {
            return await play();
        }
        finally
        {
            await anvil.RevertAsync(snapshot, cancellationToken);
        }
    }

    private async Task<decimal> PlayUnlimitedAsync(
        Target target, Address holder, CancellationToken cancellationToken)
    {
        await protocol.Brake.LiftAsync(anvil, cast.Governance, holder, target.Coin, cancellationToken);
        var world = new DemoWorld(anvil, protocol, cast) { IsLimited = false };
        return await StrikeAsync(world, target, await AtRiskAsync(target, cancellationToken), cancellationToken);
    }

    private async Task<DemoAlone> PlayAsync(Target target, CancellationToken cancellationToken)
    {
        var coin = target.Coin;
        var world = new DemoWorld(anvil, protocol, cast);
        decimal? limit = target.Holder is { } holder
            ? await ReadAsync(
                protocol.Brake.Limits, "limitOf", coin, cancellationToken, holder, coin.Contract.Address)
            : null;
        var madeBefore = await ReadAsync(coin.Contract, "totalSupply", coin, cancellationToken);
        var atRisk = await AtRiskAsync(target, cancellationToken);
        var taken = await StrikeAsync(world, target, atRisk, cancellationToken);
        var kept = target.AskedUsd is { } asked
            ? asked - (await ReadAsync(coin.Contract, "totalSupply", coin, cancellationToken) - madeBefore)
            : await HeldAsync(Inside(target), coin, cancellationToken);
        return new DemoAlone(target.Holder is not null, atRisk, taken, kept, limit, taken, target.Reason);
    }

    /// <returns>What left for good until nothing more did.</returns>
    private async Task<decimal> StrikeAsync(
        DemoWorld world, Target target, decimal atRisk, CancellationToken cancellationToken)
    {
        var inside = Inside(target);
        var (taken, seen) = (0m, 0);
        for (var round = 0; round < MostRounds && (target.AskedUsd is null || taken < atRisk); round++)
        {
            await scenario.StrikeAloneAsync(world, round, cancellationToken);
            var lost = 0m;
            foreach (var blow in world.Blows.Skip(seen))
                lost += Books.LeftUsd(
                    await anvil.ReceiptAsync(blow.Transaction, cancellationToken), target.Coin, inside);
            seen = world.Blows.Count;
            taken += lost;
            if (lost <= 0)
                break;
        }
        return taken;
    }

    private HashSet<Address> Inside(Target target) => [.. target.Purses, protocol.Brake.Queue.Address];

    private async Task<decimal> AtRiskAsync(Target target, CancellationToken cancellationToken) =>
        target.AskedUsd ?? await HeldAsync(target.Purses, target.Coin, cancellationToken);

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
