using Tocsin.Chains;
using Tocsin.Configuration;
using Tocsin.Decisions;
using Tocsin.Evm;
using Tocsin.Plans;
using Tocsin.Response;
using Tocsin.Texts;

namespace Tocsin.Signing;

/// <summary>
/// Whether the signer would sign what a plan's decisions ask of it. Its policy is a copy of its own by design, so the
/// two can say different things; on the night that shows only after everybody has approved.
/// </summary>
internal static class PolicyCheck
{
    // Choices of approvers that are tried; a plan with more is checked as far as this.
    private const int MostChoices = 100_000;

    /// <param name="directory">The folder that may hold <c>signer.yaml</c>.</param>
    /// <param name="configuration">Null where the plan is checked by itself.</param>
    public static IReadOnlyList<Complaint> Check(string directory, Plan plan, TocsinConfiguration? configuration)
    {
        var path = Path.Combine(directory, SignerPolicy.FileName);
        var at = new SourceLine(path, 0);
        if (plan.Decisions.Count == 0)
            return [];
        if (!File.Exists(path))
            return
            [
                new Complaint(at, ComplaintLevel.Warning,
                    "the signer's policy is not here, so whether it allows the plan's actions was not checked"),
            ];
        try
        {
            var (policy, complaints) = SignerPolicy.Read(path);
            return complaints.Count > 0 ? complaints : Check(policy, at, plan, configuration?.Exercise);
        }
        catch (InputException e)
        {
            // It may belong to the signer's user alone.
            return
            [
                new Complaint(at, ComplaintLevel.Warning,
                    $"whether it allows the plan's actions was not checked: {e.Message}"),
            ];
        }
    }

    private static List<Complaint> Check(SignerPolicy policy, SourceLine file, Plan plan, bool? exercise)
    {
        var complaints = new List<Complaint>();
        if (exercise is { } drills && drills != policy.Exercise)
            Error(file, drills
                ? "this is a key for real decisions, but the configuration says 'exercise: true'; change one of them"
                : "'exercise: true' makes this a key for exercises: set it to false, or tocsin.yaml to exercise: true");
        if (policy.MaxGas < Containment.GasAtLeast)
            Error(file, $"'max_gas' is {policy.MaxGas}, but a call is signed with {Containment.GasAtLeast} gas at "
                + $"least; set it to {Containment.GasAtLeast} or more");
        if (policy.MinGas > Containment.GasAtLeast)
            Error(file, $"'min_gas' is {policy.MinGas}, but a call may be signed with {Containment.GasAtLeast} gas, "
                + $"which would be refused; set it to {Containment.GasAtLeast} or less");
        foreach (var decision in plan.Decisions)
        {
            if (plan.Action(decision.Action) is not { } action)
                continue;
            foreach (var planned in action.Calls)
                if (Refuse(policy, planned, plan, decision) is { } why)
                    Error(planned.At, $"the signer would refuse action '{action.Id}' of decision '{decision.Id}', "
                        + $"{planned.InWords}: {why}; change {file.File}");
        }
        return complaints;

        void Error(SourceLine at, string message) =>
            complaints.Add(new Complaint(at, ComplaintLevel.Error, message));
    }

    private static string? Refuse(SignerPolicy policy, PlannedCall planned, Plan plan, DecisionRule decision)
    {
        if (CallJudgement.Refuse(policy, planned.Call) is { } refusal)
            return refusal.Code == SignerRefusal.NotAllowed
                ? Missing(policy, planned.Call)
                : refusal.Reason + " under 'first_argument' and 'bounds' of its entry";
        var allowed = CallJudgement.RuleFor(policy, planned.Call)!.Approvals;
        return Unmet(plan, plan.ApprovalRule(decision), allowed);
    }

    // The entry that comes nearest says what was left as it was.
    private static string Missing(SignerPolicy policy, Call call)
    {
        if (CallJudgement.Inner(call) is { } inner)
        {
            var through = ChecksumAddress.Format(call.Target);
            return policy.Allowed.Any(rule => rule.Through == call.Target)
                ? Missing(Through(policy, call.Target), call with { Target = inner.To, Data = inner.Data })
                : $"nothing under 'allowed' has 'through: \"{through}\"', the Safe of the plan";
        }
        var same = policy.Allowed.Where(rule => rule.Function.Selector == Selector.Of(call.Data.AsSpan())).ToList();
        if (same.Find(rule => rule.Target == call.Target) is { } elsewhere)
            return $"under 'allowed' its 'chain' is {elsewhere.Chain}, that of the plan is {call.Chain}";
        if (same.Find(rule => rule.Chain == call.Chain) is { } other)
            return $"under 'allowed' the 'target' is {ChecksumAddress.Format(other.Target)}, "
                + $"the plan calls {ChecksumAddress.Format(call.Target)}";
        return same.Count > 0
            ? $"under 'allowed' neither 'chain' nor 'target' are those of the plan, {call.Chain} and "
                + ChecksumAddress.Format(call.Target)
            : $"nothing under 'allowed' has this function on {ChecksumAddress.Format(call.Target)}";
    }

    private static SignerPolicy Through(SignerPolicy policy, Address safe) =>
        policy with { Allowed = policy.Allowed.Where(rule => rule.Through == safe).ToValueList() };

    private static string? Unmet(Plan plan, ApprovalRule planned, ApprovalRule allowed)
    {
        IReadOnlyList<Address>? first = null;
        var strangers = new HashSet<Address>();
        foreach (var approvers in WaysToFill(planned).Where(approvers => !allowed.IsMetBy(approvers)))
        {
            first ??= approvers;
            strangers.UnionWith(approvers.Where(wallet => !allowed.IsApprover(wallet)));
        }
        // All in one run: whoever adds them one after the other needs as many.
        if (strangers.Count > 0)
            return $"{Listed(wallet => NameOf(plan, wallet))} may decide by the plan, but "
                + $"{Listed(wallet => ChecksumAddress.Format(wallet))} {(strangers.Count == 1 ? "is" : "are")} not "
                + "among 'required' and 'additional'";
        return first is null ? null : string.Join(" and ", first.Select(wallet => NameOf(plan, wallet)))
            + " decide by the plan, but do not fill every place of 'required' and 'additional'";

        string Listed(Func<Address, string> name) => string.Join(
            ", ", planned.Places.SelectMany(place => place.Wallets).Distinct().Where(strangers.Contains).Select(name));
    }

    /// <summary>Every choice of different wallets, one for each place.</summary>
    private static IEnumerable<IReadOnlyList<Address>> WaysToFill(ApprovalRule rule)
    {
        var tried = 0;
        IEnumerable<Address[]> ways = [[]];
        foreach (var place in rule.Places.OrderBy(place => place.Wallets.Count))
            ways = ways.SelectMany(chosen => place.Wallets
                .Where(wallet => tried++ < MostChoices && !chosen.Contains(wallet))
                .Select(wallet => (Address[])[.. chosen, wallet]));
        return ways;
    }

    private static string NameOf(Plan plan, Address wallet) =>
        plan.People.FirstOrDefault(person => person.Wallet == wallet)?.Id is { } id
            ? $"'{id}'"
            : ChecksumAddress.Format(wallet);
}
