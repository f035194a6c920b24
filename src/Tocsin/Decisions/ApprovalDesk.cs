using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Incidents;
using Tocsin.Recording;

namespace Tocsin.Decisions;

/// <summary>What became of an approval that somebody handed in.</summary>
/// <param name="Refusal">Null where it counts.</param>
internal sealed record ApprovalOutcome(ApprovalRefusal? Refusal, string Message);

/// <summary>What somebody hands in: a signature and, from tools, the typed data that it signs.</summary>
internal sealed record SubmittedApproval(string Signature, JsonElement? TypedData = null);

/// <summary>Takes approvals: checks the signature, lets the rules judge it, and records it either way.</summary>
internal sealed class ApprovalDesk(IIncidentLog logbook)
{
    // Enough to see what was tried; more would only let anybody fill the log.
    private const int RefusalsKept = 100;

    /// <param name="submitted">Without typed data, the signature is taken to be for the decision that is open.</param>
    public ApprovalOutcome Submit(IncidentId id, SubmittedApproval submitted)
    {
        ApprovalOutcome? outcome = null;
        logbook.Record((book, now) =>
        {
            if (book[id] is not { } incident)
            {
                outcome = Refused(ApprovalRefusal.UnknownDecision);
                return [];
            }
            (var events, outcome) = Judge(book, incident, submitted, now);
            return events;
        });
        return outcome!;
    }

    private (IReadOnlyList<LogEvent> Events, ApprovalOutcome Outcome) Judge(
        IncidentBook book, Incident incident, SubmittedApproval submitted, DateTimeOffset now)
    {
        // Nothing is open that it could be evidence of, and nothing would bound how many are kept.
        if (incident.Decision is not { } progress)
            return ([], Refused(ApprovalRefusal.UnknownDecision));
        if (!incident.IsOpen)
            return Refuse(incident, null, ApprovalRefusal.UnknownDecision);
        var proposed = progress.Decision;
        var claimed = submitted.TypedData is { } json ? DecisionTypedData.Read(json.GetRawText()) : proposed;
        if (claimed is null || submitted.Signature.Length > 1_000)
            return Refuse(incident, null, ApprovalRefusal.Malformed);
        if (DecisionTypedData.Signer(claimed, submitted.Signature.Trim()) is not { } signer)
            return Refuse(incident, null, ApprovalRefusal.Malformed);
        if (book.Revocations.IsRevoked(signer))
            return Refuse(incident, signer, ApprovalRefusal.Revoked);
        var plan = logbook.PlanOf(incident);
        if (plan.Decision(progress.Rule) is not { } decided)
            return Refuse(incident, signer, ApprovalRefusal.NotAnApprover);
        var rule = plan.ApprovalRule(decided);
        if (ApprovalJudgement.Refuse(proposed, claimed, signer, rule, progress.Approvers, now) is { } refusal)
            return Refuse(incident, signer, refusal);
        if (progress.TakenAt is not null)
            return Refuse(incident, signer, ApprovalRefusal.AlreadyTaken);
        var person = plan.People.First(person => person.Wallet == signer);
        var approval = new Approval(proposed.Id, signer, submitted.Signature.Trim(), now);
        var events = new List<LogEvent> { new IncidentEvent.ApprovalAccepted(incident.Id, approval, person.Name) };
        if (rule.IsMetBy(progress.Approvers.Add(signer)))
            events.Add(new IncidentEvent.DecisionTaken(incident.Id, proposed.Id));
        return (events, new ApprovalOutcome(null, $"approved by {person.Name}"));
    }

    private static (IReadOnlyList<LogEvent>, ApprovalOutcome) Refuse(
        Incident incident, Address? signer, ApprovalRefusal refusal)
    {
        if (incident.Decision!.Refused.Count >= RefusalsKept)
            return ([], Refused(refusal));
        var decision = incident.Decision.Decision.Id;
        return ([new IncidentEvent.ApprovalRefused(incident.Id, decision, signer, refusal, "")], Refused(refusal));
    }

    private static ApprovalOutcome Refused(ApprovalRefusal refusal) => new(refusal, refusal.InWords());
}
