namespace Tocsin.Plans;

/// <summary>Lints the actions of a plan: whether each can be done, be seen to be done, and be taken back.</summary>
internal static class ActionCheck
{
    private static readonly string[] SecretNames =
        ["authorization", "cookie", "token", "secret", "password", "signature", "api-key", "apikey", "api_key"];

    public static void Check(Plan plan, List<Complaint> complaints)
    {
        foreach (var action in plan.Actions)
        {
            CheckMeans(plan, action, complaints);
            CheckProof(plan, action, complaints);
            CheckForesight(action, complaints);
            CheckLinks(plan, action, complaints);
        }
        CheckDurations(plan, complaints);
    }

    private static void CheckMeans(Plan plan, PlannedAction action, List<Complaint> complaints)
    {
        if (action.Kind == ActionKind.Calls && action.Calls.Count == 0)
            PlanCheck.Error(
                complaints, action.At, $"action '{action.Id}' has no 'calls': deciding it would do nothing");
        if (action.Safe is { } safe)
            CheckSafe(action, safe, complaints);
        if (action.Hook is { } hook)
            CheckHook(action, hook, complaints);
        if (action.Manual is { } manual)
        {
            var known = plan.People.SelectMany(person => person.Roles.Add(person.Id)).ToHashSet();
            if (!known.Contains(manual.Who))
                PlanCheck.Error(
                    complaints, manual.At,
                    $"action '{action.Id}' is for '{manual.Who}', which is no person and no role that anyone holds"
                        + PlanCheck.Near(manual.Who, known));
        }
    }

    private static void CheckSafe(PlannedAction action, PlannedSafe safe, List<Complaint> complaints)
    {
        if (safe.Calls.Count == 0)
            PlanCheck.Error(
                complaints, safe.At, $"action '{action.Id}' has no 'calls' under 'safe': it would do nothing");
        if (safe.Owners.Distinct().Count() < safe.Owners.Count)
            PlanCheck.Error(complaints, safe.At, $"an owner of the Safe of action '{action.Id}' is there twice");
        if (safe.Threshold > safe.Owners.Count)
            PlanCheck.Error(
                complaints, safe.At, $"the Safe of action '{action.Id}' needs {safe.Threshold} signatures, but has "
                    + $"{safe.Owners.Count} owners");
        foreach (var call in safe.Calls.Where(call => call.Call.Chain != safe.Chain))
            PlanCheck.Error(
                complaints, call.At, $"the Safe of action '{action.Id}' is on chain {safe.Chain} and can call nothing "
                    + $"on chain {call.Call.Chain}: leave 'chain' to the Safe");
    }

    private static void CheckHook(PlannedAction action, PlannedHook hook, List<Complaint> complaints)
    {
        foreach (var header in hook.Headers)
            if (NamesSecret(header.Name) && !IsReference(header.Value))
                PlanCheck.Error(
                    complaints, hook.At, $"header '{header.Name}' of action '{action.Id}' holds a secret in clear: "
                        + "give it by reference, env:NAME or file:PATH");
        if (Uri.TryCreate(hook.Url, UriKind.Absolute, out var url) && !IsReference(hook.Url)
            && (url.UserInfo.Length > 0 || Keys(url.Query.TrimStart('?'), '&').Any(NamesSecret)))
            PlanCheck.Error(
                complaints, hook.At, $"the url of action '{action.Id}' holds a secret in clear: give the whole url by "
                    + "reference, env:NAME or file:PATH");
        if (hook.Body is { } body && !IsReference(body) && Keys(body, ',', ';', '{', '}', '&', '\n').Any(NamesSecret))
            PlanCheck.Error(
                complaints, hook.At, $"the body of action '{action.Id}' holds a secret in clear: give the whole body "
                    + "by reference, env:NAME or file:PATH");
    }

    private static bool IsReference(string text) =>
        text.StartsWith("env:", StringComparison.Ordinal) || text.StartsWith("file:", StringComparison.Ordinal);

    private static bool NamesSecret(string name) =>
        SecretNames.Any(secret => name.Contains(secret, StringComparison.OrdinalIgnoreCase));

    /// <summary>What stands before <c>=</c> or <c>:</c> in each piece.</summary>
    private static IEnumerable<string> Keys(string text, params char[] between) => text
        .Split(between)
        .Select(piece => (piece, End: piece.IndexOfAny(['=', ':'])))
        .Where(pair => pair.End > 0)
        .Select(pair => pair.piece[..pair.End]);

