using Tocsin.Chains;
using Tocsin.Channels;
using Tocsin.Configuration;
using Tocsin.Evm;
using Tocsin.Hosting;

namespace Tocsin.Demo;

/// <summary>
/// The whole story on real parts: a chain, a protocol, users, an attack, and an ordinary installation of Tocsin that
/// knows nothing of being in a demo. What it claims is checked from outside: on chain, at the receivers, in its log.
/// </summary>
internal sealed class DemoStory(StoryTeller teller, int port, bool staysOpen) : IAsyncDisposable
{
    public const string Scenario = "flash-loan";

    private const int AttackRounds = 14;
    private static readonly TimeSpan BlockTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AttackEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan CalmFor = TimeSpan.FromSeconds(4);

    // The steps of the plan's procedure, and who does each in the demo.
    private static readonly (string Step, string Person)[] Steps =
    [
        ("confirm", "security"),
        ("decide", "chief"),
        ("verify", "security"),
        ("tell", "chief"),
        ("quantify", "security"),
    ];

    // People look before they sign. The attack goes on meanwhile, as it would.
    private static readonly TimeSpan OfficerReads = TimeSpan.FromSeconds(2);

    private readonly PrivateKey signerKey = PrivateKey.Generate();
    private readonly DemoFolder folder = DemoFolder.Create();
    private readonly List<DemoStage> stages = [];
    private readonly List<Hash32> attacks = [];
    private readonly CancellationTokenSource end = new();

    private Anvil? anvil;
    private Supervised? signer;
    private Receiver? receiver;
    private WebApplication? server;
    private Task background = Task.CompletedTask;

    /// <summary>What could not be verified.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>Plays the story to its end, or to the stage that never came: a fault, told with the rest.</summary>
    public async Task<DemoResult> RunAsync(CancellationToken cancellationToken)
    {
        var (protocol, cast) = await StageAsync("set-up", () => SetUpAsync(cancellationToken));
        var outside = new Outside(new Uri($"http://127.0.0.1:{port}"), folder, anvil!, protocol, receiver!);
        try
        {
            var result = await PlayAsync(protocol, cast, outside, cancellationToken);
            return result with { Stages = stages, Faults = Faults };
        }
        catch (StageMissedException e)
        {
            Faults.Add(e.Message);
            var sent = attacks.Select(attack => attack.ToString()).ToList();
            return new DemoResult(Scenario, sent, null, [], null, null, null, null, null, null, null, stages, Faults);
        }
    }

    private async Task<DemoResult> PlayAsync(
        Protocol protocol, Cast cast, Outside outside, CancellationToken cancellationToken)
    {
        var traffic = new Traffic(anvil!, protocol, cast, seed: 7);
        await StageAsync("calm", () => CalmAsync(traffic, outside, cancellationToken));
        var firstAttackAt = await StageAsync("attack", () => AttackAsync(protocol, cast, cancellationToken));
        var incident = await StageAsync("detect", () => DetectAsync(outside, cancellationToken));
        await StageAsync("alert", () => AlertAsync(outside, incident, cancellationToken));
        await StageAsync("acknowledge", () => AcknowledgeAsync(outside, incident, cancellationToken));
        await StageAsync("decide", () => DecideAsync(outside, incident, cancellationToken));
        await StageAsync("pause", () => PauseAsync(outside, incident, cancellationToken));
        await StageAsync("contain", () => ContainAsync(outside, incident, cancellationToken));
        await StageAsync("resolve", () => ResolveAsync(outside, incident, cancellationToken));
        var report = await StageAsync("report", () => ReportAsync(outside, incident, cancellationToken));
        var verification = new Verification(
            outside, protocol, cast, signerKey.Address, attacks, traffic.Sent, firstAttackAt);
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
        if (server is not null)
        {
            await server.StopAsync(CancellationToken.None);
            await server.DisposeAsync();
        }
        if (receiver is not null)
            await receiver.DisposeAsync();
        if (signer is not null)
            await signer.DisposeAsync();
        if (anvil is not null)
            await anvil.DisposeAsync();
        end.Dispose();
    }

