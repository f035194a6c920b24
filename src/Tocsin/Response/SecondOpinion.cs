using System.Collections.Concurrent;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Incidents;
using Tocsin.Recording;
using Tocsin.Watching;

namespace Tocsin.Response;

/// <summary>
/// Asks other nodes for the block on which an incident stands, before anything automatic follows from it: one node that
/// lies must not make the system ask for a pause. People who ask for the decision need no second node.
/// </summary>
internal sealed class SecondOpinion(Nodes nodes, FindingDesk desk, Logbook logbook, TimeProvider time)
{
    private static readonly TimeSpan AskEagerlyFor = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<IncidentId, DateTimeOffset> asked = new();

    /// <summary>True where as many nodes as required agree; the answer is recorded whenever it changes.</summary>
    public async Task<bool> IsAgreedAsync(Incident incident, CancellationToken cancellationToken)
    {
        if (nodes.RequiredForAgreement < 2)
            return true;
        var block = BlockOf(incident);
        if (incident.Evidence is { Agreed: true } known && known.Block == block)
            return true;
        // Whole blocks are asked of every node: not every few seconds of a night that a node is down.
        if (asked.TryGetValue(incident.Id, out var last) && time.GetUtcNow() - last < AskAgainAfter
            && incident.Evidence?.Block == block && time.GetUtcNow() - incident.OpenedAt > AskEagerlyFor)
            return false;
        asked[incident.Id] = time.GetUtcNow();
        var agreement = await nodes.AgreedAsync(block, desk.TestimonyOf(block), cancellationToken);
        var check = new IncidentEvent.EvidenceChecked(
            incident.Id, block, agreement is Agreement.Agreed, agreement.Words);
        logbook.Record((book, _) => Changes(book[incident.Id], check) ? [check] : []);
        return check.Agreed;
    }

    private static bool Changes(Incident? incident, IncidentEvent.EvidenceChecked check) =>
        incident is not null
        && (incident.Evidence is not { } last
            || (last.Block, last.Agreed, last.Words) != (check.Block, check.Agreed, check.Words));

    // A later revision, such as a confirmation, is given by a block that shows nothing of the attack.
    private static BlockRef BlockOf(Incident incident) => incident.Main.Indicators.Count == 0
        ? incident.Main.Block
        : incident.Main.Indicators.MaxBy(indicator => indicator.Block.Number)!.Block;
}

/// <summary>Too few nodes agree on the evidence, and nobody asked for the decision.</summary>
internal sealed class NotConfirmedException(string reason) : Exception(reason);
