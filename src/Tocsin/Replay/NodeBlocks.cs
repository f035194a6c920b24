using System.Runtime.CompilerServices;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;
using Tocsin.Texts;

namespace Tocsin.Replay;

/// <summary>
/// A range of blocks of a node. A range near the head may reorganise meanwhile: then it is rolled back as live. A
/// position is a number of blocks from the first.
/// </summary>
internal sealed class NodeBlocks(FetchedBlocks blocks, ulong from, ulong to) : ReplaySource
{
    private ulong done;

    public override double? Fraction => (double)done / (to - from + 1);

    public override bool IsChainAlone => true;

    public override async IAsyncEnumerable<ReplayUnit> ReadAsync(
        long position,
        IReadOnlyList<BlockRef> recent,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var read = new ReadChain(recent);
        for (var next = from + (ulong)position; next <= to;)
        {
            done = next - from;
            var block = await blocks.TakeAsync(next, to, cancellationToken);
            if (read.Of(block, out _) == Footing.OnHead)
            {
                read.Forward(block);
                next++;
                yield return new ReplayUnit((long)(next - from), [new ChainStep.Forward(block)])
                {
                    Blocks = 1,
                    Transactions = block.Transactions.Length,
                };
                continue;
            }
            var ancestor = await AncestorAsync(read, cancellationToken);
            blocks.Forget();
            // The first block's parent may be the ancestor: then everything is read again.
            next = Math.Max(from, ancestor.Number + 1);
            yield return new ReplayUnit((long)(next - from), [new ChainStep.Rollback(ancestor)]);
        }
    }

    private async Task<BlockRef> AncestorAsync(ReadChain read, CancellationToken cancellationToken)
    {
        while (read.Head is { } head)
        {
            if (await blocks.RefAsync(head.Number, cancellationToken) == head)
                return head;
            read.RemoveHead();
        }
        throw new InputException("the node's chain went back further than anything remembered: choose an older --from "
            + "or a final --to");
    }
}
