using Tocsin.Demo.Scenarios;
using Tocsin.Evm;

namespace Tocsin.Demo;

/// <summary>
/// The whole story on real parts: a chain, a protocol, users, an attack, and an ordinary installation of Tocsin that
/// knows nothing of being in a demo. What it claims is checked from outside: on chain, at the receivers, in its log.
/// </summary>
/// <param name="keepsFolder">Whether the installation's folder is left behind.</param>
internal sealed class DemoStory(Scenario scenario, StoryTeller teller, int port, bool staysOpen, bool keepsFolder)
    : IAsyncDisposable
{
    private static readonly TimeSpan CalmFor = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan TrafficEvery = TimeSpan.FromSeconds(1);

    private readonly PrivateKey signerKey = PrivateKey.Generate();
    private readonly List<DemoStage> stages = [];
    private readonly CancellationTokenSource end = new();

    private DemoChain? chain;
    private Installation? installation;
    private DemoAlone? alone;
    private Task background = Task.CompletedTask;

    /// <summary>What could not be verified.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>Plays the story to its end, or to the stage that never came: a fault, told with the rest.</summary>
    public async Task<DemoResult> RunAsync(CancellationToken cancellationToken)
    {
        var world = await StageAsync("set-up", () => SetUpAsync(cancellationToken));
        try
        {
            var result = await PlayAsync(world, installation!, cancellationToken);
            return result with
            {
                Report = keepsFolder ? result.Report : null,
                Alone = alone,
                Stages = stages,
                Faults = Faults,
            };
        }
        catch (StageMissedException e)
        {
            Faults.Add(e.Message);
            var sent = world.Blows.Select(blow => blow.Transaction.ToString()).ToList();
            return new DemoResult(
                scenario.Name, sent, null, [], null, null, null, null, null, null, alone, null, stages, Faults);
        }
    }

    private async Task<DemoResult> PlayAsync(
        DemoWorld world, Installation installed, CancellationToken cancellationToken)
    {
        var outside = installed.Outside;
        var response = new Response(scenario.Expected, outside, installed.Plan, teller, Faults);
        var traffic = new Traffic(world.Anvil, world.Protocol, world.Cast, seed: 7);
        await StageAsync("calm", () => CalmAsync(world, traffic, outside, cancellationToken));
        var attackedAt = await StageAsync("attack", () => AttackAsync(world, cancellationToken));
        var incident = await StageAsync("detect", () => response.DetectAsync(cancellationToken));
        await StageAsync("alert", () => response.AlertAsync(incident, cancellationToken));
        await StageAsync("acknowledge", () => response.AcknowledgeAsync(incident, cancellationToken));
        var isPausing = scenario.Expected.Pauses;
        await StageAsync("decide", () => response.DecideAsync(incident, cancellationToken), isPausing);
        await StageAsync("pause", () => response.PauseAsync(incident, cancellationToken), isPausing);
        await StageAsync("contain", () => response.ContainAsync(incident, cancellationToken), isPausing);
        await StageAsync("assess", () => response.AssessAsync(incident, cancellationToken), scenario.Expected.Takes);
        await StageAsync("resolve", () => response.ResolveAsync(incident, cancellationToken));
        var report =
            await StageAsync("report", () => response.ReportAsync(incident, installed.Folder.Root, cancellationToken));
        var verification =
            new Verification(
                scenario, outside, world, chain!.Additions, signerKey.Address, traffic.Sent, attackedAt);
        var result = await StageAsync("verify", () => verification.RunAsync(incident, report, cancellationToken));
        Faults.AddRange(verification.Faults);
        Conclude(result, incident);
        return result;
    }

    /// <summary>Leaves everything running for whoever wants to look around.</summary>
    public async Task KeepServingAsync(CancellationToken cancellationToken)
    {
        teller.Chapter($"The war room stays open on http://127.0.0.1:{port} — Ctrl-C ends everything.");
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // That is how it is meant to end.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await background.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (installation is not null)
            await installation.DisposeAsync();
        if (scenario is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
        if (chain is not null)
            await chain.DisposeAsync();
        end.Dispose();
    }

    private async Task<DemoWorld> SetUpAsync(CancellationToken cancellationToken)
    {
        teller.Chapter("Setting up: a local chain, a stablecoin protocol, and Tocsin to watch it");
        var toolchain = await Toolchain.PrepareAsync(teller.Tell, cancellationToken);
        chain = await DemoChain.StartAsync(toolchain, scenario, signerKey.Address, cancellationToken);
        await MeasureAloneAsync(cancellationToken);
        chain = await chain.BeginToMineAsync(toolchain, scenario.BlockTime, cancellationToken);
        teller.Tell(
            $"a chain on {chain.Anvil.Rpc}, with a stablecoin, a Uniswap pair, a lending market that trusts its price, "
            + $"and {chain.Cast.Users.Count} users");
        foreach (var contract in chain.Additions.Contracts)
            teller.Tell($"protected beside them: {contract.Name}, at {contract.Contract.Address}");
        installation = await Installation.StartAsync(
            chain, signerKey, port, cancellationToken, keepsFolder: keepsFolder);
        teller.Tell(
            DemoFolder.SignerAs is { } user
                ? $"the signer runs as user {user}, which alone, besides root, can read the key"
                : "the signer runs as your user: start as root to give it one of its own");
        teller.Tell($"Tocsin watches from {installation.Folder.Root}; its pages are on http://127.0.0.1:{port}"
            + (staysOpen ? "" : " until this command ends"));
        teller.Tell($"Slack is played on {installation.Outside.Providers.Address}, with its buttons");
        return new DemoWorld(chain.Anvil, chain.Protocol, chain.Cast);
    }

    /// <summary>What the contracts keep with nobody there, before anybody is there.</summary>
    private async Task MeasureAloneAsync(CancellationToken cancellationToken)
    {
        alone = await chain!.MeasureAloneAsync(scenario, cancellationToken);
        Faults.AddRange(alone.Faults());
    }

    private async Task CalmAsync(
        DemoWorld world, Traffic traffic, Outside outside, CancellationToken cancellationToken)
    {
        teller.Chapter("An ordinary day");
        background = Task.Run(() => KeepTrafficAsync(traffic), CancellationToken.None);
        var calm = Task.Delay(CalmFor, cancellationToken);
        var lookAlikes = await scenario.LookAlikesAsync(world, cancellationToken);
        await calm;
        var incidents = await outside.ThreatsAsync(cancellationToken);
        foreach (var (id, threat) in incidents)
            Faults.Add($"ordinary traffic opened an incident: {id}, {threat}");
        if (incidents.Count == 0)
            teller.Good($"{traffic.Sent.Count} transactions of ordinary users, beside them {lookAlikes}, "
                + "and no incident");
    }

    /// <returns>When its first harm was there to be seen.</returns>
    private async Task<DateTimeOffset> AttackAsync(DemoWorld world, CancellationToken cancellationToken)
    {
        teller.Chapter("The attack");
        teller.Bad(await scenario.AttackAsync(world, cancellationToken));
        var seenAt = TimeProvider.System.GetUtcNow();
        background =
            Task.WhenAll(background, Task.Run(() => scenario.GoOnAsync(world, end.Token), CancellationToken.None));
        teller.Chapter("Tocsin");
        return seenAt;
    }

    private void Conclude(DemoResult result, string incident)
    {
        teller.Chapter("What it came to");
        teller.Tell(alone!.ToText());
        if (result.TakenUsd is { } taken)
            teller.Tell($"taken {taken:N0} USD, kept by the pause {result.SavedUsd:N0} USD, "
                + $"{result.UsersAffected} users affected");
        teller.Tell($"harm seen on the chain to finding {result.Detected?.LatencyMs} ms"
            + (result.Containment is { } containment
                ? $"; finding to paused on chain {containment.LatencyMs} ms, two people's signatures included"
                : ""));
        teller.Tell(staysOpen
            ? $"war room: http://127.0.0.1:{port}/incidents/{incident}"
            : "the war room closes with this command; without --once it stays open");
        var folder = installation!.Folder.Root;
        teller.Tell(keepsFolder
            ? $"configuration, plan, log and post-mortem stay in {folder}"
            : $"{folder} goes with this command; with --keep it stays");
    }

    private async Task KeepTrafficAsync(Traffic traffic)
    {
        while (!end.IsCancellationRequested)
        {
            await traffic.StepAsync(end.Token);
            await Task.Delay(TrafficEvery, end.Token);
        }
    }

    private async Task<T> StageAsync<T>(string name, Func<Task<T>> play)
    {
        var began = TimeProvider.System.GetTimestamp();
        var result = await play();
        var took = (long)TimeProvider.System.GetElapsedTime(began).TotalMilliseconds;
        stages.Add(new DemoStage(name, took, Applies: true));
        return result;
    }

    private async Task StageAsync(string name, Func<Task> play, bool applies = true)
    {
        if (!applies)
        {
            stages.Add(new DemoStage(name, 0, Applies: false));
            return;
        }
        await StageAsync(name, async () =>
        {
            await play();
            return true;
        });
    }
}

/// <summary>A stage of the story did not come about.</summary>
internal sealed class StageMissedException(string what) : Exception(what);
