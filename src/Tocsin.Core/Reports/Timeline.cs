using Tocsin.Audit;
using Tocsin.Chains;
using Tocsin.Decisions;
using Tocsin.Incidents;
using Tocsin.People;

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
        PlanAdopted adopted => $"Plan {adopted.Plan.ToShortString()} came into force.",
        HeadCountersigned countersigned =>
            $"The signer countersigned the log up to entry {countersigned.Head.Sequence}.",
        PersonRevoked revoked => $"{revoked.By} revoked {revoked.Name}: {revoked.Reason}",
        PersonRestored restored => $"{restored.By} restored {restored.Name}: {restored.Reason}",
        FindingRecorded recorded => Line(recorded),
        IncidentEvent.Opened opened =>
            $"Incident opened at severity {(int)opened.Severity} for '{opened.Issue}', procedure '{opened.Procedure}'.",
        IncidentEvent.SeverityChanged changed => $"Severity is now {(int)changed.Severity}: {changed.Reason}",
        IncidentEvent.Acknowledged ack => $"{ack.Person} acknowledged ({ack.Way}).",
        IncidentEvent.AlertDelivered sent =>
            $"Alert '{sent.Reason.InWords()}' reached {sent.Channel} after {sent.LatencyMs} ms"
                + $"{(sent.Attempts > 1 ? $", attempt {sent.Attempts}" : "")}.",
        IncidentEvent.AlertFailed failed =>
            $"Alert '{failed.Reason.InWords()}' could not be delivered to {failed.Channel}: {failed.Why}.",
        IncidentEvent.DecisionProposed proposed =>
            $"Decision '{proposed.Rule}' proposed ({string.Join(", ", proposed.Scopes.Select(CallProgress.Name))}), "
                + $"open until {proposed.Decision.ExpiresAt:HH:mm:ss} UTC: {proposed.Decision.Id}.",
        IncidentEvent.ApprovalAccepted accepted =>
            $"{accepted.Person} approved with {accepted.Approval.Signer.ToShortString()}.",
        IncidentEvent.ApprovalRefused refused =>
            $"An approval{(refused.Signer is { } signer ? $" by {signer.ToShortString()}" : "")} "
                + $"was refused: {refused.Refusal.InWords()}.",
        IncidentEvent.DecisionTaken => "The decision has all its approvals.",
        IncidentEvent.CallSimulated { Succeeded: true } simulated =>
            $"Call {simulated.Call + 1} simulated: {simulated.Detail}.",
        IncidentEvent.CallSimulated simulated => $"Call {simulated.Call + 1} would fail: {simulated.Detail}.",
        IncidentEvent.CallSigned signed =>
            $"Call {signed.Call + 1} signed with nonce {signed.Nonce}: {signed.Transaction}.",
        IncidentEvent.SigningRefused refused => $"Call {refused.Call + 1} was not signed: {refused.Reason}.",
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
        IncidentEvent.NoteAdded note => $"{note.Person}: {note.Text}",
        IncidentEvent.PersonStruck struck =>
            $"{struck.By} revoked {struck.Name}, whose approvals and links count no more: {struck.Reason}",
        IncidentEvent.Resolved resolved => $"{resolved.Person} resolved the incident: {resolved.Summary}",
        _ => throw new InvalidOperationException($"no words for {happened.GetType().Name}"),
    };

    /// <summary>A reason in the words that people see.</summary>
    public static string InWords(this Communications.AlertReason reason) => reason switch
    {
        Communications.AlertReason.Opened => "opened",
        Communications.AlertReason.Worsened => "worse",
        Communications.AlertReason.DecisionNeeded => "decision needed",
        Communications.AlertReason.Paused => "paused",
        Communications.AlertReason.PauseNearsEnd => "pause ends soon",
        Communications.AlertReason.Contained => "contained",
        Communications.AlertReason.Retracted => "retracted",
        Communications.AlertReason.Over => "over",
        Communications.AlertReason.Resolved => "resolved",
        Communications.AlertReason.Revoked => "person revoked",
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
    };

    /// <summary>A reason in the words that people see.</summary>
    public static string InWords(this PauseEnd why) => why switch
    {
        PauseEnd.Expired => "its time was over",
        PauseEnd.Lifted => "the pause was lifted",
        PauseEnd.NeverHeld => "the scope is open although the call was included",
    };

    private static string Gwei(UInt256 wei) =>
        wei.ToUnits(9).ToString("0.#########", System.Globalization.CultureInfo.InvariantCulture);

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
