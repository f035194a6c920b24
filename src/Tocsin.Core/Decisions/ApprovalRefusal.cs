using Tocsin.Chains;

namespace Tocsin.Decisions;

/// <summary>Why an approval does not count. Each is recorded with the incident.</summary>
public enum ApprovalRefusal
{
    UnknownDecision,
    Malformed,
    ExerciseMismatch,
    AlteredPlan,
    AlteredCall,
    AlteredExpiry,
    NotAnApprover,
    Expired,
    AlreadyApproved,
    AlreadyTaken,
    Revoked,
}

/// <summary>The judgement of one approval against the decision that was proposed. Server and signer share it.</summary>
public static class ApprovalJudgement
{
    /// <summary>Null if the approval counts; otherwise the first reason why it does not.</summary>
    /// <param name="proposed">What the approvers were asked to sign.</param>
    /// <param name="signed">
    /// What this approver says to have signed; <paramref name="signer"/> was recovered from it.
    /// </param>
    public static ApprovalRefusal? Refuse(
        EmergencyDecision proposed,
        EmergencyDecision signed,
        Address signer,
        ApprovalRule rule,
        IReadOnlyCollection<Address> alreadyApproved,
        DateTimeOffset now)
    {
        if (signed.Id != proposed.Id)
            return ApprovalRefusal.UnknownDecision;
        if (signed.Exercise != proposed.Exercise)
            return ApprovalRefusal.ExerciseMismatch;
        if (signed.PlanHash != proposed.PlanHash)
            return ApprovalRefusal.AlteredPlan;
        if (!signed.Calls.Equals(proposed.Calls))
            return ApprovalRefusal.AlteredCall;
        if (signed.ExpiresAt != proposed.ExpiresAt)
            return ApprovalRefusal.AlteredExpiry;
        if (!rule.IsApprover(signer))
            return ApprovalRefusal.NotAnApprover;
        if (now >= proposed.ExpiresAt)
            return ApprovalRefusal.Expired;
        if (alreadyApproved.Contains(signer))
            return ApprovalRefusal.AlreadyApproved;
        return null;
    }

    /// <summary>The reason in words for the person who tried to approve.</summary>
    public static string InWords(this ApprovalRefusal refusal) => refusal switch
    {
        ApprovalRefusal.UnknownDecision => "no such decision is open here",
        ApprovalRefusal.Malformed => "this is not a decision with a 65-byte signature",
        ApprovalRefusal.ExerciseMismatch => "the exercise flag differs from the decision that was proposed",
        ApprovalRefusal.AlteredPlan => "it was signed for another version of the plan",
        ApprovalRefusal.AlteredCall => "the calls differ from the decision that was proposed",
        ApprovalRefusal.AlteredExpiry => "the expiry differs from the decision that was proposed",
        ApprovalRefusal.NotAnApprover => "the signature is not by a wallet that the plan lets approve this decision",
        ApprovalRefusal.Expired => "the decision has expired",
        ApprovalRefusal.AlreadyApproved => "this wallet has approved already",
        ApprovalRefusal.AlreadyTaken => "the decision has enough approvals already",
        ApprovalRefusal.Revoked => "this wallet was revoked, and counts no more",
    };
}
