using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Detection.Loans;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;

namespace Tocsin.Detection.Oracles;

/// <inheritdoc cref="OracleSpotSettings"/>
internal sealed class OracleSpot : Detector
{
    private const int MoversMax = 1_024;
    private const decimal NotAlone = 0.6m;

    // Moved, paid out, moved back, all at once, leaves hardly an innocent reading.
    private const decimal InOneTransaction = 0.75m;

    private readonly Watch watch;
    private readonly OracleSpotSettings settings;
    private readonly ValueList<Pool> pools;
    private readonly PoolPrices prices;
    private readonly TransactionFlow flow;
    private readonly FeedGap gap;
    private readonly Notebook<Mover, Pushed> movers = new(MoversMax);
    private readonly Notebook<string, ulong> away;
    private readonly SortedDictionary<string, UsualSwings> swings;
    private readonly SortedDictionary<string, SpotWay> ways = new(StringComparer.Ordinal);

    public OracleSpot(Watch watch, OracleSpotSettings settings)
    {
        this.watch = watch;
        this.settings = settings;
        pools = settings.Pools.Count == 0
            ? watch.Pools
            : settings.Pools.Select(name => watch.FindPool(name)!).ToValueList();
        prices = new PoolPrices(watch, pools, settings.Window);
        flow = new TransactionFlow(watch);
        swings = new SortedDictionary<string, UsualSwings>(
            pools.ToDictionary(pool => pool.Name, _ => new UsualSwings()), StringComparer.Ordinal);
        gap = new FeedGap(watch, pools, settings, LimitOf);
        away = new Notebook<string, ulong>(Math.Max(1, pools.Count));
    }

    public override IEnumerable<LogInterest> Interests =>
    [
        .. prices.Interests, .. watch.Assets.Select(asset => new LogInterest(asset.Address, Topics.Transfer)),
    ];

    public override void Log(in Log log, in Transaction transaction, BlockScene scene)
    {
        if (log.Topics[0] == Topics.Transfer)
        {
            flow.Take(log);
            if (log.Topics.Count == 3 && flow.IsOurs(LogWords.AddressOf(log.Topics[1])))
                foreach (var (pool, way) in ways.ToArray())
                    ways[pool] = way with { PaidMeanwhile = way.PaidMeanwhile || way.Away >= settings.Deviation };
        }
        else if (log.Topics[0] == Topics.PoolSync)
        {
            var before = prices.SpotAt(log.Address);
            if (prices.Take(log) is not (var pool, var now))
                return;
            if (!ways.TryGetValue(pool.Name, out var way))
                way = new SpotWay(before ?? now, now, 0, false);
            ways[pool.Name] = way.Then(now);
        }
    }

    public override void EndTransaction(in Transaction transaction, BlockScene scene)
    {
        // Most transactions only move a popular token between strangers.
        if (ways.Count > 0 || flow.ConcernsUs)
            Judge(transaction, scene);
        ways.Clear();
        flow.Clear();
    }

    public override void EndBlock(BlockScene scene)
    {
        prices.EndBlock(scene);
        foreach (var pool in pools)
        {
            var far = AwayFrom(pool.Name, scene);
            var isAway = far >= LimitOf(pool.Name, scene.Time);
            swings[pool.Name].Take(far, scene);
            if (!isAway)
                away.Remove(pool.Name, scene);
            else if (!away.TryGet(pool.Name, out _))
                away.Set(pool.Name, scene.Block.Number, scene);
        }
    }

    public override void Arrived(Arrival arrival, ArrivalScene scene) => gap.Take(arrival, prices, scene);

    public override void Rollback(BlockRef ancestor)
    {
        prices.Rollback(ancestor);
        movers.Rollback(ancestor);
        away.Rollback(ancestor);
        foreach (var one in swings.Values)
            one.Rollback(ancestor);
    }

    public override DetectorState Snapshot() => new OracleSpotState(
        prices.Snapshot(), movers.Snapshot(), away.Snapshot(),
        swings.Select(one => new PoolSwings(one.Key, one.Value.Snapshot())).ToValueList(), gap.Feeds(), gap.Apart());

    public override void Restore(DetectorState state)
    {
        if (state is not OracleSpotState known)
            return;
        prices.Restore(known.Prices);
        movers.Restore(known.Movers);
        away.Restore(known.Away);
        foreach (var (pool, usual) in known.Swings)
            if (swings.TryGetValue(pool, out var one))
                one.Restore(usual);
        gap.Restore(known.Feeds, known.Apart);
    }

    private void Judge(in Transaction transaction, BlockScene scene)
    {
        var flows = flow.Flows();
        foreach (var (pool, way) in ways)
        {
            JudgeWay(transaction, pool, way, flows, scene);
            Remember(transaction.From, pool, way, scene);
        }
        if (flows.Any(one => one.NetUnits < 0))
            foreach (var pool in pools)
                JudgePayment(transaction, pool, flows, scene);
    }

    // A price that swings widely at this hour of every day is not led away whenever it does, up to the push that none
    // of many traders makes alone.
    private decimal LimitOf(string pool, DateTimeOffset time) =>
        swings[pool].Limit(time, settings.Spreads, settings.Deviation, settings.Push);

    private decimal AwayFrom(string pool, BlockScene scene) =>
        prices.Settled(pool) is { } spot && prices.Average(pool, scene.Time) is { } average
            ? Amounts.Deviation(spot, average)
            : 0;

