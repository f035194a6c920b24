using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;
using Tocsin.Texts;

namespace Tocsin.Replay;

/// <summary>
/// Blocks from a node, several on their way at the same time, given in order. What may pass by itself is asked for
/// again, a few times. Not safe for concurrent use.
/// </summary>
internal sealed class FetchedBlocks(Node node, TimeProvider time, Action<string> tell)
{
    /// <summary>On their way or waiting for their turn: this bounds the memory.</summary>
    private const int AheadMax = 8;
    private const int AttemptsMax = 7;

    private static readonly Backoff Retry = new(TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(10));

    private readonly Queue<(ulong Number, BlockReader Reader, Task<Block?> Block)> asked = new();
    private readonly Stack<BlockReader> free = new();
    private BlockReader? lent;

    /// <exception cref="InputException">The node is on another chain, or cannot be asked.</exception>
    public async Task VerifyChainAsync(ChainId expected, CancellationToken cancellationToken)
    {
        var chain = await TryAsync(() => node.ChainIdAsync(cancellationToken), cancellationToken);
        if (chain != expected)
            throw new InputException($"the node at {node.Label} is on chain {chain}, and the configuration watches "
                + $"chain {expected}");
    }

    /// <summary>That block, valid until the next is taken, while those after it up to the last are fetched.</summary>
    /// <exception cref="InputException">The node does not have it, or gives no usable answer any more.</exception>
    public async Task<Block> TakeAsync(ulong number, ulong last, CancellationToken cancellationToken)
    {
        if (asked.Count > 0 && asked.Peek().Number != number)
            Forget();
        if (lent is not null)
            free.Push(lent);
        for (var next = number + (ulong)asked.Count; asked.Count < AheadMax && next <= last; next++)
        {
            var reader = free.TryPop(out var known) ? known : new BlockReader();
            asked.Enqueue((next, reader, FetchAsync(next, reader, cancellationToken)));
        }
        var (_, used, block) = asked.Dequeue();
        lent = used;
        return await block
            ?? throw new InputException($"the node at {node.Label} has no block {number}: choose --from and --to "
                + "among those that it has");
    }

    /// <summary>The hash that the node holds for that number now.</summary>
    /// <exception cref="InputException">The node does not have it, or gives no usable answer any more.</exception>
    public async Task<BlockRef> RefAsync(ulong number, CancellationToken cancellationToken) =>
        await TryAsync(() => node.BlockRefAsync(number, cancellationToken), cancellationToken)
            ?? throw new InputException($"the node at {node.Label} has block {number} no more");

    /// <summary>A block by its hash, also one that is an orphan by now; null where the node does not keep it.</summary>
    /// <exception cref="InputException">The node gives no usable answer any more.</exception>
    public Task<Block?> FindAsync(BlockRef block, CancellationToken cancellationToken) =>
        TryAsync(
            async () =>
            {
                if (await node.BlockTextAsync(block.Hash, cancellationToken) is not { } text)
                    return null;
                var found = new BlockReader().Read(text.Body, text.Receipts);
                return found.Ref == block
                    ? found
                    : throw new RpcFormatException(NodeFault.Inconsistent, $"asked for {block} it gave {found.Ref}");
            },
            cancellationToken);

    /// <summary>Drops what was asked for: after a reorg it may be of another branch.</summary>
    public void Forget()
    {
        // Their readers go with them: one that is still being filled must not be lent again.
        foreach (var (_, _, block) in asked)
        {
            // Observed, so that a fault of a block nobody waits for is not reported as lost.
            _ = block.ContinueWith(
                done => _ = done.Exception,
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted,
                TaskScheduler.Default);
        }
        asked.Clear();
    }

    private Task<Block?> FetchAsync(ulong number, BlockReader reader, CancellationToken cancellationToken) =>
        TryAsync(() => node.BlockAsync(number, reader, cancellationToken), cancellationToken);

    private async Task<T> TryAsync<T>(Func<Task<T>> ask, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            string fault;
            try
            {
                return await ask();
            }
            catch (NodeException e)
            {
                fault = e.Message;
            }
            catch (RpcFormatException e)
            {
                fault = $"the node at {node.Label} gave a block that is none ({e.Message})";
            }
            if (attempt == AttemptsMax)
                throw new InputException($"{fault}; given up after {AttemptsMax} attempts");
            tell($"{fault}; asked again");
            await Task.Delay(Retry.After(attempt), time, cancellationToken);
        }
    }
}
