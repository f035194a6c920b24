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
    public static Hash32 Hash(
        ValueList<DecisionRule> decisions, ValueList<PlannedAction> actions, Func<DecisionRule, ApprovalRule> approvals)
    {
        var text = new StringBuilder("tocsin-decisions-1\n");
        foreach (var rule in decisions)
        {
            text.Append($"decision {Counted(rule.Id)} action {Counted(rule.Action)} ");
            text.Append($"valid {rule.ValidFor.TotalSeconds:0}\n");
            foreach (var role in rule.Required)
                text.Append($"required {Counted(role.Role)} or {string.Join(',', role.Substitutes.Select(Counted))}\n");
            foreach (var group in rule.Additional)
                text.Append($"additional {Counted(group.Group)} at least {group.AtLeast}\n");
            foreach (var place in approvals(rule).Places)
                text.Append($"place {string.Join(',', place.Wallets.Order())}\n");
        }
        // What people send with their own wallets nobody decides here.
        foreach (var action in actions.Where(action => action.By is null))
            Append(text, action);
        return Keccak256.Hash(text.ToString());
    }

    // An action of calls alone is written as it always was: approvals that were given stay valid.
    private static void Append(StringBuilder text, PlannedAction action)
    {
        text.Append($"action {Counted(action.Id)}\n");
        foreach (var call in action.Calls)
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
        foreach (var header in hook.Headers)
            text.Append($"header {Counted(header.Name)} {Counted(header.Value)}\n");
    }

    private static void Append(StringBuilder text, Call call) =>
        text.Append($"call {call.Chain} {call.Target} {call.ValueWei} {Hex.Format(call.Data.AsSpan())}\n");

    private static string Counted(string text) => $"{text.Length}:{text}";
}
