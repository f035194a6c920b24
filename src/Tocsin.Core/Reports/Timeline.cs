using Tocsin.Audit;
using Tocsin.Autonomy;
using Tocsin.Chains;
using Tocsin.Communications;
using Tocsin.Deadlines;
using Tocsin.Decisions;
using Tocsin.Incidents;
using Tocsin.Paging;
using Tocsin.People;
using Tocsin.Plans;
using Tocsin.Reachability;
using Tocsin.Silences;

namespace Tocsin.Reports;

/// <summary>An event with its instant and place in the log.</summary>
public sealed record Happened(long Sequence, DateTimeOffset At, LogEvent Event);

/// <summary>The events of an incident as lines that people read.</summary>
public static class Timeline
{
    /// <summary>One sentence for an event.</summary>
    /// <exception cref="InvalidOperationException">The event is of a kind that this version does not know.</exception>
    public static string Line(LogEvent happened) => happened switch
    {
        FindingRecorded recorded => Line(recorded),
        IncidentEvent.Opened opened =>
            $"Incident opened at severity {(int)opened.Severity} for '{opened.Issue}', procedure '{opened.Procedure}'.",
        IncidentEvent.SeverityChanged changed => $"Severity is now {(int)changed.Severity}: {changed.Reason}",
        IncidentEvent.Acknowledged ack => $"{ack.Person} acknowledged ({ack.Way}).",
        IncidentEvent.AlertDelivered sent =>
            $"Alert '{sent.Reason.InWords()}' reached {sent.Channel} after {sent.LatencyMs} ms"
                + $"{(sent.Attempts > 1 ? $", attempt {sent.Attempts}" : "")}.",
        IncidentEvent.AlertAccepted accepted =>
            $"Alert '{accepted.Reason.InWords()}' was taken over by {accepted.Channel}, which has yet to deliver it.",
        IncidentEvent.AlertDelayed delayed =>
            $"Alert '{delayed.Reason.InWords()}' did not reach {delayed.Channel} yet ({delayed.Why}): the next way is "
                + "taken as well.",
        IncidentEvent.AlertFailed failed =>
            $"Alert '{failed.Reason.InWords()}' could not be delivered to {failed.Channel}: {failed.Why}.",
        IncidentEvent.DecisionProposed proposed => Line(proposed),
        IncidentEvent.ActionHeldBack { Stage: Stage.Shadow } held => $"Only looked on: {held.Reason}.",
        IncidentEvent.ActionHeldBack held => $"'{held.Action}' is not taken by itself: {held.Reason}.",
        IncidentEvent.ApprovalAccepted { Ahead: true } accepted =>
            $"{accepted.Person} approved ahead on {accepted.Approval.ReceivedAt:yyyy-MM-dd HH:mm} UTC with "
                + $"{accepted.Approval.Signer.ToShortString()}.",
        IncidentEvent.ApprovalAccepted accepted =>
            $"{accepted.Person} approved with {accepted.Approval.Signer.ToShortString()}.",
        IncidentEvent.ApprovalRefused refused =>
            $"An approval{(refused.Signer is { } signer ? $" by {signer.ToShortString()}" : "")} "
                + $"was refused: {refused.Refusal.InWords()}.",
        IncidentEvent.DecisionTaken => "The decision has all its approvals.",
        IncidentEvent.ScopePaused paused =>
            $"Read back from the chain: '{paused.Scope}' is paused until {paused.Until:yyyy-MM-dd HH:mm:ss} UTC.",
        IncidentEvent.EvidenceChecked { Agreed: true } check => $"The evidence is confirmed: {check.Words}",
        IncidentEvent.EvidenceChecked check => $"THE EVIDENCE IS NOT CONFIRMED: {check.Words}",
        IncidentEvent.CallSettled settled => $"Call {settled.Call + 1} is final.",
        IncidentEvent.PauseEnded { By: { } by } ended =>
            $"Call {ended.Call + 1} pauses nothing any more: {ended.Why.InWords()} by {by.Sender} in {by.Transaction}.",
        IncidentEvent.PauseEnded ended => $"Call {ended.Call + 1} pauses nothing any more: {ended.Why.InWords()}.",
        IncidentEvent.PauseNearsEnd { Warning: var warning } =>
            $"{warning.PercentLeft} % of the pause's time is left: it ends at {warning.Until:yyyy-MM-dd HH:mm:ss} UTC.",
        IncidentEvent.DecisionRequested requested => $"{requested.Person} asked for the procedure's decision.",
        IncidentEvent.OutflowSeen seen =>
            $"{seen.Usd:N0} USD of {seen.Asset} left {seen.Contract} although it is paused: {seen.Transaction}.",
        IncidentEvent.Contained contained =>
            $"Contained: everything planned is paused and nothing unexplained left for {contained.QuietBlocks} blocks.",
        IncidentEvent.ImpactAssessed { Impact: var impact } =>
            $"Impact: {impact.TakenUsd:N0} USD taken, {impact.SavedUsd:N0} USD kept, "
                + $"{impact.UsersAffected} users affected.",
        IncidentEvent.StepDone done => $"{done.Person} finished step '{done.Step}': {done.Result}",
        IncidentEvent.HookAsked or IncidentEvent.HookSent or IncidentEvent.HookFailed => OfHooks(happened),
        SilenceEvent or SilenceProposed or SilenceConfirmed or SilenceEnded or ChannelDistrusted or ChannelTrusted
            or ChannelJudged => QuietTimeline.Line(happened),
        PageEvent page => PageTimeline.Line(page),
        CommandEvent command => CommandTimeline.Line(command),
        UpdateEvent update => UpdateTimeline.Line(update),
        RoomEvent room => RoomTimeline.Line(room),
        RecordEvent record => RecordTimeline.Line(record),
        LedgerEvent ledger => LedgerTimeline.Line(ledger),
        DeadlineEvent.Neared near => $"'{near.What}' of {near.Owner} is due at {near.Due:HH:mm:ss} UTC.",
        DeadlineEvent missed => $"MISSED: '{missed.What}' of {missed.Owner} was due at {missed.Due:HH:mm:ss} UTC.",
        IncidentEvent.NoteAdded note => $"{note.Person}: {note.Text}",
        IncidentEvent.PersonStruck struck =>
            $"{struck.By} revoked {struck.Name}, whose approvals and links count no more: {struck.Reason}",
        IncidentEvent.Resolved resolved => $"{resolved.Person} resolved the incident: {resolved.Summary}",
        _ => OfCalls(happened),
    };

