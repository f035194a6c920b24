using Tocsin.Chains;

namespace Tocsin.Deployments;

/// <summary>What was read of a live deployment, all of it in one block.</summary>
/// <param name="At">Of that block, in seconds since 1970.</param>
/// <param name="LooseningDelaySeconds">The shortest of those of limits, queue and peg; null where none answered.
/// </param>
/// <param name="RegistryQuorum">Null without a registry.</param>
/// <param name="Bare">What names no function that moves value: holders, or the file where it has no holder.</param>
/// <param name="Unread">What could not be read, in words.</param>
internal sealed record DeploymentState(
    ulong At,
    ValueList<Contract> WithoutCode,
    ValueList<Wire> Wires,
    Bounds? Bounds,
    ValueList<Member> Members,
    ValueList<PauserState> Pausers,
    ulong? LooseningDelaySeconds,
    UInt256? RegistryQuorum,
    ValueList<AssetState> Assets,
    PegState? Peg,
    ValueList<PendingMigration> Migrations,
    ValueList<PendingLoosening> Loosenings,
    ValueList<GateProbe> Gates,
    ValueList<UnlistedFunction> Unlisted,
    ValueList<string> Bare,
    ValueList<string> Unread);

internal sealed record Contract(string Name, Address Address);

/// <summary>What a contract says that it asks, against what the file says.</summary>
/// <param name="Found">Null where it does not answer.</param>
internal sealed record Wire(string Contract, string Getter, Address Expected, Address? Found);

/// <summary>Of the controls, in seconds; immutable.</summary>
internal sealed record Bounds(
    ulong MinPause, ulong MaxPause, ulong CoolDown, ulong Budget, ulong BudgetWindow, ulong Heartbeat, ulong Grace);

/// <summary>As contracts/src/TwoPersons.sol has them.</summary>
internal enum Role
{
    None,
    Governance,
    Pauser,
    Recoverer,
    Risk,
    Attester,
    Responder,
}

/// <param name="HasCode">False also for an account that only lends itself code (EIP-7702): its key still signs.
/// </param>
/// <param name="Owners">Of a Safe; empty for anything else.</param>
/// <param name="Threshold">Of a Safe; 0 for anything else.</param>
/// <param name="MinDelaySeconds">Of a timelock (OpenZeppelin's TimelockController); null for anything else.</param>
internal sealed record Member(
    Address Address, Role Role, bool HasCode, ValueList<Address> Owners, ulong Threshold, UInt256? MinDelaySeconds);

/// <summary>A pauser at that instant.</summary>
internal sealed record PauserState(
    Address Address, ulong AliveUntil, ulong BudgetLeftSeconds, ValueList<PauseProbe> Probes);

/// <summary>A call of <c>pause</c> from the pauser, without a transaction.</summary>
/// <param name="Refusal">Null if it would succeed.</param>
internal sealed record PauseProbe(string Module, string? Refusal);

/// <param name="Held">Null where the asset does not say.</param>
/// <param name="Rule">Null where there is none.</param>
/// <param name="Line">Null where the queue has none.</param>
internal sealed record AssetState(
    string Holder, Address Asset, bool IsMinted, UInt256? Held, LimitRule? Rule, LineRule? Line)
{
    public string Name => $"{Asset.ToShortString()} of {Holder}";
}

/// <param name="InForce">The limit at that instant.</param>
internal sealed record LimitRule(
    UInt256 Cap, UInt256 Single, UInt256 PerAccount, UInt256 AttestAbove, UInt256 ShareBps, UInt256 InForce,
    UInt256 Base);

internal sealed record LineRule(UInt256 ReleaseCap, UInt256 CancelCap, UInt256 WindowSeconds);

internal sealed record PegState(ulong Grade, PegThresholds Thresholds, ValueList<SourceState> Sources);

internal sealed record PegThresholds(
    ulong TightenBps, ulong StopMintBps, ulong StopParBps, ulong QueueBps, ulong Quorum);

/// <param name="Aggregator">What stands behind a proxy of Chainlink's kind; null where it does not say.</param>
internal sealed record SourceState(Address Feed, Address? Aggregator, bool IsFresh, string Says);

internal sealed record PendingMigration(
    Address By, Address Holder, Address Asset, Address To, UInt256 Amount, ulong DueAt, ulong ExpiresAt);

internal sealed record PendingLoosening(string What, ulong DueAt, ulong ExpiresAt);

/// <summary>How a call that moves value ended, once as things are and once with its module paused.</summary>
internal sealed record GateProbe(
    string Holder, string Signature, Direction Direction, Hash32 Module, CallEnd Open, CallEnd Paused);

/// <param name="PausedModule">Which module the gate said was paused; null if it ended otherwise.</param>
/// <param name="Words">Why it reverted; null if it succeeded.</param>
internal sealed record CallEnd(Hash32? PausedModule, string? Words)
{
    public bool Succeeded => Words is null;
}

/// <summary>A function that changes state and that the file says nothing of.</summary>
internal sealed record UnlistedFunction(string Holder, string Signature);
