using Tocsin.Chains;

namespace Tocsin.Chain;

/// <summary>What a follower tells beside its steps, so that the watcher knows when it is blind.</summary>
public enum FollowNoticeKind
{
    /// <summary>The node does not have what was announced, or less than it had before.</summary>
    Behind,

    /// <summary>The node gave no usable answer; it is asked again.</summary>
    Fault,

    /// <summary>After one of the two above: answers come again.</summary>
    Recovered,

    /// <summary>Blocks that were taken are taken back.</summary>
    Reorg,

    /// <summary>
    /// A final block is taken back, or the node's word on what is final contradicts its own chain. The chain is
    /// followed all the same.
    /// </summary>
    BrokeFinality,

    /// <summary>Far behind the head, and taking block after block; told now and then while it lasts.</summary>
    CatchingUp,

    /// <summary>The head is reached after that.</summary>
    CaughtUp,
}

/// <param name="Text">One sentence for the log, without credentials.</param>
/// <param name="Fault">For <see cref="FollowNoticeKind.Fault"/>, what kind of fault.</param>
/// <param name="Depth">How many taken blocks a reorg takes back; 0 where there is none.</param>
public sealed record FollowNotice(FollowNoticeKind Kind, string Text, NodeFault? Fault = null, int Depth = 0)
{
    /// <summary>True for what comes with every start, and for answers that come again: no trouble.</summary>
    public bool IsRoutine =>
        Kind is FollowNoticeKind.Recovered or FollowNoticeKind.CatchingUp or FollowNoticeKind.CaughtUp;

    /// <summary>For <see cref="FollowNoticeKind.BrokeFinality"/>, the block that was or is said to be final.</summary>
    public BlockRef? Final { get; init; }

    /// <summary>While catching up: the block to take next. Caught up: the first one that was taken so.</summary>
    public ulong? FromBlock { get; init; }

    /// <summary>The head that is, or was, caught up with.</summary>
    public ulong? ToBlock { get; init; }

    /// <summary>How many blocks there still are to take while catching up; 0 otherwise.</summary>
    public ulong RemainingBlocks { get; init; }
}
