using Tocsin.Chains;
using Tocsin.Detection.Monitoring;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Evm.Reads;
using Tocsin.Findings;

namespace Tocsin.Detection.Detectors;

/// <summary>
/// The detectors of a watch, and who of them is shown what. A log costs two lookups, however many there are; only who
/// was shown one is asked at the end.
/// </summary>
internal sealed class DetectorSet
{
    // A clock is not set back by less: that much disorder is usual between sources.
    private static readonly TimeSpan DisorderMax = TimeSpan.FromMinutes(5);

    private const int SimulationsMax = 4;

    private readonly Detector[] detectors;
    private readonly ValueList<DetectorSettings> settings;
    private readonly int[] seeAll;
    private readonly Dictionary<Address, Interested[]> byAddress = [];
    private readonly Dictionary<Hash32, int[]> byTopic = [];
    private readonly bool[] touchedByTransaction;
    private readonly bool[] touchedByBlock;
    private readonly long[] shown;
    private readonly List<int> ofTransaction = [];
    private readonly List<int> ofBlock = [];
    private readonly BlockScene scene;
    private readonly Conditions conditions;
    private readonly ArrivalScene arrivals;
    private DateTimeOffset now = DateTimeOffset.MinValue;
    private long logs;

    /// <param name="before">What pools held before a block that is remembered.</param>
    public DetectorSet(
        WatchIndex index, ReserveBook prices, OpenFindings findings, Func<ulong, ReserveBook> before)
    {
        var watch = index.Watch;
        settings = watch.Detectors;
        detectors = [.. settings.Select(one => one.Create(watch))];
        seeAll = [.. Enumerable.Range(0, detectors.Length).Where(i => detectors[i].SeesAll)];
        touchedByTransaction = new bool[detectors.Length];
        touchedByBlock = new bool[detectors.Length];
        shown = new long[detectors.Length];
        scene = new BlockScene(index, prices, findings, before);
        conditions = new Conditions(watch.Chain);
        arrivals = new ArrivalScene(conditions, index, prices);
        Reads = detectors.SelectMany(detector => detector.Reads).Distinct().ToValueList();
        IndexInterests();
    }

    public ValueList<StateRead> Reads { get; }

    /// <summary>What detectors want to have simulated now; never much at once.</summary>
    public ValueList<StateSimulation> Simulations =>
        detectors.SelectMany(detector => detector.Simulations).Distinct().Take(SimulationsMax).ToValueList();

    /// <summary>When something is over if it stays away; null if nothing is on its way out.</summary>
    public DateTimeOffset? DueAt => conditions.DueAt;

    public void BeginBlock(Block block)
    {
        scene.Enter(block.Ref, block.Time, block.Gas);
        foreach (var i in seeAll)
            Touch(touchedByBlock, ofBlock, i);
    }

    /// <summary>Shows a transaction with its logs to whom it concerns: each its end in the detectors' own order,
    /// whatever logs came first.</summary>
    public void Take(in Transaction transaction)
    {
        foreach (var i in seeAll)
            Touch(touchedByTransaction, ofTransaction, i);
        if (transaction.Succeeded && (byAddress.Count > 0 || byTopic.Count > 0))
            foreach (ref readonly var log in transaction.Logs.Span)
                Take(log, transaction);
        ofTransaction.Sort();
        foreach (var i in ofTransaction)
        {
            touchedByTransaction[i] = false;
            detectors[i].EndTransaction(transaction, scene);
        }
        ofTransaction.Clear();
    }

    public void EndBlock()
    {
        ofBlock.Sort();
        foreach (var i in ofBlock)
        {
            touchedByBlock[i] = false;
            detectors[i].EndBlock(scene);
        }
        ofBlock.Clear();
    }

