using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using Spectre.Console;
using Tocsin.Commands;
using Tocsin.Demo.Scenarios;
using Tocsin.Recording;

namespace Tocsin.Demo;

/// <summary><c>tocsin demo</c>: tells the story, and with <c>--once</c> judges it.</summary>
internal static class DemoCommand
{
    private const int DefaultPort = 8420;
    private const int PlainColumns = 1_000;

    public static async Task<int> RunAsync(
        string scenario, bool once, bool json, int? port, bool keep, CancellationToken cancellationToken)
    {
        if (ScenarioList.Find(scenario) is not { } played)
            return List();
        var isRedirected = json ? Console.IsErrorRedirected : Console.IsOutputRedirected;
        var isPlain = IsPlain(isRedirected, Environment.GetEnvironmentVariable("NO_COLOR"));
        var teller = new StoryTeller(Terminal(json ? Console.Error : Console.Out, isPlain));
        await using var story = new DemoStory(
            played, teller, port ?? (once ? FreePort() : DefaultPort), staysOpen: !once, keepsFolder: keep);
        var result = await story.RunAsync(cancellationToken);
        if (json)
            Console.WriteLine(JsonSerializer.Serialize(result, EventJson.Options));
        foreach (var fault in story.Faults)
            teller.Fault(fault);
        if (!once)
            await story.KeepServingAsync(cancellationToken);
        return story.Faults.Count == 0 ? ExitCode.Done : ExitCode.FoundWrong;
    }

    private static int List()
    {
        foreach (var scenario in ScenarioList.All())
            Console.WriteLine($"{scenario.Name,-20} {scenario.Shows}");
        Console.Error.WriteLine("What the contracts alone keep of each, with nobody there: demo --alone");
        return ExitCode.Done;
    }

    /// <summary>Whether escape codes are unwanted: in a file, or by the convention of no-color.org.</summary>
    internal static bool IsPlain(bool isRedirected, string? noColor) => isRedirected || !string.IsNullOrEmpty(noColor);

    /// <param name="isPlain">Without any escape code, and without breaking lines that a program may read.</param>
    internal static IAnsiConsole Terminal(TextWriter output, bool isPlain)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = isPlain ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = isPlain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Out = new AnsiConsoleOutput(output),
        });
        if (isPlain)
            console.Profile.Width = PlainColumns;
        return console;
    }

    /// <summary>
    /// A port that nobody listens on, below those that systems give to outgoing connections: one of them could take it
    /// before the server does.
    /// </summary>
    internal static int FreePort()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(10_000, 30_000);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken; there are many others.
            }
        }
    }
}

/// <summary>What <c>demo --once --json</c> prints.</summary>
/// <param name="Report">Where the post-mortem lies; null where nothing is kept.</param>
internal sealed record DemoResult(
    string Scenario,
    IReadOnlyList<string> AttackTransactions,
    DemoDetected? Detected,
    IReadOnlyList<DemoAlert> Alerts,
    string? Incident,
    DemoDecision? Decision,
    DemoContainment? Containment,
    decimal? TakenUsd,
    decimal? SavedUsd,
    int? UsersAffected,
    DemoAlone? Alone,
    string? Report,
    IReadOnlyList<DemoStage> Stages,
    IReadOnlyList<string> Faults);

internal sealed record DemoDetected(string Threat, int Severity, decimal Confidence, ulong Block, long LatencyMs);

internal sealed record DemoAlert(string Channel, string Reason, bool Accepted, long LatencyMs);

internal sealed record DemoDecision(string Id, IReadOnlyList<string> Approvals);

/// <param name="Transaction">The one that completed the pause.</param>
internal sealed record DemoContainment(
    string Transaction, ulong Block, bool Paused, bool Contained, long LatencyMs, IReadOnlyList<string> Transactions);

/// <param name="Applies">False where the scenario has nothing of the kind.</param>
internal sealed record DemoStage(string Name, long Ms, bool Applies);

/// <summary>Writes the story for people, line by line with the time since its beginning.</summary>
internal sealed class StoryTeller(IAnsiConsole console)
{
    private readonly long began = TimeProvider.System.GetTimestamp();

    public void Chapter(string title) => console.MarkupLineInterpolated($"\n[bold]{title}[/]");

    public void Tell(string text) => console.MarkupLineInterpolated($"[grey]{Elapsed,6:0.0} s[/]  {text}");

    public void Good(string text) => console.MarkupLineInterpolated($"[grey]{Elapsed,6:0.0} s[/]  [green]✓[/] {text}");

    public void Bad(string text) => console.MarkupLineInterpolated($"[grey]{Elapsed,6:0.0} s[/]  [red]![/] {text}");

    public void Fault(string text) => console.MarkupLineInterpolated($"[red bold]NOT VERIFIED[/] {text}");

    private double Elapsed => TimeProvider.System.GetElapsedTime(began).TotalSeconds;
}
