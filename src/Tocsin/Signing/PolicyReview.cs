using Tocsin.Chains;
using Tocsin.Decisions;
using Tocsin.Deployments;
using Tocsin.Evm;
using Tocsin.Evm.Abi;
using Tocsin.Plans;

namespace Tocsin.Signing;

/// <summary>
/// Says in words what a policy allows, and the worst that it allows. What it judges is the policy alone: what the
/// account may do on chain is for <c>contracts check</c>.
/// </summary>
internal static class PolicyReview
{
    private static readonly UInt256 LongPauseSeconds = 30 * 86_400;

    /// <param name="surroundings">What is weak about the files and users around it.</param>
    public static PolicyReport Of(SignerPolicy policy, IEnumerable<PolicyWeakness> surroundings)
    {
        var allowed = policy.Allowed.Select(Report).ToValueList();
        var fees = (UInt256)(ulong)policy.SignaturesPerDay * policy.MaxGas * policy.MaxFeePerGasWei;
        return new PolicyReport(
            policy.Exercise,
            policy.Key.InWords,
            allowed,
            policy.Heartbeats.Select(beat => new BeatReport(
                beat.Chain, ChecksumAddress.Format(beat.Brake), beat.Relayer.Key.InWords, beat.Relayer.PerDay,
                beat.Relayer.MostFeesPerDayWei)).ToValueList(),
            policy.SignaturesPerDay,
            fees,
            Worst(policy, allowed, fees).ToValueList(),
            policy.Allowed.SelectMany(Weaknesses).Concat(Repeated(policy)).Concat(surroundings).Distinct()
                .OrderByDescending(weakness => weakness.Level == ComplaintLevel.Error).ToValueList());
    }

    /// <summary>How many different wallets must sign; null where no number of them is enough.</summary>
    public static int? ApprovalsNeeded(ApprovalRule rule) =>
        rule.IsMetBy(Wallets(rule)) ? rule.Places.Count : null;

    /// <summary>Those without whom the others together are not enough.</summary>
    public static IEnumerable<Address> Indispensable(ApprovalRule rule)
    {
        var all = Wallets(rule);
        return all.Where(wallet => !rule.IsMetBy([.. all.Where(other => other != wallet)]));
    }

    private static List<Address> Wallets(ApprovalRule rule) =>
        [.. rule.Places.SelectMany(place => place.Wallets).Distinct()];

    private static AllowedCallReport Report(AllowedCall allowed) => new(
        allowed.Chain,
        ChecksumAddress.Format(allowed.Target),
        allowed.Function.Signature,
        allowed.Function.Inputs.Select((input, index) => InWords(allowed, input, index)).ToValueList(),
        ApprovalsNeeded(allowed.Approvals),
        allowed.Approvals.Places.Select(place => $"{place.Role}: {Names(place.Wallets)}").ToValueList(),
        Indispensable(allowed.Approvals).Select(ChecksumAddress.Format).ToValueList(),
        allowed.Through is { } safe ? ChecksumAddress.Format(safe) : null);

    private static string InWords(AllowedCall allowed, AbiParameter input, int index)
    {
        var name = input.Name.Length > 0 ? input.Name : $"argument {index + 1}";
        if (allowed.Bounds.FirstOrDefault(bounds => bounds.Index == index) is { } bound)
            return IsDuration(input)
                ? $"{name}: {Quantities.Seconds(bound.AtLeast)} to {Quantities.Seconds(bound.AtMost)}"
                : $"{name}: {bound.AtLeast} to {bound.AtMost}";
        return index == 0 && allowed.AllowedFirst is { } values
            ? $"{name}: {string.Join(", ", values.Select(ModuleName.Format))}"
            : $"{name}: any {input.Type.CanonicalName}";
    }

