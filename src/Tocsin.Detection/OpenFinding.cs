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
    ValueList<Indicator> Indicators);

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

    /// <summary>True if another hit at that time by any of these accounts belongs to the same attack.</summary>
    internal bool IsContinuedBy(DateTimeOffset time, Address from, Address? contract)
    {
        if (time - Last.Time > Engine.AttackGap)
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
