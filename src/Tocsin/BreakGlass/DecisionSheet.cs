using Tocsin.Autonomy;
using Tocsin.Chains;
using Tocsin.Channels;
using Tocsin.Decisions;
using Tocsin.Evm;
using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.BreakGlass;

/// <summary>What approvers are shown of a decision, in words.</summary>
internal static class DecisionSheet
{
    /// <summary>The decoded calls, the hashes that a hardware wallet shows, and who must still approve.</summary>
    /// <param name="revoked">Wallets of which the signer says that they count no more.</param>
    /// <param name="standing">Until when what a call pauses is paused already; null where that was not read.</param>
    public static IEnumerable<string> Lines(
        PlannedAction action,
        Plan plan,
        DecisionProgress progress,
        ValueList<Address> revoked,
        IReadOnlyDictionary<int, DateTimeOffset>? standing = null)
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
            if (standing?.TryGetValue(index, out var until) == true)
                yield return $"    {call.Scope} is PAUSED ALREADY, until {until:yyyy-MM-dd HH:mm:ss} UTC";
            foreach (var line in Foreseen(progress.Calls[index].Simulation))
                yield return $"    {line}";
        }
        foreach (var effect in action.SideEffects)
            yield return $"  also: {effect}";
        foreach (var line in LadderWords.Of(plan, action))
            yield return $"  {line}";
        // 0x19 0x01, the domain's hash, the message's (EIP-712): some wallets show the two, others the hash of it all.
        var typed = DecisionTypedData.Of(decision);
        var preimage = typed.Preimage();
        yield return $"  compare on the wallet: hash {typed.Digest()}";
        yield return $"    domain  {Hex.Format(preimage.AsSpan(2, 32))}";
        yield return $"    message {Hex.Format(preimage.AsSpan(34, 32))}";
        foreach (var line in Places(plan, progress, revoked))
            yield return $"  {line}";
    }

    // Words of nodes are among them.
    private static IEnumerable<string> Foreseen(Simulation? simulation) => simulation is null
        ? ["what it would do was not simulated"]
        : simulation.Foreseen
            .Select(line => $"simulated: {AlertText.OneLine(line)}")
            .Concat(simulation.Succeeded ? [] : [$"NOT SIGNED AS IT IS: {AlertText.OneLine(simulation.InWords)}"]);

    /// <summary>Each place of the rule: by whom it is filled, or who can fill it.</summary>
    /// <inheritdoc cref="Lines"/>
    public static IEnumerable<string> Places(Plan plan, DecisionProgress progress, ValueList<Address> revoked)
    {
        var rule = plan.ApprovalRule(plan.Decision(progress.Rule)!);
        var seated = rule.Seat(progress.Approvers);
        for (var place = 0; place < rule.Places.Count; place++)
        {
            var role = rule.Places[place].Role;
            var left = rule.Places[place].Wallets.Where(can => !revoked.Contains(can)).ToList();
            yield return seated[place] switch
            {
                { } wallet when revoked.Contains(wallet) =>
                    $"{role}: {Name(plan, wallet)} approved and is REVOKED at the signer, which will not count it",
                { } wallet => $"{role}: approved by {Name(plan, wallet)}",
                null when left.Count == 0 => $"{role}: WAITING for nobody: whoever could is REVOKED at the signer",
                null => $"{role}: WAITING for " + string.Join(" or ", left.Select(can => Name(plan, can))),
            };
        }
    }

    private static string Name(Plan plan, Address wallet) =>
        $"{plan.People.FirstOrDefault(person => person.Wallet == wallet)?.Name ?? "somebody"} "
        + $"({ChecksumAddress.Format(wallet)})";
}
