using System.Text.Json;
using Tocsin.Chain;
using Tocsin.Chain.Senses;
using Tocsin.Chains;
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
            var areTogether = await GivesReceiptsTogetherAsync(node, senses.Head, cancellationToken);
            return new NodeReport(
                settings.Name, node.Label, null, Reports(senses, socket is not null, areTogether).ToValueList());
        }
        catch (NodeException e)
        {
            return new NodeReport(settings.Name, node.Label, e.Message, []);
        }
    }

    /// <summary>The senses in the words of the documentation.</summary>
    /// <param name="hasSocket">Without one, what is told over it is not there, rather than not known.</param>
    /// <param name="receiptsTogether">Whether all receipts of a block come in one answer; null where neither works.
    /// </param>
    internal static IEnumerable<SenseReport> Reports(NodeSenses senses, bool hasSocket, bool? receiptsTogether)
    {
        foreach (var (sense, presence, words) in senses.Capabilities)
        {
            var (isThere, says) = (presence, words);
            if (!hasSocket && sense is Sense.NewHeads or Sense.PendingTransactions or Sense.PendingBodies)
                (isThere, says) = (Presence.Absent, NoSocket(sense));
            else if (sense == Sense.BlockReceipts && presence == Presence.Present && receiptsTogether is { } together)
                says = together
                    ? "gives the receipts of a block in one answer"
                    : "gives receipts one by one (eth_getTransactionReceipt): slower, the same checks";
            yield return new SenseReport(sense.ToString(), SenseWords.Of(sense), isThere.ToString(), says);
        }
    }

    private static string NoSocket(Sense sense) => sense == Sense.NewHeads
        ? "no 'ws' is given: heads are asked for every 'poll'"
        : "no 'ws' is given, and nothing else tells of them";

    /// <summary>Null where it could not be found out.</summary>
    private static async Task<bool?> GivesReceiptsTogetherAsync(
        Node node, BlockRef head, CancellationToken cancellationToken)
    {
        try
        {
            return await node.RequestAsync(
                "eth_getBlockReceipts",
                writer => writer.WriteStringValue($"0x{head.Number:x}"),
                receipts => receipts.ValueKind == JsonValueKind.Array,
                cancellationToken);
        }
        catch (NodeException e)
        {
            return e.Fault == NodeFault.Refused ? false : null;
        }
    }

    private static void Print(NodeReport report)
    {
        if (report.Fault is { } fault)
            Console.Error.WriteLine($"{report.Name} ({report.Address}): {fault}");
        else
            Console.WriteLine($"{report.Name} ({report.Address})");
        foreach (var sense in report.Senses)
            Console.WriteLine($"  {sense.Presence.ToLowerInvariant(),-9} {sense.Name,-33} {sense.Words}");
    }

    private sealed record NodeReport(string Name, string Address, string? Fault, ValueList<SenseReport> Senses);

    /// <param name="Sense">For programs.</param>
    /// <param name="Name">The same for people.</param>
    internal sealed record SenseReport(string Sense, string Name, string Presence, string Words);
}
