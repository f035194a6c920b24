using Tocsin.Communications;
using Tocsin.Decisions;
using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Pages;

/// <summary>What to do now, most urgent first: the answer to the question with which people open a war room.</summary>
internal static class NextActions
{
    public static IReadOnlyList<string> Of(Incident incident, Plan plan, DateTimeOffset now)
    {
        if (incident.Phase is IncidentPhase.Resolved or IncidentPhase.Reviewed)
            return AfterTheEnd(incident, plan, now) is { Count: > 0 } open ? open : ["Nothing is open here."];
        if (incident.Command.Merged is { } merged)
            return [$"Go on in {merged.Into}: this is the same attack."];
        if (incident.Command.DeclaredFalse is { } declared)
            return [$"Stand down: {declared.By} says that it was none. Resolve it with a summary below, or open it "
                + "again."];
        if (incident.Phase == IncidentPhase.FalseAlarm)
            return
            [
                OpeningFromOutside.Is(incident)
                    ? "Stand down: it was over before anybody had begun anything. Resolve it with a summary below."
                    : "Stand down: the blocks that showed it left the chain. Resolve it with a summary below.",
            ];
        var actions = new List<string>();
        if (plan.Fault is not null)
            actions.Add("Go by the printed procedure: this version cannot read the plan of this incident, and does "
                + "nothing by it.");
        if (!incident.Answers.Any())
            actions.Add("Acknowledge with the personal link in your alert.");
        if (UnfilledRoles.Of(incident, plan) is { Count: > 0 } roles)
            actions.Add($"Nobody is {string.Join(", ", roles)}: give it to somebody, with 'incident assign "
                + $"{incident.Id} {roles[0]} PERSON'.");
        if (incident is { Evidence.Agreed: false, Decision: null })
            actions.Add("Look at the transactions on an explorer that is not ours: no second node confirms them. "
                + "If they are real, ask for the approvals below.");
        if (Approve(incident, plan, now) is { } approve)
            actions.Add(approve);
        if (Owners(incident, now) is { } owners)
            actions.Add(owners);
        if (incident.Decision?.NotSigned is { } refusal)
            actions.Add($"Not signed: {NotSigning.DoNow(refusal)}");
        if (incident.Hooks.FirstOrDefault(hook => hook.HasFailed && IsOpen(hook, incident, plan)) is { } failed)
            actions.Add($"'{failed.Action}' could not be sent ({failed.Failures[^1].Reason}): do it by hand and report "
                + "the step, or have it sent again below.");
        actions.AddRange(AfterThePause(incident, plan, now));
        if (incident.IsPaused && incident.Outflows.Count > 0 && incident.Contained is null)
            actions.Add("Value left although everything is paused: find the way out, outflows are listed below.");
        if (incident.IsOver)
            actions.Add("It is over: say why it happened and what was missed meanwhile, and resolve it below.");
        else if (FirstOpenStep(incident, plan) is { } step)
            actions.Add($"Step {step.Number} ({step.Step.Role}): {step.Step.What}");
        else if (incident.Contained is not null)
            actions.Add("Every step is done and it is contained: resolve it with a summary below.");
        return actions.Count > 0 ? actions : ["Keep watching: every step of the procedure is done."];
    }

    // What goes on, or is still to be said, once it is closed. Steps are not reported any more.
    private static List<string> AfterTheEnd(Incident incident, Plan plan, DateTimeOffset now)
    {
        var open = AfterThePause(incident, plan, now).ToList();
        foreach (var row in Ledger.Rows(incident, plan, now).Where(row => !row.IsOfCalls))
        {
            if (row.State is LedgerState.ToRatify or LedgerState.Overdue)
                open.Add($"Ratify '{row.Name}', which {row.Acted?.By} did first: still needed "
                    + $"{string.Join(", ", row.Missing)}.");
            if (row.State == LedgerState.Approved)
                open.Add($"'{row.Name}' was approved: say below what was done.");
        }
        if (incident is { IsFalse: false, Phase: IncidentPhase.Resolved })
            open.Add("Read the post-mortem draft and add what only people know"
                + (NotDone(incident, plan) is { } undone ? $", such as why {undone} never reported done" : "")
                + "; then say below that it is reviewed.");
        return open;
    }

    private static string? NotDone(Incident incident, Plan plan)
    {
        var steps = plan.StepsOf(plan.Procedure(incident.Procedure)).Select(step => step.Id)
            .Concat(plan.Roles.SelectMany(role => role.Actions.Select(role.IdOf)))
            .Except(incident.Steps.Select(done => done.Step))
            .ToList();
        return steps.Count switch
        {
            0 => null,
            1 => $"'{steps[0]}' was",
            _ => $"{steps.Count} steps and actions of roles were",
        };
    }

    private static bool IsOpen(HookProgress hook, Incident incident, Plan plan) =>
        IncidentHooks.OpenSteps(incident, plan, hook.Action).Count > 0;

    private static IEnumerable<string> AfterThePause(Incident incident, Plan plan, DateTimeOffset now)
    {
        if (AfterPause.Of(incident, plan, null) is not { } after)
            yield break;
        foreach (var lifted in after.Scopes.Where(scope => scope.Ended is PauseEnd.Lifted))
            yield return $"The pause of {lifted.Scope} was lifted by {Lifter(lifted, plan)}: if none of you did it, "
                + "pause again by another way.";
        if (after.FirstEnd is { } end && incident.PauseWarning is { } told && told.Until == end)
            yield return $"The pause ends {PageWords.Away(end, now)}. {after.Owner}: decide whether to {after.Choice}.";
    }

    private static string Lifter(PausedScope scope, Plan plan) =>
        scope.By is { } by ? PageWords.Holder(by.Sender, plan) : "somebody";

    /// <summary>The first step that nobody has reported done, with its number from 1.</summary>
    public static (int Number, ProcedureStep Step)? FirstOpenStep(Incident incident, Plan plan)
    {
        var steps = plan.StepsOf(plan.Procedure(incident.Procedure));
        for (var index = 0; index < steps.Count; index++)
        {
            if (!incident.Steps.Any(done => done.Step == steps[index].Id))
                return (index + 1, steps[index]);
        }
        return null;
    }

    private static string? Owners(Incident incident, DateTimeOffset now) =>
        incident.Decision is { } decision && now < decision.Decision.ExpiresAt
        && decision.Calls.FirstOrDefault(call => call is { Signed: null, Consent: { IsEnough: false } })?.Consent
            is { } consent
            ? $"Owners of the Safe: sign for nonce {consent.Nonce}, {consent.Given.Count} of {consent.Threshold} have."
            : null;

    private static string? Approve(Incident incident, Plan plan, DateTimeOffset now)
    {
        if (incident.Decision is not { TakenAt: null } decision || now >= decision.Decision.ExpiresAt)
            return null;
        if (plan.Decision(decision.Rule) is not { } rule)
            return null;
        var seated = plan.ApprovalRule(rule).Seat(decision.Approvers);
        return $"Approve '{rule.Name}': {seated.Count(place => place is not null)} of {seated.Count} approvals given.";
    }
}
