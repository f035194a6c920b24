using Tocsin.Deadlines;
using Tocsin.Decisions;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Communications;

/// <summary>What an alert says first, and what its reader does next.</summary>
internal static class AlertWords
{
    public static string Title(AlertReason reason, Incident incident, string issue) => reason switch
    {
        AlertReason.Opened => issue,
        AlertReason.Worsened when WasLifted(incident) => incident.IsHeldInPart
            ? $"{issue}: a part of the pause was lifted"
            : $"{issue}: the pause was lifted",
        AlertReason.Worsened when HasLostItsPause(incident) => $"{issue}: worse, THE PAUSE DOES NOT HOLD",
        AlertReason.Worsened when NotPaused(incident) is { } tried => tried.IsRefused
            ? $"{issue}: NOT PAUSED: the pause would do what the plan does not expect"
            : $"{issue}: NOT PAUSED: the pause would fail",
        AlertReason.Worsened when incident.Decision?.NotSigned is { } refusal =>
            $"{issue}: worse, {NotSigning.Title(refusal)}",
        AlertReason.Worsened when incident.Decision?.Hindered is { } hindered =>
            $"{issue}: worse, THE PAUSE DOES NOT GET INTO THE CHAIN: {Reports.Timeline.InWords(hindered.Why)}",
        AlertReason.Worsened when HasComeBack(incident) => $"{issue}: back, or worse than before",
        AlertReason.Worsened => $"{issue}: worse than first thought",
        AlertReason.DecisionNeeded => $"{issue}: approval needed",
        AlertReason.Paused => incident.Contained is null ? $"{issue}: PAUSED, NOT YET CONTAINED" : $"{issue}: paused",
        AlertReason.PauseNearsEnd => $"{issue}: THE PAUSE ENDS AT {Expiry(incident)}, "
            + $"{incident.PauseWarning?.PercentLeft} % of its time is left",
        AlertReason.Contained => $"{issue}: contained",
        AlertReason.Retracted when OpeningFromOutside.Is(incident) => $"{issue}: taken back by who told it",
        AlertReason.Retracted => $"{issue}: taken back by the chain",
        AlertReason.Over => $"{issue}: over",
        AlertReason.Resolved => $"{issue}: resolved",
        AlertReason.Revoked => $"{issue}: {incident.Struck[^1].Name} IS REVOKED",
        AlertReason.Automatic => $"{issue}: BEING PAUSED BY ITSELF, nobody was asked",
        AlertReason.OwnersNeeded => Asked(incident)?.Former is null
            ? $"{issue}: owners of the Safe must sign"
            : $"{issue}: OWNERS OF THE SAFE MUST SIGN AGAIN",
        AlertReason.HookFailed => $"{issue}: '{Failed(incident)?.Action}' COULD NOT BE SENT",
        AlertReason.Unanswered => $"{issue}: NOT ANSWERED, you are called",
        AlertReason.RoleGiven => $"{issue}: {incident.Command.Holders[^1].Person} is "
            + $"{incident.Command.Holders[^1].Role}",
        AlertReason.RoleOffered => incident.Command.Offers is [.., var offer]
            ? $"{issue}: {offer.Person} is on call, {offer.From} stays {offer.Role}"
            : $"{issue}: a role was offered",
        AlertReason.Changed => $"{issue}: CHANGED, severity {(int)incident.Severity} now",
        AlertReason.FalseAlarm => $"{issue}: false alarm",
        AlertReason.Reopened => $"{issue}: OPEN AGAIN",
        AlertReason.Merged => $"{issue}: goes on as {incident.Command.Merged?.Into}",
        AlertReason.Update => $"{issue}: update",
        AlertReason.UpdateWaits => $"{issue}: AN UPDATE WAITS FOR YOUR APPROVAL",
        AlertReason.PhaseReached => $"{issue}: {Phases.Word(incident.Phase)}",
        AlertReason.LedgerDecision => $"{issue}: {LedgerAsks(incident)}",
        AlertReason.SubstitutePrepared =>
            $"{issue}: '{Prepared(incident)?.Instead}' IS PREPARED, since '{Prepared(incident)?.Rule}' is not decided",
        AlertReason.ChannelDistrusted => incident.Judged is { IsTrusted: true } ours
            ? $"'{ours.Name}' is trusted again"
            : $"DO NOT TRUST '{incident.Judged?.Name}'",
        AlertReason.SilenceOver => $"{issue}: {Phases.Word(incident.Phase)}, a silence kept it from you",
        AlertReason.DeadlineNears => $"{issue}: '{incident.Notices[^1].What}' is due {Due(incident)}",
        AlertReason.DeadlineMissed => $"{issue}: '{incident.Notices[^1].What}' WAS DUE {Due(incident)}",
        AlertReason.Canary => throw new InvalidOperationException("a canary is about no incident"),
    };

