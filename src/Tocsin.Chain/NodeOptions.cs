namespace Tocsin.Chain;

/// <summary>How much time and memory one request may cost, and how many there may be.</summary>
public sealed record NodeOptions
{
    /// <summary>From sending to the last byte of the answer.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Bytes of one answer, after decompression: of a block with its transactions, or of its receipts.
    /// </summary>
    public int MaximumResponseBytes { get; init; } = 64 << 20;

    /// <summary>The same for every other answer but those that only tell a number, a hash or a header.</summary>
    public int MaximumDocumentBytes { get; init; } = 24 << 20;

    /// <summary>The same for those. A header lists its transactions: some 70 bytes for each.</summary>
    public int MaximumSmallBytes { get; init; } = 4 << 20;

    /// <summary>
    /// Bytes of memory that the answers of this node may take at the same time. An answer that finds too little left is
    /// given up as too large, and asked again by whoever needs it.
    /// </summary>
    public long MaximumBytesAtOnce { get; init; } = 256 << 20;

    /// <summary>Nesting of one answer. Blocks need 6; call traces need about twice the depth of their calls.</summary>
    public int MaximumDepth { get; init; } = 64;

    /// <summary>
    /// What we allow ourselves, a call in a batch counting as one; null for no limit. A second's worth may go at once.
    /// Signed transactions never wait for it.
    /// </summary>
    public double? RequestsPerSecond { get; init; }

    /// <summary>Calls that go into one HTTP request at most; the node's own limit is found out.</summary>
    public int BatchCalls { get; init; } = 100;

    /// <summary>After this long, something that the node did not know before is tried again.</summary>
    public TimeSpan TryAgainAfter { get; init; } = TimeSpan.FromHours(1);
}
