using Tocsin.Chains;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Blocks;

namespace Tocsin.Detection.Governance;

/// <summary>What became of a power.</summary>
internal enum PrivilegeKind
{
    Granted,
    Taken,
    Owner,
    OwnerPending,
    Code,
    Rules,
    Paused,
    Unpaused,
    Threshold,
    Delay,
    Guard,
    Module,
    Scheduled,
    Executed,
}

/// <summary>An event about powers.</summary>
/// <param name="What">The power in words, as in "the role 0x…".</param>
/// <param name="Account">Who it is about: who got or lost it, or who did it; null where the event does not say.</param>
/// <param name="Before">The old value of a threshold or a delay, where the event tells it.</param>
/// <param name="After">The new one.</param>
/// <param name="Operation">The identifier of something scheduled.</param>
internal sealed record PrivilegeEvent(
    PrivilegeKind Kind, string What, Address? Account = null, UInt256? Before = null, UInt256? After = null,
    Hash32 Operation = default)
{
    /// <summary>What a scheduled operation would call.</summary>
    public ProposalCall? Call { get; init; }

    /// <summary>For how long it must wait from now on, or until when, in seconds.</summary>
    public UInt256 Waits { get; init; }
}

/// <summary>The events by which contracts tell who rules over them.</summary>
internal static class PrivilegeEvents
{
    /// <summary>Null for another event, and for one that only pretends.</summary>
    public static PrivilegeEvent? Read(in Log log) =>
        log.Topics.Count > 0 && Readers.TryGetValue(log.Topics[0], out var reader)
        && reader.Shapes.TryDecode(log, out var decoded)
            ? reader.Read(decoded)
            : null;

    private static IEnumerable<(EventShapes Shapes, Func<DecodedEvent, PrivilegeEvent> Read)> All()
    {
        foreach (var (signature, kind, what) in WithAccount)
            yield return (new EventShapes(AbiEvent.Parse(signature)), log => new PrivilegeEvent(
                kind, what.Replace("{role}", RoleOf(log), StringComparison.Ordinal), (Address)log["account"]));
        foreach (var (signature, kind, what) in WithoutAccount)
            yield return (new EventShapes(AbiEvent.Parse(signature)), _ => new PrivilegeEvent(kind, what));
        foreach (var (signature, kind, what) in WithValue)
            yield return (new EventShapes(AbiEvent.Parse(signature)), log => new PrivilegeEvent(
                kind, what, null, log.Values.Count > 1 ? (UInt256)log["before"] : null, (UInt256)log["after"]));
        foreach (var row in Timelocks())
            yield return row;
    }

    // Signatures: OpenZeppelin 4 and 5 unless noted; what is indexed varies and is found out.
    private static readonly (string Signature, PrivilegeKind Kind, string What)[] WithAccount =
    [
        ("RoleGranted(bytes32 indexed role, address indexed account, address indexed by)",
            PrivilegeKind.Granted, "the role {role}"),
        ("RoleRevoked(bytes32 indexed role, address indexed account, address indexed by)",
            PrivilegeKind.Taken, "the role {role}"),
        // OpenZeppelin AccessManager
        ("RoleGranted(uint64 indexed role, address indexed account, uint32 delay, uint48 since, bool isNew)",
            PrivilegeKind.Granted, "the role {role}"),
        ("RoleRevoked(uint64 indexed role, address indexed account)", PrivilegeKind.Taken, "the role {role}"),
        ("OwnershipTransferred(address indexed before, address indexed account)", PrivilegeKind.Owner, "ownership"),
        ("OwnershipTransferStarted(address indexed before, address indexed account)",
            PrivilegeKind.OwnerPending, "ownership, to be accepted yet"),
        ("AdminChanged(address before, address account)", PrivilegeKind.Owner, "the administration of the proxy"),
        ("Upgraded(address indexed account)", PrivilegeKind.Code, "the code"),
        ("BeaconUpgraded(address indexed account)", PrivilegeKind.Code, "the beacon of the code"),
        ("Paused(address account)", PrivilegeKind.Paused, "paused"),
        ("Unpaused(address account)", PrivilegeKind.Unpaused, "unpaused"),
        // Compound Timelock
        ("NewAdmin(address indexed account)", PrivilegeKind.Owner, "the administration"),
        ("NewPendingAdmin(address indexed account)",
            PrivilegeKind.OwnerPending, "the administration, to be accepted yet"),
        // Safe
        ("AddedOwner(address indexed account)", PrivilegeKind.Granted, "a signature of the Safe"),
        ("RemovedOwner(address indexed account)", PrivilegeKind.Taken, "a signature of the Safe"),
        ("EnabledModule(address indexed account)", PrivilegeKind.Granted, "the Safe's funds as a module"),
        ("DisabledModule(address indexed account)", PrivilegeKind.Taken, "the Safe's funds as a module"),
        ("ExecutionFromModuleSuccess(address indexed account)",
            PrivilegeKind.Module, "acted for the Safe without its owners"),
        ("ExecutionFromModuleFailure(address indexed account)",
            PrivilegeKind.Module, "tried to act for the Safe without its owners"),
        ("ChangedGuard(address indexed account)", PrivilegeKind.Guard, "the guard of the Safe"),
        ("ChangedModuleGuard(address indexed account)", PrivilegeKind.Guard, "the guard of the Safe's modules"),
        ("ChangedFallbackHandler(address indexed account)",
            PrivilegeKind.Granted, "the calls that the Safe does not know, as its fallback handler"),
        ("ChangedMasterCopy(address account)", PrivilegeKind.Code, "the code of the Safe"),
        // contracts/src/Roles.sol
        ("RoleOffered(address indexed by, address indexed account, uint8 indexed role, uint64 expiresAt)",
            PrivilegeKind.OwnerPending, "the role {role}, to be accepted yet"),
        ("RoleTaken(address indexed account, uint8 indexed role)", PrivilegeKind.Granted, "the role {role}"),
        ("RoleLeft(address indexed by, address indexed account, uint8 indexed role)",
            PrivilegeKind.Taken, "the role {role}"),
    ];

