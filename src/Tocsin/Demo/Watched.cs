using Tocsin.Chains;
using Tocsin.Demo.Scenarios;
using Tocsin.Evm;
using Tocsin.Texts;

namespace Tocsin.Demo;

/// <summary>Who answers an attack.</summary>
internal enum Way
{
    /// <summary>Nobody; what the contracts limit is all that is kept.</summary>
    Nobody,

    /// <summary>Tocsin prepares the pause, and people sign it a minute after they were woken.</summary>
    People,

    /// <summary>Tocsin takes the pause by approvals that were given beforehand.</summary>
    PreAuthorised,
}

/// <summary>What an attack took.</summary>
/// <param name="PausedAfterBlocks">From its first blow to the pause; null where it had ended before.</param>
internal sealed record Taken(decimal Usd, int? PausedAfterBlocks);

/// <summary>
/// Plays an attack on a chain that Tocsin watches, blow after blow until one takes nothing, and reads what left. As on
/// Ethereum's main network there is a block every twelve seconds, ordered by what transactions pay; the attacker needs
/// no longer than the next block for the next blow.
/// </summary>
internal sealed class Watched(Toolchain toolchain, Scenario scenario, Way way, bool isLimited)
{
    private const int MostRounds = 30;

    private static readonly TimeSpan BlockTime = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan PeopleTake = TimeSpan.FromMinutes(1);
    private static readonly string[] Modules = ["market", "vault"];
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    public async Task<Taken> MeasureAsync(CancellationToken cancellationToken)
    {
        await using var owned = scenario as IAsyncDisposable;
        var key = PrivateKey.Generate();
        await using var deployed =
            await DemoChain.StartAsync(toolchain, scenario, key.Address, cancellationToken, isLimited, byFees: true);
        var chain = await deployed.BeginToMineAsync(toolchain, BlockTime, cancellationToken);
        await using var installation = await Installation.StartAsync(
            chain, key, DemoCommand.FreePort(), cancellationToken,
            way == Way.PreAuthorised ? folder => Ahead.Change(folder, scenario, chain.Additions) : null);
        if (way == Way.PreAuthorised)
            await Ahead.AuthoriseAsync(installation, cancellationToken);
        await NextBlockAsync(chain, cancellationToken);

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var answer = way == Way.People ? AnswerAsync(installation.Outside, ended.Token) : Task.CompletedTask;
        var (taken, firstBlow) = await StrikeAsync(chain, installation.Outside, cancellationToken);
        await ended.CancelAsync();
        await answer.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        if (answer.IsFaulted)
            await answer;
        return new Taken(taken, await BlocksToPauseAsync(installation.Outside, firstBlow, cancellationToken));
    }

    /// <returns>What left for good, and the block of the first blow that was to take something.</returns>
    private async Task<(decimal Usd, ulong FirstBlow)> StrikeAsync(
        DemoChain chain, Outside outside, CancellationToken cancellationToken)
    {
        var target = scenario.TargetOf(chain.Protocol, chain.Cast);
        var world = new DemoWorld(chain.Anvil, chain.Protocol, chain.Cast) { IsLimited = isLimited };
        HashSet<Address> inside = [.. target.Purses, chain.Protocol.Brake.Queue.Address];
        var (taken, seen, first) = (0m, 0, 0UL);
        for (var round = 0; round < MostRounds && (target.AskedUsd is not { } asked || taken < asked); round++)
        {
            var isStopped = await IsStoppedAsync(
                () => scenario.StrikeAloneAsync(world, round, cancellationToken), outside, cancellationToken);
            var lost = 0m;
            foreach (var blow in world.Blows.Skip(seen))
            {
                var receipt = await chain.Anvil.ReceiptAsync(blow.Transaction, cancellationToken);
                lost += Books.LeftUsd(receipt, target.Coin, inside);
                if (first == 0 && blow.Takes)
                    first = receipt.Block.Number;
            }
            seen = world.Blows.Count;
            taken += lost;
            if (lost <= 0 || isStopped)
                break;
        }
        return (taken, first);
    }

    // An attack of many steps may be paused between two of them, and then does not go on.
    private static async Task<bool> IsStoppedAsync(
        Func<Task> strike, Outside outside, CancellationToken cancellationToken)
    {
        try
        {
            await strike();
            return false;
        }
        catch (InputException)
        {
            foreach (var module in Modules)
            {
                if (await outside.IsPausedOnChainAsync(module, cancellationToken))
                    return true;
            }
            throw;
        }
    }

    /// <summary>What people do once they are woken.</summary>
    private async Task AnswerAsync(Outside outside, CancellationToken cancellationToken)
    {
        var incident = await IncidentAsync(outside, cancellationToken);
        await Task.Delay(PeopleTake, cancellationToken);
        if (!await outside.HasDecisionAsync(incident, cancellationToken))
            await outside.RequestDecisionAsync(incident, "security", cancellationToken);
        while (!await outside.HasDecisionAsync(incident, cancellationToken))
            await Task.Delay(LookEvery, cancellationToken);
        await Officers.ApproveAsync(outside.Server, incident, Officers.Chief, cancellationToken);
        await Officers.ApproveAsync(outside.Server, incident, Officers.Security, cancellationToken);
    }

    private static async Task<int?> BlocksToPauseAsync(
        Outside outside, ulong firstBlow, CancellationToken cancellationToken)
    {
        var head = (await outside.Anvil.Node.HeadAsync(cancellationToken)).Number;
        for (var block = firstBlow; block <= head; block++)
        {
            foreach (var module in Modules)
            {
                if (await outside.IsPausedOnChainAsync(module, cancellationToken, block))
                    return (int)(block - firstBlow);
            }
        }
        return null;
    }

    private async Task<string> IncidentAsync(Outside outside, CancellationToken cancellationToken)
    {
        while (true)
        {
            foreach (var (id, threat) in await outside.ThreatsAsync(cancellationToken))
            {
                if (scenario.Expected.Threats.Contains(threat))
                    return id;
            }
            await Task.Delay(LookEvery, cancellationToken);
        }
    }

    // The watch begins with a block of its own, not with that of the first blow.
    private static async Task NextBlockAsync(DemoChain chain, CancellationToken cancellationToken)
    {
        var head = await chain.Anvil.Node.HeadAsync(cancellationToken);
        while ((await chain.Anvil.Node.HeadAsync(cancellationToken)).Number == head.Number)
            await Task.Delay(LookEvery, cancellationToken);
    }
}
