using System.Globalization;
using System.Text;

namespace Tocsin.Evaluation;

/// <summary>The page of the documentation on how good detection is: made of results, so that it says what was
/// measured.</summary>
internal static class QualityPage
{
    private const string Preface = """
        # Detection quality

        Every figure on this page was printed by

            dotnet run --project src/Tocsin -- evaluate --data ../shared/data --markdown > docs/detection-quality.md

        over recorded attacks, ordinary transactions, depegs, proposals and flows. A test holds the page to what the
        command prints wherever the data lies beside the repository. The same command takes any folder of
        [that layout](autonomy.md#data-of-your-own).

        Found and false alarm alike mean severity 2 or worse at a confidence of 0.7 or more: what wakes people.

        """;

    private const string Others = """

        ### What others publish, measured on other data

        None of these figures can be compared with ours or with each other: other attacks, other ordinary transactions,
        other questions.

        | who | asked | figure |
        |---|---|---|
        | Forta, contracts by their bytecode, versions 1 to 3 | 15,443 ordinary and 174 malicious contracts,
            five-fold | precision 0.89, 0.73, 0.88; recall 0.59, 0.48, 0.55 |
        | LookAhead (arXiv 2401.07261) | contracts made to attack | F1 0.897, false positives 0.16 % |
        | SMARTCAT (arXiv 2502.03718) | contracts made to move prices | recall 0.916, precision 1.0 |
        | Trace2Inv (arXiv 2404.14580) | 23 kinds of guards against 27 known exploits | 23 of 27 stopped,
            false positives from 0.32 % |

        """;

    public static string Markdown(
        PriceResult? prices, TransactionResult? transactions, GovernanceResult? governance,
        IReadOnlyList<FlowResult>? flows)
    {
        var text = new StringBuilder(Preface.ReplaceLineEndings("\n"));
        if (prices is not null)
            Append(text, prices);
        if (transactions is not null)
        {
            Append(text, transactions);
            text.Append(Others.ReplaceLineEndings("\n"));
        }
        if (governance is not null)
            Append(text, governance);
        if (flows is not null)
            Append(text, flows);
        return text.ToString().TrimEnd('\n') + "\n";
    }

    private static void Append(StringBuilder text, GovernanceResult result)
    {
        text.Append("\n## Governance\n\nOrdinary proposals and votes, each event as the log that it came from. The "
            + "data holds no transfers of the tokens that give votes, so false alarms from fresh votes are not "
            + "measured.\n\n"
            + $"{Of(result.Flagged, result.Proposals)} of ordinary proposals are called an attack; {result.Recorded} "
            + "more are recorded, which wakes nobody.\n");
        foreach (var proposal in result.FlaggedProposals)
            text.Append($"\n- false: {proposal}");
    }

    private static void Append(StringBuilder text, IReadOnlyList<FlowResult> results)
    {
        text.Append("\n## Flows\n\nEach series told as a chain would tell it: mints and burns as transfers, pools as "
            + "their reserves, Aave reserves and the bridge as what they pay out. Amounts of a day or an hour are "
            + "spread evenly over it, so an instant within it says no more than that. An alarm is severity 2 or worse "
            + "with a confidence of 0.7 or more where nothing is known to have happened; some were real falls that "
            + "nobody labelled. Lending reserves breathe with loans that are backed elsewhere: there `outflow-drain` "
            + "is to be set higher or off.\n\n"
            + "| series | kind | years | alarms | a year | lesser findings | known event |\n"
            + "|---|---|---|---|---|---|---|\n");
        foreach (var result in results)
            text.Append(CultureInfo.InvariantCulture,
                $"| {result.Series} | {result.Kind} | {result.Years:0.00} | {result.Alarms.Count} "
                + $"| {(result.Years < 0.1 ? "-" : $"{result.Alarms.Count / result.Years:0.0}")} | {result.Lesser} "
                + $"| {EventOf(result)} |\n");
    }

    private static string EventOf(FlowResult result)
    {
        if (result.Event is not { } happened)
            return "";
        if (happened.FoundAt is not { } at)
            return $"{happened.Name}: MISSED";
        var gone = happened.ShareBefore is { } share
            ? string.Create(CultureInfo.InvariantCulture, $", when {100 * share:0.0} % was gone")
            : "";
        return $"{happened.Name}: found {At(at)}{gone}";
    }