    public static string DoNow(AlertReason reason, Incident incident, Plan plan)
    {
        var procedure = plan.Procedure(incident.Procedure);
        return reason switch
        {
            AlertReason.DecisionNeeded =>
                $"Check and sign '{plan.Decision(incident.Decision?.Rule ?? "")?.Name}' in the war room.",
            AlertReason.Paused => $"Keep watching: value may still leave. Pause expires {Expiry(incident)}.",
            AlertReason.PauseNearsEnd =>
                AfterPause.Of(incident, plan, null) is { } after
                    ? $"{after.Owner}: decide now whether to {after.Choice}. Without a decision it ends by itself, and "
                        + "what was stopped can go on."
                    : "Open the war room.",
            AlertReason.Contained => "Follow the procedure from its next open step; tell users what is known.",
            AlertReason.Retracted when OpeningFromOutside.Is(incident) => incident.IsOpen
                ? "Go on: one alert is over, but others of this incident stand."
                : "Stand down: it was over before anybody had begun anything.",
            AlertReason.Retracted when incident.IsOpen =>
                "Go on: the chain took back one finding, but others of this incident stand.",
            AlertReason.Retracted when incident.IsPaused =>
                "The blocks that showed it are no longer part of the chain, but the pause holds until "
                    + $"{Expiry(incident)}: decide who lifts it.",
            AlertReason.Retracted => "Stand down: the blocks that showed it are no longer part of the chain.",
            AlertReason.Over => "It is over by itself: find out why it happened and what was missed meanwhile, "
                + "then resolve it.",
            AlertReason.Resolved => "Read the post-mortem draft in the war room.",
            AlertReason.Revoked => $"{incident.Struck[^1].By} says: {incident.Struck[^1].Reason}. Confirm it by voice. "
                + "If it is true, have the wallet revoked at the signer and removed from roles and Safes; if not, "
                + $"{incident.Struck[^1].By} is the one to look at.",
            AlertReason.Automatic => $"'{incident.Decision?.ByItself?.Action}' was "
                + $"{incident.Decision?.ByItself?.Words}. Look at the evidence now; if it is a false alarm, those who "
                + "may end the pause do so.",
            AlertReason.OwnersNeeded => Asked(incident) is { } asked
                ? (asked.Former is null ? "" : "The Safe has made another transaction: what was signed is void. ")
                    + $"Sign as owner in the war room, {asked.Threshold} of {asked.Owners.Count}: compare {asked.Hash}."
                : "Open the war room.",
            AlertReason.HookFailed => Failed(incident) is { Failures: [.., var last] } failed
                ? $"{plan.Action(failed.Action)?.What} Tried {failed.Failures.Count} times, at last: {last.Reason}. "
                    + "Look whether it is done; do it by hand and report the step, or have it sent again in the war "
                    + "room."
                : "Open the war room.",
            AlertReason.DeadlineNears or AlertReason.DeadlineMissed => DoAboutDeadline(incident, plan),
            AlertReason.Update => "Nothing: this is what is told.",
            AlertReason.UpdateWaits => "Read it word by word, then approve or withdraw it: what went out stays out.",
            AlertReason.PhaseReached => DoAfter(incident.Phase),
            AlertReason.RoleGiven => DoWithRole(incident.Command.Holders[^1]),
            AlertReason.RoleOffered => DoWithOffer(incident),
            AlertReason.LedgerDecision => DoWithDecision(incident),
            AlertReason.SubstitutePrepared => DoInstead(incident, plan),
            AlertReason.Canary => throw new InvalidOperationException("a canary is about no incident"),
            AlertReason.ChannelDistrusted => DoAboutChannel(incident),
            AlertReason.FalseAlarm => $"Stand down: {incident.Command.DeclaredFalse?.By} says that it was none: "
                + $"{incident.Command.DeclaredFalse?.Words}",
            AlertReason.Merged => $"Go on in {incident.Command.Merged?.Into}.",
            AlertReason.Worsened when NotPaused(incident) is { } tried =>
                $"'{incident.Decision?.ByItself?.Action}' was taken by itself but is not signed; {tried.InWords}. "
                    + "Pause by another way now. It is tried again until "
                    + $"{incident.Decision?.ActUntil:yyyy-MM-dd HH:mm:ss} UTC, then approvals are asked for.",
            AlertReason.Worsened when incident.Decision is { NotSigned: { } refusal } decision =>
                $"Nothing is paused by it: {NotSigning.DoNow(refusal)}"
                    + (decision.IsRefusedForGood ? " Approvals of people are asked for now." : ""),
            AlertReason.Worsened when incident.Decision?.Hindered is { } hindered => DoAbout(hindered),
            AlertReason.SilenceOver when incident.Answers.Any() =>
                "Open the war room: others have answered, and it goes on.",
            AlertReason.Opened or AlertReason.Worsened or AlertReason.Unanswered or AlertReason.Reopened
                or AlertReason.Changed or AlertReason.SilenceOver =>
                $"Acknowledge, then step 1 of '{procedure?.Title}': "
                    + (procedure?.Steps.FirstOrDefault()?.What ?? "open the war room")
                    + (reason is AlertReason.Opened or AlertReason.Reopened ? Unfilled(incident, plan) : ""),
        };
    }

