using System.Collections.Concurrent;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Detection.Mempool;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Recording;
using Tocsin.Watching;

namespace Tocsin.Response;

/// <summary>
/// Asks other nodes for the block on which a finding stands, before anything automatic follows from it: one node that
/// lies must not make the system ask for a pause. What is taken without people upon a transaction in no block needs
/// that others hold it too and say that it does the same. People who ask for the decision need no second node.
/// </summary>
internal sealed class SecondOpinion(Nodes nodes, FindingDesk desk, Logbook logbook, TimeProvider time)
{
    private static readonly TimeSpan AskEagerlyFor = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMinutes(1);

    // The last answer on each block and pending transaction: a memory for pacing alone, and a restart asks again.
    private readonly ConcurrentDictionary<(IncidentId, Hash32), Answer> answers = new();

    /// <summary>True where as many nodes as required agree on what the incident is about, so that people may be
    /// asked.</summary>
    public Task<bool> IsAgreedAsync(Incident incident, CancellationToken cancellationToken)
    {
        var block = BlockOf(incident.Main);
        return IsAgreedAsync(
            incident, block.Hash, block, () => AgreedAsync(block, cancellationToken));
    }

    /// <summary>
    /// True where they agree on every finding upon which something is done without people; which need not be what the
    /// incident is about.
    /// </summary>
    public async Task<bool> IsAgreedAsync(
        Incident incident, IEnumerable<Finding> upon, CancellationToken cancellationToken)
    {
        foreach (var finding in upon)
        {
            var block = BlockOf(finding);
            if (!IsKnown(incident.Id, finding) && !await (IsPending(finding)
                ? IsAgreedAsync(
                    incident, finding.Transactions[^1], finding.Block,
                    () => AgreedAsync(finding.Transactions[^1], cancellationToken))
                : IsAgreedAsync(incident, block.Hash, block, () => AgreedAsync(block, cancellationToken))))
                return false;
        }
        return true;
    }

    /// <summary>True where the last answer was that they agree on it. An attack that bids anew stays the one that they
    /// have seen.</summary>
    public bool IsKnown(IncidentId incident, Finding finding) => nodes.RequiredForAgreement < 2
        || (IsPending(finding) ? finding.Transactions.AsEnumerable() : [BlockOf(finding).Hash]).Any(
            one => answers.TryGetValue((incident, one), out var last) && last.IsAgreed);

    // The answer is recorded whenever it changes.
    private async Task<bool> IsAgreedAsync(
        Incident incident, Hash32 about, BlockRef block, Func<Task<(bool IsAgreed, string Words)>> ask)
    {
        if (nodes.RequiredForAgreement < 2)
            return true;
        var isAsked = answers.TryGetValue((incident.Id, about), out var last);
        if (isAsked && last.IsAgreed)
            return true;
        // Whole blocks are asked of every node: not every few seconds of a night that a node is down.
        if (isAsked && (time.GetUtcNow() - last.At).Duration() < AskAgainAfter
            && (time.GetUtcNow() - incident.OpenedAt).Duration() > AskEagerlyFor)
            return false;
        var (isAgreed, words) = await ask();
        answers[(incident.Id, about)] = new Answer(time.GetUtcNow(), isAgreed, words);
        var check = new IncidentEvent.EvidenceChecked(incident.Id, block, isAgreed, words);
        // Two things that are asked for in turn are not news each time.
        if (!isAsked || (last.IsAgreed, last.Words) != (isAgreed, words))
            logbook.Record((book, _) => Changes(book[incident.Id], check) ? [check] : []);
        return isAgreed;
    }

    private async Task<(bool IsAgreed, string Words)> AgreedAsync(BlockRef block, CancellationToken cancellationToken)
    {
        var agreement = await nodes.AgreedAsync(block, desk.TestimonyOf(block), cancellationToken);
        return (agreement is Agreement.Agreed, agreement.Words);
    }

    // What it was taken to do is not kept over a restart. Then it is for people, or for the block that comes.
    private async Task<(bool IsAgreed, string Words)> AgreedAsync(
        Hash32 transaction, CancellationToken cancellationToken)
    {
        if (desk.PendingOf(transaction) is not { } taken)
            return (false, $"what the pending transaction {transaction} was taken to do is not known any more");
        var agreement = await nodes.AgreedAsync(taken, cancellationToken);
        return (agreement.IsAgreed, agreement.Words);
    }

    private static bool Changes(Incident? incident, IncidentEvent.EvidenceChecked check) =>
        incident is not null
        && (incident.Evidence is not { } last
            || (last.Block, last.Agreed, last.Words) != (check.Block, check.Agreed, check.Words));

    private static bool IsPending(Finding finding) =>
        finding.Detector == PendingAttackSettings.TheCard.Name && finding.Transactions.Count > 0;

    // A later revision, such as a confirmation, is given by a block that shows nothing of the attack.
    private static BlockRef BlockOf(Finding finding) => finding.Indicators.Count == 0
        ? finding.Block
        : finding.Indicators.MaxBy(indicator => indicator.Block.Number)!.Block;

    private readonly record struct Answer(DateTimeOffset At, bool IsAgreed, string Words);
}

/// <summary>Too few nodes agree on the evidence, and nobody asked for the decision.</summary>
internal sealed class NotConfirmedException(string reason) : Exception(reason);
