using System.Text.Json;
using Tocsin.Chain;
using Tocsin.Chain.Senses;
using Tocsin.Configuration;
using Tocsin.Hosting;
using Tocsin.Recording;

namespace Tocsin.Commands;

/// <summary><c>tocsin node check</c>: what each node gives, and so what the watch can see through it.</summary>
internal static class NodeCommand
{
    public static async Task<int> CheckAsync(string directory, bool json, CancellationToken cancellationToken)
    {
        var configuration = TocsinConfiguration.Load(directory);
        var nodes = Installation.CreateNodes(configuration, TimeProvider.System);
        var reports = new List<NodeReport>();
        foreach (var settings in configuration.Chain.Nodes)
            reports.Add(await ReportAsync(nodes, settings, configuration, cancellationToken));
        if (json)
            Console.WriteLine(JsonSerializer.Serialize(reports, EventJson.Options));
        else
            foreach (var report in reports)
                Print(report);
        return reports.All(report => report.Fault is null) ? ExitCode.Done : ExitCode.FoundWrong;
    }

    private static async Task<NodeReport> ReportAsync(
        Nodes nodes, NodeSettings settings, TocsinConfiguration configuration, CancellationToken cancellationToken)
    {
        var node = nodes.Named(settings.Name);
        try
        {
            var chain = await node.ChainIdAsync(cancellationToken);
            if (chain != configuration.Chain.Id)
                return new NodeReport(
                    settings.Name, node.Label, $"is on chain {chain}, not on {configuration.Chain.Id}", []);
            var socket = settings.WebSocket is { } address
                ? new Uri(Addresses.Reveal(address, configuration))
                : null;
            var senses = await NodeSenses.ProbeAsync(node, socket, TimeProvider.System, cancellationToken);
            return new NodeReport(settings.Name, node.Label, null, senses.Capabilities
                .Select(sense => new SenseReport(sense.Sense.ToString(), sense.Presence.ToString(), sense.Words))
                .ToValueList());
        }
        catch (NodeException e)
        {
            return new NodeReport(settings.Name, node.Label, e.Message, []);
        }
    }

    private static void Print(NodeReport report)
    {
        Console.WriteLine($"{report.Name} ({report.Address}){(report.Fault is { } fault ? $": {fault}" : "")}");
        foreach (var sense in report.Senses)
            Console.WriteLine($"  {sense.Presence.ToLowerInvariant(),-9} {sense.Sense,-20} {sense.Words}");
    }

    private sealed record NodeReport(string Name, string Address, string? Fault, ValueList<SenseReport> Senses);

    private sealed record SenseReport(string Sense, string Presence, string Words);
}
