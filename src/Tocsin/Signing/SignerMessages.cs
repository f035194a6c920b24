using Tocsin.Audit;
using Tocsin.Chains;
using Tocsin.Decisions;
using Tocsin.Incidents;

namespace Tocsin.Signing;

/// <summary>A request to the signer: one JSON line over its socket. Exactly one part is given.</summary>
internal sealed record SignerRequest(
    StatusRequest? Status = null,
    UseRequest? Use = null,
    SignRequest? Sign = null,
    ReplaceRequest? Replace = null,
    HeadRequest? Head = null,
    BeatRequest? Beat = null,
    RevokeRequest? Revoke = null)
{
    public bool IsOfOnePart() =>
        ((object?[])[Status, Use, Sign, Replace, Head, Beat, Revoke]).Count(part => part is not null) == 1;
}

/// <summary>The answer, one JSON line; a refusal says why in words.</summary>
internal sealed record SignerAnswer(
    StatusAnswer? Status = null,
    UseAnswer? Use = null,
    SignAnswer? Signed = null,
    Refusal? Refused = null,
    CountersignedHead? Head = null,
    BeatEntry? Beat = null,
    RevokedWallet? Revoked = null);

/// <param name="Chain">Whose next nonce is asked for; null for the first chain of the policy.</param>
/// <param name="Decision">With <paramref name="Call"/>, of which it is asked whether it was signed.</param>
internal sealed record StatusRequest(ChainId? Chain = null, Hash32? Decision = null, int? Call = null);

/// <param name="NextNonce">What the next call on that chain would be signed with, by the journal alone.</param>
/// <param name="MaxFeePerGasWei">The policy's ceiling: a higher fee is refused.</param>
/// <param name="Refused">What was refused since the signer's start, whoever asked.</param>
/// <param name="Since">The signer's start: with it the counts begin anew.</param>
/// <param name="Revoked">Wallets that fill no place any more; null where none was revoked.</param>
/// <param name="MaxGas">The policy's: a higher gas limit is refused.</param>
/// <param name="IsSigned">Whether the call asked about is in the journal; null where none was asked about.</param>
internal sealed record StatusAnswer(
    Address Account,
    bool Exercise,
    ulong NextNonce,
    int Entries,
    UInt256 MaxFeePerGasWei,
    ValueList<RefusalCount> Refused,
    DateTimeOffset Since,
    ValueList<HeartbeatStatus> Heartbeats,
    ValueList<Address>? Revoked = null,
    bool? IsSigned = null,
    ulong? MaxGas = null);

/// <summary>A brake that the policy lets the signer beat for.</summary>
/// <param name="EverySeconds">The least between two beats.</param>
internal sealed record HeartbeatStatus(
    ChainId Chain, Address Brake, Address Relayer, ulong EverySeconds, ulong MaxGas, UInt256 MaxFeePerGasWei);

/// <summary>Asks for a beat of the pauser in a transaction of the relayer.</summary>
/// <param name="Nonce">The relayer's, which does nothing else: a wrong one only keeps the beat away.</param>
internal sealed record BeatRequest(
    ChainId Chain, Address Brake, ulong Nonce, UInt256 MaxFeePerGasWei, UInt256 MaxPriorityFeePerGasWei);

/// <summary>How often the signer refused for that reason.</summary>
internal sealed record RefusalCount(SignerRefusal Code, long Count);

/// <summary>Asks for a countersignature of the log's head.</summary>
internal sealed record HeadRequest(LogHead Head);

/// <summary>The head, the signer's instant, and its signature of both; kept by the signer too.</summary>
internal sealed record CountersignedHead(LogHead Head, DateTimeOffset At, string Signature);

/// <summary>Asks which use of a prepared action is open.</summary>
internal sealed record UseRequest(Hash32 PlanHash, string Action);

internal sealed record UseAnswer(Hash32 Decision, ulong Use);

/// <summary>Asks for one call of a decision to be signed.</summary>
/// <param name="Action">The action's name; with the plan hash and the open use it must give the decision's id.</param>
/// <param name="Approvals">Signatures of the decision, as the approvers gave them.</param>
/// <param name="Safe">For a call that goes through a Safe, what its owners signed; null for any other.</param>
internal sealed record SignRequest(
    EmergencyDecision Decision,
    string Action,
    ValueList<string> Approvals,
    int Call,
    ulong GasLimit,
    UInt256 MaxFeePerGasWei,
    UInt256 MaxPriorityFeePerGasWei,
    SafeSignatures? Safe = null);

/// <summary>What owners of a Safe signed: the one thing that may be filled into an approved call.</summary>
/// <param name="Nonce">Of the Safe, for which they signed.</param>
/// <param name="Signatures">65 bytes each as the Safe reads them, 0x hexadecimal.</param>
internal sealed record SafeSignatures(ulong Nonce, ValueList<string> Signatures);

/// <summary>
/// Asks for a higher fee for a call that was signed before: the same call under the same nonce. It needs no approval
/// and minds no expiry, because what was signed must get in or its nonce holds up every later one. Where the offer is
/// too small for nodes to take it in the place of the last, the answer is the last once more. The policy's whole
/// ceiling, tip and all, is given once for every call, however often it was replaced.
/// </summary>
internal sealed record ReplaceRequest(
    Hash32 Decision, int Call, UInt256 MaxFeePerGasWei, UInt256 MaxPriorityFeePerGasWei);

internal sealed record SignAnswer(ulong Nonce, Hash32 Transaction, string Raw);

internal sealed record Refusal(SignerRefusal Code, string Reason)
{
    /// <summary>
    /// Whose word it is on signing, and so for how long: the policy's stays the same until people change something, and
    /// what only time or a new offer changes is asked for again as it is. Null where it is nobody's: it was refused
    /// before the journal was looked into, so the call may be signed already.
    /// </summary>
    public RefusedBy? By => Code switch
    {
        SignerRefusal.Malformed or SignerRefusal.ClientNotAllowed or SignerRefusal.TooManyRequests => null,
        SignerRefusal.KeyUnavailable or SignerRefusal.FeeAboveCeiling or SignerRefusal.TooManySignatures
            or SignerRefusal.NotByOwners => RefusedBy.Signer,
        _ => RefusedBy.Policy,
    };
}

/// <summary>Why the signer does not sign.</summary>
internal enum SignerRefusal
{
    /// <summary>The request could not be read, or asks for nothing that there is. It says nothing of a call.</summary>
    Malformed,
    ExerciseMismatch,
    NotAllowed,
    OutOfBounds,

    /// <summary>The offer of gas and fees is outside the policy's bounds; another one may be made.</summary>
    FeeAboveCeiling,
    WrongDecisionId,
    UseClosed,
    NotEnoughApprovals,
    Expired,
    TooManySignatures,
    ClientNotAllowed,
    NeverSigned,
    TooManyReplacements,

    /// <summary>Whoever holds the key did not sign; it can be asked again.</summary>
    KeyUnavailable,
    TooManyRequests,

    /// <summary>
    /// The head was countersigned further on, or otherwise: somebody took the log back or rewrote it.
    /// </summary>
    LogRewound,

    /// <summary>What owners of a Safe signed is missing, or is not what they were asked for.</summary>
    NotByOwners,

    /// <summary>A revocation after which nobody could approve an entry of the policy.</summary>
    WouldBeUnfillable,

    /// <summary>The call is allowed, but its calldata are not the one form in which it is signed.</summary>
    NotCanonical,
}
