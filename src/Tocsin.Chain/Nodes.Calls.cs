using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Blocks;

namespace Tocsin.Chain;

/// <content>The typed calls of <see cref="Node"/>, asked of whichever node is best.</content>
public sealed partial class Nodes
{
    /// <inheritdoc cref="Node.ChainIdAsync"/>
    public Task<ChainId> ChainIdAsync(CancellationToken cancellationToken) =>
        AskAsync((node, cancel) => node.ChainIdAsync(cancel), cancellationToken);

    /// <summary>The hash of the block of that number; null where no node has such a block yet.</summary>
    public async Task<BlockRef?> BlockRefAsync(ulong number, CancellationToken cancellationToken) =>
        (await RaceAsync(
            async (witness, cancel) =>
                Promised(witness, number, await witness.Node.BlockRefAsync(number, cancel), has => has is not null),
            block => block is not null,
            cancellationToken)).Value;

    /// <summary>What each node by itself has, the best one first.</summary>
    /// <exception cref="NodeException"><see cref="NodeFault.Throttled"/>: all of them rest.</exception>
    public IReadOnlyList<ChainView> Views() =>
    [
        .. Order().Select(witness => new ChainView(
            $"{witness.Name} ({witness.Node.Label})",
            (number, cancellationToken) => AttemptAsync(
                witness,
                async (one, cancel) =>
                    Promised(one, number, await one.Node.BlockRefAsync(number, cancel), has => has is not null),
                cancellationToken))),
    ];

    /// <summary>The whole block, whose memory nobody uses again; null where no node has such a block yet.</summary>
    public async Task<Block?> BlockAsync(ulong number, CancellationToken cancellationToken) =>
        (await BlockWhoAsync(number, cancellationToken)).Value;

    /// <summary>The whole block, with the node that told it.</summary>
    public Task<Told<Block?>> BlockWhoAsync(ulong number, CancellationToken cancellationToken) =>
        BlockWhoAsync(number, _ => true, cancellationToken);

    /// <summary>The whole block as a successor of that parent, from whichever node has it: where one node is on another
    /// fork than what was taken, another may have the successor. Else as <see cref="BlockAsync"/>.</summary>
    public async Task<Block?> ChildAsync(ulong number, Hash32 parent, CancellationToken cancellationToken) =>
        (await BlockWhoAsync(number, block => block.ParentHash == parent, cancellationToken)).Value;

    private async Task<Told<Block?>> BlockWhoAsync(
        ulong number, Predicate<Block> isMeant, CancellationToken cancellationToken)
    {
        var told = await RaceAsync(
            async (witness, cancel) =>
            {
                var reader = new BlockReader();
                var whole = await WholeAsync(witness, number, reader, cancel);
                return (Block: Promised(witness, number, whole, has => has is not null), reader.IsOdd);
            },
            // What only one node says is believed where no other says otherwise.
            answer => answer.Block is { } block && !answer.IsOdd && isMeant(block),
            cancellationToken);
        return new Told<Block?>(told.Node, told.Value.Block);
    }

    /// <inheritdoc cref="Node.CallAsync"/>
    public Task<byte[]> CallAsync(
        Address? from,
        Address to,
        byte[] data,
        UInt256 valueWei,
        ulong? blockNumber,
        CancellationToken cancellationToken) =>
        AskAsync(
            (node, cancel) => node.CallAsync(from, to, data, valueWei, blockNumber, cancel), cancellationToken);

    /// <inheritdoc cref="Node.EstimateGasAsync"/>
    public Task<ulong> EstimateGasAsync(
        Address? from, Address? to, byte[] data, UInt256 valueWei, CancellationToken cancellationToken) =>
        AskAsync((node, cancel) => node.EstimateGasAsync(from, to, data, valueWei, cancel), cancellationToken);

    /// <summary>Null while the transaction is in no block that any node knows.</summary>
    public async Task<TransactionReceipt?> ReceiptAsync(Hash32 transaction, CancellationToken cancellationToken) =>
        (await AskWhoAsync(
            (node, cancel) => node.ReceiptAsync(transaction, cancel),
            receipt => receipt is not null,
            cancellationToken)).Value;

