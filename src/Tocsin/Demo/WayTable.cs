using System.Collections.Concurrent;
using System.Text.Json;
using Tocsin.Commands;
using Tocsin.Demo.Scenarios;
using Tocsin.Recording;

namespace Tocsin.Demo;

/// <summary>What an attack takes when it is answered in one way.</summary>
/// <param name="Limited">Whether the limits on chain are in force.</param>
/// <param name="PausedAfterBlocks">Null where nobody paused before it had ended.</param>
internal sealed record WayRow(string Scenario, Way Way, bool Limited, decimal TakenUsd, int? PausedAfterBlocks);

/// <summary><c>tocsin demo --ways</c>: plays attacks with nobody there, with people who need a minute, and with
/// approvals given beforehand, each with the limits on chain off and on.</summary>
internal static class WayTable
{
    // Most of a run is waiting for blocks.
    private const int AtOnce = 4;

    /// <param name="only">Null for every scenario that a pause answers.</param>
    public static async Task<int> RunAsync(string? only, AloneForm form, CancellationToken cancellationToken)
    {
        var toolchain = await Toolchain.PrepareAsync(Console.Error.WriteLine, cancellationToken);
        var names = ScenarioList.All()
            .Where(one => one.Expected.Pauses && (only is null || one.Name == only))
            .Select(one => one.Name)
            .ToList();
        var rows = new ConcurrentBag<WayRow>();
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = AtOnce,
            CancellationToken = cancellationToken,
        };
        await Parallel.ForEachAsync(Runs(names), options, async (run, token) =>
        {
            Console.Error.WriteLine($"playing {run.Scenario}: {InWords(run)}");
            foreach (var row in await PlayAsync(toolchain, run, token))
                rows.Add(row);
        });
        var ordered = rows
            .OrderBy(row => names.IndexOf(row.Scenario)).ThenBy(row => row.Limited).ThenBy(row => row.Way).ToList();
        Console.WriteLine(Format(ordered, form));
        var faults = Faults(ordered).ToList();
        faults.ForEach(fault => Console.Error.WriteLine($"NOT VERIFIED {fault}"));
        return faults.Count == 0 ? ExitCode.Done : ExitCode.FoundWrong;
    }

    internal static string Format(IReadOnlyList<WayRow> rows, AloneForm form) => form switch
    {
        AloneForm.Json => JsonSerializer.Serialize(rows, EventJson.Options),
        AloneForm.Markdown => string.Join('\n', rows.GroupBy(row => row.Scenario).Select(MarkdownRow)
            .Prepend("|---|--:|--:|--:|--:|--:|--:|")
            .Prepend("| scenario | nobody | people | pre-authorised | nobody, limits | people, limits "
                + "| pre-authorised, limits |")),
        _ => string.Join('\n', rows.Select(row =>
            $"{row.Scenario,-20} {InWords((row.Scenario, row.Way, row.Limited)),-45} {Cell(row)}")),
    };

    /// <summary>What cannot be: an answer never makes an attack take more, and what takes no time comes in time.
    /// </summary>
    internal static IEnumerable<string> Faults(IReadOnlyList<WayRow> rows)
    {
        foreach (var row in rows.Where(row => row is { Way: Way.PreAuthorised, PausedAfterBlocks: null }))
            yield return $"{row.Scenario}: no pause was seen on the chain before the attack had ended";
        foreach (var side in rows.GroupBy(row => (row.Scenario, row.Limited)))
        {
            var taken = side.ToDictionary(row => row.Way, row => row.TakenUsd);
            if (taken[Way.People] > taken[Way.Nobody] + 1 || taken[Way.PreAuthorised] > taken[Way.People] + 1)
                yield return $"{side.Key.Scenario}: whoever answers sooner keeps as much, but "
                    + string.Join(", ", side.Select(row => $"{row.Way} lost {row.TakenUsd:N0} USD"));
        }
    }

    // Both limits at once where nobody is there: that is measured on one chain.
    private static IEnumerable<(string Scenario, Way Way, bool Limited)> Runs(IReadOnlyList<string> names) =>
        names.SelectMany(name => ((string, Way, bool)[])
        [
            (name, Way.Nobody, true), (name, Way.People, false), (name, Way.PreAuthorised, false),
            (name, Way.People, true), (name, Way.PreAuthorised, true),
        ]);

    private static async Task<IEnumerable<WayRow>> PlayAsync(
        Toolchain toolchain, (string Scenario, Way Way, bool Limited) run, CancellationToken cancellationToken)
    {
        var scenario = ScenarioList.Find(run.Scenario)!;
        if (run.Way == Way.Nobody)
        {
            var alone = await AloneTable.MeasureAsync(toolchain, scenario, cancellationToken);
            return
            [
                new WayRow(run.Scenario, Way.Nobody, false, alone.UnlimitedUsd, null),
                new WayRow(run.Scenario, Way.Nobody, true, alone.TakenUsd, null),
            ];
        }
        var taken = await new Watched(toolchain, scenario, run.Way, run.Limited).MeasureAsync(cancellationToken);
        return [new WayRow(run.Scenario, run.Way, run.Limited, taken.Usd, taken.PausedAfterBlocks)];
    }

    private static string MarkdownRow(IGrouping<string, WayRow> scenario) =>
        $"| {scenario.Key} | {string.Join(" | ", scenario.Select(Cell))} |";

    private static string Cell(WayRow row) => row.PausedAfterBlocks switch
    {
        null => $"{row.TakenUsd:N0}",
        1 => $"{row.TakenUsd:N0} (1 block)",
        { } blocks => $"{row.TakenUsd:N0} ({blocks} blocks)",
    };

    private static string InWords((string Scenario, Way Way, bool Limited) run) =>
        $"{run.Way switch
        {
            Way.Nobody => "nobody there",
            Way.People => "people, a minute later",
            _ => "pre-authorised",
        }}, limits {(run.Limited ? "on" : "off")}";
}