    // Said once, when it opens: whoever leads sees it in the war room from then on.
    private static string Unfilled(Incident incident, Plan plan) =>
        UnfilledRoles.Of(incident, plan) is { Count: > 0 } roles
            ? $" NOBODY IS {string.Join(", ", roles)}: whoever leads gives it to somebody."
            : "";

    /// <summary>Why what was taken by itself is not signed: it fails, or does what nobody expects.</summary>
    public static Simulation? NotPaused(Incident incident) =>
        incident is { IsOpen: true, Decision: { ByItself: not null, TakenAt: not null } decision }
            ? decision.Calls.FirstOrDefault(call => call is { Signed: null, Simulation.Succeeded: false })?.Simulation
            : null;

    private static string DoAboutDeadline(Incident incident, Plan plan) => incident.Notices[^1].What switch
    {
        IncidentDeadlines.NextWord =>
            $"{Commanding.Lead(incident, plan)}: say in the war room what is being done, or resolve it.",
        var what when what.StartsWith(UpdatesDue.Prefix, StringComparison.Ordinal) =>
            $"Write it in the war room, or say why none is needed: {what}.",
        var what when what.StartsWith(RoleActions.Prefix, StringComparison.Ordinal) =>
            $"Do it and check it off in the war room: {what}.",
        var what when what.StartsWith(ReviewDeadline.What, StringComparison.Ordinal) =>
            "Read the post-mortem with those who were there, write down what is learned, and say that it is reviewed.",
        var what when what.StartsWith(LedgerDues.Ratification, StringComparison.Ordinal) =>
            "Ratify or decline it in the war room: what nobody ratifies in time is a deviation from the plan.",
        var what when what.StartsWith(LedgerDues.Decision, StringComparison.Ordinal) =>
            "Approve or decline it in the war room: it expires.",
        "acknowledge" => "Acknowledge with the personal link in your alert; else the next level is called.",
        _ => "Open the war room: it says who has not done it.",
    };

    private static string DoAfter(IncidentPhase reached) => reached switch
    {
        IncidentPhase.Eradicated => "Bring back what was stopped, one thing after the other.",
        IncidentPhase.Recovered => "Keep watching what runs again, then resolve it.",
        IncidentPhase.Reviewed => "Nothing: read what was learned.",
        _ => "Open the war room: it was taken back since.",
    };

    // Where it is told again by another way, it may be taken by then.
    private static string DoWithOffer(Incident incident) => incident.Command.Offers is [.., var offer]
        ? $"{offer.Person}: take it over with 'incident assign {incident.Id} {offer.Role}', or leave it where it is."
        : "Look in the war room who has it now.";

