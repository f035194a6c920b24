using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Detection.Detectors;
using Tocsin.Detection.Governance;
using Tocsin.Evm.Blocks;
using Tocsin.Findings;

namespace Tocsin.Evaluation;

/// <summary>How often ordinary proposals were called attacks.</summary>
/// <param name="Events">How many events were replayed.</param>
/// <param name="Flagged">Proposals with a finding of severity 2 or worse, at any confidence.</param>
/// <param name="Recorded">Proposals with a finding of severity 3, which pages nobody.</param>
/// <param name="FlaggedProposals">Their names, for people.</param>
internal sealed record GovernanceResult(
    int Proposals, int Flagged, int Recorded, int Events, int Rejected, ValueList<string> FlaggedProposals);

/// <summary>
/// The engine over recorded ordinary governance: each event as the log it came from, each transaction in a block of its
/// time. Blocks without events are left out, so heights count those that have some; times are the recorded ones.
/// </summary>
/// <param name="ahead">Told before each file.</param>
internal sealed class GovernanceEvaluation(
    string folder, Action<string> tell, Action<Finding> found, WorkAhead? ahead = null)
{
    private static readonly ChainId Ethereum = new(1);

    public GovernanceResult Run(CancellationToken cancellationToken)
    {
        var (proposals, events, rejected) = (0, 0, 0);
        var flagged = new SortedSet<string>(StringComparer.Ordinal);
        var recorded = new SortedSet<string>(StringComparer.Ordinal);
        var files = Directory.GetFiles(folder, "*.jsonl*").Order(StringComparer.Ordinal).ToList();
        foreach (var (file, index) in files.Select((file, index) => (file, index)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            ahead?.Invoke(Path.GetFileName(file), (double)index / files.Count);
            var rows = GovernanceRows.Read(file, Reject);
            var name = Path.GetFileName(file).Split('.')[0];
            proposals += rows.Count(row => row.IsProposal);
            events += rows.Count;
            foreach (var finding in Findings(rows).Where(one => one.Status != FindingStatus.Retracted))
            {
                found(finding);
                var told = finding.Severity.IsAtLeast(Severity.High) ? flagged
                    : finding.Severity == Severity.Elevated ? recorded
                    : null;
                told?.UnionWith(ProposalsOf(finding, rows).Select(proposal => $"{name} {proposal}"));
            }
        }
        recorded.ExceptWith(flagged);
        return new GovernanceResult(
            proposals, flagged.Count, recorded.Count, events, rejected, flagged.ToValueList());

        void Reject(string why)
        {
            rejected++;
            tell(why);
        }
    }

    // A finding about no proposal counts as one more: it would wake people as well.
    private static IEnumerable<string> ProposalsOf(Finding finding, List<GovernanceRow> rows)
    {
        var named = rows.Where(row => row.Proposal is not null && finding.Transactions.Contains(row.Transaction))
            .Select(row => row.Proposal!).Distinct().ToList();
        return named.Count > 0 ? named : [finding.Id.Value];
    }

    private static IEnumerable<Finding> Findings(List<GovernanceRow> rows)
    {
        if (rows.Count == 0)
            yield break;
        var engine = new Engine(WatchOf(rows));
        var parent = new BlockRef(0, Hash32.Zero);
        foreach (var block in rows.GroupBy(row => row.Block))
        {
            var next = new BlockRef(parent.Number + 1, block.First().Transaction);
            var transactions = block.GroupBy(row => row.Transaction).Select((one, index) => new Transaction(
                one.Key, index, one.Select(row => row.Actor).FirstOrDefault(actor => !actor.IsZero),
                one.First().Contract, 0, UInt256.Zero, default, true, null,
                one.Select(row => new Log(row.LogIndex, row.Contract, row.Topics, row.Data.ToArray())).ToArray()));
            var made = new Block(next, parent.Hash, block.First().Time, transactions.ToArray());
            parent = next;
            foreach (var finding in engine.Step(new ChainStep.Forward(made)))
                yield return finding;
        }
    }

    private static Watch WatchOf(List<GovernanceRow> rows)
    {
        var governors = rows.Where(row => row.IsProposal).Select(row => row.Contract).Distinct().ToList();
        var watch = new Watch(
            Ethereum, [], [],
            rows.Select(row => row.Contract).Distinct()
                .Select(address => new ProtectedContract(address.ToString(), address, "governance")).ToValueList(),
            new Thresholds());
        return watch with
        {
            Detectors = governors.Select(DetectorSettings (address) => new GovernanceAttackSettings(address.ToString()))
                .Concat(DetectorDefaults.Of(watch)).ToValueList(),
        };
    }
}
