using Tocsin.Chains;
using Tocsin.Detection.Patterns;
using Tocsin.Findings;

namespace Tocsin.Detection.Monitoring;

/// <summary>Findings about contracts: each is of one block, confirmed with it and taken back with it.</summary>
internal sealed class ContractFindings(ChainId chain, Finality finality)
{
    // Where finality is told and stops being told, nothing is confirmed and nothing would be forgotten.
    private const int StandingMax = 1_000;

    private readonly List<ContractFinding> standing = [];

    public IReadOnlyList<ContractFinding> Standing => standing;

    public void Restore(ValueList<ContractFinding> findings) => standing.AddRange(findings);

    /// <param name="what">What of the contract it is about, for the identifier.</param>
    /// <param name="announced">The announced operation that did it; null where none did.</param>
    public void Add(
        KnownContract contract, string what, Severity severity, decimal confidence, string reason, BlockRef block,
        DateTimeOffset time, List<Finding> revisions, string? announced = null)
    {
        if (announced is not null)
            (severity, reason) = (Severity.Routine, $"As announced: {announced}. {reason}");
        var id = new FindingId(
            $"{Threat.ContractChange.ToName()}/{chain}/{contract.Address}/{what}/{block.Number}");
        var place = standing.FindIndex(known => known.Said.Id == id);
        // Twice in one block is said once; after a rollback the same number is another block.
        if (place >= 0 && standing[place].Said.Status != FindingStatus.Retracted)
            return;
        var revision = 1;
        if (place >= 0)
        {
            revision = standing[place].Said.Revision + 1;
            standing.RemoveAt(place);
        }
        var said = new Finding(
            id, revision, FindingStatus.Seen, time, chain, block, [], Threat.ContractChange, severity, confidence,
            contract.Name, [], 0, [], Pattern.DetectorOf(Threat.ContractChange), reason);
        standing.Add(new ContractFinding(block, reason, said));
        revisions.Add(said);
    }

    public void Forward(BlockRef block, DateTimeOffset time, List<Finding> revisions)
    {
        for (var i = 0; i < standing.Count; i++)
            if (standing[i].Said.Status == FindingStatus.Seen
                && finality.ConfirmsAt(standing[i].Began.Number, block.Number))
                Say(i, FindingStatus.Confirmed, block, time, standing[i].Reason, revisions);
        standing.RemoveAll(known => known.Said.Status != FindingStatus.Seen
            && known.Began.Number + Engine.RollbackDepthMax < block.Number);
        if (standing.Count > StandingMax)
            standing.RemoveRange(0, standing.Count - StandingMax);
    }

    public void Final(ulong? before, BlockRef newest, DateTimeOffset time, List<Finding> revisions)
    {
        for (var i = 0; i < standing.Count; i++)
            if (standing[i].Said.Status == FindingStatus.Seen
                && finality.ConfirmsNow(standing[i].Began.Number, before))
                Say(i, FindingStatus.Confirmed, newest, time, standing[i].Reason, revisions);
    }

    public void Rollback(BlockRef ancestor, DateTimeOffset time, List<Finding> revisions)
    {
        for (var i = 0; i < standing.Count; i++)
        {
            var (began, reason, said) = standing[i];
            if (said.Status == FindingStatus.Retracted)
                continue;
            if (began.Number > ancestor.Number)
                Say(i, FindingStatus.Retracted, ancestor, time,
                    $"Retracted: a reorg to block {ancestor.Number} took back the block that showed it. What was said "
                        + $"before: {reason}", revisions);
            else if (said.Status == FindingStatus.Confirmed && !finality.IsConfirmed(began.Number, ancestor.Number))
                Say(i, FindingStatus.Seen, ancestor, time,
                    $"A reorg to block {ancestor.Number} took back the confirmation. {reason}", revisions);
        }
    }

    private void Say(
        int place, FindingStatus status, BlockRef block, DateTimeOffset time, string reason, List<Finding> revisions)
    {
        var before = standing[place].Said;
        var said = before with
        {
            Revision = before.Revision + 1,
            Status = status,
            Block = block,
            Time = time,
            Reason = reason,
        };
        standing[place] = standing[place] with { Said = said };
        revisions.Add(said);
    }
}
