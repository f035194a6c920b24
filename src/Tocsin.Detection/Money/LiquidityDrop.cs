using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Evm.Reads;
using Tocsin.Findings;

namespace Tocsin.Detection.Money;

public sealed record LiquidityDropState(
    NotebookState<long, Level> Depth, NotebookState<long, Level> InRange, UsualSwingsState Swings) : DetectorState;

/// <inheritdoc cref="LiquidityDropSettings.TheCard"/>
internal sealed class LiquidityDrop : Detector
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly LiquidityDropSettings settings;
    private readonly Watch watch;
    private readonly Address address;
    private readonly string name;
    private readonly Pool? pair;
    private readonly (Asset Asset, DeclaredRead<UInt256> Balance)[] held;
    private readonly DeclaredRead<UInt256>? inRange;
    private readonly Levels depths = new();
    private readonly Levels ranges = new();
    private readonly UsualSwings swings = new();
    private (decimal Base, decimal Quote)? synced;
    private Hash32 transaction;
    private Address origin;

    public LiquidityDrop(LiquidityDropSettings settings, Watch watch)
    {
        (this.settings, this.watch) = (settings, watch);
        address = watch.AddressOf(settings.Pool)!.Value;
        pair = settings.TokensRead.Count == 0 ? settings.PairOf(watch) : null;
        name = settings.PairOf(watch)?.Name ?? settings.Pool;
        held = [.. settings.TokensRead.Select(token => WatchedMoney.AssetOf(watch, token)!)
            .Select(asset => (asset, ProtocolReads.BalanceOf(asset.Address, address)))];
        inRange = settings.InRange ? UniswapV3Liquidity.Of(address) : null;
    }

    public override IEnumerable<LogInterest> Interests =>
        pair is null ? [] : [new LogInterest(address, Topics.PoolSync)];

    public override ValueList<StateRead> Reads => inRange is null
        ? held.Select(one => one.Balance.Read).ToValueList()
        : [.. held.Select(one => one.Balance.Read), inRange.Read];

    public override void Log(in Log log, in Transaction transaction, BlockScene scene)
    {
        if (pair is null || !LogWords.TryRead(log.Data.Span, 0, out var first)
            || !LogWords.TryRead(log.Data.Span, 1, out var second))
            return;
        var (of, by) = pair.BaseIsToken0 ? (first, second) : (second, first);
        synced = (
            Amounts.Units(of, watch.FindAsset(pair.Base)!.Decimals),
            Amounts.Units(by, watch.FindAsset(pair.Quote)!.Decimals));
        (this.transaction, origin) = (transaction.Hash, transaction.From);
    }

    public override void EndBlock(BlockScene scene)
    {
        if (pair is null || synced is not var (baseUnits, quoteUnits))
            return;
        synced = null;
        var (of, by) = (watch.FindAsset(pair.Base)!, watch.FindAsset(pair.Quote)!);
        var quoteUsd = Amounts.Usd(quoteUnits, by.UsdPrice ?? 0);
        // The root of the product is what a swap does not change; it is worth twice the quote side when in balance.
        JudgeDepth(Root(baseUnits) * Root(quoteUnits), 2 * quoteUsd, scene);
        if (ParOf(of) is { } parOf && ParOf(by) is { } parBy)
            JudgeBalance([Amounts.Usd(baseUnits, parOf), Amounts.Usd(quoteUnits, parBy)], [of.Name, by.Name], scene);
        (transaction, origin) = (default, default);
    }

    public override void Answered(ReadAnswers answers, BlockScene scene)
    {
        if (held.Length > 0)
            AnsweredBalances(answers, scene);
        if (inRange is not null && inRange.TryFind(answers, out var liquidity))
            JudgeInRange(Amounts.Units(liquidity, 6), scene);
    }

    public override void Rollback(BlockRef ancestor)
    {
        depths.Rollback(ancestor);
        ranges.Rollback(ancestor);
        swings.Rollback(ancestor);
    }

    public override DetectorState Snapshot() =>
        new LiquidityDropState(depths.Snapshot(), ranges.Snapshot(), swings.Snapshot());

    public override void Restore(DetectorState state)
    {
        if (state is not LiquidityDropState known)
            return;
        depths.Restore(known.Depth);
        ranges.Restore(known.InRange);
        swings.Restore(known.Swings);
    }

    // A price of exactly 1 that is fixed in the watch is a par, too.
    private decimal? ParOf(Asset asset) =>
        WatchedMoney.ParOf(watch, asset) ?? (asset.UsdPrice == 1 ? asset.UsdPrice : null);

    private void AnsweredBalances(ReadAnswers answers, BlockScene scene)
    {
        var sides = new decimal[held.Length];
        for (var i = 0; i < held.Length; i++)
        {
            var asset = held[i].Asset;
            if (!held[i].Balance.TryFind(answers, out var balance)
                || (ParOf(asset) ?? scene.UsdPrice(asset.Address)) is not { } price)
                return;
            sides[i] = Amounts.Usd(Amounts.Units(balance, asset.Decimals), price);
        }
        JudgeDepth(sides.Sum(), sides.Sum(), scene);
        if (held.Length > 1 && held.All(one => ParOf(one.Asset) is not null))
            JudgeBalance(sides, [.. held.Select(one => one.Asset.Name)], scene);
    }

    private void JudgeDepth(decimal depth, decimal worthUsd, BlockScene scene)
    {
        var hourAgo = depths.Lowest(scene.Time - 2 * Hour, scene.Time - Hour) ?? depths.First;
        var dayAgo = depths.Lowest(scene.Time - Day - Hour, scene.Time - Day);
        depths.Add(depth, scene);
        // A pool that breathes at this hour of every day is not told whenever it does.
        var hourDrop = swings.Limit(
            scene.Time, settings.Spreads, settings.HourDrop, (settings.HourDrop + 1) / 2);
        if (hourAgo > 0)
            swings.Take(depth >= hourAgo ? 0 : 1 - depth / hourAgo.Value, scene);
        // What it was worth is what it is worth now, scaled by what left.
        if (IsGone(hourAgo, hourDrop))
            ReportDrop(hourAgo!.Value, "an hour", hourDrop, Severity.High);
        else if (IsGone(dayAgo, settings.DayDrop))
            ReportDrop(dayAgo!.Value, "a day", settings.DayDrop, Severity.Elevated);

        bool IsGone(decimal? before, decimal drop) => before is { } then && then > 0 && depth <= then * (1 - drop)
            && worthUsd >= settings.MinimumUsd * (depth / then);

        void ReportDrop(decimal before, string within, decimal drop, Severity severity)
        {
            var gone = 1 - depth / before;
            Report(severity, Weights.LiquidityLeft, "depth", gone, scene.Indicate(
                IndicatorNames.LiquidityLeft, transaction, origin, name, gone, drop,
                $"Within {within} {Words.Share(Math.Round(gone, 3))} of the liquidity of {name} left; "
                    + $"{Words.Usd(worthUsd)} are there now. Prices there are cheap to move, and what is sold there "
                    + "fetches less."), scene);
        }
    }

    private void JudgeBalance(decimal[] sides, string[] names, BlockScene scene)
    {
        var total = sides.Sum();
        var most = Array.IndexOf(sides, sides.Max());
        if (total < Math.Max(settings.MinimumUsd, 1) || sides[most] / total <= settings.ShareMax)
            return;
        var share = sides[most] / total;
        // How much is left of the others is what shrinks: half of it is twice as bad.
        Report(Severity.High, Weights.LiquidityLeft, "balance", share / Math.Max(0.000_001m, 1 - share), scene.Indicate(
            IndicatorNames.PoolImbalance, transaction, origin, name, share, settings.ShareMax,
            $"{name} holds {Words.Share(Math.Round(share, 3))} {names[most]}, although its assets are meant to be "
                + $"worth the same. Everybody sells {names[most]} there and takes the rest: they doubt its par."),
            scene);
    }

    private void JudgeInRange(decimal liquidity, BlockScene scene)
    {
        ranges.Add(liquidity, scene);
        var before = ranges.Lowest(scene.Time - 2 * Hour - Hour, scene.Time - 2 * Hour);
        var lately = ranges.Highest(scene.Time - Hour, scene.Time);
        if (before is not { } then || then <= 0 || lately > then * (1 - settings.InRangeDrop))
            return;
        var gone = 1 - lately!.Value / then;
        Report(Severity.Elevated, Weights.LiquidityOutOfRange, "range", gone, scene.Indicate(
            IndicatorNames.LiquidityOutOfRange, default, default, name, gone, settings.InRangeDrop,
            $"For an hour {Words.Share(Math.Round(gone, 3))} of the liquidity at the price of now has been missing in "
                + $"{name}: it was taken out, or the price left where it lies. Trades move the price more than usual."),
            scene);
    }

    private void Report(
        Severity severity, decimal confidence, string what, decimal size, Indicator indicator, BlockScene scene) =>
        scene.Report(Threat.LiquidityDrop, new Hit(
            scene.Block, scene.Time, severity, confidence, name,
            indicator.Transaction.IsZero ? [] : [new AttackTransaction(scene.Block, indicator.Transaction, [])], [],
            [indicator])
        {
            Detector = settings.Card.Name,
            Key = $"liquidity-drop/{name}/{what}",
            Size = size,
        });

    // Newton's steps from above; a decimal's digits are all right long before they run out.
    private static decimal Root(decimal value)
    {
        if (value <= 0)
            return 0;
        var root = Math.Max(value, 1);
        for (var i = 0; i < 200; i++)
        {
            var next = (root + value / root) / 2;
            if (next >= root)
                break;
            root = next;
        }
        return root;
    }
}