    private static void CheckProof(Plan plan, PlannedAction action, List<Complaint> complaints)
    {
        // What follows a pause is seen in the pause itself.
        if (action.By is not null && plan.IsForAfterPause(action))
            return;
        var isProved = action.Then.Count > 0 || action.OnChain.All(call => call.IsPause);
        if (action.Kind is ActionKind.Calls or ActionKind.Safe && action.OnChain.Any() && !isProved)
            PlanCheck.Warn(
                complaints, action.At, $"action '{action.Id}' has no 'then': nobody would know whether it had effect; "
                    + "name a view and what it must answer afterwards");
    }

    // What people send, and what is no call at all, nobody simulates before it is signed.
    private static void CheckForesight(PlannedAction action, List<Complaint> complaints)
    {
        var isForeseen = action.By is null && action.OnChain.Any();
        if (!isForeseen && (action.Changes.Count > 0 || action.Harm.Count > 0 || action.MustForesee))
            PlanCheck.Error(
                complaints, action.At, $"'changes', 'harm' and 'must_foresee' are for calls that the signer signs; "
                    + $"action '{action.Id}' has none");
        foreach (var harm in action.Harm.Where(harm => isForeseen && !action.Chains.Contains(harm.Chain)))
            PlanCheck.Error(
                complaints, harm.At, $"a harm of action '{action.Id}' is counted on chain {harm.Chain}, where the "
                    + "action does nothing: it would never grow");
    }

    private static void CheckLinks(Plan plan, PlannedAction action, List<Complaint> complaints)
    {
        var actions = plan.Actions.Select(one => one.Id).ToHashSet();
        if (action.Alternative is { } alternative)
        {
            if (!actions.Contains(alternative))
                PlanCheck.Error(
                    complaints, action.At, $"the 'alternative' of action '{action.Id}' is '{alternative}', which does "
                        + $"not exist{PlanCheck.Near(alternative, actions)}");
            else if (LeadsBack(plan, action))
                PlanCheck.Error(
                    complaints, action.At, $"the 'alternative' of action '{action.Id}' leads back to it: where none of "
                        + "them can be done, there would be no way left; let one of them have none");
        }
        if (action.Reversal is not { } reversal)
            return;
        if (reversal == action.Id)
            PlanCheck.Error(complaints, action.At, $"action '{action.Id}' cannot be its own 'reversal'");
        else if (reversal == action.Alternative)
            PlanCheck.Error(
                complaints, action.At, $"action '{action.Id}' has '{reversal}' as 'alternative' and as 'reversal': "
                    + "whoever acts in its place would take it back");
        else if (actions.Contains(reversal) && plan.Action(reversal)!.By is null
            && !plan.Decisions.Any(decision => decision.Action == reversal))
            PlanCheck.Warn(
                complaints, action.At, $"the 'reversal' of action '{action.Id}' is action '{reversal}', which no "
                    + "decision decides: nothing takes it back by itself, so nobody could");
    }

    private static bool LeadsBack(Plan plan, PlannedAction action)
    {
        var seen = new HashSet<string>();
        for (var next = action.Alternative; next is not null && seen.Add(next);
            next = plan.Action(next)?.Alternative)
        {
            if (next == action.Id)
                return true;
        }
        return false;
    }

    // A pause that ends before the repair does lets the attacker go on where he stopped.
    private static void CheckDurations(Plan plan, List<Complaint> complaints)
    {
        foreach (var procedure in plan.Procedures)
        {
            if (procedure.Decision is not { } id || plan.Decision(id) is not { } decision
                || plan.Action(decision.Action) is not { } action)
                continue;
            var steps = procedure.Steps.SkipWhile(step => !step.Decides).ToList();
            steps = steps.Count > 0 ? steps : [.. procedure.Steps];
            var needed = steps.Aggregate(TimeSpan.Zero, (sum, step) => sum + step.Expected);
            foreach (var call in action.OnChain.Where(call => call.IsPause && call.Lasts < needed))
                PlanCheck.Error(
                    complaints, call.At, $"{call.InWords} of action '{action.Id}' pauses for "
                        + $"{Spoken.Of(call.Lasts!.Value)}, but procedure '{procedure.Id}' usually takes "
                        + $"{Spoken.Of(needed)} from step '{steps[0].Id}' on: it would end before the repair "
                        + "does; pause for longer");
        }
    }
}
