using System.Numerics;
using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Detection.Monitoring;
using Tocsin.Evm;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Evm.Reads;
using Tocsin.Findings;

namespace Tocsin.Detection.Oracles;

/// <inheritdoc cref="OracleFailureSettings"/>
internal sealed class OracleFailure : Detector
{
    private const int SilentBlocksMax = 3;
    private const int LateMost = 3;
    private const decimal SureOfFact = 0.9m;
    private const decimal SureOfMarket = 0.85m;

    private static readonly AbiFunction ProposedAggregator =
        AbiFunction.Parse("proposedAggregator() returns (address)");

    // Written by newer proxies alone; the one that most feeds stand behind, EACAggregatorProxy, writes neither.
    private static readonly Hash32 Proposed = Keccak256.Hash("AggregatorProposed(address,address)");
    private static readonly Hash32 Confirmed = Keccak256.Hash("AggregatorConfirmed(address,address)");

    private readonly OracleFailureSettings settings;
    private readonly ChainlinkFeed feed;
    private readonly DeclaredRead<Address> proposed;
    private readonly DeclaredRead<BigInteger>? cap;
    private readonly Cell<SourceMemory> source = new();
    private readonly PoolPrices pool;
    private readonly MarketPrices feeds;
    private Comparison market = Comparison.Unknown;

    public OracleFailure(Watch watch, OracleFailureSettings settings)
    {
        this.settings = settings;
        feed = new ChainlinkFeed(settings.Source, settings.Heartbeat + settings.Grace);
        proposed = DeclaredRead.Call<Address>(settings.Source, ProposedAggregator);
        cap = settings.TryCap(out var function)
            ? DeclaredRead.Call<BigInteger>(settings.CapAt ?? settings.Source, function)
            : null;
        pool = new PoolPrices(
            watch, settings.Pool is { } name ? [watch.FindPool(name)!] : [], settings.Window);
        feeds = new MarketPrices(watch, settings.Asset, settings.Feeds);
    }

    public override IEnumerable<LogInterest> Interests =>
    [
        .. pool.Interests, new LogInterest(settings.Source, Proposed), new LogInterest(settings.Source, Confirmed),
    ];

    public override ValueList<StateRead> Reads =>
        [.. feed.Reads, proposed.Read, .. cap is null ? ValueList.Create<StateRead>([]) : [cap.Read]];

    private SourceMemory Memory => source.TryGet(out var memory)
        ? memory
        : new SourceMemory(0, null, null, null, 0, Comparison.Unknown);

    public override void Log(in Log log, in Transaction transaction, BlockScene scene)
    {
        pool.Take(log);
        if (log.Address != settings.Source || log.Topics.Count != 3)
            return;
        var next = LogWords.AddressOf(log.Topics[2]);
        if (log.Topics[0] == Confirmed)
            TellReplaced(LogWords.AddressOf(log.Topics[1]), next, scene, transaction.Hash, transaction.From);
        else if (log.Topics[0] == Proposed)
            TellProposed(LogWords.AddressOf(log.Topics[1]), next, scene, transaction.Hash, transaction.From);
    }

    public override void EndBlock(BlockScene scene) => pool.EndBlock(scene);

    public override void Answered(ReadAnswers answers, BlockScene scene)
    {
        var before = Memory;
        var aggregator = feed.AggregatorIn(answers);
        if (before.Aggregator is { } known && aggregator is { } now && now != known)
            TellReplaced(known, now, scene, default, default);
        var next = proposed.TryFind(answers, out var told) ? told : before.Proposed;
        if (next is { IsZero: false } coming && coming != before.Proposed && coming != aggregator)
            TellProposed(aggregator ?? before.Aggregator, coming, scene, default, default);
        var round = feed.RoundIn(answers);
        var silent = round is null ? Math.Min(before.Unanswered + 1, SilentBlocksMax) : 0;
        var maximum = MaximumIn(answers) ?? before.Maximum;
        var comparison = before.Pool;
        if (round is not null)
        {
            JudgeRound(round, before.Price, scene);
            JudgeLimits(round.Price, maximum, scene);
            comparison = CompareWithPool(round.Price, maximum, before.Pool, scene);
        }
        else if (silent == SilentBlocksMax)
            Report(scene, IndicatorNames.BadAnswer, Severity.High, 1, 1,
                $"The source of the price of {settings.Asset}, {settings.Source}, gave no answer for "
                + $"{SilentBlocksMax} blocks: whoever needs the price cannot go on.");
        var after = new SourceMemory(
            round?.Price ?? before.Price, aggregator ?? before.Aggregator, next, maximum, silent, comparison);
        if (after != before)
            source.Set(after, scene);
    }

    public override void Arrived(Arrival arrival, ArrivalScene scene)
    {
        feeds.Take(arrival, scene.Now);
        var memory = Memory;
        if (memory.Price <= 0 || feeds.Median(scene.Now) is not { } median)
            return;
        market = market.Take(
            memory.Price, median, settings.Minimum, memory.Maximum, scene.Now, settings);
        foreach (var judged in OracleWords.Judge(market, median, memory.Maximum, settings, scene.Now, "the feeds"))
        {
            var key = new ConditionKey(judged.Name, settings.Subject);
            if (judged.IsHeld)
                scene.Present(new Trouble(
                    key, Threat.OracleFailure, judged.Severity, SureOfMarket, settings.Asset, judged.Reason));
            else if (!judged.IsSo)
                scene.Absent(key, "The answer and the feeds agree again.", settings.HeldFor);
        }
    }

    public override void Rollback(BlockRef ancestor)
    {
        pool.Rollback(ancestor);
        source.Rollback(ancestor);
    }

