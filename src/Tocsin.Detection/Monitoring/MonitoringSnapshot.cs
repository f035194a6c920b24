using Tocsin.Chains;
using Tocsin.Findings;

namespace Tocsin.Detection.Monitoring;

/// <summary>All that monitoring remembers, as plain values.</summary>
/// <param name="Heard">Null before anything arrived.</param>
/// <param name="Reads">Where the reads of each contract that declares any were last answered.</param>
/// <param name="Undo">What the remembered blocks changed, oldest first.</param>
public sealed record MonitoringSnapshot(
    Heard? Heard,
    ValueList<Condition> Conditions,
    ValueList<ContractMemory> Contracts,
    ValueList<LastRead> Reads,
    ValueList<ContractUndo> Undo,
    ValueList<ContractFinding> Findings);

/// <summary>What was heard from beside the blocks.</summary>
/// <param name="Now">The instant of the last arrival.</param>
/// <param name="Head">The last head that was announced; null before the first.</param>
/// <param name="RecentHeads">The newest last.</param>
/// <param name="BehindSince">Since when the blocks taken are too far behind the heads announced.</param>
public sealed record Heard(
    DateTimeOffset Now,
    BlockRef? Head,
    ValueList<Hash32> RecentHeads,
    DateTimeOffset? BehindSince,
    ValueList<Silence> Silences,
    ValueList<FeedFailures> FeedFailures,
    ValueList<FrontEndSight> FrontEnds);

/// <summary>Since when nothing was heard of something.</summary>
public sealed record Silence(ConditionKey Key, DateTimeOffset Since);

/// <summary>How often in a row a feed failed, and why at last.</summary>
public sealed record FeedFailures(string Feed, int Count, string Why);

/// <summary>What was seen of one aspect of a front end.</summary>
/// <param name="Accepted">The value that it is compared with.</param>
/// <param name="AcceptedWords">The same for people.</param>
/// <param name="Value">The last value seen.</param>
/// <param name="Changes">How often it changed since it was as accepted.</param>
public sealed record FrontEndSight(
    string FrontEnd, string Aspect, string Accepted, string AcceptedWords, string Value, string Words, int Changes);

/// <summary>What the blocks and the answers to reads said of a known contract.</summary>
/// <param name="QuietCalls">Calls in which it wrote events, none of them of its ABI, as long as none ever was.</param>
/// <param name="IsAbiProven">True once it wrote an event of its ABI.</param>
/// <param name="Strange">First topics that its ABI lacks and that were told.</param>
/// <param name="Upgrades">Events of an upgrade that no answer to a read explained yet.</param>
public sealed record ContractMemory(
    Address Contract,
    int QuietCalls,
    bool IsAbiProven,
    ValueList<Hash32> Strange,
    ValueList<SlotValue> Slots,
    ValueList<UpgradeSeen> Upgrades);

public sealed record SlotValue(Hash32 Place, Hash32 Value);

/// <param name="Place">The slot that the event announces a change of.</param>
/// <param name="IsTold">True where it was told without waiting for the read any longer.</param>
public sealed record UpgradeSeen(Hash32 Place, BlockRef Block, Hash32 Transaction, bool IsTold);

/// <param name="Block">Its number; before the first answer, of the first block that could have had one.</param>
public sealed record LastRead(Address Contract, ulong Block);

/// <summary>What was remembered of a contract before a block changed it.</summary>
public sealed record ContractUndo(ulong Block, ContractMemory Before);

/// <summary>A finding about a contract that a rollback can still take back.</summary>
/// <param name="Began">The block that showed it.</param>
/// <param name="Reason">What was said of it at first sight.</param>
/// <param name="Said">The last revision given out.</param>
public sealed record ContractFinding(BlockRef Began, string Reason, Finding Said);