    private static void Append(StringBuilder text, PriceResult result)
    {
        text.Append("\n## Prices\n\n");
        text.Append("Each file alone, as if it were the only venue, and all venues of a coin together. Severity 1 is "
            + "due no later than the close of the second bar that closes beyond 5 %.\n\n");
        text.Append("| episodes | heard | how many | severity 1 | severity 2 or worse | due and late or missing |\n"
            + "|---|---|---|---|---|---|\n");
        foreach (var kind in result.Episodes
            .GroupBy(episode => (episode.Kind, All: episode.Venues == PriceEvaluation.All))
            .OrderBy(group => group.Key))
            text.Append(CultureInfo.InvariantCulture,
                $"| {kind.Key.Kind.ToString().ToLowerInvariant()} | {(kind.Key.All ? "together" : "alone")} "
                + $"| {kind.Count()} | {kind.Count(episode => episode.FirstSeverity1 is not null)} "
                + $"| {kind.Count(episode => episode.FirstSeverity2 is not null)} "
                + $"| {kind.Count(episode => episode.Wrong is not null)} |\n");
        text.Append("\nThe depegs and flashes, each with the first bar beyond 2 % and 5 % and the first finding:\n\n");
        text.Append(
            "| coin | heard | beyond 2 % | severity 2 | beyond 5 % | severity 1 |\n|---|---|---|---|---|---|\n");
        foreach (var episode in result.Episodes
            .Where(episode => episode.Kind is EpisodeKind.Depeg or EpisodeKind.Flash))
            text.Append($"| {episode.Asset} | {episode.Venues} | {At(episode.FirstBeyond2)} "
                + $"| {At(episode.FirstSeverity2)} | {At(episode.FirstBeyond5)} | {At(episode.FirstSeverity1)} |\n");
        var years = result.Calm.Sum(calm => calm.Years);
        text.Append(CultureInfo.InvariantCulture, $"\nCalm: {years:0.0} asset-years, "
            + $"{result.Calm.Sum(calm => calm.Severity1)} findings of severity 1 and "
            + $"{result.Calm.Sum(calm => calm.Severity2)} of severity 2 or worse.\n");
    }

    private static void Append(StringBuilder text, TransactionResult result)
    {
        text.Append("\n## Transactions\n\nEach judged by its calls alone (`contract-anomaly`, conduct). Blind: nothing "
            + "is known of any protocol. Protected: all victims and the 50 contracts that ordinary transactions call "
            + "most are known; asked are the attacks that touch their victim. The ordinary transactions were chosen by "
            + "their publishers for arbitrage, sandwiches and liquidations, so false alarms are an upper bound.\n\n");
        text.Append("| | found | false alarms | re-enacted attacks found | found with weights fitted without them |\n"
            + "|---|---|---|---|---|\n");
        Row(text, "blind", result.Blind);
        Row(text, "protected", result.Protected);
        foreach (var baseline in result.Baselines)
            text.Append(CultureInfo.InvariantCulture,
                $"| for comparison: {baseline.Name} | {Of(baseline.Detected, baseline.Attacks)} "
                + $"| {PerThousand(baseline.FalseAlarms, baseline.Benign)} | | |\n");
        text.Append(
            "\nThe last column splits the transactions into five parts, fits the weights to four and asks about "
            + "the fifth, with five deals; it gives the mean. Which traits there are was chosen on these very "
            + "transactions and is not held to account by it: expect less on attacks that nobody had seen.\n");
        Details(text, "Blind", result.Blind);
        Details(text, "Protected", result.Protected);
    }

    private static void Row(StringBuilder text, string name, ModeResult? result)
    {
        if (result is null)
            return;
        var folds = result.Folds;
        text.Append(CultureInfo.InvariantCulture,
            $"| {name} | {Of(result.Detected, result.Attacks)} | {PerThousand(result.FalseAlarms, result.Benign)} "
            + $"| {result.ReenactedDetected} of {result.Reenacted} "
            + $"| {folds.Detected:0.0} of {folds.Attacks} "
            + $"({100 * folds.Detected / Math.Max(1, folds.Attacks):0.0} %) at "
            + $"{1000 * folds.FalseAlarms / Math.Max(1, folds.Benign):0.0} per 1,000 |\n");
    }

    private static void Details(StringBuilder text, string mode, ModeResult? result)
    {
        if (result is null)
            return;
        text.Append($"\n### {mode}: by type, misses, false alarms\n\n");
        foreach (var type in result.Types)
            text.Append($"- {type.Type}: {type.Detected} of {type.Attacks}\n");
        text.Append("\nMissed:\n\n");
        foreach (var miss in result.Misses)
            text.Append($"- {EvaluationWords.Describe(miss)}\n");
        text.Append("\nFalse alarms:\n\n");
        foreach (var alarm in result.False)
            text.Append($"- {EvaluationWords.Describe(alarm)}\n");
        if (result.NotTouched.Count == 0)
            return;
        text.Append("\nNot asked, because they touch nothing of their victim:\n\n");
        foreach (var name in result.NotTouched)
            text.Append($"- {name}\n");
    }

    private static string At(DateTimeOffset? instant) => instant is { } at
        ? at.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)
        : "-";

    private static string Of(int part, int whole) => string.Create(
        CultureInfo.InvariantCulture, $"{part} of {whole} ({100.0 * part / Math.Max(1, whole):0.0} %)");

    private static string PerThousand(int part, int whole) => string.Create(
        CultureInfo.InvariantCulture,
        $"{part} of {whole:N0} ({1000.0 * part / Math.Max(1, whole):0.0} per 1,000)");
}
