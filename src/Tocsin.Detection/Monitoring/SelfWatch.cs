using Tocsin.Chains;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;

namespace Tocsin.Detection.Monitoring;

/// <summary>
/// Watches the watch: folds what arrives from beside the chain, and what does not arrive, into findings. Time is only
/// what arrivals say, so the same arrivals give the same findings.
/// </summary>
internal sealed class SelfWatch
{
    /// <summary>After listening began, a fault of a node that is not told again for so long is over.</summary>
    public static readonly TimeSpan ToldAgainWithin = TimeSpan.FromMinutes(5);

    private const string Behind = "behind";
    private const string Unread = "contract-unread";
    private const string NotReady = "action-not-ready";
    private const string NotReached = "channel-not-reached";
    private const string Silenced = "silenced";

    // Arrivals from several sources may be a little out of order; more than that, and the clock was set back.
    private static readonly TimeSpan DisorderMax = TimeSpan.FromMinutes(1);

    private readonly Watch watch;
    private readonly ContractWatch contracts;
    private readonly Conditions conditions;
    private readonly Silences silences;
    private readonly Heads heads;
    private readonly FrontEnds frontEnds;
    private DateTimeOffset? now;

    public SelfWatch(Watch watch, ContractWatch contracts)
    {
        this.watch = watch;
        this.contracts = contracts;
        conditions = new Conditions(watch.Chain);
        silences = new Silences(watch);
        heads = new Heads(watch.Senses);
        frontEnds = new FrontEnds(conditions);
    }

    public IReadOnlyList<Condition> Conditions => conditions.Known;

    /// <summary>The earliest instant at which something must be said if nothing else arrives; later than the last
    /// arrival. Null if there is none.</summary>
    public DateTimeOffset? DueAt { get; private set; }

    public Heard? Heard => now is not { } instant
        ? null
        : new Heard(
            instant, heads.Newest, heads.Recent.ToValueList(), heads.BehindSince, silences.ToList(),
            silences.FailuresToList(), frontEnds.Sights.ToValueList());

    public void Restore(MonitoringSnapshot snapshot)
    {
        conditions.Restore(snapshot.Conditions);
        if (snapshot.Heard is not { } heard)
            return;
        now = heard.Now;
        heads.Restore(heard);
        silences.Restore(heard);
        frontEnds.Restore(heard.FrontEnds);
        DueAt = DueAfter(heard.Now);
    }

    /// <param name="taken">The newest block taken; null before the first.</param>
    public List<Finding> Take(Arrival arrival, BlockRef? taken)
    {
        var findings = new List<Finding>();
        var at = Advance(arrival.ArrivedAt);
        // Pending transactions come by the hundred and say nothing of the watch, nor does what people report,
        // nor what happens elsewhere.
        if (arrival is Arrival.Passed or Arrival.Pending or Arrival.Reported or Arrival.AttackElsewhere
            && (DueAt is null || at < DueAt))
            return findings;
        if (arrival is Arrival.Began)
            BeginAt(at);
        // Time first: what was silent for too long until now was so, even if this very arrival ends it.
        Judge(at, taken, findings);
        Apply(arrival, at, taken, findings);
        Judge(at, taken, findings);
        DueAt = DueAfter(at);
        return findings;
    }

    private DateTimeOffset Advance(DateTimeOffset arrivedAt)
    {
        if (now is not { } last)
        {
            now = arrivedAt;
            silences.BeginAnew(arrivedAt);
            DueAt = DueAfter(arrivedAt);
            return arrivedAt;
        }
        if (arrivedAt < last && last - arrivedAt <= DisorderMax)
            return last;
        if (arrivedAt < last)
        {
            silences.SetBack(arrivedAt);
            heads.SetBack(arrivedAt);
            conditions.SetBack(arrivedAt);
            DueAt = DueAfter(arrivedAt);
        }
        now = arrivedAt;
        return arrivedAt;
    }

    private void BeginAt(DateTimeOffset at)
    {
        silences.BeginAnew(at);
        heads.BeginAnew();
        frontEnds.Keep(IsFrontEnd);
        foreach (var condition in conditions.Known.ToArray())
        {
            if (NodeTroubles.IsNode(condition.Key))
                conditions.Absent(
                    condition.Key, at,
                    $"Not told again for {Words.Length(ToldAgainWithin)} since listening began anew.",
                    ToldAgainWithin);
            else if (!IsWatched(condition.Key))
                conditions.Absent(condition.Key, at, "It is not watched any more.");
        }
    }

    private bool IsWatched(ConditionKey key) => key.Kind switch
    {
        Unread => contracts.Declares(key.Name),
        // Whoever probes says what the plan has no more.
        Behind or NotReady or NotReached or Silenced => true,
        _ => silences.Watches(key)
            || (key.Kind.StartsWith("front-end-", StringComparison.Ordinal) && IsFrontEnd(key.Name)),
    };