    private async Task<(Protocol, Cast)> SetUpAsync(CancellationToken cancellationToken)
    {
        teller.Chapter("Setting up: a local chain, a stablecoin protocol, and Tocsin to watch it");
        var toolchain = await Toolchain.PrepareAsync(teller.Tell, cancellationToken);
        anvil = await Anvil.StartAsync(toolchain, cancellationToken);
        var accounts = await anvil.AccountsAsync(cancellationToken);
        var cast =
            new Cast(
                accounts[0], accounts[1], accounts[2], accounts[3], accounts[4], accounts[5],
                [.. accounts.Skip(6).Take(10)]);
        await anvil.GiveEtherAsync(signerKey.Address, cancellationToken);
        var protocol = await new ProtocolDeployment(anvil, toolchain, cast, signerKey.Address, cancellationToken)
            .RunAsync();
        await anvil.MineEveryAsync(BlockTime, cancellationToken);
        teller.Tell(
            $"a chain on {anvil.Rpc}, with a stablecoin, a Uniswap pair, a lending market that trusts its price, "
            + $"and {cast.Users.Count} users");
        var phoneSecret = DemoFolder.NewWebhookSecret();
        receiver = await Receiver.StartAsync(WebhookSecret.Parse(phoneSecret), cancellationToken);
        folder.Write(anvil, protocol, cast, signerKey.Address, signerKey, receiver, phoneSecret, port);
        signer = await DemoSigner.StartAsync(folder, cancellationToken);
        teller.Tell(
            DemoFolder.SignerAs is { } user
                ? $"the signer runs as user {user}, which alone, besides root, can read the key"
                : "the signer runs as your user: start as root to give it one of its own");
        var configuration = TocsinConfiguration.Load(folder.Root);
        server =
            await TocsinHost.StartAsync(
                configuration, Commands.PlanCommand.ReadChecked(configuration), TimeProvider.System, LogLevel.Error,
                cancellationToken);
        teller.Tell($"Tocsin watches from {folder.Root}; its pages are on {configuration.Listen}"
            + (staysOpen ? "" : " until this command ends"));
        return (protocol, cast);
    }

    private async Task CalmAsync(Traffic traffic, Outside outside, CancellationToken cancellationToken)
    {
        teller.Chapter("An ordinary day");
        await traffic.BorrowHonestlyAsync(cancellationToken);
        background = Task.Run(() => KeepTrafficAsync(traffic), CancellationToken.None);
        await Task.Delay(CalmFor, cancellationToken);
        var incidents = await outside.IncidentsAsync(cancellationToken);
        Check(incidents.Count == 0, "ordinary traffic opened no incident");
        teller.Good($"{traffic.Sent.Count} transactions of ordinary users, one honest flash loan of 4,000,000 dUSD "
            + "among them, and no incident");
    }

    private async Task<DateTimeOffset> AttackAsync(
        Protocol protocol, Cast cast, CancellationToken cancellationToken)
    {
        teller.Chapter("The attack");
        attacks.Add(await SendAttackAsync(protocol, cast, cancellationToken));
        var receipt = await anvil!.ReceiptAsync(attacks[0], cancellationToken);
        var minedAt = TimeProvider.System.GetUtcNow();
        Check(receipt.Succeeded, "the first attack transaction succeeds on the chain");
        teller.Bad($"{attacks[0].ToShortString()} in block {receipt.Block.Number}: 4,000,000 dUSD borrowed, "
            + "the price of GEM moved, the market drained of about 400,000 dUSD");
        background =
            Task.WhenAll(background, Task.Run(() => KeepAttackingAsync(protocol, cast), CancellationToken.None));
        return minedAt;
    }

    private async Task<string> DetectAsync(Outside outside, CancellationToken cancellationToken)
    {
        teller.Chapter("Tocsin");
        await WaitAsync(
            "an incident is open", async () =>
                (await outside.IncidentsAsync(cancellationToken)).Count > 0, cancellationToken);
        var incident = (await outside.IncidentsAsync(cancellationToken))[0];
        teller.Good($"{incident} opened: {await outside.MainReasonAsync(incident, cancellationToken)}");
        return incident;
    }

    private async Task AlertAsync(Outside outside, string incident, CancellationToken cancellationToken)
    {
        await WaitAsync(
            "both channels have the alert", () =>
                Task.FromResult(outside.Alerts(incident, "opened").Count == 2), cancellationToken);
        foreach (var alert in outside.Alerts(incident, "opened"))
            teller.Good($"alert accepted by {alert.Channel}");
    }

    private async Task AcknowledgeAsync(Outside outside, string incident, CancellationToken cancellationToken)
    {
        var link = outside.Alerts(incident, "opened")
            .First(alert => alert.Channel == Receiver.Phone).Body.GetProperty("acknowledge").GetString()!;
        await outside.PressAsync(new Uri(link), cancellationToken);
        await WaitAsync(
            "the acknowledgement is recorded", () =>
                outside.IsAcknowledgedAsync(incident, cancellationToken), cancellationToken);
        teller.Good("acknowledged by Demo Chief, through the personal link in the alert");
    }

    private async Task DecideAsync(Outside outside, string incident, CancellationToken cancellationToken)
    {
        await WaitAsync(
            "the decision is proposed", () => outside.HasDecisionAsync(incident, cancellationToken), cancellationToken);
        var refused = await Officers.ApproveAsync(outside.Server, incident, PrivateKey.Generate(), cancellationToken);
        teller.Tell($"a stranger tries to approve the pause: {refused}");
        await Task.Delay(OfficerReads, cancellationToken);
        await Officers.ApproveAsync(outside.Server, incident, Officers.Chief, cancellationToken);
        teller.Good("the demo officer 'Demo Chief' signs the pause (development key)");
        await Task.Delay(OfficerReads, cancellationToken);
        await Officers.ApproveAsync(outside.Server, incident, Officers.Security, cancellationToken);
        teller.Good("the demo officer 'Demo Security Officer' signs the pause (development key)");
    }

