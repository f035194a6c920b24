using Tocsin.Detection.Detectors;
using Tocsin.Findings;

namespace Tocsin.Detection.Governance;

/// <summary>What a simulation means, in indicators and sentences.</summary>
internal static class SimulationWords
{
    /// <summary>An outflow of this much counts half.</summary>
    private const decimal LargeUsd = 10_000m;

    private const decimal LargeCoins = 5m;

    public static IEnumerable<Indicator> Indicators(
        SimulationNote? note, Func<string, decimal, decimal, string, Indicator> say, BlockScene scene)
    {
        if (note is null)
            yield break;
        if (note.Missing is { } missing)
        {
            yield return say(IndicatorNames.NotSimulated, 1, 0.5m,
                $"It could not be simulated: {Words.Quote(missing).TrimEnd('.')}. What it would do is known by the "
                    + "data of its calls alone.");
            yield break;
        }
        foreach (var flow in note.Flows.Where(flow => !flow.IsShown).Take(1))
            yield return say(IndicatorNames.SimulatedOutflow, Measured(flow), Threshold(flow),
                $"Simulated, it moves {Tell(flow, scene)}{More(note.Flows.Count(one => !one.IsShown))}, which its "
                    + "calls do not say: the code behind them takes what governance owns.");
        foreach (var power in note.Powers.Where(power => !power.IsShown).Take(1))
            yield return say(IndicatorNames.SimulatedPower, 1, 0.1m,
                $"Simulated, {Tell(power, scene)}{More(note.Powers.Count(one => !one.IsShown))}, which its calls do "
                    + "not say.");
        yield return say(IndicatorNames.Simulated, 0, 0.5m, Tell(note, scene));
    }

    // What has no price may be worth nothing: alone it stays below what wakes people.
    private static decimal Measured(SimulatedFlow flow) =>
        flow.Usd ?? (flow.Token is null ? flow.Units ?? 1 : 1);

    private static decimal Threshold(SimulatedFlow flow) =>
        flow.Usd is not null ? LargeUsd : flow.Token is null ? LargeCoins : 0.5m;

    /// <summary>True where an outflow that the calls do not say is surely worth something.</summary>
    public static bool IsGrave(SimulationNote? note) => note is not null && (note.Powers.Any(power => !power.IsShown)
        || note.Flows.Any(flow => !flow.IsShown && (flow.Usd is not null || flow.Token is null)));

    private static string Tell(SimulationNote note, BlockScene scene)
    {
        var told = new List<string>();
        if (note.Failed > 0)
            told.Add($"action {note.Failed} of {note.Actions} fails today ({note.Error}), so it cannot be executed "
                + "as it stands, unless what it calls changes before");
        foreach (var flow in note.Flows.Where(flow => flow.IsShown))
            told.Add($"it moves {Tell(flow, scene)}, as its calls say");
        foreach (var power in note.Powers.Where(power => power.IsShown))
            told.Add($"{Tell(power, scene)}, as its calls say");
        if (told.Count == 0)
            told.Add(note.IsHarmful
                ? "all of its actions succeed"
                : "all of its actions succeed, and no value of ours and no power over it goes elsewhere; code that is "
                    + "changed before it runs may do otherwise");
        return $"In the simulation on the state of now{(note.IsInSequence ? "" : ", each action by itself")}, "
            + $"{string.Join("; ", told)}.";
    }

    private static string Tell(SimulatedFlow flow, BlockScene scene)
    {
        var name = flow.Token is { } token ? scene.NameOf(token) : "coins of the chain";
        var amount = flow.Units is { } units ? $"{units:#,0.######} {name}" : $"an amount of the token {name}";
        return $"{amount}{(flow.Usd is { } usd ? $" ({Words.Usd(usd)})" : "")} to {flow.To}";
    }

    private static string Tell(SimulatedPower power, BlockScene scene)
    {
        var at = scene.NameOf(power.At);
        return power.Power switch
        {
            Power.Code => $"the code of {at} is replaced or destroyed",
            Power.Ownership => $"{at} gets another owner",
            Power.Execution => $"{at} runs code from elsewhere in its own name",
            Power.Treasury => $"somebody is allowed to take what we own of {at}",
            _ => $"powers over {at} are handed out",
        };
    }

    private static string More(int count) => count > 1 ? $" (and {count - 1} more)" : "";
}