    private bool IsFrontEnd(string name) => silences.Watches(Silences.FrontEnd(name));

    private void Apply(Arrival arrival, DateTimeOffset at, BlockRef? taken, List<Finding> findings)
    {
        switch (arrival)
        {
            case Arrival.HeadSeen seen:
                if (heads.Take(seen.Head, taken))
                    silences.Hear(Silences.Chain, at, at, conditions, silence =>
                        $"Head {seen.Head.Number} came after {Words.Length(silence)} without any.");
                break;
            case Arrival.Tick tick:
                silences.Hear(Silences.Feed(tick.Feed), tick.SourceTime ?? at, at, conditions, silence =>
                    $"A price came after {Words.Length(silence)} without a fresh one.");
                break;
            case Arrival.FeedFailed failed:
                silences.Fail(failed.Feed, failed.Why);
                break;
            case Arrival.Beat beat:
                silences.Hear(Silences.Heartbeat(beat.Name), at, at, conditions, silence =>
                    $"A sign of life came after {Words.Length(silence)} without any.");
                break;
            // While catching up they are of long ago; of two signs the later one counts, whichever came first.
            case Arrival.Acted acted when silences.IsNewer(Silences.Heartbeat(acted.Name), acted.BlockTime):
                silences.Hear(Silences.Heartbeat(acted.Name), acted.BlockTime, at, conditions, silence =>
                    $"A transaction came after {Words.Length(silence)} without a sign of life.");
                break;
            case Arrival.Acted:
                break;
            case Arrival.FrontEndSeen seen:
                Apply(seen, at, taken, findings);
                break;
            case Arrival.NodeTold told:
                Apply(told, at, taken, findings);
                break;
            case Arrival.ActionProbed probed:
                Apply(probed, at, taken, findings);
                break;
            case Arrival.ChannelTried tried:
                Apply(tried, at, taken, findings);
                break;
            case Arrival.SilencesHeld held:
                Apply(held, at, taken, findings);
                break;
            case Arrival.Began or Arrival.Passed or Arrival.Pending or Arrival.Reported or Arrival.AttackElsewhere
                or Arrival.OperationsAnnounced:
                break;
            default:
                throw new InvalidOperationException($"an arrival of kind {arrival.GetType().Name} is not known");
        }
    }

    private void Apply(Arrival.FrontEndSeen seen, DateTimeOffset at, BlockRef? taken, List<Finding> findings)
    {
        if (!IsFrontEnd(seen.FrontEnd))
            return;
        // A name may have addresses, and those a certificate, though no page answers.
        if (seen is { Aspect: FrontEndAspects.Content }
            or { Aspect: FrontEndAspects.Reachable, Value: not FrontEndAspects.No })
            silences.Hear(Silences.FrontEnd(seen.FrontEnd), at, at, conditions, silence =>
                $"It was reached again after {Words.Length(silence)}.");
        if (frontEnds.Take(seen, at) is not var (trouble, isNews))
            return;
        conditions.Present(trouble, at, taken, findings, isNews);
        frontEnds.Hold(trouble.Key, at);
    }

    private void Apply(Arrival.NodeTold told, DateTimeOffset at, BlockRef? taken, List<Finding> findings)
    {
        var key = NodeTroubles.KeyOf(told.Symptom, told.Node);
        if (told.Present)
        {
            var trouble = NodeTroubles.Of(told, Subjects.Chain(watch.Chain), HasOther(told));
            // Of a broken finality each is a new one, though the last may still stand.
            var isNews = told.Symptom == NodeSymptom.BrokeFinality && conditions.ReasonOf(key) != trouble.Reason;
            conditions.Present(trouble, at, taken, findings, isNews);
        }
        if (told.Symptom == NodeSymptom.BrokeFinality)
            conditions.Absent(
                key, at, $"None was told for {Words.Length(NodeTroubles.BrokenFinalityLasts)}.",
                NodeTroubles.BrokenFinalityLasts);
        else if (!told.Present)
            conditions.Absent(key, at, $"The node has it no more ({Words.Quote(told.Words)}).");
    }

    private void Apply(Arrival.ActionProbed probed, DateTimeOffset at, BlockRef? taken, List<Finding> findings)
    {
        var name = Words.Quote(probed.Action);
        var key = new ConditionKey(NotReady, name);
        if (probed.Ready)
        {
            conditions.Absent(key, at, "A probe found it ready again.");
            return;
        }
        var trouble = new Trouble(
            key, Threat.MonitoringImpaired, Severity.High, 1, Subjects.Action(name),
            $"The prepared action '{name}' could not be done now: {Words.Quote(probed.Words)}. Repair it, or agree on "
                + "another way before it is needed.");
        conditions.Present(trouble, at, taken, findings, isNews: conditions.ReasonOf(key) != trouble.Reason);
    }

