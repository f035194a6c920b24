using System.Collections.Concurrent;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Safes;
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
            record.Add(seen, Outcome(seen, found));
        else
            await sending.UrgeAsync(seen, chain, cancellationToken);
    }

    // A Safe of before 1.3 takes a call that fails without failing itself, and says so by an event.
    private static IncidentEvent[] Outcome(SeenCall seen, TransactionReceipt found)
    {
        var isDone = found.Succeeded && (seen.Progress.Consent is null || IsExecuted(seen, found));
        var included = new IncidentEvent.CallIncluded(
            seen.Incident.Id, seen.Decision.Id, seen.Index, found.TransactionHash, found.Block, isDone);
        return found.Succeeded == isDone
            ? [included]
            : [seen.Hindered(Hindrance.SafeCallFailed, $"in block {found.Block.Number}"), included];
    }

    private static bool IsExecuted(SeenCall seen, TransactionReceipt found)
    {
        foreach (ref readonly var log in found.Logs.Span)
            if (log.Address == seen.Call.Target && log.Topics.Count > 0
                && log.Topics[0] == SafeTransaction.ExecutionSuccess)
                return true;
        return false;
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
        var isElsewhere = receipt is not null && await ProveAsync(chain, receipt, cancellationToken) is not null;
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
            if (await ProveAsync(chain, receipt, cancellationToken) is { } proven)
                return receipt with { Logs = proven.Logs };
            if (disproved.ContainsKey(Claim(receipt)))
                record.AddHindrance(
                    seen, Hindrance.FalseReceipt, $"{told.Node} says so of block {receipt.Block.Number}");
        }
        return null;
    }

    /// <summary>
    /// The transaction where a node shows the whole block, whose hash covers its transactions and receipts,
    /// with it and its outcome in it, and where no node has another block there, or as many as must agree have this
    /// one.
    /// </summary>
    private async Task<Transaction?> ProveAsync(
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
            return null;
        var found = block.Find(receipt.TransactionHash);
        if (found?.Succeeded != receipt.Succeeded)
        {
            disproved[Claim(receipt)] = true;
            return null;
        }
        var said = await Task.WhenAll(chain.Nodes.Views().Select(
            view => SaidAsync(view, receipt.Block.Number, cancellationToken)));
        var same = said.Count(there => there == receipt.Block);
        var isAgreed = same > 0
            && (same >= chain.Nodes.RequiredForAgreement || said.All(there => there is null || there == receipt.Block));
        return isAgreed ? found : null;
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
