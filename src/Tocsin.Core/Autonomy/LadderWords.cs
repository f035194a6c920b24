using System.Globalization;
using Tocsin.Findings;
using Tocsin.Plans;

namespace Tocsin.Autonomy;

/// <summary>Upon what an action is taken by itself, for whoever is asked to approve it ahead.</summary>
public static class LadderWords
{
    /// <summary>A head line and its conditions for each entry by which the action is taken by itself; nothing where it
    /// never is.</summary>
    /// <param name="plan">A compiled one does not say what was measured; then no detector is named.</param>
    public static IEnumerable<string> Of(Plan plan, PlannedAction action)
    {
        foreach (var entry in plan.Autonomy.Ladder.Where(one => one.ActsByItself && one.Action == action.Id))
        {
            yield return $"MAY BE TAKEN BY ITSELF by these approvals, nobody being asked, in an incident of severity "
                + $"{(int)entry.Severity} or worse (stage '{Name(entry.Stage)}'):";
            foreach (var condition in Conditions(plan, action, entry))
                yield return $"  - {condition}";
        }
    }

    private static IEnumerable<string> Conditions(Plan plan, PlannedAction action, Automation entry)
    {
        var threats = entry.TriggersIn(plan).Order().ToList();
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"upon a finding of {string.Join(" or ", threats.Select(threat => threat.ToName()))}, of severity "
                + $"{(int)entry.Severity} or worse and a confidence of {Evidence.SureFrom} or more");
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"by a detector whose alarms of it were measured to be true in {entry.Precision} of cases at least"
                + $"{Named(plan, threats, entry)}");
        if (entry.Stage == Stage.Wide)
            yield return "where a second detector that looks at something else speaks for it too";
        yield return $"at most {Times(entry.PerDay)} within 24 hours over all incidents, and once in an incident";
        var scopes = action.Calls.Select(call => call.Scope).Distinct().ToList();
        yield return $"it pauses {string.Join(", ", scopes)} and does nothing else";
        yield return "for one use, until these approvals expire or the plan's decisions or actions change";
    }

    private static string Named(Plan plan, List<Threat> threats, Automation entry)
    {
        var known = plan.Autonomy.Measured
            .Where(one => threats.Contains(one.Threat))
            .Select(one => plan.Autonomy.Of(one.Detector, one.Threat)!)
            .Distinct()
            .Where(one => one.LowerBound >= entry.Precision)
            .Select(one => string.Create(
                CultureInfo.InvariantCulture,
                $"'{one.Detector}' of {one.Threat.ToName()}, {one.LowerBound:0.####}"))
            .ToList();
        return known.Count == 0 ? "" : $": {string.Join("; ", known)}";
    }

    private static string Times(int count) => count == 1 ? "once" : $"{count} times";

    private static string Name(Stage stage) => stage.ToString().ToLowerInvariant();
}
