using System.Globalization;
using System.Text;
using Tocsin.Chains;
using Tocsin.Decisions;
using Tocsin.Evm;

namespace Tocsin.Plans;

/// <summary>
/// What approvers bind themselves to: which wallets decide, and exactly what is executed; contacts and words may change
/// freely. Each text has its length before it: no two different plans can give the same bytes.
/// </summary>
internal static class DecisionsText
{
    public static Hash32 Hash(Plan plan)
    {
        var text = new StringBuilder("tocsin-decisions-1\n");
        foreach (var rule in plan.Decisions)
        {
            text.Append($"decision {Counted(rule.Id)} action {Counted(rule.Action)} ");
            text.Append($"valid {rule.ValidFor.TotalSeconds:0}\n");
            foreach (var role in rule.Required)
                text.Append($"required {Counted(role.Role)} or {string.Join(',', role.Substitutes.Select(Counted))}\n");
            foreach (var group in rule.Additional)
                text.Append($"additional {Counted(group.Group)} at least {group.AtLeast}\n");
            foreach (var place in plan.ApprovalRule(rule).Places)
                text.Append($"place {string.Join(',', place.Wallets.Order())}\n");
            AppendMeans(text, rule);
        }
        // What people send with their own wallets nobody decides here.
        foreach (var action in plan.Actions.Where(action => action.By is null))
            Append(text, action);
        // Whoever approves ahead approves upon what it is then taken.
        var acting = plan.Autonomy.Ladder.Where(entry => entry.ActsByItself).ToList();
        foreach (var entry in acting)
        {
            text.Append($"automatic {Counted(entry.Action)} severity {(int)entry.Severity} {entry.Stage} ");
            text.Append(CultureInfo.InvariantCulture, $"per day {entry.PerDay} precision {entry.Precision} ");
            text.Append($"from {string.Join(',', entry.TriggersIn(plan).Order())}\n");
        }
        foreach (var action in plan.Actions.Where(action => acting.Any(entry => entry.Action == action.Id)))
            AppendBounds(text, action);
        return Keccak256.Hash(text.ToString());
    }

    // Each line only where the plan has it: without, a decision is written as it always was.
    private static void AppendMeans(StringBuilder text, DecisionRule rule)
    {
        if (rule.Reviewer is { } reviewer)
            text.Append($"reviewer {Counted(reviewer)}\n");
        if (rule.Attested is { } attested)
            text.Append($"attested by {attested.By}\n");
        if (rule.Ratify is { } ratify)
        {
            text.Append($"ratify within {ratify.Within.TotalSeconds:0} ");
            text.Append($"roles {string.Join(',', ratify.Roles.Select(Counted))}\n");
        }
        if (rule.Unreachable is { } unreachable)
            text.Append($"unreachable after {unreachable.After.TotalSeconds:0} then {Counted(unreachable.Then)}\n");
    }

    // What keeps an act of the night within what was meant: nobody looks at the forecast then.
    private static void AppendBounds(StringBuilder text, PlannedAction action)
    {
        text.Append($"bounds {Counted(action.Id)} foresee {action.MustForesee} ");
        text.Append($"changes {string.Join(',', action.Changes.Order())}\n");
        foreach (var call in action.Calls)
            text.Append($"holds {Hex.Format(call.Holds.AsSpan())} until {Hex.Format(call.Until.AsSpan())}\n");
        foreach (var harm in action.Harm)
            text.Append($"harm {harm.Chain} {harm.Target} {Hex.Format(harm.Data.AsSpan())} {harm.AtMostMore}\n");
        foreach (var read in action.Then)
        {
            text.Append($"then {read.Chain} {read.Target} {Hex.Format(read.Data.AsSpan())} ");
            text.Append($"{read.Relation} {read.Expected}\n");
        }
    }

    // An action of calls alone is written as it always was: approvals that were given stay valid.
    private static void Append(StringBuilder text, PlannedAction action)
    {
        text.Append($"action {Counted(action.Id)}\n");
        foreach (var call in action.Safe is null ? action.Calls : [])
            Append(text, call.Call);
        if (action.Safe is { } safe)
        {
            text.Append($"safe {safe.Chain} {safe.Address} threshold {safe.Threshold} ");
            text.Append($"owners {string.Join(',', safe.Owners.Order())} calls {safe.Calls.Count}\n");
            foreach (var call in safe.Calls)
                Append(text, call.Call);
        }
        if (action.Hook is not { } hook)
            return;
        text.Append($"hook {hook.Method} {Counted(hook.Url)} expect {hook.Expect} body {Counted(hook.Body ?? "")}\n");
        // What is only ever sent when people ask is written as it always was.
        if (hook.AtOnce || hook.InExercises)
            text.Append($"at once {hook.AtOnce} in exercises {hook.InExercises}\n");
        foreach (var header in hook.Headers)
            text.Append($"header {Counted(header.Name)} {Counted(header.Value)}\n");
    }

    private static void Append(StringBuilder text, Call call) =>
        text.Append($"call {call.Chain} {call.Target} {call.ValueWei} {Hex.Format(call.Data.AsSpan())}\n");

    private static string Counted(string text) => $"{text.Length}:{text}";
}