    private void JudgeWay(
        in Transaction transaction, string pool, SpotWay way, ValueList<Flow> flows, BlockScene scene)
    {
        if (way.Peak < settings.Deviation || way.Back < watch.Thresholds.PriceReturn)
            return;
        var trip = scene.Indicate(IndicatorNames.SpotRoundTrip, transaction, pool, way.Peak, settings.Deviation,
            $"One transaction led the price on {pool} away by {Words.Share(way.Peak)} and took {Words.Share(way.Back)} "
            + "of that back.");
        var loss = scene.LossOf(flows);
        if (!way.PaidMeanwhile || loss.Usd < watch.Thresholds.MinimumLossUsd)
        {
            if (!scene.Has(Threat.OracleManipulation, transaction.Hash))
                Note($"{pool}/round-trip", pool, trip, way.Peak, scene);
        }
        else if (!IsTold(transaction.Hash, scene))
            Accuse(transaction, pool, flows, scene, scene.Block.Number, InOneTransaction, trip, Paid(
                transaction, loss, scene,
                $"While it was away, {loss.Contract} paid out, and ended {Words.Usd(loss.Usd)} poorer."));
    }

    // The price has been away for some blocks, and a protected contract pays.
    private void JudgePayment(in Transaction transaction, Pool pool, ValueList<Flow> flows, BlockScene scene)
    {
        if (!away.TryGet(pool.Name, out var since) || since + (ulong)settings.HeldBlocks > scene.Block.Number)
            return;
        var loss = LossAtAverage(pool, flows, scene);
        var (far, limit) = (AwayFrom(pool.Name, scene), LimitOf(pool.Name, scene.Time));
        if (loss.Usd < watch.Thresholds.MinimumLossUsd || far < limit)
            return;
        var held = scene.Indicate(IndicatorNames.SpotHeldAway, transaction, pool.Name, far, limit,
            $"The price on {pool.Name} has stood {Words.Share(far)} from its average for "
            + $"{Words.Count((int)Math.Min(scene.Block.Number - since, 10_000), "block", "blocks")}.");
        var isUp = prices.Settled(pool.Name) > prices.Average(pool.Name, scene.Time);
        movers.TryGet(new Mover(pool.Name, transaction.From), out var pushed);
        var push = scene.Time - pushed.Last > settings.Window ? 0 : isUp ? pushed.Push : -pushed.Push;
        if (push < settings.Push)
            Note($"{pool.Name}/paid-meanwhile", pool.Name, held, loss.Usd, scene);
        else if (!IsTold(transaction.Hash, scene))
            Accuse(transaction, pool.Name, flows, scene, since, 0, held, Paid(transaction, loss, scene,
                $"Who moved it, by {Words.Share(push)}, is paid by {loss.Contract}, which ended {Words.Usd(loss.Usd)} "
                + "poorer at the average price."));
    }

    private static bool IsTold(Hash32 transaction, BlockScene scene) =>
        scene.Has(Threat.OracleManipulation, transaction) || scene.Has(Threat.FlashLoanAttack, transaction);

    private Loss LossAtAverage(Pool pool, ValueList<Flow> flows, BlockScene scene)
    {
        var loss = scene.LossOf(flows);
        if (prices.Average(pool.Name, scene.Time) is not { } average)
            return loss;
        // The pool's own price is what was moved: its base asset counts at the average instead.
        var usd = 0m;
        foreach (var one in flows)
        {
            var price = one.Asset == pool.Base
                ? average
                : scene.UsdPrice(watch.FindAsset(one.Asset)!.Address) ?? 0;
            usd -= Amounts.Usd(one.NetUnits, price);
        }
        return new Loss(Math.Round(Math.Max(0, usd), 2), loss.Contract ?? flows[0].Contract);
    }

    private Indicator Paid(in Transaction transaction, Loss loss, BlockScene scene, string reason) =>
        scene.Indicate(IndicatorNames.PaidOutMeanwhile, transaction, loss.Contract!, loss.Usd,
            watch.Thresholds.MinimumLossUsd, reason);

    private void Accuse(
        in Transaction transaction, string pool, ValueList<Flow> flows, BlockScene scene, ulong since, decimal least,
        params ValueList<Indicator> indicators)
    {
        var called = transaction.To ?? transaction.ContractCreated;
        ValueList<Address> addresses = called is { } contract && scene.NameOf(contract) == contract.ToString()
            ? [transaction.From, contract]
            : [transaction.From];
        var confidence = Weights.NoisyOr(
            [.. indicators.Select(one => one.Strength * Weights.Of(Threat.OracleManipulation, one.Name))]);
        scene.Report(Threat.OracleManipulation, new Hit(
            scene.Block, scene.Time, Severity.Critical, Math.Max(least, confidence), pool,
            [new AttackTransaction(scene.Block, transaction.Hash, flows)], addresses, indicators)
        {
            Detector = settings.Card.Name,
            HonestBefore = since,
        });
    }

    private void Note(string key, string pool, Indicator indicator, decimal size, BlockScene scene) =>
        scene.Report(Threat.OracleManipulation, new Hit(
            scene.Block, scene.Time, Severity.Elevated, NotAlone, pool,
            [new AttackTransaction(scene.Block, indicator.Transaction, [])], [], [indicator])
        {
            Detector = settings.Card.Name,
            Key = $"{settings.Card.Name}/{key}",
            Size = size,
        });

    private void Remember(Address sender, string pool, SpotWay way, BlockScene scene)
    {
        // Small moves are everybody's, and together never make a large one without being many.
        if (way.Away < settings.Deviation / 4)
            return;
        var key = new Mover(pool, sender);
        movers.TryGet(key, out var before);
        var sum = scene.Time - before.Last > settings.Window ? way.Push : before.Push + way.Push;
        movers.Set(key, new Pushed(Math.Clamp(sum, -Amounts.PriceMax, Amounts.PriceMax), scene.Time), scene);
    }
}
