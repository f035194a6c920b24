namespace Tocsin.Chain;

/// <summary>How much time and memory one request may cost.</summary>
public sealed record NodeOptions
{
    /// <summary>From sending to the last byte of the answer.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes of one answer, after decompression.</summary>
    public int MaximumResponseBytes { get; init; } = 64 << 20;

    /// <summary>Nesting of one answer. Blocks need 6; call traces need about twice the depth of their calls.</summary>
    public int MaximumDepth { get; init; } = 64;
}
