using Tocsin.Chains;
using Tocsin.Decisions;
using Tocsin.Evm;
using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.BreakGlass;

/// <summary>What approvers are shown of a decision, in words.</summary>
internal static class DecisionSheet
{
    /// <summary>The decoded calls, the hashes that a hardware wallet shows, and who must still approve.</summary>
    public static IEnumerable<string> Lines(PlannedAction action, Plan plan, DecisionProgress progress)
    {
        var decision = progress.Decision;
        if (decision.Exercise)
            yield return "EXERCISE";
        yield return $"{action.Id}: {action.What}";
        yield return $"  decision {decision.Id}";
        yield return $"  approvals count until {decision.ExpiresAt:yyyy-MM-dd HH:mm:ss} UTC";
        foreach (var (call, index) in action.Calls.Select((call, index) => (call, index)))
        {
            yield return $"  call {index + 1} on {plan.Protected.NameOf(call.Call.Chain)}: {call.InWords}";
            yield return $"    to {ChecksumAddress.Format(call.Call.Target)}, value {call.Call.ValueWei} wei";
            yield return $"    data {Hex.Format(call.Call.Data.AsSpan())}";
        }
        foreach (var effect in action.SideEffects)
            yield return $"  also: {effect}";
        // 0x19 0x01, the domain's hash, the message's (EIP-712): some wallets show the two, others the hash of it all.
        var typed = DecisionTypedData.Of(decision);
        var preimage = typed.Preimage();
        yield return $"  compare on the wallet: hash {typed.Digest()}";
        yield return $"    domain  {Hex.Format(preimage.AsSpan(2, 32))}";
        yield return $"    message {Hex.Format(preimage.AsSpan(34, 32))}";
        foreach (var line in Places(plan, progress))
            yield return $"  {line}";
    }

    /// <summary>Each place of the rule: by whom it is filled, or who can fill it.</summary>
    public static IEnumerable<string> Places(Plan plan, DecisionProgress progress)
    {
        var rule = plan.ApprovalRule(plan.Decision(progress.Rule)!);
        var seated = rule.Seat(progress.Approvers);
        for (var place = 0; place < rule.Places.Count; place++)
        {
            yield return seated[place] is { } wallet
                ? $"{rule.Places[place].Role}: approved by {Name(plan, wallet)}"
                : $"{rule.Places[place].Role}: WAITING for "
                    + string.Join(" or ", rule.Places[place].Wallets.Select(can => Name(plan, can)));
        }
    }

    private static string Name(Plan plan, Address wallet) =>
        $"{plan.People.FirstOrDefault(person => person.Wallet == wallet)?.Name ?? "somebody"} "
        + $"({ChecksumAddress.Format(wallet)})";
}