    private static string OfCalls(LogEvent happened) => happened switch
    {
        IncidentEvent.CallSimulated { Succeeded: true } simulated =>
            $"Call {simulated.Call + 1} simulated: {simulated.Detail}.",
        IncidentEvent.CallSimulated { Refused: true } simulated =>
            $"Call {simulated.Call + 1} is refused for what it would do: {simulated.Detail}.",
        IncidentEvent.CallSimulated simulated => $"Call {simulated.Call + 1} would fail: {simulated.Detail}.",
        IncidentEvent.OwnersAsked or IncidentEvent.OwnerSigned or IncidentEvent.OwnerRefused => OfOwners(happened),
        IncidentEvent.CallSigned signed =>
            $"Call {signed.Call + 1} signed with nonce {signed.Nonce}: {signed.Transaction}.",
        IncidentEvent.SigningRefused refused => InWords(refused),
        IncidentEvent.CallReplaced replaced =>
            $"Call {replaced.Call + 1} signed anew with the same nonce {replaced.Nonce} and a higher fee, "
                + $"{Gwei(replaced.MaxFeePerGasWei)} gwei at most, tip {Gwei(replaced.MaxPriorityFeePerGasWei)}: "
                + $"{replaced.Transaction}.",
        IncidentEvent.CallBroadcast { IsPrivate: true } sent => $"Call {sent.Call + 1} sent to the private relay.",
        IncidentEvent.CallBroadcast sent => $"Call {sent.Call + 1} sent to the chain.",
        IncidentEvent.SendingHindered hindered =>
            $"Call {hindered.Call + 1}: {hindered.Why.InWords()}: {hindered.Detail}.",
        IncidentEvent.CallIncluded { Succeeded: true } included =>
            $"Call {included.Call + 1} is in block {included.Block.Number}.",
        IncidentEvent.CallIncluded included =>
            $"Call {included.Call + 1} is in block {included.Block.Number} but reverted.",
        IncidentEvent.CallOrphaned orphaned =>
            $"Block {orphaned.Block.Number} with call {orphaned.Call + 1} was reorganised away; sending it again.",
        _ => OfNoIncident(happened),
    };

