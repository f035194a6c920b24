using System.Runtime.CompilerServices;
using Tocsin.Evm.Blocks;

namespace Tocsin.Chain;

/// <summary>
/// Every block of a chain in order and without gaps, with a rollback wherever the chain changed its mind. Faults of the
/// node are waited out and told; no block is ever skipped. Heads are hints: stale, doubled, out of order or made up,
/// they cost a question and change nothing.
/// </summary>
/// <param name="heads">Usually <see cref="HeadFeed.ReadAsync"/>; begins with the present head.</param>
/// <param name="tell">Told in the order of events; between two steps, so it must not wait for the next one.</param>
/// <param name="preview">
/// Is shown the newest block while those before it are being caught up with, at most one at a time, beside the steps
/// and maybe at the same time. The block is valid until the task is done, comes again as a step, and may be orphaned.
/// </param>
public sealed class BlockFollower(
    BlockSource source,
    Func<CancellationToken, IAsyncEnumerable<HeadNotice>> heads,
    FollowOptions options,
    TimeProvider time,
    Action<FollowNotice>? tell = null,
    Func<Block, CancellationToken, Task>? preview = null)
{
    private ChainWalk? walk;

    public FollowCounters Counters { get; } = new(options.ExpectedChain);

    /// <summary>
    /// Where to go on after the steps given so far: what a checkpoint has to hold. Null before following began. To be
    /// asked for by whoever takes the steps, between two of them.
    /// </summary>
    public FollowStart? Standing => walk?.Standing;

    /// <summary>
    /// Follows until cancelled, or until the heads end and all of their blocks are taken. The block of a step is valid
    /// until the next step is asked for. One at a time.
    /// </summary>
    /// <exception cref="ArgumentException">The stored blocks are not in ascending order.</exception>
    /// <exception cref="ReorgTooDeepException">None of the remembered blocks is on the chain any more.</exception>
    /// <exception cref="NodeException">
    /// <see cref="NodeFault.Inconsistent"/>: the node is on another chain. Every other fault is retried.
    /// </exception>
    public async IAsyncEnumerable<ChainStep> FollowAsync(
        FollowStart start, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        walk = new ChainWalk(source, start, options, time, Counters, tell);
        await walk.VerifyChainAsync(stop.Token);
        var hints = new HeadHints();
        var side = preview is null ? null : new HeadPreview(source, preview, Counters);
        var listening = ListenAsync(hints, walk, side, stop.Token);
        try
        {
            HeadNotice? aim = null;
            while (true)
            {
                if (side is { Running: { IsFaulted: true } failed })
                    await failed;
                if (aim is not { } notice || hints.HasAbove(notice))
                {
                    if (!await hints.WaitAsync(stop.Token))
                        yield break;
                    hints.TryTake(out aim);
                    continue;
                }
                var (step, end) = await walk.TurnAsync(notice.Head, stop.Token);
                if (step is not null)
                    yield return step;
                else if (end is TurnEnd.Done or TurnEnd.Lower)
                    aim = null;
                else if (await WaitAsync(walk.Patience, end == TurnEnd.NotThere ? hints : null, stop.Token))
                    hints.TryTake(out aim);
            }
        }
        finally
        {
            await stop.CancelAsync();
            await listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (side is not null)
                await side.Running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await walk.ForgetAsync();
        }
    }

    private async Task ListenAsync(
        HeadHints hints, ChainWalk walk, HeadPreview? side, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var notice in heads(cancellationToken))
            {
                hints.Tell(notice);
                var next = walk.Next;
                if (notice.Head.Number > next && notice.Head.Number - next >= (ulong)options.LagBlocks)
                    side?.Offer(notice.Head, cancellationToken);
            }
            hints.Complete();
        }
        catch (Exception failure)
        {
            // The one who waits for heads must hear of it.
            hints.Complete(failure);
        }
    }

    // True where a new head cut the wait short: the announced one may be gone.
    private async Task<bool> WaitAsync(TimeSpan wait, HeadHints? hints, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var delay = Task.Delay(wait, time, enough.Token);
        var news = hints?.WaitAsync(enough.Token) ?? Task.FromResult(false);
        if (await Task.WhenAny(delay, news) == news && !await news)
            await delay;
        await enough.CancelAsync();
        await Task.WhenAll(delay, news).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        return news is { IsCompletedSuccessfully: true, Result: true };
    }
}
