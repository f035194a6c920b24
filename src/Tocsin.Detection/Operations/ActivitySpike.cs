using System.Collections.Frozen;
using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Evm.Blocks;
using Tocsin.Findings;

namespace Tocsin.Detection.Operations;

/// <inheritdoc cref="ActivitySpikeSettings"/>
internal sealed class ActivitySpike : Detector
{
    private const int ContractsMax = 256;

    private readonly ActivitySpikeSettings settings;
    private readonly FrozenDictionary<Address, string> contracts;
    private readonly Notebook<Address, ActivityHour> hours = new(ContractsMax);
    private readonly Notebook<Address, ActivityCustom> customs = new(ContractsMax);
    private readonly BaseFees fees;

    // Of the block at hand alone: what was touched in the order in which it was.
    private readonly Dictionary<Address, Touched> counted = [];
    private readonly List<Address> touched = [];

    public ActivitySpike(ActivitySpikeSettings settings, Watch watch)
    {
        this.settings = settings;
        fees = new BaseFees(settings, watch.Chain);
        var others = watch.Detectors.OfType<ActivitySpikeSettings>().Select(other => other.Of).ToHashSet();
        contracts = watch.Contracts
            .Where(contract => settings.Of.Length > 0 ? contract.Name == settings.Of : !others.Contains(contract.Name))
            .ToFrozenDictionary(contract => contract.Address, contract => contract.Name);
    }

    // Failed transactions write no logs.
    public override bool SeesAll => true;

    public override IEnumerable<LogInterest> Interests =>
        contracts.Keys.Order().Select(address => new LogInterest(address, null));

    public override void Log(in Log log, in Transaction transaction, BlockScene scene)
    {
        var sum = Of(log.Address);
        counted[log.Address] = sum with { Events = sum.Events + 1, Last = transaction.Hash };
    }

    public override void EndTransaction(in Transaction transaction, BlockScene scene)
    {
        if (transaction.To is not { } to || !contracts.ContainsKey(to))
            return;
        var sum = Of(to);
        counted[to] = sum with { Calls = sum.Calls + 1, Last = transaction.Hash };
        if (!transaction.Succeeded)
            counted[to] = counted[to] with
            {
                Failed = sum.Failed + 1,
                LastFailed = transaction.Hash,
                LastFailedBy = transaction.From,
            };
    }

    public override void EndBlock(BlockScene scene)
    {
        foreach (var contract in touched)
        {
            var now = Count(contract, counted[contract], scene);
            Judge(contract, now, counted[contract], scene);
        }
        touched.Clear();
        counted.Clear();
        // The fee is the chain's: whoever looks at all contracts tells it for all.
        if (settings.Of.Length == 0)
            fees.EndBlock(scene);
    }

    public override void Rollback(BlockRef ancestor)
    {
        hours.Rollback(ancestor);
        customs.Rollback(ancestor);
        fees.Rollback(ancestor);
    }

    public override DetectorState Snapshot() =>
        new ActivitySpikeState(hours.Snapshot(), customs.Snapshot(), fees.Snapshot());

    public override void Restore(DetectorState state)
    {
        if (state is not ActivitySpikeState known)
            return;
        hours.Restore(known.Hours);
        customs.Restore(known.Customs);
        if (known.Fees is { } before)
            fees.Restore(before);
    }

    private Touched Of(Address contract)
    {
        if (counted.TryGetValue(contract, out var sum))
            return sum;
        touched.Add(contract);
        return default;
    }

    private ActivityHour Count(Address contract, Touched block, BlockScene scene)
    {
        if (!customs.TryGet(contract, out var known))
            customs.Set(contract, known = new ActivityCustom(scene.Time, Baseline.Empty, Baseline.Empty), scene);
        var start = Hours.Of(scene.Time);
        if (hours.TryGet(contract, out var before) && before.Start < start)
            customs.Set(
                contract,
                known with
                {
                    Calls = known.Calls.Learn(known.Began, before.Start, before.Calls, scene.Time),
                    Events = known.Events.Learn(known.Began, before.Start, before.Events, scene.Time),
                },
                scene);
        var sum = before?.Start == start ? before : new ActivityHour(start, 0, 0, 0);
        var now = new ActivityHour(
            start, sum.Calls + block.Calls, sum.Failed + block.Failed, sum.Events + block.Events);
        hours.Set(contract, now, scene);
        return now;
    }

    private void Judge(Address contract, ActivityHour now, Touched block, BlockScene scene)
    {
        customs.TryGet(contract, out var known);
        var name = contracts[contract];
        var words = new ActivityWords(scene.Time, name);
        var indicators = new List<Indicator>();
        if (Limit(known!.Calls, settings.CallsLeast, settings.CallsLimit, scene.Time) is { } calls
            && now.Calls >= calls)
            Add(
                IndicatorNames.CallSpike, block.Last, Address.Zero, now.Calls, calls,
                words.Calls(now.Calls, calls, known.Calls.Expected(scene.Time)));
        if (Limit(known.Events, settings.EventsLeast, settings.EventsLimit, scene.Time) is { } events
            && now.Events >= events)
            Add(
                IndicatorNames.EventSpike, block.Last, Address.Zero, now.Events, events,
                words.Events(now.Events, events, known.Events.Expected(scene.Time)));
        // Told when another one fails: what came to rest is not told for the rest of the hour.
        if (block.Failed > 0 && now.Failed >= settings.FailedLeast
            && now.Failed >= settings.FailedShare * now.Calls)
            Add(
                IndicatorNames.FailedCalls, block.LastFailed, block.LastFailedBy, now.Failed, settings.FailedLeast,
                words.Failed(now.Failed, now.Calls, block.LastFailedBy));
        if (indicators.Count > 0)
            scene.Report(Threat.ActivitySpike, HitOf(name, indicators, scene));

        void Add(string kind, Hash32 transaction, Address by, decimal measured, decimal threshold, string reason) =>
            indicators.Add(scene.Indicate(kind, transaction, by, name, measured, threshold, reason));
    }

    private Hit HitOf(string name, List<Indicator> indicators, BlockScene scene)
    {
        var chances = indicators
            .Select(indicator => indicator.Strength * Weights.Of(Threat.ActivitySpike, indicator.Name))
            .ToArray();
        return new Hit(
            scene.Block, scene.Time, Severity.Elevated, Weights.NoisyOr(chances), name, [], [],
            indicators.ToValueList())
        {
            Detector = settings.Card.Name,
            Key = $"{settings.Card.Name}/{name}",
            Size = indicators.Max(indicator => indicator.Measured / indicator.Threshold),
        };
    }

    private decimal? Limit(Baseline usual, int least, int? fixedLimit, DateTimeOffset at)
    {
        var learnt = usual.Limit(at, settings.Spreads) is { } unusual ? Math.Max(unusual, least) : (decimal?)null;
        return learnt is null || fixedLimit < learnt ? fixedLimit : learnt;
    }

    private readonly record struct Touched(
        int Calls, int Failed, int Events, Hash32 Last, Hash32 LastFailed, Address LastFailedBy);
}
