using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Evm.Blocks;
using Tocsin.Findings;

namespace Tocsin.Detection.Operations;

/// <inheritdoc cref="UnusualTradingSettings"/>
internal sealed class UnusualTrading : Detector
{
    private const int TradesLeast = 20;
    private const int LinkedOfBlockMax = 32;
    private const int GiftsOfBlockMax = 16;
    private const int WaysOfBlockMax = 16;
    private const int WaysMax = 256;
    private const int GiftsMax = 256;
    private const ulong NewAccountNonceMax = 3;
    private const decimal DustUsd = 100;

    private static readonly TimeSpan NewWayFor = TimeSpan.FromDays(1);
    private static readonly TimeSpan WayRefreshedAfter = TimeSpan.FromHours(1);
    private static readonly TimeSpan GiftCountsFor = TimeSpan.FromHours(1);

    private readonly UnusualTradingSettings settings;
    private readonly TradeReading reading;
    private readonly Cell<TradingHour> hour = new();
    private readonly Cell<TradingCustom> custom = new();
    private readonly Notebook<Address, TradingWay> ways = new(WaysMax);
    private readonly Notebook<Address, TokenGift> gifts = new(GiftsMax);
    private readonly Trail<LinkedTrade> linked;

    // Of the block at hand alone.
    private decimal boughtUsd;
    private decimal soldUsd;
    private int trades;
    private int linkedOfBlock;
    private int giftsOfBlock;
    private int waysOfBlock;
    private Hash32 lastTrade;

    public UnusualTrading(UnusualTradingSettings settings, Watch watch)
    {
        this.settings = settings;
        var pool = watch.FindPool(settings.Of);
        var asset = watch.FindAsset(pool?.Base ?? settings.Of)!;
        reading = new TradeReading(asset.Address, pool?.Address);
        linked = new Trail<LinkedTrade>(settings.AccountsWithin);
    }

    public override IEnumerable<LogInterest> Interests => reading.Interests;

    public override void EndTransaction(in Transaction transaction, BlockScene scene)
    {
        if (!reading.Read(transaction, scene))
        {
            NoteGifts(scene);
            return;
        }
        boughtUsd += reading.BoughtUsd;
        soldUsd += reading.SoldUsd;
        trades++;
        lastTrade = transaction.Hash;
        NoteTrade(transaction, scene);
    }

    public override void EndBlock(BlockScene scene)
    {
        if (trades > 0)
        {
            Count(scene);
            Judge(scene);
        }
        (boughtUsd, soldUsd, trades) = (0, 0, 0);
        (linkedOfBlock, giftsOfBlock, waysOfBlock) = (0, 0, 0);
    }

    public override void Rollback(BlockRef ancestor)
    {
        hour.Rollback(ancestor);
        custom.Rollback(ancestor);
        ways.Rollback(ancestor);
        gifts.Rollback(ancestor);
        linked.Rollback(ancestor);
    }

    public override DetectorState Snapshot() => new UnusualTradingState(
        hour.Snapshot(), custom.Snapshot(), ways.Snapshot(), gifts.Snapshot(), linked.ToList());

    public override void Restore(DetectorState state)
    {
        if (state is not UnusualTradingState known)
            return;
        hour.Restore(known.Hour);
        custom.Restore(known.Custom);
        ways.Restore(known.Ways);
        gifts.Restore(known.Gifts);
        linked.Restore(known.Linked);
    }

    private void NoteGifts(BlockScene scene)
    {
        foreach (var (giver, receiver, usd) in reading.Gifts)
            if (usd >= DustUsd && giftsOfBlock++ < GiftsOfBlockMax)
                gifts.Set(receiver, new TokenGift(giver, scene.Time), scene);
    }

    private void NoteTrade(in Transaction transaction, BlockScene scene)
    {
        var buys = reading.BoughtUsd > reading.SoldUsd;
        var usd = Math.Max(reading.BoughtUsd, reading.SoldUsd);
        var through = transaction.To is { } to && IsNewWay(to, scene) ? transaction.To : null;
        Address? giver = gifts.TryGet(transaction.From, out var gift) && scene.Time - gift.At <= GiftCountsFor
            ? gift.Giver
            : null;
        var isNew = transaction.Nonce <= NewAccountNonceMax;
        if (usd < DustUsd || (through is null && giver is null && !isNew) || linkedOfBlock++ >= LinkedOfBlockMax)
            return;
        linked.Add(
            scene,
            new LinkedTrade(transaction.Hash, transaction.From, through, giver, isNew, buys, Math.Round(usd, 2)));
    }

