using Tocsin.Evm.Blocks;

namespace Tocsin.Chain;

/// <summary>Blocks asked for before their turn, to be taken in order. Not safe for concurrent use.</summary>
internal sealed class BlocksAhead(Node node, int maximumBlocks)
{
    private readonly Queue<(ulong Number, Task<Block?> Block)> asked = new();

    /// <summary>That block, while those after it, up to the last known to exist, are on their way.</summary>
    public Task<Block?> TakeAsync(ulong number, ulong last, CancellationToken cancellationToken)
    {
        if (asked.Count > 0 && asked.Peek().Number != number)
            Forget();
        for (var next = number + (ulong)asked.Count; asked.Count < maximumBlocks && next <= last; next++)
            asked.Enqueue((next, node.BlockAsync(next, cancellationToken)));
        return asked.Dequeue().Block;
    }

    /// <summary>Drops what was asked for: after a fault or a reorg it may be of another time.</summary>
    public void Forget()
    {
        foreach (var (_, block) in asked)
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
}