    private static Task PauseAsync(Outside outside, string incident, CancellationToken cancellationToken) => WaitAsync(
        "the protocol is paused", () => outside.IsPausedAsync(incident, cancellationToken), cancellationToken);

    private async Task ContainAsync(Outside outside, string incident, CancellationToken cancellationToken)
    {
        teller.Good("market and vault are paused on the chain — paused, not yet contained");
        await WaitAsync(
            "the incident is contained", () =>
                outside.IsContainedAsync(incident, cancellationToken), cancellationToken);
        teller.Good("contained: nothing unexplained left for three blocks; everyone who was alerted is told");
    }

    private async Task ResolveAsync(Outside outside, string incident, CancellationToken cancellationToken)
    {
        await WaitAsync(
            "the impact is assessed", async () =>
                (await outside.ImpactAsync(incident, cancellationToken)) is not null, cancellationToken);
        foreach (var (step, person) in Steps)
        {
            var isDone = await outside.FinishStepAsync(incident, step, person, cancellationToken);
            Check(isDone, $"step '{step}' can be finished");
        }
        const string Summary = "The market is paused; the price source will be replaced before it opens.";
        var isResolved = await outside.ResolveAsync(incident, "chief", Summary, cancellationToken);
        Check(isResolved, "the incident can be resolved");
        await WaitAsync(
            "both channels hear of the end", () =>
                Task.FromResult(outside.Alerts(incident, "resolved").Count == 2), cancellationToken);
        teller.Good("the steps of the procedure are done and the incident is resolved");
    }

    private async Task<string> ReportAsync(Outside outside, string incident, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder.Root, $"{incident}.md");
        await File.WriteAllTextAsync(
            path, await outside.ReportAsync(incident, "report.md", cancellationToken), cancellationToken);
        await File.WriteAllTextAsync(
            Path.ChangeExtension(path, ".html"), await outside.ReportAsync(incident, "report", cancellationToken),
            cancellationToken);
        teller.Good($"post-mortem written to {path}");
        return path;
    }

    private void Conclude(DemoResult result, string incident)
    {
        teller.Chapter("What it came to");
        teller.Tell($"taken {result.TakenUsd:N0} USD, kept by the pause {result.SavedUsd:N0} USD, "
            + $"{result.UsersAffected} users affected");
        teller.Tell($"block known to finding {result.Detected?.LatencyMs} ms; finding to paused on chain "
            + $"{result.Containment?.LatencyMs} ms, two people's signatures included");
        teller.Tell(staysOpen
            ? $"war room: http://127.0.0.1:{port}/incidents/{incident}"
            : "the war room closes with this command; without --once it stays open");
    }

    private Task<Hash32> SendAttackAsync(Protocol protocol, Cast cast, CancellationToken cancellationToken) =>
        anvil!.SendAsync(
        cast.Attacker, protocol.Attack.Address,
            protocol.Attack.Call("attack", Protocol.Dollars(4_000_000), Protocol.Gems(2_300)), cancellationToken);

    private async Task KeepAttackingAsync(Protocol protocol, Cast cast)
    {
        for (var round = 1; round < AttackRounds; round++)
        {
            await Task.Delay(AttackEvery, end.Token);
            attacks.Add(await SendAttackAsync(protocol, cast, end.Token));
        }
    }

    private async Task KeepTrafficAsync(Traffic traffic)
    {
        while (!end.IsCancellationRequested)
        {
            await traffic.StepAsync(end.Token);
            await Task.Delay(BlockTime, end.Token);
        }
    }

    private async Task<T> StageAsync<T>(string name, Func<Task<T>> play)
    {
        var began = TimeProvider.System.GetTimestamp();
        var result = await play();
        stages.Add(new DemoStage(name, (long)TimeProvider.System.GetElapsedTime(began).TotalMilliseconds));
        return result;
    }

    private Task StageAsync(string name, Func<Task> play) => StageAsync(name, async () =>
    {
        await play();
        return true;
    });

    private static async Task WaitAsync(string what, Func<Task<bool>> isTrue, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await isTrue())
        {
            if (TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromSeconds(60))
                throw new StageMissedException($"within a minute, {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
        }
    }

    private void Check(bool isTrue, string what)
    {
        if (!isTrue)
            Faults.Add(what);
    }
}

/// <summary>A stage of the story did not come about.</summary>
internal sealed class StageMissedException(string what) : Exception(what);
