using Tocsin.Chains;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Blocks;

namespace Tocsin.Detection.Governance;

/// <summary>What a governor, its timelock or its token wrote.</summary>
internal abstract record GovernanceEvent
{
    private GovernanceEvent()
    {
    }

    /// <summary>A proposal; without calls where the event does not hold them.</summary>
    public sealed record Created(string Proposal, Address Proposer, ValueList<ProposalCall> Calls) : GovernanceEvent;

    /// <param name="Votes">In the smallest unit.</param>
    public sealed record Voted(string Proposal, Address Voter, UInt256 Votes) : GovernanceEvent;

    /// <summary>What an Aragon vote ran; the vote is named by the event after it.</summary>
    public sealed record Ran(ValueList<ProposalCall> Calls) : GovernanceEvent;

    public sealed record Executed(string Proposal) : GovernanceEvent;

    /// <summary>One call of an operation that a timelock let wait; the others come in the same transaction.</summary>
    /// <param name="Operation">The same for all of them.</param>
    public sealed record Scheduled(string Operation, ProposalCall Call) : GovernanceEvent;

    /// <summary>An operation, or a call of it, that a timelock executed or dropped.</summary>
    public sealed record Unscheduled(string Operation) : GovernanceEvent;

    /// <param name="Before">Null where the event tells the new value alone.</param>
    public sealed record DelaySet(string Delay, UInt256? Before, UInt256 After) : GovernanceEvent;
}

/// <summary>The events of governors: OpenZeppelin Governor, Compound GovernorAlpha and GovernorBravo, Aragon Voting,
/// and the timelocks beside them.</summary>
internal static class GovernanceEvents
{
    // OpenZeppelin Governor, GovernorAlpha and GovernorBravo: one shape, nothing indexed.
    public static readonly AbiEvent ProposalCreated = AbiEvent.Parse(
        "ProposalCreated(uint256 id, address proposer, address[] targets, uint256[] values, string[] signatures, "
            + "bytes[] calldatas, uint256 start, uint256 end, string description)");

    // OpenZeppelin Governor, GovernorBravo
    public static readonly AbiEvent VoteCast = AbiEvent.Parse(
        "VoteCast(address indexed voter, uint256 id, uint8 support, uint256 votes, string reason)");

    // OpenZeppelin Governor
    public static readonly AbiEvent VoteCastWithParams = AbiEvent.Parse("VoteCastWithParams(address indexed voter, "
        + "uint256 id, uint8 support, uint256 votes, string reason, bytes params)");

    // GovernorAlpha
    public static readonly AbiEvent VoteCastAlpha =
        AbiEvent.Parse("VoteCast(address voter, uint256 id, bool support, uint256 votes)");

    // OpenZeppelin Governor, GovernorAlpha, GovernorBravo
    public static readonly AbiEvent ProposalExecuted = AbiEvent.Parse("ProposalExecuted(uint256 id)");

    // Aragon Voting
    public static readonly AbiEvent StartVote =
        AbiEvent.Parse("StartVote(uint256 indexed id, address indexed creator, string metadata)");

    // Aragon Voting
    public static readonly AbiEvent CastVote =
        AbiEvent.Parse("CastVote(uint256 indexed id, address indexed voter, bool supports, uint256 votes)");

    // Aragon Voting
    public static readonly AbiEvent ScriptResult =
        AbiEvent.Parse("ScriptResult(address indexed executor, bytes script, bytes input, bytes returnData)");

    // Aragon Voting
    public static readonly AbiEvent ExecuteVote = AbiEvent.Parse("ExecuteVote(uint256 indexed id)");

    // ERC20Votes and COMP
    public static readonly AbiEvent DelegateVotesChanged = AbiEvent.Parse(
        "DelegateVotesChanged(address indexed account, uint256 before, uint256 after)");

    // OpenZeppelin TimelockController
    public static readonly AbiEvent CallScheduled = AbiEvent.Parse("CallScheduled(bytes32 indexed id, "
        + "uint256 indexed index, address target, uint256 value, bytes data, bytes32 predecessor, uint256 delay)");

