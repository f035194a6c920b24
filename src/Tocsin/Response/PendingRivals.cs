using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Detection.Mempool;
using Tocsin.Evm.Transactions;
using Tocsin.Findings;
using Tocsin.Incidents;

namespace Tocsin.Response;

/// <summary>The transactions of an incident's attack that are in no block yet: what a pause must go ahead of.</summary>
internal static class PendingRivals
{
    // Detection keeps no more open, and of what it let go for them none bids more in all. So whoever sends many cheap
    // ones hides nothing: all that stand are asked about first, and what made room after them, since it may tip more.
    private const int AtMost = PendingAttackSettings.OpenMost * PendingAttackSettings.VersionsMost;

    // In one request: a node that we may ask little is not owed more of our time than this once we are late.
    private const int Together = 16;

    // What is not known by then is bid without: a node that hangs must not hold up a pause.
    private static readonly TimeSpan AskFor = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The highest tip and the highest fee that any of them bids, as any node says; null where none is known to be
    /// pending. A node that lies can have us bid the ceiling of the signer's policy, and no more.
    /// </summary>
    public static async Task<FeeOffer?> HighestAsync(
        Incident incident, ActingChain chain, TimeProvider time, CancellationToken cancellationToken)
    {
        var pending = Of(incident, chain.Id);
        if (pending.Count == 0)
            return null;
        using var deadline = new CancellationTokenSource(AskFor, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        var bids = await Task.WhenAll(chain.Nodes.Names.Select(
            name => BidsAsync(chain.Nodes.Named(name), pending, either.Token, cancellationToken)));
        var known = bids.SelectMany(one => one).ToList();
        return known.Count == 0
            ? null
            : new FeeOffer(known.Select(bid => bid.MaxFeeWei).Max(), known.Select(bid => bid.TipWei).Max());
    }

    /// <summary>Those that stand before those that do not any more, by the harm that they do, newest first.</summary>
    internal static IReadOnlyList<Hash32> Of(Incident incident, ChainId chain) =>
    [
        .. incident.Findings
            .Where(finding => finding.Detector == PendingAttackSettings.TheCard.Name && finding.Chain == chain
                && finding.Status != FindingStatus.Retracted)
            .OrderBy(finding => finding.Status == FindingStatus.Over)
            .ThenByDescending(finding => finding.ImpactUsd)
            .SelectMany(finding => finding.Transactions.Reverse())
            .Distinct()
            .Take(AtMost),
    ];

    private static async Task<List<FeeOffer>> BidsAsync(
        Node node, IReadOnlyList<Hash32> pending, CancellationToken either, CancellationToken cancellationToken)
    {
        var bids = new List<FeeOffer>();
        try
        {
            foreach (var some in pending.Chunk(Together))
                bids.AddRange(await node.PendingBidsAsync(some, either));
        }
        catch (Exception e) when (e is NodeException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // What it told before counts, and what the others tell.
        }
        return bids;
    }
}
