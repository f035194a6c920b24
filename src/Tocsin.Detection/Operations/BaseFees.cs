using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Findings;

namespace Tocsin.Detection.Operations;

/// <summary>What the chain's blocks cost: what is usual is learnt by hour of the day, as an average over each hour;
/// what is far above it for some blocks and some time is told.</summary>
internal sealed class BaseFees(ActivitySpikeSettings settings, ChainId chain)
{
    private const decimal WeiPerGwei = 1_000_000_000m;

    private readonly Cell<FeeHour> hours = new();
    private readonly Cell<FeeCustom> customs = new();

    public void EndBlock(BlockScene scene)
    {
        if (scene.Gas is not { BaseFeeWei: { } wei } gas)
            return;
        var gwei = wei / WeiPerGwei;
        var custom = Learnt(scene);
        var limit = Limit(custom, scene.Time);
        var now = Next(gwei, gwei >= limit, scene);
        hours.Set(now, scene);
        if (limit is not { } unusual || now.DearBlocks < settings.FeeBlocks
            || scene.Time - now.DearSince < settings.FeeFor)
            return;
        var full = gas.Limit > 0 ? (decimal)gas.Used / gas.Limit : (decimal?)null;
        var words = ActivityWords.Fee(now, gwei, unusual, custom.Gwei.Expected(scene.Time), full);
        Report(gwei, unusual, words, scene);
    }

    public void Rollback(BlockRef ancestor)
    {
        hours.Rollback(ancestor);
        customs.Rollback(ancestor);
    }

    public BaseFeesState Snapshot() => new(hours.Snapshot(), customs.Snapshot());

    public void Restore(BaseFeesState state)
    {
        hours.Restore(state.Hour);
        customs.Restore(state.Custom);
    }

    // An hour without blocks teaches nothing: nobody knows what they would have cost.
    private FeeCustom Learnt(BlockScene scene)
    {
        if (!customs.TryGet(out var known))
            customs.Set(known = new FeeCustom(scene.Time, Baseline.Empty), scene);
        if (!hours.TryGet(out var hour) || hour.Start >= Hours.Of(scene.Time) || hour.Start < known.Began)
            return known;
        var learnt = known with { Gwei = known.Gwei.Learn(hour.Start, hour.Gwei / hour.Blocks) };
        customs.Set(learnt, scene);
        return learnt;
    }

    private decimal? Limit(FeeCustom custom, DateTimeOffset at)
    {
        var learnt = custom.Gwei.Limit(at, settings.Spreads) is { } unusual
            ? Math.Max(unusual, settings.FeeGweiLeast)
            : (decimal?)null;
        return learnt is null || settings.FeeGweiLimit < learnt ? settings.FeeGweiLimit : learnt;
    }

    private FeeHour Next(decimal gwei, bool isDear, BlockScene scene)
    {
        var start = Hours.Of(scene.Time);
        var isKnown = hours.TryGet(out var before);
        var sum = isKnown && before!.Start == start ? before : new FeeHour(start, 0, 0, 0, default, 0);
        var next = sum with { Blocks = sum.Blocks + 1, Gwei = sum.Gwei + gwei };
        if (!isDear)
            return next with { DearBlocks = 0, DearSince = default, DearLeast = 0 };
        return isKnown && before!.DearBlocks > 0
            ? next with
            {
                DearBlocks = before.DearBlocks + 1,
                DearSince = before.DearSince,
                DearLeast = Math.Min(before.DearLeast, gwei),
            }
            : next with { DearBlocks = 1, DearSince = scene.Time, DearLeast = gwei };
    }

    private void Report(decimal gwei, decimal limit, string words, BlockScene scene)
    {
        var subject = $"the gas of chain {chain}";
        var indicator = scene.Indicate(
            IndicatorNames.GasSpike, Hash32.Zero, Address.Zero, subject, gwei, limit, words);
        scene.Report(Threat.ActivitySpike, new Hit(
            scene.Block, scene.Time, Severity.Elevated,
            Weights.NoisyOr([indicator.Strength * Weights.Of(Threat.ActivitySpike, IndicatorNames.GasSpike)]),
            subject, [], [], [indicator])
        {
            Detector = settings.Card.Name,
            Key = $"{settings.Card.Name}/gas",
            Size = gwei / limit,
        });
    }
}