    // OpenZeppelin TimelockController
    public static readonly AbiEvent CallExecuted = AbiEvent.Parse(
        "CallExecuted(bytes32 indexed id, uint256 indexed index, address target, uint256 value, bytes data)");

    // OpenZeppelin TimelockController
    public static readonly AbiEvent Cancelled = AbiEvent.Parse("Cancelled(bytes32 indexed id)");

    // Compound Timelock: no name for what belongs together but when it is due.
    public static readonly AbiEvent QueueTransaction = AbiEvent.Parse("QueueTransaction(bytes32 indexed hash, "
        + "address indexed target, uint256 value, string signature, bytes data, uint256 due)");

    private static readonly AbiEvent[] Delays =
    [
        // OpenZeppelin TimelockController
        AbiEvent.Parse("MinDelayChange(uint256 before, uint256 after)"),
        // OpenZeppelin GovernorSettings
        AbiEvent.Parse("VotingDelaySet(uint256 before, uint256 after)"),
        AbiEvent.Parse("VotingPeriodSet(uint256 before, uint256 after)"),
        // OpenZeppelin GovernorVotesQuorumFraction
        AbiEvent.Parse("QuorumNumeratorUpdated(uint256 before, uint256 after)"),
        // Compound Timelock
        AbiEvent.Parse("NewDelay(uint256 indexed after)"),
        // Aragon Voting
        AbiEvent.Parse("ChangeVoteTime(uint64 after)"),
        AbiEvent.Parse("ChangeObjectionPhaseTime(uint64 after)"),
    ];

    /// <summary>What an address wrote, whichever governor it is; null for what says nothing here.</summary>
    public static GovernanceEvent? Read(in Log log)
    {
        if (log.Topics.Count == 0)
            return null;
        foreach (var (declared, read) in Readers)
            if (declared.TryDecode(log, out var decoded))
                return read(decoded);
        return null;
    }

    private static readonly (AbiEvent Declared, Func<DecodedEvent, GovernanceEvent> Read)[] Readers =
    [
        (ProposalCreated, log => new GovernanceEvent.Created(
            Id(log), (Address)log["proposer"], ProposalReading.Calls(
                log["targets"], log["values"], log["signatures"], log["calldatas"]).ToValueList())),
        (StartVote, log => new GovernanceEvent.Created(Id(log), (Address)log["creator"], [])),
        (VoteCast, Vote), (VoteCastWithParams, Vote), (VoteCastAlpha, Vote), (CastVote, Vote),
        (ScriptResult, log => new GovernanceEvent.Ran(ProposalReading.Script((byte[])log["script"]))),
        (ProposalExecuted, log => new GovernanceEvent.Executed(Id(log))),
        (ExecuteVote, log => new GovernanceEvent.Executed(Id(log))),
        (CallScheduled, log => new GovernanceEvent.Scheduled(
            Operation(log), ProposalCall.Of((Address)log["target"], (UInt256)log["value"], "", (byte[])log["data"]))),
        (QueueTransaction, log => new GovernanceEvent.Scheduled(
            $"due {(UInt256)log["due"]}", ProposalCall.Of(
                (Address)log["target"], (UInt256)log["value"], (string)log["signature"], (byte[])log["data"]))),
        (CallExecuted, log => new GovernanceEvent.Unscheduled(Operation(log))),
        (Cancelled, log => new GovernanceEvent.Unscheduled(Operation(log))),
        .. Delays.Select(delay => (delay, (Func<DecodedEvent, GovernanceEvent>)Delay)),
    ];

    private static GovernanceEvent.Voted Vote(DecodedEvent log) =>
        new(Id(log), (Address)log["voter"], (UInt256)log["votes"]);

    private static GovernanceEvent.DelaySet Delay(DecodedEvent log) => new(
        log.Event.Name, log.Values.Count > 1 ? (UInt256)log["before"] : null, (UInt256)log["after"]);

    private static string Operation(DecodedEvent log) => $"operation {new Hash32((byte[])log["id"])}";

    private static string Id(DecodedEvent log) => ((UInt256)log["id"]).ToString();
}
