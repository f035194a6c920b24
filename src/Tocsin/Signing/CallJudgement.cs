using Tocsin.Chains;
using Tocsin.Decisions;
using Tocsin.Evm.Abi;

namespace Tocsin.Signing;

/// <summary>
/// Whether a policy allows a call, whoever approves it. The signer judges by it on the night, and the check of a plan
/// beforehand, so that both say the same.
/// </summary>
internal static class CallJudgement
{
    /// <summary>The first entry for this chain, target and function; the signer looks at no other.</summary>
    public static AllowedCall? RuleFor(SignerPolicy policy, Call call) => policy.Allowed.FirstOrDefault(rule =>
        rule.Chain == call.Chain
        && rule.Target == call.Target
        && Selector.Of(call.Data.AsSpan()) == rule.Function.Selector);

    /// <summary>Null where the policy has an entry for the call and its arguments fit it.</summary>
    public static Refusal? Refuse(SignerPolicy policy, Call call)
    {
        if (RuleFor(policy, call) is not { } allowed || !call.ValueWei.IsZero)
            return new Refusal(SignerRefusal.NotAllowed, $"a call of {Describe(call)} is not in the policy");
        IReadOnlyList<object> arguments;
        try
        {
            arguments = allowed.Function.DecodeArguments(call.Data.AsSpan());
            // Only the canonical bytes: the same arguments with something behind them are another message.
            if (!allowed.Function.Encode([.. arguments]).AsSpan().SequenceEqual(call.Data.AsSpan()))
                return new Refusal(SignerRefusal.Malformed, "the calldata is not in canonical form");
        }
        catch (AbiException e)
        {
            return new Refusal(SignerRefusal.Malformed, $"the calldata does not decode: {e.Message}");
        }
        return RefuseArguments(allowed, arguments);
    }

    public static string Describe(Call call) =>
        $"{Selector.Of(call.Data.AsSpan())?.ToString() ?? "no function"} on {call.Target}, chain {call.Chain}";

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