    private static string OfNoIncident(LogEvent happened) => happened switch
    {
        PlanAdopted adopted => $"Plan {adopted.Plan.ToShortString()} came into force.",
        PlanProposed proposed => $"{proposed.By} proposed change {proposed.Number} of plan "
            + $"{proposed.Base.ToShortString()}, in {Files(proposed)}: {proposed.Reason}",
        PlanSettled settled =>
            $"{settled.By} {(settled.Accepted ? "accepted" : "rejected")} change {settled.Number} of the plan: "
            + settled.Reason,
        OperationAnnounced announced =>
            $"{announced.By} announced operation '{announced.Name}' of {announced.Account}, from "
            + $"{announced.From:yyyy-MM-dd HH:mm} to {announced.To:yyyy-MM-dd HH:mm} UTC: {announced.Reason}",
        OperationWithdrawn withdrawn => $"{withdrawn.By} withdrew operation '{withdrawn.Name}': {withdrawn.Reason}",
        CanaryEvent canary => CanaryWords.Line(canary),
        HeadCountersigned countersigned =>
            $"The signer countersigned the log up to entry {countersigned.Head.Sequence}.",
        PersonRevoked revoked => $"{revoked.By} revoked {revoked.Name}: {revoked.Reason}",
        PersonRestored restored => $"{restored.By} restored {restored.Name}: {restored.Reason}",
        ActionAuthorised authorised => Line(authorised),
        AuthorisationWithdrawn taken =>
            $"{taken.By} withdrew what was approved ahead of '{taken.Action}': {taken.Reason}",
        _ => throw new InvalidOperationException($"no words for {happened.GetType().Name}"),
    };

    private static string Files(PlanProposed proposed) =>
        string.Join(", ", proposed.Changes.Select(change => change.Name));

    private static string InWords(IncidentEvent.SigningRefused refused) => refused.By switch
    {
        RefusedBy.Policy => $"The signer refused call {refused.Call + 1}: {refused.Reason}.",
        RefusedBy.Signer => $"The signer did not sign call {refused.Call + 1} yet: {refused.Reason}.",
        RefusedBy.Server => $"The signer was not asked for call {refused.Call + 1}: {refused.Reason}.",
        _ => $"Call {refused.Call + 1} was not signed: {refused.Reason}.",
    };

    /// <summary>A reason in the words that people see.</summary>
    public static string InWords(this AlertReason reason) => reason switch
    {
        AlertReason.Opened => "opened",
        AlertReason.Worsened => "worse",
        AlertReason.DecisionNeeded => "decision needed",
        AlertReason.Paused => "paused",
        AlertReason.PauseNearsEnd => "pause ends soon",
        AlertReason.Contained => "contained",
        AlertReason.Retracted => "retracted",
        AlertReason.Over => "over",
        AlertReason.Resolved => "resolved",
        AlertReason.Revoked => "person revoked",
        AlertReason.Automatic => "taken by itself",
        AlertReason.OwnersNeeded => "owners needed",
        AlertReason.HookFailed => "hook failed",
        AlertReason.Unanswered => "not answered",
        AlertReason.DeadlineNears => "due soon",
        AlertReason.DeadlineMissed => "deadline missed",
        AlertReason.RoleGiven => "role given",
        AlertReason.RoleOffered => "role offered",
        AlertReason.Changed => "changed",
        AlertReason.FalseAlarm => "false alarm",
        AlertReason.Reopened => "reopened",
        AlertReason.Merged => "merged",
        AlertReason.Update => "update",
        AlertReason.UpdateWaits => "update to approve",
        AlertReason.PhaseReached => "phase reached",
        AlertReason.LedgerDecision => "decision of people",
        AlertReason.SubstitutePrepared => "substitute prepared",
        AlertReason.Canary => "test",
        AlertReason.ChannelDistrusted => "channel not trusted",
        AlertReason.SilenceOver => "silence over",
    };