    public override DetectorState Snapshot() =>
        new OracleFailureState(source.Snapshot(), pool.Snapshot(), feeds.Snapshot(), market);

    public override void Restore(DetectorState state)
    {
        if (state is not OracleFailureState known)
            return;
        source.Restore(known.Source);
        pool.Restore(known.Pool);
        feeds.Restore(known.Feeds);
        market = known.Market;
    }

    private decimal? MaximumIn(ReadAnswers answers) =>
        cap is not null && cap.TryFind(answers, out var limit) ? feed.ToUnits(answers, limit) : settings.Maximum;

    private void JudgeRound(AggregatorRound round, decimal before, BlockScene scene)
    {
        var late = settings.Heartbeat + settings.Grace;
        var age = AgeOf(round, scene.Time);
        if (round.Price <= 0)
            Report(scene, IndicatorNames.BadAnswer, Severity.Critical, 1, 1,
                $"The source of the price of {settings.Asset} answers {Words.Quote(round.Answer.ToString())}, which is "
                + "no price: whatever is reckoned with it is wrong.");
        else if (before > 0 && Amounts.Deviation(round.Price, before) is var jump && jump >= settings.Jump)
            Report(scene, IndicatorNames.BadAnswer, Severity.Critical, Math.Min(jump, Amounts.PriceMax), settings.Jump,
                $"The source of the price of {settings.Asset} went from {Words.Price(before)} to "
                + $"{Words.Price(round.Price)} from one answer to the next: that is absurd, or a collapse.");
        if (age is null || round.AnsweredInRound < round.Round)
            Report(scene, IndicatorNames.StaleAnswer, Severity.High, 1, 1,
                $"The newest round of the price of {settings.Asset} is not complete, or its answer was carried over "
                + "from an older one.");
        else if (age >= late)
            Report(scene, IndicatorNames.StaleAnswer, age >= late * LateMost ? Severity.Critical : Severity.High,
                (decimal)age.Value.TotalSeconds, (decimal)late.TotalSeconds,
                $"The price of {settings.Asset} is {Words.Length(age.Value)} old, though one is promised every "
                + $"{Words.Length(settings.Heartbeat)}: the protocol lends and liquidates at a price of the past.",
                size: 1);
    }

    // Null where the source does not say, or says something that no clock does.
    private static TimeSpan? AgeOf(AggregatorRound round, DateTimeOffset now)
    {
        if (round.UpdatedAt.IsZero || round.UpdatedAt > (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds())
            return null;
        return now - DateTimeOffset.FromUnixTimeSeconds((long)round.UpdatedAt.ToUInt64());
    }

    private void JudgeLimits(decimal price, decimal? maximum, BlockScene scene)
    {
        if (price <= 0 || (price < (maximum ?? decimal.MaxValue) && price > (settings.Minimum ?? 0)))
            return;
        var limit = price >= maximum ? maximum.Value : settings.Minimum!.Value;
        Report(scene, IndicatorNames.AnswerAtLimit, Severity.High, 1, 1,
            $"The price of {settings.Asset} is at the limit of its source, {Words.Price(limit)}: it cannot follow the "
            + "market any further.");
    }

    private Comparison CompareWithPool(decimal price, decimal? maximum, Comparison before, BlockScene scene)
    {
        if (price <= 0 || settings.Pool is not { } name || pool.Average(name, scene.Time) is not { } average)
            return before;
        var after = before.Take(price, average, settings.Minimum, maximum, scene.Time, settings);
        foreach (var judged in OracleWords.Judge(
            after, average, maximum, settings, scene.Time, $"the average of {name}"))
            if (judged.IsHeld)
                Report(scene, judged.Name, judged.Severity, judged.Measured, judged.Threshold, judged.Reason,
                    size: judged.Measured);
        return after;
    }

    private void TellProposed(Address? now, Address next, BlockScene scene, Hash32 transaction, Address origin)
    {
        if (settings.Known.Contains(next))
            return;
        var instead = now is { } answering ? $"{answering}" : "the one that answers now";
        Report(scene, IndicatorNames.AggregatorProposed, Severity.Elevated, 1, 1,
            $"The operator of the price of {settings.Asset} proposes {next} to answer in place of {instead}; what "
            + "stands there decides prices once it is confirmed.",
            transaction, origin, key: next.ToString());
    }

    private void TellReplaced(Address before, Address now, BlockScene scene, Hash32 transaction, Address origin)
    {
        var isKnown = settings.Known.Contains(now);
        Report(scene, IndicatorNames.AggregatorChanged, isKnown ? Severity.Minor : Severity.High, 1, 1,
            $"The price of {settings.Asset} now comes from {now} instead of {before}. "
            + (isKnown ? "That one was announced." : "Whoever controls that one decides the price: check who it is.")
            + (settings.CapAt == before ? $" cap_at still names {before}: the limit that is read there is its." : ""),
            transaction, origin, key: now.ToString());
    }

    private void Report(
        BlockScene scene, string name, Severity severity, decimal measured, decimal threshold, string reason,
        Hash32 transaction = default, Address origin = default, decimal size = 1, string key = "") =>
        scene.Report(Threat.OracleFailure, new Hit(
            scene.Block, scene.Time, severity, SureOfFact, settings.Asset,
            transaction == default ? [] : [new AttackTransaction(scene.Block, transaction, [])], [],
            [scene.Indicate(name, transaction, origin, settings.Asset, measured, threshold, reason)])
        {
            Detector = settings.Card.Name,
            Key = $"{settings.Card.Name}/{settings.Subject}/{name}{key}",
            Size = size,
        });
}
