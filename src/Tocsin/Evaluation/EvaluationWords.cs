namespace Tocsin.Evaluation;

/// <summary>Results as people read them.</summary>
internal static class EvaluationWords
{
    public static void Tell(TransactionResult result, TextWriter to)
    {
        to.WriteLine("Transactions, each judged by its calls alone");
        Tell("nothing known of any protocol (blind)", result.Blind, to);
        Tell("victims and busy contracts known (protected)", result.Protected, to);
        foreach (var baseline in result.Baselines)
            to.WriteLine($"  for comparison, {baseline.Name}: {baseline.Detected} of {result.Blind.Attacks} attacks, "
                + $"{PerThousand(baseline.FalseAlarms, result.Blind.Benign)} false alarms");
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

    private static void Tell(string mode, ModeResult result, TextWriter to)
    {
        to.WriteLine($"  {mode}: {result.Detected} of {result.Attacks} attacks "
            + $"({Share(result.Detected, result.Attacks)}), {result.FalseAlarms} false alarms in {result.Benign} "
            + $"({PerThousand(result.FalseAlarms, result.Benign)}), "
            + $"{result.ReenactedDetected} of {result.Reenacted} re-enacted");
        foreach (var miss in result.Misses)
            to.WriteLine($"    missed at {miss.Confidence:0.00}: {Describe(miss)}");
        foreach (var alarm in result.False)
            to.WriteLine($"    false at {alarm.Confidence:0.00}: {Describe(alarm)}");
        foreach (var name in result.NotTouched)
            to.WriteLine($"    not asked, it touches nothing of its victim: {name}");
    }

    private static string Describe(Misjudged row) =>
        row.Traits.Count == 0 ? $"{row.Name}: shows nothing" : $"{row.Name}: {string.Join(", ", row.Traits)}";

    private static string Share(int part, int whole) => whole == 0 ? "none" : $"{100.0 * part / whole:0.0} %";

    private static string PerThousand(int part, int whole) =>
        whole == 0 ? "none" : $"{1000.0 * part / whole:0.0} per 1,000";
}