    // On the first day of watching every contract would be one that nobody used before.
    private bool IsNewWay(Address contract, BlockScene scene)
    {
        var isKnown = ways.TryGet(contract, out var way);
        if ((!isKnown || scene.Time - way!.Last > WayRefreshedAfter) && waysOfBlock++ < WaysOfBlockMax)
            ways.Set(contract, new TradingWay(way?.First ?? scene.Time, scene.Time), scene);
        return (way?.First ?? scene.Time) is var first
            && scene.Time - first < NewWayFor
            && custom.TryGet(out var since) && first - since.Began >= NewWayFor;
    }

    private void Count(BlockScene scene)
    {
        if (!custom.TryGet(out _))
            custom.Set(new TradingCustom(scene.Time, Baseline.Empty), scene);
        var start = Hours.Of(scene.Time);
        if (hour.TryGet(out var before) && before.Start < start)
        {
            custom.TryGet(out var known);
            var learnt = known!.Volume.Learn(
                known.Began, before.Start, before.BoughtUsd + before.SoldUsd, scene.Time);
            custom.Set(known with { Volume = learnt }, scene);
        }
        var sum = before?.Start == start ? before : new TradingHour(start, 0, 0, 0);
        hour.Set(
            new TradingHour(
                start, Math.Round(sum.BoughtUsd + boughtUsd, 2), Math.Round(sum.SoldUsd + soldUsd, 2),
                sum.Trades + trades),
            scene);
    }

    private void Judge(BlockScene scene)
    {
        hour.TryGet(out var now);
        custom.TryGet(out var known);
        var learnt = known!.Volume.Limit(scene.Time, settings.Spreads) is { } unusual
            ? Math.Max(unusual, settings.UsdLeast)
            : (decimal?)null;
        if (Lower(learnt, settings.UsdLimit) is not { } limit)
            return;
        var words = new TradingWords(scene.Time, settings.Of);
        var usd = now!.BoughtUsd + now.SoldUsd;
        var indicators = new List<Indicator>();
        if (usd >= limit)
            Add(IndicatorNames.UnusualVolume, usd, limit, words.Volume(usd, limit, known.Volume.Expected(scene.Time)));
        var share = usd > 0 ? Math.Max(now.BoughtUsd, now.SoldUsd) / usd : 0;
        if (now.Trades >= TradesLeast && usd >= limit / 2 && share >= settings.OneSided)
            Add(
                IndicatorNames.OneSidedTrading, share, settings.OneSided,
                TradingWords.OneSided(share, now.BoughtUsd > now.SoldUsd, now.Trades));
        var group = LinkedAccounts.Largest(
            linked.Since(scene.Time), settings.Accounts, settings.UsdLeast);
        if (group is not null)
            Add(IndicatorNames.LinkedAccounts, group.Senders.Count, settings.Accounts, TradingWords.Linked(group));
        if (indicators.Count > 0)
            scene.Report(Threat.UnusualTrading, HitOf(scene, indicators, group, usd));

        void Add(string name, decimal measured, decimal threshold, string reason) => indicators.Add(
            scene.Indicate(name, lastTrade, Address.Zero, settings.Of, measured, threshold, reason));
    }

    private Hit HitOf(BlockScene scene, List<Indicator> indicators, LinkedAccounts? group, decimal usd)
    {
        var chances = indicators
            .Select(indicator => indicator.Strength * Weights.Of(Threat.UnusualTrading, indicator.Name))
            .ToArray();
        return new Hit(
            scene.Block, scene.Time, Severity.Elevated, Weights.NoisyOr(chances), settings.Of, [],
            group?.Senders ?? [], indicators.ToValueList())
        {
            Detector = settings.Card.Name,
            Key = settings.Name,
            Size = usd,
        };
    }

    private static decimal? Lower(decimal? one, decimal? other) => one is null || other < one ? other : one;
}
