using Tocsin.Detection;
using Tocsin.Evm.Blocks;
using Tocsin.Findings;

namespace Tocsin.Evaluation;

/// <summary>The detectors of money over recorded flows: each series is told to an engine as a chain would tell
/// it.</summary>
/// <param name="tell">Told of what cannot be read.</param>
/// <param name="found">Given every revision of a finding.</param>
/// <param name="ahead">Told before each file.</param>
internal sealed class FlowEvaluation(
    string folder, Action<string> tell, Action<Finding> found, WorkAhead? ahead = null)
{
    private const double DaysOfYear = 365.25;
    private static readonly decimal Alert = new Thresholds().AlertConfidence;

    public IReadOnlyList<FlowResult> Run(CancellationToken cancellationToken)
    {
        var tables = Directory.GetFiles(folder, "*.csv*").Order(StringComparer.Ordinal)
            .Select(file => FlowTable.Read(file, tell)).ToList();
        var facts = TokenFacts.Of(tables);
        var results = new List<FlowResult>();
        foreach (var (table, index) in tables.Select((table, index) => (table, index)))
        {
            ahead?.Invoke(table.Name, (double)index / tables.Count);
            var series = SeriesOf(table, facts);
            if (series.Count == 0 && !table.Has(TokenFacts.Columns))
                tell($"{table.Name}: no series of flows by its columns, passed over");
            foreach (var one in series)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (Judge(one) is { } result)
                    results.Add(result);
            }
        }
        return results;
    }

    // What a file tells of shows in its columns, whatever it is called.
    private static IReadOnlyList<FlowSeries> SeriesOf(FlowTable table, TokenFacts facts)
    {
        if (table.Has("time", "asset", "mints", "burns"))
            return [.. FlowSeries.OfIssue(table)];
        if (table.Has("time", "tvlUSD"))
            return [FlowSeries.OfPool(table)];
        if (table.Has("time", "liquidity"))
            return [FlowSeries.OfRange(table)];
        if (table.Has("time", "supplied_USD", "borrowed_USD"))
            return [FlowSeries.OfReserve(table)];
        return table.Has(BridgeFlows.Columns) ? [BridgeFlows.Of(table, facts)] : [];
    }

    private FlowResult? Judge(FlowSeries series)
    {
        var engine = new Engine(series.Watch);
        var detectors = series.Watch.Detectors.Select(settings => settings.Card.Name).ToHashSet();
        var first = new Dictionary<FindingId, Finding>();
        var alarms = new Dictionary<FindingId, Finding>();
        DateTimeOffset? from = null, to = null;
        foreach (var input in series.Steps(engine))
        {
            if (input is ChainStep.Forward forward)
                (from, to) = (from ?? forward.Block.Time, forward.Block.Time);
            foreach (var finding in engine.Step(input))
            {
                // What the patterns make of it is measured elsewhere.
                if (!detectors.Contains(finding.Detector))
                    continue;
                found(finding);
                first.TryAdd(finding.Id, finding);
                if (finding.Status == FindingStatus.Seen && Wakes(finding))
                    alarms.TryAdd(finding.Id, finding);
            }
        }
        if (from is null)
            return null;
        var during = alarms.Values.Where(alarm => IsWithin(alarm.Time, series.Event)).ToList();
        var foundAt = during.Count == 0 ? (DateTimeOffset?)null : during.Min(alarm => alarm.Time);
        return new FlowResult(
            series.Name, series.Kind, from.Value, to!.Value, (to.Value - from.Value).TotalDays / DaysOfYear,
            series.Event is { } happened
                ? happened with
                {
                    FoundAt = foundAt,
                    ShareBefore = foundAt is { } at ? series.TakenBefore?.Invoke(at) : null,
                }
                : null,
            first.Count - alarms.Count,
            alarms.Values.Except(during).OrderBy(alarm => alarm.Time)
                .Select(alarm => new FlowAlarm(alarm.Time, alarm.Detector, alarm.Severity, alarm.Reason))
                .ToValueList());
    }

    private static bool Wakes(Finding finding) =>
        finding.Severity.IsAtLeast(Severity.High) && finding.Confidence >= Alert;

    private static bool IsWithin(DateTimeOffset time, FlowEvent? happened) =>
        happened is not null && time >= happened.From && time < happened.To;
}
