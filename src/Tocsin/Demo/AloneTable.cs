using System.Text.Json;
using Tocsin.Commands;
using Tocsin.Demo.Scenarios;
using Tocsin.Evm;
using Tocsin.Recording;

namespace Tocsin.Demo;

/// <summary>What the limits alone keep of a scenario's attack.</summary>
internal sealed record ScenarioAlone(string Scenario, DemoAlone Alone);

/// <summary><c>tocsin demo --alone</c>: plays attacks on chains that nobody watches, and tells what the contracts kept.
/// </summary>
internal static class AloneTable
{
    /// <param name="only">Null for every scenario.</param>
    /// <param name="form">How standard output is written; what is being played goes to standard error.</param>
    public static async Task<int> RunAsync(string? only, AloneForm form, CancellationToken cancellationToken)
    {
        var toolchain = await Toolchain.PrepareAsync(Console.Error.WriteLine, cancellationToken);
        var rows = new List<ScenarioAlone>();
        foreach (var scenario in ScenarioList.All().Where(one => only is null || one.Name == only))
        {
            Console.Error.WriteLine($"playing {scenario.Name}");
            rows.Add(new ScenarioAlone(
                scenario.Name, await MeasureAsync(toolchain, scenario, cancellationToken)));
        }
        Console.WriteLine(Format(rows, form));
        var faults = rows.SelectMany(row => row.Alone.Faults().Select(fault => $"{row.Scenario}: {fault}")).ToList();
        faults.ForEach(fault => Console.Error.WriteLine($"NOT VERIFIED {fault}"));
        return faults.Count == 0 ? ExitCode.Done : ExitCode.FoundWrong;
    }

    internal static string Format(IReadOnlyList<ScenarioAlone> rows, AloneForm form) => form switch
    {
        AloneForm.Json => JsonSerializer.Serialize(rows, EventJson.Options),
        AloneForm.Markdown => string.Join('\n', rows.Select(row =>
            $"| {row.Scenario} | {row.Alone.UnlimitedUsd:N0} | {row.Alone.TakenUsd:N0} | {Share(row.Alone)} |")
            .Prepend("|---|---|---|---|")
            .Prepend("| scenario | taken without anything, USD | with the limits alone, USD | saved |")),
        _ => string.Join('\n', rows.Select(row => $"{row.Scenario,-20} {row.Alone.ToText()}")),
    };

    internal static async Task<DemoAlone> MeasureAsync(
        Toolchain toolchain, Scenario scenario, CancellationToken cancellationToken)
    {
        await using var owned = scenario as IAsyncDisposable;
        await using var chain = await DemoChain.StartAsync(
            toolchain, scenario, PrivateKey.Generate().Address, cancellationToken);
        return await chain.MeasureAloneAsync(scenario, cancellationToken);
    }

    private static string Share(DemoAlone alone) => $"{alone.Saved * 100:0} %";
}

/// <summary>How the table is written.</summary>
internal enum AloneForm
{
    Text,
    Json,
    Markdown,
}
