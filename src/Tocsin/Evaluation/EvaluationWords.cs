namespace Tocsin.Evaluation;

/// <summary>Results as people read them.</summary>
internal static class EvaluationWords
{
    public static void Tell(TransactionResult result, TextWriter to)
    {
        to.WriteLine("Transactions, each judged by its calls alone");
        if (result.Blind is { } blind)
            Tell("nothing known of any protocol (blind)", blind, to);
        if (result.Protected is { } known)
            Tell("victims and busy contracts known (protected)", known, to);
        foreach (var baseline in result.Baselines)
            to.WriteLine($"  for comparison, {baseline.Name}: {baseline.Detected} of {baseline.Attacks} attacks, "
                + $"{PerThousand(baseline.FalseAlarms, baseline.Benign)} false alarms");
    }

    public static void Tell(PriceResult result, TextWriter to)
    {
        to.WriteLine("Prices: episodes by kind, each file alone and all venues of a coin together");
        foreach (
            var kind in result.Episodes.GroupBy(episode => (episode.Kind, All: episode.Venues == PriceEvaluation.All))
            .OrderBy(group => group.Key))
        {
            var severity1 = kind.Count(episode => episode.FirstSeverity1 is not null);
            var severity2 = kind.Count(episode => episode.FirstSeverity2 is not null);
            to.WriteLine($"  {kind.Key.Kind,-8}{(kind.Key.All ? "together" : "alone"),-9}{kind.Count(),4}: "
                + $"severity 1 in {severity1}, 2 or worse in {severity2}");
        }
        foreach (var calm in result.Calm)
            to.WriteLine($"  calm {calm.Asset,-6} {calm.Years,5:0.00} years: {calm.Severity1} of severity 1, "
                + $"{calm.Severity2} of 2 or worse");
        foreach (var wrong in result.Episodes.Where(episode => episode.Wrong is not null))
            to.WriteLine($"  wrong: {wrong.Asset} {wrong.Kind} from {wrong.From:yyyy-MM-dd HH:mm} "
                + $"({wrong.Venues}): {wrong.Wrong}");
    }

    public static void Tell(GovernanceResult result, TextWriter to)
    {
        to.WriteLine(
            $"Governance: {result.Events} ordinary events, without the transfers of the token that gives votes");
        to.WriteLine($"  {result.Flagged} of {result.Proposals} ordinary proposals called an attack "
            + $"({Share(result.Flagged, result.Proposals)}), {result.Recorded} more recorded, which wakes nobody");
        foreach (var proposal in result.FlaggedProposals)
            to.WriteLine($"    false: {proposal}");
    }

    public static void Tell(IReadOnlyList<FlowResult> results, TextWriter to)
    {
        to.WriteLine("Flows, each series told as a chain would tell it");
        foreach (var result in results)
        {
            to.WriteLine($"  {result.Series} ({result.Kind}), {result.Years:0.00} years: "
                + $"{Count(result.Alarms.Count, "alarm")} where nothing is known to have happened, "
                + $"{Count(result.Lesser, "finding")} that {(result.Lesser == 1 ? "wakes" : "wake")} nobody");
            if (result.Event is { } happened)
                to.WriteLine(happened.FoundAt is { } at
                    ? $"    {happened.Name}: found {at:yyyy-MM-dd HH:mm}{Gone(happened.ShareBefore)}"
                    : $"    {happened.Name}: MISSED");
            foreach (var alarm in result.Alarms)
                to.WriteLine($"    {alarm.Time:yyyy-MM-dd HH:mm} severity {(int)alarm.Severity} {alarm.Detector}: "
                    + alarm.Reason);
        }
    }

    private static string Gone(decimal? share) => share is { } gone ? $", when {gone * 100:0.0} % was gone" : "";

    private static void Tell(string mode, ModeResult result, TextWriter to)
    {
        to.WriteLine($"  {mode}: {result.Detected} of {result.Attacks} attacks "
            + $"({Share(result.Detected, result.Attacks)}), "
            + $"{Count(result.FalseAlarms, "false alarm")} in {result.Benign} "
            + $"({PerThousand(result.FalseAlarms, result.Benign)}), "
            + $"{result.ReenactedDetected} of {result.Reenacted} re-enacted");
        var folds = result.Folds;
        to.WriteLine($"    with weights fitted without each fifth: {folds.Detected:0.0} of {folds.Attacks} "
            + $"({folds.DetectedLeast} to {folds.DetectedMost}), {folds.FalseAlarms:0.0} false alarms");
        foreach (var type in result.Types)
            to.WriteLine($"    {type.Type}: {type.Detected} of {type.Attacks}");
        foreach (var miss in result.Misses)
            to.WriteLine($"    missed at {miss.Confidence:0.00}: {Describe(miss)}");
        foreach (var alarm in result.False)
            to.WriteLine($"    false at {alarm.Confidence:0.00}: {Describe(alarm)}");
        foreach (var name in result.NotTouched)
            to.WriteLine($"    not asked, it touches nothing of its victim: {name}");
    }

    private static string Count(int count, string one) => count == 1 ? $"1 {one}" : $"{count} {one}s";

    internal static string Describe(Misjudged row) =>
        row.Traits.Count == 0
            ? $"{row.Name}: nothing out of the ordinary in its {row.Calls} calls"
            : $"{row.Name}: {string.Join(", ", row.Traits)}";

    private static string Share(int part, int whole) => whole == 0 ? "none" : $"{100.0 * part / whole:0.0} %";

    private static string PerThousand(int part, int whole) =>
        whole == 0 ? "none" : $"{1000.0 * part / whole:0.0} per 1,000";
}
