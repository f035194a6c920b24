using Tocsin.Chains;

namespace Tocsin.Decisions;

/// <summary>One contract call that a decision permits, exactly as it will be sent.</summary>
/// <param name="Data">The calldata: four bytes of selector and the encoded arguments.</param>
public sealed record Call(ChainId Chain, Address Target, UInt256 ValueWei, ValueList<byte> Data);

/// <summary>
/// An emergency decision as approvers sign it: one signature covers every call on every chain, and each call executes
/// once. The EIP-712 domain holds no chain id for that reason.
/// </summary>
/// <param name="Id">keccak256 of plan hash, action and use; the signer allots the use.</param>
/// <param name="Exercise">True for a drill. The signer refuses an exercise with production keys.</param>
/// <param name="PlanHash">
/// Hash of the plan's decisions and actions: binds what approvers saw, and grants nothing.
/// </param>
/// <param name="ExpiresAt">Whole seconds. From this instant on an approval counts no more.</param>
public sealed record EmergencyDecision(
    Hash32 Id,
    bool Exercise,
    Hash32 PlanHash,
    ValueList<Call> Calls,
    DateTimeOffset ExpiresAt);

/// <summary>An approval whose signature was checked: this address signed exactly this decision.</summary>
/// <param name="Signature">65 bytes as 0x hexadecimal, kept so that the signer process can check it again.</param>
public sealed record Approval(Hash32 Decision, Address Signer, string Signature, DateTimeOffset ReceivedAt);