    private static bool IsDuration(AbiParameter input) =>
        input.Name.Contains("seconds", StringComparison.OrdinalIgnoreCase)
        || input.Name.Contains("duration", StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<PolicyWeakness> Weaknesses(AllowedCall allowed)
    {
        var call = $"{allowed.Function.Name} on {ChecksumAddress.Format(allowed.Target)}{Through(allowed.Through)}";
        switch (FunctionNatures.Of(allowed.Function))
        {
            case FunctionNature.Privileged:
                yield return Error($"{allowed.Function.Signature} loosens, gives power, moves funds, or can: "
                    + "the signer is for what stops things; leave it to governance");
                break;
            case FunctionNature.Unknown:
                yield return Warning($"{call}: its name does not say that it only stops things; look at its code");
                break;
        }
        var needed = ApprovalsNeeded(allowed.Approvals);
        if (needed is null)
            yield return Error($"{call}: no choice of wallets is enough, so it is never signed: "
                + "each place needs a different wallet");
        else if (needed == 1)
            yield return Warning($"{call}: one wallet approves alone; ask for two");
        foreach (var wallet in Indispensable(allowed.Approvals))
            yield return Warning($"{call}: {ChecksumAddress.Format(wallet)} stands alone in its place; "
                + "name a substitute for the night on which it is out of reach");
        foreach (var weakness in allowed.Function.Inputs.SelectMany((input, index) => Unbounded(allowed, input, index)))
            yield return weakness with { What = $"{call}: {weakness.What}" };
    }

    private static string Through(Address? safe) =>
        safe is { } address ? $" through the Safe {ChecksumAddress.Format(address)}" : "";

    private static IEnumerable<PolicyWeakness> Unbounded(AllowedCall allowed, AbiParameter input, int index)
    {
        var name = input.Name.Length > 0 ? input.Name : $"argument {index + 1}";
        if (allowed.Bounds.FirstOrDefault(bounds => bounds.Index == index) is { } bound)
        {
            if (bound.AtLeast > bound.AtMost)
                yield return Error($"{name} has no value that is allowed: 'at_least' is above 'at_most'");
            else if (IsDuration(input) && bound.AtMost > LongPauseSeconds)
                yield return Warning($"{name} may be {Quantities.Seconds(bound.AtMost)}; that is longer than a month");
            yield break;
        }
        switch (input.Type)
        {
            case AbiType.UnsignedInteger:
                yield return Warning($"{name} has no bounds: any number is signed");
                break;
            case AbiType.FixedBytes when index == 0 && allowed.AllowedFirst is null:
                yield return Warning($"{name} is not bound by 'first_argument': any scope is signed");
                break;
            case AbiType.FixedBytes:
                // A reason or the like: it is recorded, and decides nothing.
                break;
            case var type:
                yield return Warning($"{name} is {type.CanonicalName}, which no policy can bound");
                break;
        }
    }

    private static IEnumerable<PolicyWeakness> Repeated(SignerPolicy policy) =>
        policy.Allowed.GroupBy(allowed => (allowed.Chain, allowed.Through, allowed.Target, allowed.Function.Selector))
            .Where(group => group.Count() > 1)
            .Select(group => Warning(
                $"{group.First().Function.Name} on {ChecksumAddress.Format(group.Key.Target)}"
                + $"{Through(group.Key.Through)}, "
                + $"chain {group.Key.Chain}, is there more than once; only the first entry counts"));

    private static IEnumerable<WorstCase> Worst(
        SignerPolicy policy, ValueList<AllowedCallReport> allowed, UInt256 feesWei)
    {
        yield return new WorstCase(
            "the server alone", "nothing is signed that approvers have not signed before, within its time"
                + Beats(policy));
        foreach (var approvals in allowed.Select(call => call.Approvals).OfType<int>().Distinct().Order())
        {
            var calls = allowed.Where(call => call.Approvals <= approvals).Select(InWords);
            yield return new WorstCase(
                $"the server and {Quantities.Counted((ulong)approvals, "approver")}' key"
                    .Replace("approver' key", "approver's key", StringComparison.Ordinal)
                    + (approvals == 1 ? "" : "s"),
                $"{Quantities.Counted((ulong)policy.SignaturesPerDay, "transaction")} a day that cost "
                + $"{Quantities.Ether(feesWei)} of fees at most, with no ether sent along: {string.Join("; ", calls)}");
        }
        yield return new WorstCase(
            "the signer's key itself", "whatever its account may do on chain: this policy does not hold it then");
    }

    private static string Beats(SignerPolicy policy)
    {
        var fees = policy.Heartbeats.Aggregate(UInt256.Zero, (sum, beat) => sum + beat.Relayer.MostFeesPerDayWei);
        return policy.Heartbeats.Count == 0
            ? ""
            : "; besides, beats that say the signer lives, "
                + $"for {Quantities.Ether(fees)} of the relayer's a day at most";
    }

    private static string InWords(AllowedCallReport call) =>
        $"{call.Function.Split('(')[0]} on {call.Target}, chain {call.Chain}"
        + (call.Through is { } safe ? $", made by the Safe {safe} where its owners have signed it too" : "")
        + (call.Arguments.Count > 0 ? $" ({string.Join("; ", call.Arguments)})" : "");

    private static string Names(ValueList<Address> wallets) =>
        string.Join(" or ", wallets.Select(ChecksumAddress.Format));

    private static PolicyWeakness Error(string what) => new(ComplaintLevel.Error, what);

    private static PolicyWeakness Warning(string what) => new(ComplaintLevel.Warning, what);
}