    // contracts/src/TwoPersons.sol, in its order.
    private static readonly string[] RolesOfTheBrake =
        ["that was offered", "of governance", "of a pauser", "of a recoverer", "of risk", "of an attester",
            "of a responder"];

    private static readonly (string Signature, PrivilegeKind Kind, string What)[] WithoutAccount =
    [
        ("RoleAdminChanged(bytes32 indexed role, bytes32 indexed before, bytes32 indexed after)",
            PrivilegeKind.Rules, "who may grant a role"),
        // OpenZeppelin AccessManager
        ("TargetFunctionRoleUpdated(address indexed target, bytes4 selector, uint64 indexed role)",
            PrivilegeKind.Rules, "which role may call a function"),
        ("TargetClosed(address indexed target, bool closed)", PrivilegeKind.Rules, "whether a contract can be called"),
        // EIP-2535
        ("DiamondCut((address,uint8,bytes4[])[] cut, address init, bytes data)", PrivilegeKind.Code, "the code"),
        // Aave V2, Circle
        ("Paused()", PrivilegeKind.Paused, "paused"),
        ("Pause()", PrivilegeKind.Paused, "paused"),
        ("Unpaused()", PrivilegeKind.Unpaused, "unpaused"),
        ("Unpause()", PrivilegeKind.Unpaused, "unpaused"),
    ];

    private static readonly (string Signature, PrivilegeKind Kind, string What)[] WithValue =
    [
        // Safe
        ("ChangedThreshold(uint256 after)", PrivilegeKind.Threshold, "the signatures that the Safe needs"),
        ("MinDelayChange(uint256 before, uint256 after)", PrivilegeKind.Delay, "the delay of the timelock"),
        // Compound Timelock
        ("NewDelay(uint256 indexed after)", PrivilegeKind.Delay, "the delay of the timelock"),
    ];

    private static readonly Dictionary<Hash32, (EventShapes Shapes, Func<DecodedEvent, PrivilegeEvent> Read)> Readers =
        All().ToDictionary(row => row.Shapes.Topic0);

    private static IEnumerable<(EventShapes Shapes, Func<DecodedEvent, PrivilegeEvent> Read)> Timelocks()
    {
        yield return (
            new EventShapes(AbiEvent.Parse("CallScheduled(bytes32 indexed id, uint256 indexed index, address target, "
                + "uint256 value, bytes data, bytes32 predecessor, uint256 delay)")),
            log => new PrivilegeEvent(PrivilegeKind.Scheduled, "", Operation: Id(log, "id"))
            {
                Call = new ProposalCall(
                    (Address)log["target"], (UInt256)log["value"], ValueList.Create<byte>((byte[])log["data"])),
                Waits = (UInt256)log["delay"],
            });
        yield return (
            new EventShapes(AbiEvent.Parse(
                "CallExecuted(bytes32 indexed id, uint256 indexed index, address target, uint256 value, bytes data)")),
            log => new PrivilegeEvent(PrivilegeKind.Executed, "", Operation: Id(log, "id")));
        // Compound Timelock; its eta is an instant, and the contract itself holds it.
        foreach (var (name, kind) in new[]
            { ("QueueTransaction", PrivilegeKind.Scheduled), ("ExecuteTransaction", PrivilegeKind.Executed) })
            yield return (
                new EventShapes(AbiEvent.Parse($"{name}(bytes32 indexed id, address indexed target, uint256 value, "
                    + "string signature, bytes data, uint256 eta)")),
                log => new PrivilegeEvent(kind, "", Operation: Id(log, "id"))
                {
                    Call = ProposalCall.Of((Address)log["target"], (UInt256)log["value"], (string)log["signature"],
                        (byte[])log["data"]),
                });
    }

    private static Hash32 Id(DecodedEvent log, string name) =>
        log[name] is Hash32 hash ? hash : new Hash32((byte[])log[name]);

    private static string RoleOf(DecodedEvent log)
    {
        if (log.Event.Parameters.All(parameter => parameter.Name != "role"))
            return "";
        var isOurs = log.Event.Parameters.Any(parameter => parameter.Type.CanonicalName == "uint8");
        if (isOurs && int.TryParse(log["role"].ToString(), out var ours) && ours < RolesOfTheBrake.Length)
            return RolesOfTheBrake[ours];
        var role = log["role"] is UInt256 number ? number.ToString() : Id(log, "role").ToString();
        return role == Hash32.Zero.ToString() || role == "0" ? "of the highest administrator" : role;
    }
}
