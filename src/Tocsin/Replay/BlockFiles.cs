using System.Runtime.CompilerServices;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Inputs;

namespace Tocsin.Replay;

/// <summary>
/// Block files, one after the other. A block that stands on an earlier one than the newest takes back those between; a
/// line that cannot be used is rejected, and what is missing then is told. A position is a number of lines.
/// </summary>
internal sealed class BlockFiles(IReadOnlyList<string> paths, ChainId chain, Rejections rejections) : ReplaySource
{
    private int file;
    private LineReader? current;

    public override double? Fraction => (file + (current?.Fraction ?? 0)) / paths.Count;

    public override bool IsChainAlone => true;

    public override async IAsyncEnumerable<ReplayUnit> ReadAsync(
        long position,
        IReadOnlyList<BlockRef> recent,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var read = new ReadChain(recent);
        long taken = 0;
        for (file = 0; file < paths.Count; file++)
        {
            using var lines = LineReader.Open(paths[file], RecordedBlock.LineBytesMax);
            current = lines;
            while (lines.Read())
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (++taken <= position)
                    continue;
                var unit = Read(lines) is { } block ? Place(lines, block, read, taken) : null;
                // A rejected line is done with too.
                yield return unit ?? new ReplayUnit(taken, []);
            }
            current = null;
        }
        await Task.CompletedTask;
    }

    private RecordedBlock? Read(LineReader lines)
    {
        try
        {
            if (!lines.IsTooLong)
                return RecordedBlock.Read(lines.Line, chain);
            rejections.Reject(lines.Place, "line too long", $"more than {RecordedBlock.LineBytesMax} bytes");
        }
        catch (FormatException e)
        {
            var kind = e is OtherChainException ? "block of another chain" : "malformed block";
            rejections.Reject(lines.Place, kind, e.Message);
        }
        return null;
    }

    private ReplayUnit? Place(LineReader lines, RecordedBlock recorded, ReadChain read, long taken)
    {
        var block = recorded.Block;
        var footing = read.Of(block, out var ancestor);
        if (footing == Footing.Known)
        {
            rejections.Reject(lines.Place, "block given twice", $"{block.Ref}");
            return null;
        }
        if (footing == Footing.OnUnknown)
        {
            rejections.Reject(
                lines.Place, "block out of order",
                $"{block.Ref} stands on {block.ParentHash}, which was not read; the newest is {read.Head}");
            return null;
        }
        if (footing == Footing.AboveGap)
        {
            // At the next height it is the block below it that is missing: another one was read in its place.
            var head = read.Head!.Value.Number;
            rejections.Miss(lines.Place, Math.Min(head + 1, block.Ref.Number - 1), block.Ref.Number - 1);
            read.Clear();
        }
        var inputs = new List<Input>(recorded.Before);
        if (footing == Footing.OnEarlier)
        {
            inputs.Add(new ChainStep.Rollback(ancestor));
            read.Rollback(ancestor);
        }
        inputs.Add(new ChainStep.Forward(block));
        inputs.AddRange(recorded.After);
        read.Forward(block);
        return new ReplayUnit(taken, inputs)
        {
            Anew = footing == Footing.AboveGap,
            Blocks = 1,
            Transactions = block.Transactions.Length,
        };
    }
}
