using Tocsin.Chains;
using Tocsin.Decisions;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Safes;

namespace Tocsin.Signing;

/// <summary>
/// Whether a policy allows a call, whoever approves it. The signer judges by it on the night, and the check of a plan
/// beforehand, so that both say the same.
/// </summary>
internal static class CallJudgement
{
    /// <summary>
    /// The first entry for this chain, target and function, and the Safe where it goes through one; the signer looks at
    /// no other.
    /// </summary>
    public static AllowedCall? RuleFor(SignerPolicy policy, Call call)
    {
        var inner = Inner(call);
        return policy.Allowed.FirstOrDefault(rule => rule.Chain == call.Chain && (rule.Through is null
            ? IsFor(rule, call.Target, call.Data)
            : rule.Through == call.Target && inner is not null && IsFor(rule, inner.To, inner.Data)));
    }

    /// <summary>
    /// What a Safe is to execute by a call; null where the call is no plain execution in canonical form, without
    /// delegatecall, refund or gas of the Safe's own choice. Approvers see it without signatures, and so must it be.
    /// </summary>
    public static SafeTransaction? Inner(Call call) =>
        SafeTransaction.Read(call.Chain, call.Target, call.Data.AsSpan()) is { } read
        && read.Calldata([]).AsSpan().SequenceEqual(call.Data.AsSpan())
            ? read
            : null;

    /// <summary>Null where the policy has an entry for the call and its arguments fit it.</summary>
    public static Refusal? Refuse(SignerPolicy policy, Call call)
    {
        if (RuleFor(policy, call) is not { } allowed || !call.ValueWei.IsZero)
            return IsThroughSafe(policy, call) && Inner(call) is null
                ? new Refusal(
                    SignerRefusal.NotCanonical,
                    $"the Safe {call.Target} may be had execute a plain CALL without refund, in canonical form and "
                        + "without signatures, and nothing else")
                : new Refusal(SignerRefusal.NotAllowed, $"a call of {Describe(call)} is not in the policy");
        if (allowed.Through is not null)
        {
            var inner = Inner(call)!;
            call = call with { Target = inner.To, ValueWei = inner.ValueWei, Data = inner.Data };
            if (!call.ValueWei.IsZero)
                return new Refusal(SignerRefusal.NotAllowed, "a Safe that sends value along is not in the policy");
        }
        IReadOnlyList<object> arguments;
        try
        {
            arguments = allowed.Function.DecodeArguments(call.Data.AsSpan());
            // Only the canonical bytes: the same arguments with something behind them are another message.
            if (!allowed.Function.Encode([.. arguments]).AsSpan().SequenceEqual(call.Data.AsSpan()))
                return new Refusal(SignerRefusal.NotCanonical, "the calldata is not in canonical form");
        }
        catch (AbiException e)
        {
            return new Refusal(SignerRefusal.NotCanonical, $"the calldata does not decode: {e.Message}");
        }
        return RefuseArguments(allowed, arguments);
    }

    public static string Describe(Call call) => Inner(call) is { } inner
        ? $"{Name(inner.Data)} on {inner.To} through the Safe {call.Target}, chain {call.Chain}"
        : $"{Name(call.Data)} on {call.Target}, chain {call.Chain}";

    private static string Name(ValueList<byte> data) => Selector.Of(data.AsSpan())?.ToString() ?? "no function";

    private static bool IsFor(AllowedCall rule, Address target, ValueList<byte> data) =>
        rule.Target == target && Selector.Of(data.AsSpan()) == rule.Function.Selector;

    private static bool IsThroughSafe(SignerPolicy policy, Call call) =>
        Selector.Of(call.Data.AsSpan()) == SafeTransaction.Selector
        && policy.Allowed.Any(rule => rule.Chain == call.Chain && rule.Through == call.Target);

    private static Refusal? RefuseArguments(AllowedCall allowed, IReadOnlyList<object> arguments)
    {
        if (allowed.AllowedFirst is { } values && !values.Contains(new Hash32((byte[])arguments[0])))
            return new Refusal(
                SignerRefusal.OutOfBounds, "the first argument is not one that the policy allows");
        foreach (var bounds in allowed.Bounds)
        {
            var value = (UInt256)arguments[bounds.Index];
            if (value < bounds.AtLeast || value > bounds.AtMost)
                return new Refusal(
                    SignerRefusal.OutOfBounds,
                    $"{bounds.Name} is {value}; the policy allows {bounds.AtLeast} to {bounds.AtMost}");
        }
        return null;
    }
}
