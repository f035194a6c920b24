namespace Tocsin.Chain.Senses;

/// <summary>How much one trace, or the traces of one block, may cost. What exceeds it is refused as a whole.</summary>
public sealed record TraceOptions
{
    /// <summary>
    /// Calls within calls. The EVM stops at 1,024, and tracers show the one call more that it refuses.
    /// </summary>
    public int MaximumCallDepth { get; init; } = 1_025;

    /// <summary>Frames, and apart from them logs and changed slots, of one answer.</summary>
    public int MaximumItems { get; init; } = 500_000;

    /// <summary>Bytes of one answer, after decompression.</summary>
    public int MaximumBytes { get; init; } = 256 << 20;

    // Each call is an object in an array; the envelope, a block's array and a log add a few.
    internal int MaximumJsonDepth => (2 * MaximumCallDepth) + 16;
}
