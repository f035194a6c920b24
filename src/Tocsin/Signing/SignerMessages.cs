using Tocsin.Chains;
using Tocsin.Decisions;

namespace Tocsin.Signing;

/// <summary>A request to the signer: one JSON line over its socket. Exactly one part is given.</summary>
internal sealed record SignerRequest(StatusRequest? Status = null, UseRequest? Use = null, SignRequest? Sign = null);

/// <summary>The answer, one JSON line; a refusal says why in words.</summary>
internal sealed record SignerAnswer(
    StatusAnswer? Status = null, UseAnswer? Use = null, SignAnswer? Signed = null, Refusal? Refused = null);

internal sealed record StatusRequest();

/// <param name="MaxFeePerGasWei">The policy's ceiling: a higher fee is refused.</param>
internal sealed record StatusAnswer(
    Address Account, bool Exercise, ulong NextNonce, int Entries, UInt256 MaxFeePerGasWei);

/// <summary>Asks which use of a prepared action is open.</summary>
internal sealed record UseRequest(Hash32 PlanHash, string Action);

internal sealed record UseAnswer(Hash32 Decision, ulong Use);

/// <summary>Asks for one call of a decision to be signed.</summary>
/// <param name="Action">The action's name; with the plan hash and the open use it must give the decision's id.</param>
/// <param name="Approvals">Signatures of the decision, as the approvers gave them.</param>
internal sealed record SignRequest(
    EmergencyDecision Decision,
    string Action,
    ValueList<string> Approvals,
    int Call,
    ulong GasLimit,
    UInt256 MaxFeePerGasWei,
    UInt256 MaxPriorityFeePerGasWei);

internal sealed record SignAnswer(ulong Nonce, Hash32 Transaction, string Raw);

internal sealed record Refusal(SignerRefusal Code, string Reason);

/// <summary>Why the signer does not sign.</summary>
internal enum SignerRefusal
{
    Malformed,
    ExerciseMismatch,
    NotAllowed,
    OutOfBounds,
    FeeAboveCeiling,
    WrongDecisionId,
    UseClosed,
    NotEnoughApprovals,
    Expired,
    TooManySignatures,
    ClientNotAllowed,

    /// <summary>Whoever holds the key did not sign; it can be asked again.</summary>
    KeyUnavailable,
    TooManyRequests,
}
