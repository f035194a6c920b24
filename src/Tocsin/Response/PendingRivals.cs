using Tocsin.Chain;
using Tocsin.Detection.Mempool;
using Tocsin.Evm.Transactions;
using Tocsin.Findings;
using Tocsin.Incidents;

namespace Tocsin.Response;

/// <summary>The transactions of an incident's attack that are in no block yet: what a pause must go ahead of.</summary>
internal static class PendingRivals
{
    // An attacker who floods the pool must not make us ask without end.
    private const int AtMost = 8;

    // What is not known by then is bid without: a node that hangs must not hold up a pause.
    private static readonly TimeSpan AskFor = TimeSpan.FromSeconds(1);

    /// <summary>The highest tip and the highest fee that any of them bids; null where none is pending.</summary>
    public static async Task<FeeOffer?> HighestAsync(
        Incident incident, ActingChain chain, TimeProvider time, CancellationToken cancellationToken)
    {
        var pending = incident.Findings
            .Where(finding => finding.Detector == PendingAttackSettings.TheCard.Name
                && finding.Chain == chain.Id
                && finding.Status is FindingStatus.Seen or FindingStatus.Confirmed)
            .SelectMany(finding => finding.Transactions)
            .Distinct()
            .TakeLast(AtMost)
            .ToList();
        if (pending.Count == 0)
            return null;
        using var deadline = new CancellationTokenSource(AskFor, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        var bids = await Task.WhenAll(pending.Select(async transaction =>
        {
            try
            {
                return await chain.Nodes.PendingBidAsync(transaction, either.Token);
            }
            catch (Exception e) when (e is NodeException
                || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                return null;
            }
        }));
        var known = bids.OfType<FeeOffer>().ToList();
        return known.Count == 0
            ? null
            : new FeeOffer(known.Select(bid => bid.MaxFeeWei).Max(), known.Select(bid => bid.TipWei).Max());
    }
}