    /// <summary>A hindrance in the words that people see.</summary>
    public static string InWords(this Hindrance why) => why switch
    {
        Hindrance.FeeAboveCeiling => "the chain's fees are above the ceiling of the signer's policy",
        Hindrance.NoMoreReplacements => "the signer gives no more replacements",
        Hindrance.NonceTaken => "ITS NONCE WAS USED BY A TRANSACTION THAT IS NONE OF OURS",
        Hindrance.NotTaken => "no node takes it",
        Hindrance.RelayFailed => "the private relay did not take it, so the nodes were given it",
        Hindrance.RelayTooSlow => "the private relay brought it into no block in time, so the nodes were given it",
        Hindrance.FalseReceipt => "a node says that it is in a block that does not hold it",
        Hindrance.SafeMovedOn => "THE SAFE MADE ANOTHER TRANSACTION, so what its owners signed is void",
        Hindrance.SafeCallFailed => "the Safe took it, but what it called failed",
    };

    /// <summary>A reason in the words that people see.</summary>
    public static string InWords(this PauseEnd why) => why switch
    {
        PauseEnd.Expired => "its time was over",
        PauseEnd.Lifted => "the pause was lifted",
        PauseEnd.NeverHeld => "the scope is open although the call was included",
    };

    private static string OfOwners(LogEvent happened) => happened switch
    {
        IncidentEvent.OwnersAsked asked =>
            $"{asked.Threshold} of the {asked.Owners.Count} owners of the Safe {asked.Safe} are asked to sign call "
                + $"{asked.Call + 1} for its nonce {asked.Nonce}: {asked.Hash}.",
        IncidentEvent.OwnerSigned signed => $"{signed.Name} signed call {signed.Call + 1} as owner of the Safe.",
        IncidentEvent.OwnerRefused refused =>
            $"An owner's signature for call {refused.Call + 1}"
                + $"{(refused.Owner is { } owner ? $" by {owner.ToShortString()}" : "")} was refused: "
                + $"{refused.Refusal.InWords()}.",
        _ => throw new InvalidOperationException($"no words for {happened.GetType().Name}"),
    };

    private static string OfHooks(LogEvent happened) => happened switch
    {
        IncidentEvent.HookAsked { Person: { } person } asked => $"{person} asked the server to send '{asked.Action}'.",
        IncidentEvent.HookAsked asked => $"'{asked.Action}' is sent at once, as the plan says.",
        IncidentEvent.HookSent sent => $"'{sent.Action}' was sent: it answered {sent.Status}.",
        IncidentEvent.HookFailed failed => $"'{failed.Action}', attempt {failed.Attempt}: {failed.Reason}.",
        _ => throw new InvalidOperationException($"no words for {happened.GetType().Name}"),
    };

    private static string Gwei(UInt256 wei) =>
        wei.ToUnits(9).ToString("0.#########", System.Globalization.CultureInfo.InvariantCulture);

    private static string Line(ActionAuthorised authorised) =>
        $"{authorised.Person} approved '{authorised.Action}' ahead with {authorised.Approval.Signer.ToShortString()}, "
        + $"until {authorised.Decision.ExpiresAt:yyyy-MM-dd HH:mm:ss} UTC: {authorised.Decision.Id}.";

    private static string Line(IncidentEvent.DecisionProposed proposed)
    {
        var scopes = string.Join(", ", proposed.Scopes.Select(CallProgress.Name));
        return proposed.ByItself is { } taken
            ? $"AUTOMATIC: '{taken.Action}' ({scopes}) is {taken.Words}: {proposed.Decision.Id}."
            : $"Decision '{proposed.Rule}' proposed ({scopes}), open until {proposed.Decision.ExpiresAt:HH:mm:ss} UTC: "
                + $"{proposed.Decision.Id}.";
    }

    private static string Line(FindingRecorded recorded)
    {
        var finding = recorded.Finding;
        var what = finding.Status switch
        {
            Findings.FindingStatus.Seen => finding.Revision == 1 ? "Finding" : $"Finding, revision {finding.Revision}",
            Findings.FindingStatus.Confirmed => "Confirmed",
            Findings.FindingStatus.Retracted => "Retracted",
            Findings.FindingStatus.Over => "Over",
        };
        return $"{what}: {finding.Reason}";
    }
}