    // One person's own way is not the way to all: that is repaired by day.
    private void Apply(Arrival.ChannelTried tried, DateTimeOffset at, BlockRef? taken, List<Finding> findings)
    {
        var name = Words.Quote(tried.Channel);
        var key = new ConditionKey(NotReached, name);
        if (tried.Reached)
        {
            conditions.Absent(
                key, at, tried.Words.Length > 0 ? $"{Words.Quote(tried.Words)}." : "A test arrived again.");
            return;
        }
        var trouble = new Trouble(
            key, Threat.MonitoringImpaired, tried.IsOfMany ? Severity.High : Severity.Elevated, 1,
            Subjects.Channel(name),
            $"A test did not arrive by '{name}': {Words.Quote(tried.Words)}. Alerts would not either: repair it, and "
                + "prove it by 'tocsin channel test'.");
        conditions.Present(trouble, at, taken, findings, isNews: conditions.ReasonOf(key) != trouble.Reason);
    }

    // What people keep quiet on purpose is no fault; that a page would reach nobody is still more than a note.
    private void Apply(Arrival.SilencesHeld held, DateTimeOffset at, BlockRef? taken, List<Finding> findings)
    {
        var holding = held.Silences.Select(silence => KeyOf(silence)).ToHashSet();
        foreach (var known in conditions.Known.Where(known => known.Key.Kind == Silenced).ToList())
            if (!holding.Contains(known.Key))
                conditions.Absent(known.Key, at, "The silence is over.");
        foreach (var silence in held.Silences)
            conditions.Present(
                new Trouble(
                    KeyOf(silence), Threat.MonitoringImpaired,
                    silence.CoversPages ? Severity.Elevated : Severity.Routine, 1,
                    Subjects.Silence(silence.Number),
                    $"People are not told of everything: {Words.Quote(silence.Words)}."),
                at, taken, findings);

        static ConditionKey KeyOf(HeldSilence silence) => new(Silenced, $"{silence.Number}");
    }

    private bool HasOther(Arrival.NodeTold told)
    {
        if (watch.Senses.Nodes.Count == 0)
            return true;
        foreach (var name in watch.Senses.Nodes)
            if (name != told.Node && !conditions.IsOpen(NodeTroubles.KeyOf(told.Symptom, name)))
                return true;
        return false;
    }

    private void Judge(DateTimeOffset at, BlockRef? taken, List<Finding> findings)
    {
        silences.Judge(at, taken, conditions, findings);
        JudgeHeads(at, taken, findings);
        foreach (var (contract, lag) in contracts.Unread(taken))
        {
            var key = new ConditionKey(Unread, contract.Address.ToString());
            if (lag <= (ulong)watch.Senses.UnreadBlocks)
                conditions.Absent(key, at, "Its state is read again.");
            else
                conditions.Present(UnreadTrouble(key, contract, lag), at, taken, findings);
        }
        conditions.Settle(at, taken, findings);
        frontEnds.Accept();
    }

    private void JudgeHeads(DateTimeOffset at, BlockRef? taken, List<Finding> findings)
    {
        if (!heads.Judge(at, taken))
            return;
        var key = new ConditionKey(Behind, "chain");
        if (heads.BehindSince is not { } since)
        {
            conditions.Absent(key, at, "The blocks announced were taken.");
            return;
        }
        var after = watch.Senses.BehindAfter;
        if (at - since < after)
            return;
        conditions.Present(
            new Trouble(
                key, Threat.MonitoringImpaired,
                at - since >= Heads.WorseAfterTimes * after ? Severity.High : Severity.Elevated, 1,
                Subjects.Chain(watch.Chain), heads.Words(taken, at - since)),
            at, taken, findings);
    }

    private Trouble UnreadTrouble(ConditionKey key, KnownContract contract, ulong lag) => new(
        key, Threat.MonitoringImpaired, Severity.Elevated, 1, contract.Name,
        $"What '{contract.Name}' ({contract.Address}) runs could not be read for {lag:#,0} blocks (limit "
            + $"{watch.Senses.UnreadBlocks}): an upgrade of it that no event announces would go unseen.");

    private DateTimeOffset? DueAfter(DateTimeOffset at)
    {
        var due = silences.DueAfter(at);
        Take(conditions.DueAt);
        Take(heads.BehindSince + watch.Senses.BehindAfter);
        Take(heads.BehindSince + (Heads.WorseAfterTimes * watch.Senses.BehindAfter));
        return due;

        void Take(DateTimeOffset? other)
        {
            if (other > at && (due is null || other < due))
                due = other;
        }
    }
}
