using Tocsin.Chains;
using Tocsin.Findings;

namespace Tocsin.Detection;

/// <summary>A transaction of an attack with what protected contracts gained or lost in it.</summary>
public sealed record AttackTransaction(BlockRef Block, Hash32 Hash, ValueList<Flow> Flows);

/// <summary>One time that a pattern was complete.</summary>
/// <param name="Block">The block of the transaction that completed it; no part of the evidence is younger.</param>
/// <param name="Transactions">Of the same origin, from the first that gave an indicator on, in chain order.</param>
/// <param name="Subject">What to name where no protected contract lost anything.</param>
public sealed record Hit(
    BlockRef Block,
    DateTimeOffset Time,
    Severity Severity,
    decimal Confidence,
    string Subject,
    ValueList<AttackTransaction> Transactions,
    ValueList<Address> Addresses,
    ValueList<Indicator> Indicators)
{
    /// <summary>The name of the detector that reports it; null for the patterns.</summary>
    public string? Detector { get; init; }

    /// <summary>What it is about, where that and not the accounts tells what it goes on with; null otherwise.</summary>
    public string? Key { get; init; }

    /// <summary>The block before which prices were still what they should be; null for that of its first
    /// transaction.</summary>
    public ulong? HonestBefore { get; init; }

    /// <summary>How large it is, in the detector's own measure: what has a key is told anew when it has
    /// doubled.</summary>
    public decimal Size { get; init; }

    /// <summary>The name of the operation that was announced and is all that this is; null otherwise.</summary>
    public string? Announced { get; init; }
}

/// <summary>
/// A finding that may still grow or be taken back. What it says is always computed from its hits, so that a rollback
/// only has to drop hits.
/// </summary>
/// <param name="Revision">The number of the last revision given out; 0 before the first.</param>
/// <param name="Reference">The pools' reserves before the attack's first block: the prices it is measured by, because
/// what the attacker made of them must not become the baseline.</param>
/// <param name="Hits">In chain order.</param>
public sealed record OpenFinding(
    FindingId Id,
    Threat Threat,
    int Revision,
    ValueList<PoolReserves> Reference,
    ValueList<Hit> Hits)
{
    internal Hit Last => Hits[Hits.Count - 1];

    /// <summary>The worst severity of its hits, and the highest confidence.</summary>
    internal (Severity Severity, decimal Confidence) Worst
    {
        get
        {
            var (severity, confidence) = (Severity.Routine, 0m);
            foreach (var hit in Hits.AsSpan())
            {
                severity = hit.Severity.IsAtLeast(severity) ? hit.Severity : severity;
                confidence = Math.Max(confidence, hit.Confidence);
            }
            return (severity, confidence);
        }
    }

    /// <summary>True where a hit with this key goes on with it.</summary>
    internal bool IsContinuedBy(DateTimeOffset time, string key) =>
        Last.Key == key && time - Last.Time <= Engine.AttackGap;

    /// <summary>True where a hit says nothing that was not said: no worse, not twice as large, and not the first that
    /// is sure enough to wake people.</summary>
    internal bool HasSaid(Hit hit, decimal alertConfidence)
    {
        foreach (var said in Hits.AsSpan())
            if (said.Severity.IsAtLeast(hit.Severity) && hit.Size < said.Size * 2
                && (said.Confidence >= alertConfidence || hit.Confidence < alertConfidence))
                return true;
        return false;
    }

    /// <summary>True if another hit at that time by any of these accounts belongs to the same attack.</summary>
    internal bool IsContinuedBy(DateTimeOffset time, Address from, Address? contract)
    {
        if (Last.Key is not null || time - Last.Time > Engine.AttackGap)
            return false;
        foreach (var hit in Hits.AsSpan())
            foreach (var address in hit.Addresses.AsSpan())
                if (address == from || address == contract)
                    return true;
        return false;
    }

    /// <summary>The finding as it was at a block; null if none of its hits had happened.</summary>
    internal OpenFinding? At(ulong block)
    {
        var count = Hits.Count;
        while (count > 0 && Hits[count - 1].Block.Number > block)
            count--;
        if (count == 0)
            return null;
        return count == Hits.Count ? this : this with { Hits = ValueList.Create(Hits.AsSpan()[..count]) };
    }
}

/// <summary>A finding that a reorg took back whole, kept so that its revisions go on counting if it comes
/// again.</summary>
public sealed record RetractedFinding(FindingId Id, int Revision);
