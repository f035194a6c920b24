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
    public bool IsProven(decimal alertConfidence) =>
        Threat is not (Threat.Laundering or Threat.SuspiciousPreparation or Threat.LargeTransfer)
        && Severity.IsAtLeast(Severity.High) && Confidence >= alertConfidence;
}

/// <summary>The attacks under way: which hit belongs to which, and what must be said about them.</summary>
internal sealed class OpenFindings(WatchIndex index, Finality finality, PlannedOperations planned)
{
    // Enough for any real reorg; a retracted finding beyond it would start to count at 1 again.
    private const int RetractedMax = 1_000;

    private const int LastingHitsMax = 64;

    private static readonly TimeSpan RememberedEvery = TimeSpan.FromMinutes(10);

    private readonly List<OpenFinding> open = [];
    private readonly List<RetractedFinding> retracted = [];
    private readonly HashSet<FindingId> grown = [];

    public IReadOnlyList<OpenFinding> Open => open;

    public IReadOnlyList<RetractedFinding> Retracted => retracted;

    /// <summary>Who acts in the attacks under way; an account once for each finding that names it.</summary>
    public IEnumerable<Culprit> Culprits(DateTimeOffset now)
    {
        var told = new HashSet<Address>();
        foreach (var finding in open)
        {
            // By the time alone: how long an old finding is kept depends on the reorgs that there were.
            if (!finding.Threat.IsAttack() || now - finding.Last.Time > Engine.AttackGap)
                continue;
            told.Clear();
            var (severity, confidence) = finding.Worst;
            foreach (var hit in finding.Hits)
                foreach (var address in hit.Addresses)
                    if (told.Add(address))
                        yield return new Culprit(address, finding.Id, finding.Threat, severity, confidence);
        }
    }

    public void Restore(EngineSnapshot snapshot)
    {
        open.AddRange(snapshot.Open);
        retracted.AddRange(snapshot.Retracted);
    }

    /// <summary>The oldest attack that a transaction of this origin would continue; null if there is none.</summary>
    public OpenFinding? ContinuedBy(DateTimeOffset time, Address from, Address? contract)
    {
        foreach (var finding in open)
            if (finding.IsContinuedBy(time, from, contract))
                return finding;
        return null;
    }

    /// <summary>Adds a hit to the attack it continues, or begins one. What was announced is lowered first.</summary>
    /// <param name="reference">The reserves before the hit's first block, for a new attack.</param>
    public void Add(Threat threat, Hit reported, Func<ValueList<PoolReserves>> reference)
    {
        // What was announced stays lowered, whoever else had a hand in it.
        var hit = planned.Lower(threat, Contagion.Spread(
            threat, reported, Culprits(reported.Time), index.Watch.Thresholds.AlertConfidence));
        var id = IdOf(threat, hit);
        for (var i = 0; i < open.Count; i++)
        {
            if (open[i].Threat != threat || (open[i].Id != id && !Continues(hit, open[i])))
                continue;
            Grow(i, hit);
            return;
        }
        open.Add(new OpenFinding(id, threat, TakeRetractedRevision(id), reference(), [hit]));
        grown.Add(id);
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
        if (isNews)
            grown.Add(open[i].Id);
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

    /// <summary>True where a transaction is part of an attack that is known.</summary>
    public bool Has(Hash32 transaction)
    {
        foreach (var finding in open)
            foreach (var hit in finding.Hits.AsSpan())
                foreach (var known in hit.Transactions.AsSpan())
                    if (known.Hash == transaction)
                        return true;
        return false;
    }

    /// <summary>True where a transaction is part of an attack of that kind that is known.</summary>
    public bool Has(Threat threat, Hash32 transaction)
    {
        foreach (var finding in open)
            if (finding.Threat == threat)
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
    }

    /// <summary>Forgets attacks that can neither be continued nor rolled back any more.</summary>
    public void Forget(BlockFacts oldest)
    {
        for (var i = open.Count - 1; i >= 0; i--)
            if (open[i].Last.Block.Number < oldest.Ref.Number && oldest.Time - open[i].Last.Time > Engine.AttackGap)
                open.RemoveAt(i);
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
