using Tocsin.Chains;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;

namespace Tocsin.Inputs;

/// <summary>A block as the input log names it: the chain keeps the rest.</summary>
/// <param name="Time">The block's own timestamp.</param>
internal sealed record BlockMark(BlockRef Ref, Hash32 Parent, DateTimeOffset Time)
{
    public static BlockMark Of(Block block) => new(block.Ref, block.ParentHash, block.Time);
}

/// <summary>One line of the input log: an input as it was, or a mark. Or what is missing between two of them.</summary>
internal abstract record LoggedInput
{
    private LoggedInput()
    {
    }

    /// <summary>A <see cref="ChainStep.Forward"/> whose block must come from elsewhere.</summary>
    internal sealed record Marked(BlockMark Block) : LoggedInput;

    /// <summary>Any other input.</summary>
    internal sealed record Whole(Input Input) : LoggedInput;

    /// <summary>Detection was begun anew here: what lies before has nothing to do with what follows.</summary>
    /// <param name="Block">The block to begin at, where one was named.</param>
    internal sealed record Anew(ulong? Block) : LoggedInput;

    /// <summary>No line: segments that lay here were put aside, or are gone.</summary>
    internal sealed record Lost(string Words) : LoggedInput;
}

/// <summary>A place between two inputs of the log.</summary>
/// <param name="Segment">The number of the segment's file; 0 for the oldest that is still there.</param>
/// <param name="Offset">Bytes of that segment, before compression.</param>
/// <param name="Count">How many inputs and marks lie before this place since the log began.</param>
internal readonly record struct InputPosition(long Segment, long Offset, long Count)
{
    public override string ToString() => $"input {Count} (segment {Segment}, byte {Offset})";
}