    private static string DoWithDecision(Incident incident) => incident.Ledger.Last switch
    {
        { LastHeard: { } heard } => $"{heard.Of}: if you did not say so, decline it in the war room now, and let the "
            + $"others know there. By {heard.Means}: {heard.Words}",
        { Acted: { } acted } first =>
            $"Ratify or decline it in the war room until {first.RatifyBy:yyyy-MM-dd HH:mm:ss} UTC: {acted.Words}",
        var last => $"Approve or decline it in the war room: {last?.Words}",
    };

    private static string DoWithRole(RoleHolder holder) => $"{holder.Person}: say in the war room that you have it."
        + (holder.From is { } before ? $" {before}: tell what is open." : "");

    private static string LedgerAsks(Incident incident) => incident.Ledger.Last switch
    {
        { LastHeard: { } heard } entry =>
            $"{heard.By} SAYS THAT {heard.Of} APPROVED '{entry.Rule}': decision {entry.Key}",
        { Acted: { } acted } entry => $"{acted.By} ACTED FIRST on '{entry.Rule}', ratify it: decision {entry.Key}",
        { } entry => $"approve or decline '{entry.Rule}': decision {entry.Key}",
        null => "a decision waits",
    };

    private static PreparedSubstitute? Prepared(Incident incident) => incident.Ledger.Substitutes.LastOrDefault();

    // Its own approvers decide it: never fewer of the other's.
    private static string DoInstead(Incident incident, Plan plan)
    {
        var instead = Prepared(incident) is { } prepared ? plan.Decision(prepared.Instead) : null;
        return instead is not null && Deciding.IsOfPeople(plan, instead)
            ? $"Approve or decline '{instead.Name}' in the war room. The other one still needs all its approvals."
            : $"'{instead?.Name}' is one of calls: have it approved and sent by break glass. The other one still needs "
                + "all its approvals.";
    }

    private static string Due(Incident incident) => $"{incident.Notices[^1].Due:HH:mm:ss} UTC";

    private static string DoAbout(Hindered hindered) => hindered.Why switch
    {
        Hindrance.FeeAboveCeiling => $"{hindered.Detail}. It goes on by itself when fees fall; to pause now, raise "
            + "'max_fee_gwei' in the signer's policy, or pause by another way.",
        Hindrance.NonceTaken => $"{hindered.Detail}. This call can never enter the chain: pause by another way now, "
            + "then find out who used the signer's key.",
        Hindrance.SafeMovedOn => $"{hindered.Detail}. It will revert, and approvals and owners' signatures are asked "
            + "for anew then. Pause by another way if you can, and keep routine out of this Safe.",
        _ => $"{hindered.Detail}. Pause by another way if it does not enter the chain soon.",
    };

    private static HookProgress? Failed(Incident incident) => incident.Hooks.LastOrDefault(hook => hook.HasFailed);

    private static SafeConsent? Asked(Incident incident) => incident.Decision?.Calls
        .Where(call => call.Signed is null)
        .Select(call => call.Consent)
        .FirstOrDefault(consent => consent is not null);

    // By those who may, usually because it is over; told all the same, since it may have been someone else.
    private static bool WasLifted(Incident incident) =>
        incident.Decision is { } decision
        && decision.Calls.Any(call => call.Ended is PauseEnd.Lifted)
        && !decision.Calls.Any(call => call.HasFailed);

    private static bool HasLostItsPause(Incident incident) =>
        incident.Decision is { } decision && decision.Calls.Any(call =>
            call.HasFailed || call.Ended is not null || (call.PausedAt is not null && call.Included is null));

    private static bool HasComeBack(Incident incident) =>
        !incident.IsOver && incident.Findings.Any(finding => finding.Status == FindingStatus.Over);

    private static string Expiry(Incident incident) =>
        incident.Decision?.Calls.Min(call => call.PausedUntil) is { } until
            ? $"{until:yyyy-MM-dd HH:mm} UTC"
            : "at an unknown time";

    private static string DoAboutChannel(Incident incident) => incident.Judged switch
    {
        null => "Open the war room.",
        { IsTrusted: true } ours =>
            $"{ours.By} says that it is ours again: {ours.Reason}. Confirm it by voice before you believe it.",
        var bad => $"{bad.By} says: {bad.Reason}. Read nothing there as the word of a colleague, press nothing, write "
            + "nothing; confirm this by voice.",
    };
}
