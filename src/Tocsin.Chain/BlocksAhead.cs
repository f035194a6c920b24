using Tocsin.Evm.Blocks;

namespace Tocsin.Chain;

/// <summary>
/// Blocks asked for before their turn, to be taken in order: more of them as long as all goes well, half as many after
/// a fault. Not safe for concurrent use.
/// </summary>
internal sealed class BlocksAhead(BlockSource source, int first, int maximum)
{
    private readonly Queue<(ulong Number, Task<Block?> Block)> asked = new();
    private CancellationTokenSource? asking;
    private int takenInARow;

    /// <summary>How many blocks are asked for at the same time.</summary>
    public int Width { get; private set; } = Math.Min(first, maximum);

    /// <summary>That block, while those after it, up to the last known to exist, are on their way.</summary>
    public async Task<Block?> TakeAsync(ulong number, ulong last, CancellationToken cancellationToken)
    {
        if (asked.Count > 0 && asked.Peek().Number != number)
            await ForgetAsync();
        asking ??= CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        for (var next = number + (ulong)asked.Count; asked.Count < Width && next <= last; next++)
            asked.Enqueue((next, source.BlockAsync(next, asking.Token)));
        var block = await asked.Peek().Block;
        asked.Dequeue();
        if (++takenInARow >= Width && Width < maximum)
            (Width, takenInARow) = (Width + 1, 0);
        return block;
    }

    /// <summary>The node is in trouble: asks for half as many from now on.</summary>
    public void Shrink() => (Width, takenInARow) = (Math.Max(1, Width / 2), 0);

    /// <summary>
    /// Drops what was asked for: after a fault or a reorg it may be of another time. Returns once nothing is under way
    /// any more, so that never more blocks are held than promised.
    /// </summary>
    public async Task ForgetAsync()
    {
        if (asking is null)
            return;
        await asking.CancelAsync();
        foreach (var (_, block) in asked)
            await ((Task)block).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        asked.Clear();
        asking.Dispose();
        asking = null;
    }
}
