using Tocsin.Chains;

namespace Tocsin.Chain;

/// <summary>What a follower tells beside its steps, so that the watcher knows when it is blind.</summary>
public enum FollowNoticeKind
{
    /// <summary>The node does not have what it announced, or less than it had before.</summary>
    Behind,

    /// <summary>The node gave no usable answer; it is asked again.</summary>
    Fault,

    /// <summary>After one of the two above: blocks come again.</summary>
    Recovered,

    /// <summary>Blocks that were taken are taken back.</summary>
    Reorg,
}

/// <param name="Text">One sentence for the log, without credentials.</param>
/// <param name="Fault">For <see cref="FollowNoticeKind.Fault"/>, what kind of fault.</param>
/// <param name="Depth">For <see cref="FollowNoticeKind.Reorg"/>, how many taken blocks are taken back.</param>
public sealed record FollowNotice(FollowNoticeKind Kind, string Text, NodeFault? Fault = null, int Depth = 0);

/// <summary>What is followed, how much is remembered, and how patiently.</summary>
public sealed record FollowOptions
{
    /// <summary>The chain the node must be on.</summary>
    public required ChainId ExpectedChain { get; init; }

    /// <summary>How many blocks back a reorg is survived.</summary>
    public int RememberedBlocks { get; init; } = 256;

    /// <summary>Blocks asked for at the same time while catching up.</summary>
    public int BlocksAhead { get; init; } = 4;

    /// <summary>Between two attempts after a fault.</summary>
    public Backoff Retry { get; init; } = new(TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(30));
}
