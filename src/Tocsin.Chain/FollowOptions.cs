using Tocsin.Chains;

namespace Tocsin.Chain;

/// <summary>What is followed, how much is remembered, and how patiently.</summary>
public sealed record FollowOptions
{
    /// <summary>The chain the node must be on.</summary>
    public required ChainId ExpectedChain { get; init; }

    /// <summary>How many blocks a reorg may take back.</summary>
    public int RememberedBlocks { get; init; } = 256;

    /// <summary>When a block counts as final; counted confirmations may not exceed the remembered blocks.</summary>
    public Finality Finality { get; init; } = Finality.After(12);

    /// <summary>The least time between two questions for the final block; only a new head raises one.</summary>
    public TimeSpan FinalityInterval { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>Blocks asked for at the same time while catching up, to begin with: faults make it fewer.</summary>
    public int BlocksAhead { get; init; } = 4;

    /// <summary>What it may grow to while the node keeps up.</summary>
    public int BlocksAheadMax { get; init; } = 16;

    /// <summary>
    /// More blocks than this behind the head is catching up: it is told, heads are shown as previews, and an announced
    /// head must be confirmed by the source before it is believed.
    /// </summary>
    public int LagBlocks { get; init; } = 8;

    /// <summary>Between two notices while catching up.</summary>
    public TimeSpan CatchUpNoticeInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Between two attempts after a fault.</summary>
    public Backoff Retry { get; init; } = new(TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(30));
}