    /// <summary>What is told of the newest block after it was taken.</summary>
    public void Take(ChainStep after, BlockRef head, DateTimeOffset headTime)
    {
        switch (after)
        {
            case ChainStep.Traced traced:
                scene.Enter(head, headTime);
                foreach (var trace in traced.Traces)
                    foreach (var detector in detectors)
                        detector.Traced(trace, scene);
                break;
            case ChainStep.Changed changed:
                scene.Enter(head, headTime);
                foreach (var detector in detectors)
                    detector.Changed(changed.Changes, scene);
                break;
            case ChainStep.Answered answered when Reads.Count > 0:
                scene.Enter(head, headTime);
                var answers = new ReadAnswers(answered.Answers);
                foreach (var detector in detectors)
                    detector.Answered(answers, scene);
                break;
            case ChainStep.Simulated simulated:
                scene.Enter(head, headTime);
                foreach (var answer in simulated.Answers)
                    foreach (var detector in detectors)
                        detector.Simulated(answer, simulated.Block, scene);
                break;
            default:
                break;
        }
    }

    public void Take(Arrival arrival, BlockRef? head, List<Finding> findings)
    {
        if (detectors.Length == 0)
            return;
        if (now - arrival.ArrivedAt > DisorderMax)
        {
            now = arrival.ArrivedAt;
            conditions.SetBack(now);
        }
        now = arrival.ArrivedAt > now ? arrival.ArrivedAt : now;
        arrivals.Enter(now, head, findings);
        foreach (var detector in detectors)
            detector.Arrived(arrival, arrivals);
        conditions.Settle(now, head, findings);
    }

    public void Rollback(BlockRef ancestor)
    {
        foreach (var detector in detectors)
            detector.Rollback(ancestor);
    }

    public DetectorsSnapshot Snapshot()
    {
        var states = new List<NamedState>();
        for (var i = 0; i < detectors.Length; i++)
            if (detectors[i].Snapshot() is { } state)
                states.Add(new NamedState(settings[i].Name, state));
        return new DetectorsSnapshot(now, conditions.Known.ToValueList(), [.. states]);
    }

    public void Restore(DetectorsSnapshot snapshot)
    {
        now = snapshot.Now;
        conditions.Restore(snapshot.Conditions);
        var states = snapshot.States.ToDictionary(named => named.Detector, named => named.State);
        for (var i = 0; i < detectors.Length; i++)
            if (states.TryGetValue(settings[i].Name, out var state))
                detectors[i].Restore(state);
    }

    private void Take(in Log log, in Transaction transaction)
    {
        logs++;
        var topic = log.Topics.Count > 0 ? log.Topics[0] : default;
        if (byAddress.TryGetValue(log.Address, out var interested))
            foreach (var (wanted, i) in interested)
                if (wanted is null || wanted == topic)
                    Show(i, log, transaction);
        if (log.Topics.Count > 0 && byTopic.TryGetValue(topic, out var others))
            foreach (var i in others)
                Show(i, log, transaction);
    }

    // Once, however many of its interests a log meets.
    private void Show(int i, in Log log, in Transaction transaction)
    {
        if (shown[i] == logs)
            return;
        shown[i] = logs;
        Touch(touchedByTransaction, ofTransaction, i);
        Touch(touchedByBlock, ofBlock, i);
        detectors[i].Log(log, transaction, scene);
    }

    private static void Touch(bool[] touched, List<int> list, int i)
    {
        if (touched[i])
            return;
        touched[i] = true;
        list.Add(i);
    }

    private void IndexInterests()
    {
        var addresses = new Dictionary<Address, List<Interested>>();
        var topics = new Dictionary<Hash32, List<int>>();
        for (var i = 0; i < detectors.Length; i++)
            foreach (var (address, topic) in detectors[i].Interests.Distinct())
            {
                if (address is not null)
                    ListOf(addresses, address.Value).Add(new Interested(topic, i));
                else if (topic is not null)
                    ListOf(topics, topic.Value).Add(i);
            }
        foreach (var (address, interested) in addresses)
            byAddress[address] = [.. interested];
        foreach (var (topic, interested) in topics)
            byTopic[topic] = [.. interested];
    }

    private static List<T> ListOf<TKey, T>(Dictionary<TKey, List<T>> lists, TKey key)
        where TKey : notnull
    {
        if (!lists.TryGetValue(key, out var list))
            lists[key] = list = [];
        return list;
    }

    private readonly record struct Interested(Hash32? Topic, int Detector);
}
