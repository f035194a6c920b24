using Tocsin.Chains;
using Tocsin.Evm.Blocks;

namespace Tocsin.Chain;

/// <summary>
/// Shows the newest block while those before it are still being caught up with: out of order, one at a time, and none
/// while the last one is still being looked at. It promises nothing; the block comes again as a step.
/// </summary>
/// <param name="show">The block is valid until the task is done.</param>
internal sealed class HeadPreview(
    BlockSource source, Func<Block, CancellationToken, Task> show, FollowCounters counters)
{
    private ulong? shown;

    /// <summary>The last preview; faulted where showing it failed.</summary>
    public Task Running { get; private set; } = Task.CompletedTask;

    /// <summary>Shows the head unless busy, or unless one as high was shown before.</summary>
    public void Offer(BlockRef head, CancellationToken cancellationToken)
    {
        if (!Running.IsCompleted)
            counters.PreviewDropped();
        else if (!Running.IsFaulted && !(head.Number <= shown))
            Running = ShowAsync(head.Number, cancellationToken);
    }

    private async Task ShowAsync(ulong number, CancellationToken cancellationToken)
    {
        try
        {
            if (await source.BlockAsync(number, cancellationToken) is not { } block)
                return;
            shown = number;
            await show(block, cancellationToken);
        }
        catch (NodeException)
        {
            // Whoever takes the blocks in order meets the same fault and tells it.
        }
    }
}
