using System.Collections.Concurrent;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Incidents;

namespace Tocsin.Response;

/// <summary>
/// Looks for a sent call on its chain, under whichever of its versions, until it is deep in it. A receipt is one node's
/// word: it counts where the block proves it and no more nodes have another block in its place.
/// </summary>
internal sealed class InclusionWatch(Sending sending, CallRecord record)
{
    // What blocks themselves have disproved, so that another node is listened to: lost by a restart without harm.
    private readonly ConcurrentDictionary<(Hash32 Transaction, Hash32 Block, bool Succeeded), bool> disproved = new();

    public async Task LookAsync(Incident incident, int index, CancellationToken cancellationToken)
    {
        var seen = new SeenCall(incident, index);
        var chain = sending.ChainOf(seen);
        if (seen.Progress.Included is { } included)
            await FollowAsync(seen, chain, included, cancellationToken);
        else if (await FindAsync(seen, chain, cancellationToken) is { } found)
            record.Add(seen, new IncidentEvent.CallIncluded(
                incident.Id, seen.Decision.Id, index, found.TransactionHash, found.Block, found.Succeeded));
        else
            await sending.UrgeAsync(seen, chain, cancellationToken);
    }

    private async Task FollowAsync(
        SeenCall seen, ActingChain chain, Inclusion included, CancellationToken cancellationToken)
    {
        var receipt = await chain.Nodes.ReceiptAsync(included.Transaction, cancellationToken);
        if (receipt?.Block.Hash == included.Block.Hash)
        {
            if ((await chain.HeadAsync(cancellationToken))?.Number >= included.Block.Number + chain.Confirmations)
                record.Add(seen, new IncidentEvent.CallSettled(
                    seen.Incident.Id, seen.Decision.Id, seen.Index, included.Block));
            return;
        }
        // Another node may merely not have come so far: only another block in its place takes it back.
        var isElsewhere = receipt is not null && await IsProvenAsync(chain, receipt, cancellationToken);
        if (isElsewhere || await IsReplacedAsync(chain, included.Block, cancellationToken))
            record.Add(seen, new IncidentEvent.CallOrphaned(
                seen.Incident.Id, seen.Decision.Id, seen.Index, included.Block));
    }

    private async Task<TransactionReceipt?> FindAsync(
        SeenCall seen, ActingChain chain, CancellationToken cancellationToken)
    {
        foreach (var version in seen.Progress.Versions)
        {
            var told = await chain.Nodes.AskWhoAsync(
                (node, cancel) => node.ReceiptAsync(version.Transaction, cancel),
                receipt => receipt is not null && !disproved.ContainsKey(Claim(receipt)),
                cancellationToken);
            if (told.Value is not { } receipt || disproved.ContainsKey(Claim(receipt)))
                continue;
            if (await IsProvenAsync(chain, receipt, cancellationToken))
                return receipt;
            if (disproved.ContainsKey(Claim(receipt)))
                record.AddHindrance(
                    seen, Hindrance.FalseReceipt, $"{told.Node} says so of block {receipt.Block.Number}");
        }
        return null;
    }

    /// <summary>
    /// True where a node shows the whole block, whose hash covers its transactions and receipts, with the transaction
    /// and its outcome in it, and where no node has another block there, or as many as must agree have this one.
    /// </summary>
    private async Task<bool> IsProvenAsync(
        ActingChain chain, TransactionReceipt receipt, CancellationToken cancellationToken)
    {
        var block = await chain.Nodes.AskAsync(
            (node, cancel) => node.BlockAsync(receipt.Block.Number, cancel), cancellationToken);
        if (block?.Ref != receipt.Block)
            block = (await chain.Nodes.AskWhoAsync(
                (node, cancel) => node.BlockAsync(receipt.Block.Number, cancel),
                one => one?.Ref == receipt.Block,
                cancellationToken)).Value;
        if (block?.Ref != receipt.Block)
            return false;
        if (block.Find(receipt.TransactionHash)?.Succeeded != receipt.Succeeded)
        {
            disproved[Claim(receipt)] = true;
            return false;
        }
        var said = await Task.WhenAll(chain.Nodes.Views().Select(
            view => SaidAsync(view, receipt.Block.Number, cancellationToken)));
        var same = said.Count(there => there == receipt.Block);
        return same > 0
            && (same >= chain.Nodes.RequiredForAgreement || said.All(there => there is null || there == receipt.Block));
    }

    // A node that does not answer, or not yet, says nothing against it.
    private static async Task<BlockRef?> SaidAsync(
        ChainView view, ulong number, CancellationToken cancellationToken)
    {
        try
        {
            return await view.BlockRefAsync(number, cancellationToken);
        }
        catch (NodeException)
        {
            return null;
        }
    }

    private static async Task<bool> IsReplacedAsync(
        ActingChain chain, BlockRef block, CancellationToken cancellationToken) =>
        await chain.Nodes.BlockRefAsync(block.Number, cancellationToken) is { } there && there != block;

    private static (Hash32 Transaction, Hash32 Block, bool Succeeded) Claim(TransactionReceipt receipt) =>
        (receipt.TransactionHash, receipt.Block.Hash, receipt.Succeeded);
}
