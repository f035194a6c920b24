namespace Tocsin.Plans;

/// <summary>
/// Lints what is prepared for after a pause. Whoever takes over the server must not be able to end a pause with what
/// lies ready there, so only people with their own wallets send it.
/// </summary>
internal static class AfterPauseCheck
{
    public static void Check(Plan plan, List<Complaint> complaints)
    {
        foreach (var action in plan.Actions)
            if (action.By is { } by)
                CheckSenders(plan, action, by, complaints);
        foreach (var decision in plan.Decisions)
            CheckDecision(plan, decision, complaints);
    }

    private static void CheckSenders(
        Plan plan, PlannedAction action, PlannedSenders by, List<Complaint> complaints)
    {
        if (action.Kind != ActionKind.Calls)
            PlanCheck.Error(
                complaints, by.At, $"action '{action.Id}' is 'by' people, so it is made of 'calls' that they send: "
                    + "leave 'by' out, or write the calls");
        var roles = plan.People.SelectMany(person => person.Roles).ToHashSet();
        if (!roles.Contains(by.Role))
        {
            PlanCheck.Error(
                complaints, by.At, $"action '{action.Id}' is by '{by.Role}', which is no role that anyone holds"
                    + PlanCheck.Near(by.Role, roles));
            return;
        }
        foreach (var person in plan.Holders(by.Role).Where(person => person.Wallet is null))
            PlanCheck.Error(complaints, person.At, $"'{person.Id}' must send '{action.Id}' but has no 'wallet'");
        var wallets = plan.SendersOf(action).Select(sender => sender.Wallet).Distinct().Count();
        if (by.AtLeast > wallets && plan.Holders(by.Role).All(person => person.Wallet is not null))
            PlanCheck.Error(
                complaints, by.At, $"action '{action.Id}' needs {by.AtLeast} of '{by.Role}', but only {wallets} have "
                    + "that role: nobody could complete it");
    }

    private static void CheckDecision(Plan plan, DecisionRule decision, List<Complaint> complaints)
    {
        CheckLink(plan, decision, "extend", decision.Extend, complaints);
        CheckLink(plan, decision, "reopen", decision.Reopen, complaints);
        var action = plan.Action(decision.Action);
        if (action?.By is not null)
            PlanCheck.Error(
                complaints, decision.At, $"decision '{decision.Id}' decides action '{decision.Action}', which people "
                    + "send with their own wallets: it needs no decision, and the signer must not sign it");
        var known = plan.People.SelectMany(person => person.Roles.Add(person.Id)).ToHashSet();
        if (decision.Owner is { } owner && !known.Contains(owner))
            PlanCheck.Error(
                complaints, decision.At, $"the 'owner' of decision '{decision.Id}' is '{owner}', which is no person "
                    + $"and no role that anyone holds{PlanCheck.Near(owner, known)}");
        var pauses = action is { By: null } && action.OnChain.Any(call => call.IsPause);
        if (pauses && decision.Reopen is null)
            PlanCheck.Warn(
                complaints, decision.At, $"decision '{decision.Id}' pauses, but has no 'reopen': after a false alarm "
                    + "people would have to find out in haste how the pause ends early; name an action that is 'by' "
                    + "those who may");
    }

    private static void CheckLink(
        Plan plan, DecisionRule decision, string key, string? id, List<Complaint> complaints)
    {
        if (id is null)
            return;
        if (plan.Action(id) is not { } action)
            PlanCheck.Error(
                complaints, decision.At, $"'{key}' of decision '{decision.Id}' is action '{id}', which does not exist"
                    + PlanCheck.Near(id, plan.Actions.Select(one => one.Id)));
        else if (action.By is null)
            PlanCheck.Error(
                complaints, decision.At, $"'{key}' of decision '{decision.Id}' is action '{id}', which is not 'by' "
                    + "people: what prolongs or ends a pause is sent by people with their own wallets, so that nobody "
                    + "can do it who takes over the server");
    }
}
