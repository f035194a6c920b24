using System.Runtime.CompilerServices;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;

namespace Tocsin.Chain;

/// <summary>
/// Every block of a chain in order and without gaps, with a rollback wherever the chain changed its mind. Faults of the
/// node are waited out and told; no block is ever skipped.
/// </summary>
/// <param name="heads">Usually <see cref="HeadFeed.ReadAsync"/>; begins with the present head.</param>
public sealed class BlockFollower(
    Node node,
    Func<CancellationToken, IAsyncEnumerable<HeadNotice>> heads,
    FollowOptions options,
    TimeProvider time,
    Action<FollowNotice>? tell = null)
{
    /// <summary>Follows until cancelled, or until the heads end and all of their blocks are taken.</summary>
    /// <param name="recent">The blocks last taken, oldest first, as stored; empty to begin anew.</param>
    /// <param name="startAt">The first block to take where nothing is stored.</param>
    /// <exception cref="ArgumentException">The stored blocks are not in ascending order.</exception>
    /// <exception cref="NodeException">
    /// <see cref="NodeFault.Inconsistent"/>: the node is on another chain, or none of the remembered blocks is on the
    /// node's chain any more. Every other fault is retried.
    /// </exception>
    public async IAsyncEnumerable<ChainStep> FollowAsync(
        IReadOnlyList<BlockRef> recent, ulong startAt, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var walk = new ChainWalk(node, recent, startAt, options, time, tell);
        await walk.VerifyChainAsync(stop.Token);
        await using var feed = heads(stop.Token).GetAsyncEnumerator(stop.Token);
        var pending = feed.MoveNextAsync().AsTask();
        try
        {
            var head = default(BlockRef);
            var done = true;
            while (true)
            {
                // Also amid work and after a fault the newest head counts: the one announced before may be gone.
                if (done || pending is { IsCompletedSuccessfully: true, Result: true })
                {
                    if (!await pending)
                        yield break;
                    head = feed.Current.Head;
                    pending = feed.MoveNextAsync().AsTask();
                }
                (var step, done) = await walk.TurnAsync(head, stop.Token);
                if (step is not null)
                    yield return step;
            }
        }
        finally
        {
            // The feed may be disposed only once its pending move is over.
            await stop.CancelAsync();
            await ((Task)pending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            walk.Forget();
        }
    }
}
