using System.Runtime.CompilerServices;
using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Inputs;

namespace Tocsin.Replay;

/// <summary>
/// A recorded input log, its blocks from elsewhere. An orphan that no source has any more is told, and left out with
/// everything that stood on it and the rollback that took it back. Where the watch was begun anew, so is detection;
/// also where inputs were lost, which is told. A position is a number of inputs of the log.
/// </summary>
/// <param name="find">Gives the block of a mark; null where the source does not have it.</param>
internal sealed class RecordedInputs(
    string folder, Func<BlockRef, CancellationToken, Task<Block?>> find, Rejections rejections) : ReplaySource
{
    private readonly Dictionary<Hash32, ulong> leftOut = [];
    private BlockRef? head;
    private bool anew;

    public override async IAsyncEnumerable<ReplayUnit> ReadAsync(
        long position,
        IReadOnlyList<BlockRef> recent,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        head = recent.Count == 0 ? null : recent[^1];
        foreach (var (logged, after) in InputSegments.Read(folder, default))
        {
            cancellationToken.ThrowIfCancellationRequested();
            // What is lost lies before an input, and may have the place of the one before it.
            if (logged is LoggedInput.Lost ? after.Count < position : after.Count <= position)
                continue;
            var unit = logged switch
            {
                LoggedInput.Whole whole => Take(whole.Input, after),
                LoggedInput.Marked marked => await TakeAsync(marked.Block, after, cancellationToken),
                LoggedInput.Anew => BeginAnew(after.Count),
                LoggedInput.Lost lost => Lose(lost, after),
                _ => throw new InvalidOperationException($"no such input as {logged.GetType().Name}"),
            };
            if (unit is not null)
                yield return unit;
        }
    }

    private async Task<ReplayUnit?> TakeAsync(
        BlockMark mark, InputPosition after, CancellationToken cancellationToken)
    {
        if (leftOut.ContainsKey(mark.Parent))
        {
            LeaveOut(mark.Ref);
            return null;
        }
        if (await find(mark.Ref, cancellationToken) is not { } block)
        {
            if (IsTakenBack(mark.Ref, after))
            {
                rejections.Reject(
                    $"{folder}, input {after.Count}", "orphan that no source has any more", $"{mark.Ref}");
                LeaveOut(mark.Ref);
            }
            else
            {
                rejections.Miss($"{folder}, input {after.Count}", mark.Ref.Number, mark.Ref.Number);
                (head, anew) = (null, true);
            }
            return null;
        }
        if (head is { } below && mark.Parent != below.Hash)
        {
            rejections.Miss($"{folder}, input {after.Count}", mark.Ref.Number - 1, mark.Ref.Number - 1);
            anew = true;
        }
        head = mark.Ref;
        return Unit(after, new ChainStep.Forward(block)) with
        {
            Blocks = 1,
            Transactions = block.Transactions.Length,
        };
    }

    private ReplayUnit BeginAnew(long? position)
    {
        (head, anew) = (null, false);
        leftOut.Clear();
        return new ReplayUnit(position, []) { Anew = true };
    }

    private ReplayUnit Lose(LoggedInput.Lost lost, InputPosition after)
    {
        rejections.Lose($"{folder}, before input {after.Count + 1}", lost.Words);
        return BeginAnew(null);
    }

    private ReplayUnit? Take(Input input, InputPosition after)
    {
        switch (input)
        {
            case ChainStep.Rollback rollback:
                return RollBack(rollback, after);
            case ChainStep.Traced { Block: var block } when head != block:
            case ChainStep.Answered { Block: var answered } when head != answered:
            case ChainStep.Final when head is null:
                return null;
            default:
                return Unit(after, input);
        }
    }

    private ReplayUnit? RollBack(ChainStep.Rollback rollback, InputPosition after)
    {
        if (leftOut.Count > 0)
        {
            foreach (var (hash, number) in leftOut)
            {
                if (number <= rollback.Ancestor.Number)
                    continue;
                leftOut.Remove(hash);
            }
            // Nothing of what was taken is taken back, or not yet.
            if (leftOut.Count > 0 || head == rollback.Ancestor)
                return null;
        }
        if (head is null)
            return null;
        head = rollback.Ancestor;
        return Unit(after, rollback);
    }

    private void LeaveOut(BlockRef block)
    {
        leftOut[block.Hash] = block.Number;
    }

    // While something is left out, a restart could not know it: such a place is none to go on from.
    private ReplayUnit Unit(InputPosition after, Input input)
    {
        var begins = anew && input is ChainStep.Forward;
        anew &= !begins;
        return new ReplayUnit(leftOut.Count == 0 && !anew ? after.Count : null, [input]) { Anew = begins };
    }

    private bool IsTakenBack(BlockRef block, InputPosition after)
    {
        foreach (var (logged, _) in InputSegments.Read(folder, after))
        {
            switch (logged)
            {
                case LoggedInput.Anew or LoggedInput.Lost:
                    return false;
                case LoggedInput.Marked { Block.Ref.Number: var number }
                    when number > block.Number + Engine.RollbackDepthMax:
                    return false;
                case LoggedInput.Whole { Input: ChainStep.Rollback rollback }
                    when rollback.Ancestor.Number < block.Number:
                    return true;
            }
        }
        return false;
    }
}
