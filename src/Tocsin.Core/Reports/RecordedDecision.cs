using Tocsin.Chains;
using Tocsin.Decisions;
using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Reports;

/// <summary>A decision that was proposed in an incident, and what became of it.</summary>
/// <param name="Action">The plan's action that it is for; null where the plan names none.</param>
/// <param name="TakenByItself">By whose approvals and upon which finding, where nobody was asked on the night.</param>
/// <param name="TakenAt">When every place was filled; null for never.</param>
public sealed record RecordedDecision(
    Hash32 Id,
    string Rule,
    string? Action,
    string? TakenByItself,
    DateTimeOffset ProposedAt,
    DateTimeOffset ExpiresAt,
    ValueList<RecordedApproval> Approvals,
    ValueList<RecordedRefusal> Refused,
    DateTimeOffset? TakenAt,
    ValueList<RecordedCall> Calls)
{
    public static RecordedDecision Of(DecisionProgress decision, Plan plan) => new(
        decision.Decision.Id,
        decision.Rule,
        decision.ByItself?.Action ?? plan.Decision(decision.Rule)?.Action,
        decision.ByItself?.Words,
        decision.ProposedAt,
        decision.Decision.ExpiresAt,
        [
            .. decision.Approvals.Select(approval => RecordedApproval.Of(approval, plan, isWithdrawn: false)),
            .. decision.Withdrawn.Select(approval => RecordedApproval.Of(approval, plan, isWithdrawn: true)),
        ],
        decision.Refused.Select(one => new RecordedRefusal(one.Signer, one.Refusal, one.Detail, one.At))
            .ToValueList(),
        decision.TakenAt,
        decision.Calls.Zip(decision.Decision.Calls, RecordedCall.Of).ToValueList());
}

/// <param name="Person">Whose wallet it is by the plan; null for nobody's.</param>
/// <param name="Withdrawn">True where its wallet was revoked before the decision was taken.</param>
public sealed record RecordedApproval(
    string? Person, Address Wallet, string Signature, DateTimeOffset ReceivedAt, bool Withdrawn)
{
    public static RecordedApproval Of(Approval approval, Plan plan, bool isWithdrawn) => new(
        plan.People.FirstOrDefault(person => person.Wallet == approval.Signer)?.Name,
        approval.Signer, approval.Signature, approval.ReceivedAt, isWithdrawn);
}

/// <param name="Wallet">Who signed, as far as a signature could be read.</param>
public sealed record RecordedRefusal(Address? Wallet, ApprovalRefusal Refusal, string Detail, DateTimeOffset At);

/// <summary>A call of a decision. Each part is null until it has happened.</summary>
/// <param name="Scope">What it pauses; empty where it pauses nothing.</param>
/// <param name="Transaction">The last that was signed for it.</param>
/// <param name="NotSigned">Why it was not signed, where that was the last word on it.</param>
/// <param name="Included">Where it entered the chain.</param>
/// <param name="PausedUntil">Until when its scope is paused, if it still is.</param>
/// <param name="Ended">Why its scope is not paused any more.</param>
/// <param name="Settled">True where it is so deep in the chain that no reorg is expected to take it away.</param>
public sealed record RecordedCall(
    string Scope,
    ChainId Chain,
    Address Target,
    string? Simulation,
    Hash32? Transaction,
    DateTimeOffset? SignedAt,
    string? NotSigned,
    DateTimeOffset? SentAt,
    Inclusion? Included,
    DateTimeOffset? PausedUntil,
    PauseEnd? Ended,
    bool Settled)
{
    public static RecordedCall Of(CallProgress progress, Call call) => new(
        progress.Scope,
        call.Chain,
        call.Target,
        progress.Simulation?.InWords,
        progress.Signed?.Transaction,
        progress.Signed?.At,
        progress.Refusal?.Reason,
        progress.BroadcastAt,
        progress.Included,
        progress.PausedUntil,
        progress.Ended,
        progress.IsSettled);
}
