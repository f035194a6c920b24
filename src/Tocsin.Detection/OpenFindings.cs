using Tocsin.Chains;
using Tocsin.Detection.Governance;
using Tocsin.Findings;

namespace Tocsin.Detection;

/// <summary>An account that acts in an attack under way, with the worst that was said of that attack.</summary>
internal readonly record struct Culprit(
    Address Account, FindingId Finding, Threat Threat, Severity Severity, decimal Confidence)
{
    /// <summary>True where it did harm, as far as people were woken for it: what was only prepared, is a large transfer
    /// and no more, or follows from an attack proves nothing.</summary>
    public bool IsProven(decimal alertConfidence) => IsProven(Threat, Severity, Confidence, alertConfidence);

    /// <inheritdoc cref="IsProven(decimal)"/>
    public static bool IsProven(Threat threat, Severity severity, decimal confidence, decimal alertConfidence) =>
        threat is not (Threat.Laundering or Threat.SuspiciousPreparation or Threat.LargeTransfer)
        && severity.IsAtLeast(Severity.High) && confidence >= alertConfidence;
}

/// <summary>The attacks under way: which hit belongs to which, and what must be said about them.</summary>
internal sealed class OpenFindings(
    WatchIndex index, Finality finality, PlannedOperations planned, ProvenAttacks proven, Contagion contagion)
{
    // Enough for any real reorg; a retracted finding beyond it would start to count at 1 again.
    private const int RetractedMax = 1_000;

    private const int LastingHitsMax = 64;

    /// <summary>So many findings of one kind by one detector, none less sure than the next and none sure enough to wake
    /// people, are told one by one; what is less sure than they are is told as a crowd from there on.</summary>
    internal const int UnsureMax = 128;

    private static readonly TimeSpan RememberedEvery = TimeSpan.FromMinutes(10);

    private readonly List<OpenFinding> open = [];
    private readonly List<RetractedFinding> retracted = [];
    private readonly HashSet<FindingId> grown = [];
    private readonly OpenFindingIndex places = new();
    private readonly Crowds crowds = new();

    public IReadOnlyList<OpenFinding> Open => open;

    public IReadOnlyList<RetractedFinding> Retracted => retracted;

    public ValueList<CrowdCount> Crowds => crowds.ToList();

    /// <summary>Who acts in the attacks under way; an account once for each finding that names it.</summary>
    public IEnumerable<Culprit> Culprits(DateTimeOffset now) => open.SelectMany(finding => Culprits(finding, now));

    /// <summary>Those of these accounts that act in the attacks under way; once for each finding that names
    /// them.</summary>
    public IEnumerable<Culprit> Culprits(DateTimeOffset now, ValueList<Address> accounts) => places
        .Of(accounts.AsSpan())
        .SelectMany(place => Culprits(open[place], now).Where(culprit => accounts.Contains(culprit.Account)));

    private static IEnumerable<Culprit> Culprits(OpenFinding finding, DateTimeOffset now)
    {
        // By the time alone: how long an old finding is kept depends on the reorgs that there were.
        if (!finding.Threat.IsAttack() || now - finding.Last.Time > Engine.AttackGap)
            yield break;
        var (severity, confidence) = finding.Worst;
        foreach (var account in finding.Hits.SelectMany(hit => hit.Addresses).Distinct())
            yield return new Culprit(account, finding.Id, finding.Threat, severity, confidence);
    }

    public void Restore(EngineSnapshot snapshot)
    {
        open.AddRange(snapshot.Open);
        retracted.AddRange(snapshot.Retracted);
        crowds.Restore(snapshot.Crowds ?? []);
        places.Rebuild(open);
    }

    /// <summary>The oldest attack that a transaction of this origin would continue; null if there is none. What was
    /// only prepared, suspected or moved is no attack yet: its prices are not what one is measured by.</summary>
    public OpenFinding? ContinuedBy(DateTimeOffset time, Address from, Address? contract)
    {
        foreach (var place in places.Of(contract is { } called ? [from, called] : [from]))
            if (IsAttack(open[place]) && open[place].IsContinuedBy(time, from, contract))
                return open[place];
        return null;
    }

    private bool IsAttack(OpenFinding finding)
    {
        var (severity, confidence) = finding.Worst;
        return (finding.Last.Detector is null && finding.Threat != Threat.LargeTransfer)
            || new Culprit(default, finding.Id, finding.Threat, severity, confidence)
                .IsProven(index.Watch.Thresholds.AlertConfidence);
    }

    /// <summary>Adds a hit to the attack it continues, or begins one. What was announced is lowered first.</summary>
    /// <param name="reference">The reserves before the hit's first block, for a new attack.</param>
    public void Add(Threat threat, Hit reported, Func<ValueList<PoolReserves>> reference)
    {
        // What was announced stays lowered, whoever else had a hand in it.
        var hit = planned.Lower(
            threat, contagion.Spread(threat, reported, Culprits(reported.Time, reported.Addresses)));
        if (TryGrow(threat, hit))
            return;
        if (!IsOneOfACrowd(threat, hit))
            Begin(threat, hit, reference);
        else if (CrowdOf(threat, hit) is var crowd && !TryGrow(threat, crowd))
            Begin(threat, crowd, reference);
    }

    private bool TryGrow(Threat threat, Hit hit)
    {
        var id = IdOf(threat, hit);
        foreach (var i in places.Before(id, hit))
        {
            if (open[i].Threat != threat || (open[i].Id != id && !Continues(hit, open[i])))
                continue;
            Grow(i, hit);
            return true;
        }
        return false;
    }

    private void Begin(Threat threat, Hit hit, Func<ValueList<PoolReserves>> reference)
    {
        var id = IdOf(threat, hit);
        open.Add(new OpenFinding(id, threat, TakeRetractedRevision(id), reference(), [hit]));
        places.Begin(open[^1], open.Count - 1);
        grown.Add(id);
        proven.Take(open[^1]);
    }

    // Anybody can cause what wakes nobody as often as they like. Nothing that was told is dropped for it, or a reorg
    // could not take it back; and what becomes sure is always told on its own.
    private bool IsOneOfACrowd(Threat threat, Hit hit)
    {
        var alert = index.Watch.Thresholds.AlertConfidence;
        if (hit.Confidence >= alert)
            return false;
        var alike = 0;
        foreach (var i in places.Of(CrowdKind.Of(threat, hit)))
        {
            if (hit.Time - open[i].Last.Time > Engine.AttackGap)
                continue;
            var confidence = open[i].Worst.Confidence;
            if (confidence < alert && Tenths(confidence) >= Tenths(hit.Confidence) && ++alike == UnsureMax)
                return true;
        }
        return false;
    }

    // In steps, so that there cannot be so many of each of ever so many confidences.
    private static int Tenths(decimal confidence) => (int)(confidence * 10);

    private Hit CrowdOf(Threat threat, Hit hit)
    {
        var kind = CrowdKind.Of(threat, hit);
        var count = crowds.Add(kind, hit);
        var transaction = hit.Transactions.Count > 0 ? hit.Transactions[0].Hash : default;
        return hit with
        {
            Severity = Severity.Minor,
            Addresses = [],
            Key = $"crowd/{kind.Detector}",
            Size = count,
            Indicators =
            [
                new Indicator(
                    IndicatorNames.Crowd, hit.Block, hit.Time, transaction, default, hit.Subject, count, 1,
                    Weights.Strength(count, 1),
                    $"Besides {UnsureMax} that are told one by one, {count} more like this were seen. They are not "
                        + "told one by one until they are sure enough to wake people: somebody may be hiding among "
                        + "them."),
            ],
        };
    }

    private FindingId IdOf(Threat threat, Hit hit) => new(hit.Key is { } key
        ? $"{threat.ToName()}/{index.Watch.Chain}/{key}/{hit.Block.Number}"
        : $"{threat.ToName()}/{index.Watch.Chain}/{hit.Transactions[0].Hash}");

    // What lasts is hit again in every block: that it goes on is remembered now and then, and said only if it is worse.
    private void Grow(int i, Hit hit)
    {
        var isNews = hit.Key is null || !open[i].HasSaid(hit, index.Watch.Thresholds.AlertConfidence);
        if (!isNews && hit.Time - open[i].Last.Time < RememberedEvery)
            return;
        var hits = open[i].Hits.Add(hit);
        open[i] = open[i] with { Hits = hit.Key is null ? hits : Shortened(hits) };
        places.Add(hit, i);
        if (isNews)
            grown.Add(open[i].Id);
        proven.Take(open[i]);
    }

    // What lasts for days keeps its beginning, its worst, and what a rollback may still take back.
    private static ValueList<Hit> Shortened(ValueList<Hit> hits)
    {
        if (hits.Count <= LastingHitsMax)
            return hits;
        var worst = hits.OrderBy(hit => hit.Severity).ThenByDescending(hit => hit.Size).First();
        var newest = hits[^1].Block.Number;
        return hits
            .Where((hit, i) => i == 0 || i > hits.Count / 2 || ReferenceEquals(hit, worst)
                || hit.Block.Number + Engine.RollbackDepthMax >= newest)
            .ToValueList();
    }

    /// <inheritdoc cref="ProvenAttacks.WithCodeOf"/>
    public ProvenAttack? AttackWithCodeOf(Address contract, DateTimeOffset time) => proven.WithCodeOf(contract, time);

    /// <summary>True where a transaction is part of an attack that is known.</summary>
    public bool Has(Hash32 transaction) => places.Of(transaction).Any(place => Has(open[place], transaction));

    /// <summary>True where a transaction is part of an attack that people were woken for, whatever its kind.</summary>
    public bool HasProven(Hash32 transaction) => places.Of(transaction).Any(place => Has(open[place], transaction)
        && Culprit.IsProven(open[place].Threat, open[place].Worst.Severity, open[place].Worst.Confidence,
            index.Watch.Thresholds.AlertConfidence));

    /// <summary>True where a transaction is part of an attack of that kind that is known.</summary>
    public bool Has(Threat threat, Hash32 transaction) => places.Of(transaction)
        .Any(place => open[place].Threat == threat && Has(open[place], transaction));

    private static bool Has(OpenFinding finding, Hash32 transaction)
    {
        foreach (var hit in finding.Hits.AsSpan())
            foreach (var known in hit.Transactions.AsSpan())
                if (known.Hash == transaction)
                    return true;
        return false;
    }

    /// <summary>The revisions of what grew after its block was taken.</summary>
    public void Grow(BlockRef block, DateTimeOffset time, List<Finding> findings)
    {
        for (var i = 0; i < open.Count; i++)
            if (grown.Contains(open[i].Id))
                findings.Add(Revise(i, FindingStatus.Seen, block, time));
        grown.Clear();
    }

    /// <summary>The revisions that a new block gives: attacks that grew, attacks now deep enough to be
    /// confirmed.</summary>
    public void Forward(BlockRef block, DateTimeOffset time, List<Finding> findings)
    {
        for (var i = 0; i < open.Count; i++)
        {
            if (grown.Contains(open[i].Id))
                findings.Add(Revise(i, FindingStatus.Seen, block, time));
            else if (finality.ConfirmsAt(open[i].Last.Block.Number, block.Number))
                findings.Add(Revise(i, FindingStatus.Confirmed, block, time));
        }
        grown.Clear();
    }

    /// <summary>The revisions that the chain's own word on finality gives.</summary>
    /// <param name="before">Up to where blocks were final before.</param>
    public void Final(ulong? before, BlockRef newest, DateTimeOffset time, List<Finding> findings)
    {
        for (var i = 0; i < open.Count; i++)
            if (finality.ConfirmsNow(open[i].Last.Block.Number, before))
                findings.Add(Revise(i, FindingStatus.Confirmed, newest, time));
    }

    /// <summary>The revisions that a rollback gives: findings retracted, shortened, or no longer confirmed.</summary>
    public void Rollback(BlockRef newest, BlockRef ancestor, DateTimeOffset time, List<Finding> findings)
    {
        var kept = 0;
        for (var i = 0; i < open.Count; i++)
        {
            var was = open[i];
            if (was.At(ancestor.Number) is not { } remaining)
            {
                findings.Add(Retract(was, ancestor, time));
                continue;
            }
            open[kept] = remaining;
            var status = StatusAt(remaining, ancestor.Number);
            var lost = was.Hits.Count - remaining.Hits.Count;
            if (lost > 0)
                findings.Add(Revise(kept, status, ancestor, time,
                    $"A reorg to block {ancestor.Number} took back part of the evidence; this remains. "));
            else if (status != StatusAt(was, newest.Number))
                findings.Add(Revise(kept, status, ancestor, time,
                    $"A reorg to block {ancestor.Number} took back the confirmation. "));
            kept++;
        }
        open.RemoveRange(kept, open.Count - kept);
        crowds.Rollback(ancestor);
        places.Rebuild(open);
    }

    /// <summary>Forgets attacks that can neither be continued nor rolled back any more.</summary>
    public void Forget(BlockFacts oldest)
    {
        var forgotten = open.RemoveAll(finding =>
            finding.Last.Block.Number < oldest.Ref.Number && oldest.Time - finding.Last.Time > Engine.AttackGap);
        if (forgotten > 0)
            places.Rebuild(open);
        if (retracted.Count > RetractedMax)
            retracted.RemoveRange(0, retracted.Count - RetractedMax);
    }

    private static bool Continues(Hit hit, OpenFinding finding)
    {
        if (hit.Key is { } key)
            return finding.IsContinuedBy(hit.Time, key);
        foreach (var address in hit.Addresses.AsSpan())
            if (finding.IsContinuedBy(hit.Time, address, null))
                return true;
        return false;
    }

    private FindingStatus StatusAt(OpenFinding finding, ulong block) =>
        finality.IsConfirmed(finding.Last.Block.Number, block) ? FindingStatus.Confirmed : FindingStatus.Seen;

    private Finding Revise(int place, FindingStatus status, BlockRef block, DateTimeOffset time, string note = "")
    {
        open[place] = open[place] with { Revision = open[place].Revision + 1 };
        return Verdict.Of(open[place], index, status, block, time, note);
    }

    private Finding Retract(OpenFinding finding, BlockRef ancestor, DateTimeOffset time)
    {
        var last = finding with { Revision = finding.Revision + 1 };
        retracted.Add(new RetractedFinding(last.Id, last.Revision));
        return Verdict.Of(last, index, FindingStatus.Retracted, ancestor, time,
            $"Retracted: a reorg to block {ancestor.Number} took back all of the evidence. What was said before: ");
    }

    private int TakeRetractedRevision(FindingId id)
    {
        for (var i = 0; i < retracted.Count; i++)
        {
            if (retracted[i].Id != id)
                continue;
            var revision = retracted[i].Revision;
            retracted.RemoveAt(i);
            return revision;
        }
        return 0;
    }
}
