using System.Text.Json;
using Tocsin.Chain;
using Tocsin.Deployments;
using Tocsin.Findings;
using Tocsin.Recording;
using Tocsin.Texts;

namespace Tocsin.Commands;

/// <summary><c>tocsin contracts check</c>: what is weak about a live deployment of the brake.</summary>
internal static class ContractsCommand
{
    /// <param name="path">What contracts/script/Deploy.s.sol wrote.</param>
    /// <param name="rpc">A node's address, env:NAME or file:PATH.</param>
    public static async Task<int> CheckAsync(
        string path, string rpc, bool json, CancellationToken cancellationToken)
    {
        var file = DeploymentFileReader.Read(path);
        var weaknesses = Judgement.Of(await ReadAsync(file, rpc, cancellationToken));
        if (json)
            Console.WriteLine(JsonSerializer.Serialize(new { weaknesses }, EventJson.Printed));
        else
            Print(file, weaknesses);
        return weaknesses.Count == 0 ? ExitCode.Done : ExitCode.FoundWrong;
    }

    private static async Task<DeploymentState> ReadAsync(
        DeploymentFile file, string rpc, CancellationToken cancellationToken)
    {
        try
        {
            var node = ReplayCommand.NodeAt(rpc, TimeProvider.System);
            return await DeploymentReader.ReadAsync(file, node, cancellationToken);
        }
        catch (NodeException e)
        {
            throw new InputException(e.Message, e);
        }
    }

    private static void Print(DeploymentFile file, IReadOnlyList<Weakness> weaknesses)
    {
        foreach (var weakness in weaknesses)
        {
            var severity = weakness.Severity.ToString().ToLowerInvariant();
            Console.WriteLine($"{severity,-9} {weakness.Kind}  {weakness.Subject}");
            Console.WriteLine($"          {weakness.What}");
            Console.WriteLine($"          {weakness.Remedy}");
        }
        var calls = file.Holders.Sum(holder => holder.Gated.Count);
        Console.WriteLine(weaknesses.Count == 0
            ? $"no weakness: holders {file.Holders.Count}, calls that move value {calls}"
            : $"{weaknesses.Count} to look at, "
                + $"{weaknesses.Count(weakness => weakness.Severity == Severity.Critical)} of them critical");
    }
}