    /// <inheritdoc cref="Node.NonceAsync"/>
    public Task<ulong> NonceAsync(Address account, string tag, CancellationToken cancellationToken) =>
        AskAsync((node, cancel) => node.NonceAsync(account, tag, cancel), cancellationToken);

    /// <inheritdoc cref="Node.FeesAsync"/>
    public Task<Fees> FeesAsync(CancellationToken cancellationToken) =>
        AskAsync((node, cancel) => node.FeesAsync(cancel), cancellationToken);

    /// <inheritdoc cref="Node.BalanceAsync"/>
    public Task<UInt256> BalanceAsync(Address account, CancellationToken cancellationToken) =>
        AskAsync((node, cancel) => node.BalanceAsync(account, cancel), cancellationToken);

    /// <inheritdoc cref="Node.CodeAsync"/>
    public Task<byte[]> CodeAsync(Address account, CancellationToken cancellationToken) =>
        AskAsync((node, cancel) => node.CodeAsync(account, cancel), cancellationToken);

    /// <inheritdoc cref="Node.StorageAsync"/>
    public Task<Hash32> StorageAsync(Address account, Hash32 slot, CancellationToken cancellationToken) =>
        AskAsync((node, cancel) => node.StorageAsync(account, slot, cancel), cancellationToken);

    /// <inheritdoc cref="Node.LogsAsync"/>
    public Task<IReadOnlyList<LocatedLog>> LogsAsync(
        ulong fromBlock, ulong toBlock, Address? address, Hash32? topic0, CancellationToken cancellationToken) =>
        AskAsync(
            (node, cancel) => node.LogsAsync(fromBlock, toBlock, address, topic0, cancel), cancellationToken);

    /// <summary>
    /// Hands a signed transaction to every node at once, those that rest too, and is done when the first has it; the
    /// others go on by themselves. A node that knows it already has accepted it.
    /// </summary>
    /// <returns>The transaction's hash, computed here.</returns>
    /// <exception cref="NodeException">No node took it: the first refusal, or else the first fault.</exception>
    public async Task<Hash32> BroadcastAsync(byte[] rawTransaction, CancellationToken cancellationToken)
    {
        var hash = Keccak256.Hash(rawTransaction);
        var running = witnesses
            .Select(witness => AttemptAsync(
                witness,
                (one, cancel) => AcceptedAsync(one.Node, rawTransaction, hash, cancel),
                cancellationToken))
            .ToList();
        var faults = new List<NodeException>();
        await foreach (var done in Task.WhenEach(running))
        {
            try
            {
                await done;
                foreach (var other in running)
                    _ = other.ContinueWith(late => _ = late.Exception, TaskScheduler.Default);
                return hash;
            }
            catch (NodeException fault)
            {
                faults.Add(fault);
            }
        }
        throw faults.Find(fault => fault is { Fault: NodeFault.Refused, Error: not null }) ?? faults[0];
    }

    private static async Task<bool> AcceptedAsync(
        Node node, byte[] rawTransaction, Hash32 hash, CancellationToken cancellationToken)
    {
        try
        {
            var told = await node.BroadcastAsync(rawTransaction, cancellationToken);
            return told == hash ? true : throw new NodeException(
                NodeFault.Inconsistent,
                $"the node at {node.Label} says that transaction {hash} is {told}: compare with another node");
        }
        catch (NodeException refusal) when (refusal.Error is { } error && IsKnownAlready(error))
        {
            return true;
        }
    }

    // As geth, Nethermind and OpenEthereum's heirs say it. "unknown transaction type" is something else.
    private static bool IsKnownAlready(NodeError error)
    {
        bool Says(string words) => error.Message.Contains(words, StringComparison.OrdinalIgnoreCase);
        return Says("already known") || Says("alreadyknown") || Says("already imported")
            || error.Message.StartsWith("known transaction", StringComparison.OrdinalIgnoreCase);
    }

    // A node that announced a higher block and does not have this one contradicts itself.
    private T Promised<T>(Witness witness, ulong number, T answer, Func<T, bool> has)
    {
        if (witness.Head() is { } head && head.Number >= number)
        {
            witness.See(
                Aspect.Promises,
                has(answer) ? null : $"{witness.Name} announced block {head.Number}, but does not have block {number}",
                time.GetUtcNow());
        }
        return answer;
    }
}
