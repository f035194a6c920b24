using System.Numerics;
using Tocsin.Chains;
using Tocsin.Evm.Inputs;

namespace Tocsin.Detection.Conduct;

/// <summary>How often, or how much, of each trait a transaction shows, whoever it touches.</summary>
internal static class CallerTraits
{
    private static readonly BigInteger Coin = BigInteger.Pow(10, 18);
    private static readonly BigInteger Unlimited = BigInteger.One << 128;

    public static IEnumerable<TraitLevel> Of(TracedCall[] calls, Side side, Movements movements)
    {
        var outward = calls.Where(side.IsOutward).ToArray();
        var actions = calls.Where(side.IsAction).ToArray();
        var inner = actions.Where(call => call.Frame.Depth > 0).ToArray();
        yield return Steps(Trait.Repeat, Repeats(inner), 5, 6);
        yield return Steps(Trait.GiveBack, movements.GivenBack, 2);
        yield return Steps(Trait.Taken, movements.PaidForNothing(), 1, 2);
        yield return Steps(Trait.Allowance, outward.Count(IsUnlimitedAllowance), 1, 2);
        yield return Steps(Trait.Created, actions.Count(call => side.Created(call.Frame.From)), 1, 2);
        yield return Steps(Trait.CallBack, calls.Count(call => side.IsCallBack(call) && IsOddCall(call)), 2, 3);
        yield return Steps(Trait.Reaction, IsReentered(calls, side) ? 1 : 0, 1);
        yield return Steps(Trait.Pulled, movements.Pulled, 2);
        yield return Steps(Trait.Terse, inner.Length > 0 && IsTerse(calls[0]) ? 1 : 0, 1);
        var paid = Sum(calls.Where(call =>
            call.IsAct && call.Frame.To is { } payee && side.Holds(payee) && !side.Holds(call.Frame.From)));
        yield return Steps(Trait.Coins, paid, 100 * Coin, 1_000 * Coin);
        yield return Steps(Trait.RoundTrip, IsTradedBothWays(calls) ? 1 : 0, 1);
    }

    public static TraitLevel Steps(Trait trait, BigInteger value, params ReadOnlySpan<BigInteger> steps)
    {
        var level = 0;
        foreach (var step in steps)
            level += value >= step ? 1 : 0;
        return new TraitLevel(trait, level);
    }

    public static BigInteger Sum(IEnumerable<TracedCall> calls)
    {
        var sum = BigInteger.Zero;
        foreach (var call in calls)
            sum += (BigInteger)call.Frame.ValueWei;
        return sum;
    }

    private static int Repeats(TracedCall[] inner) =>
        inner.GroupBy(call => (call.Frame.To, call.Function))
            .Select(group => group.Count())
            .DefaultIfEmpty().Max();

    private static bool IsUnlimitedAllowance(TracedCall call) =>
        call.Frame.Depth > 0 && call.Is(Functions.Approve) && call.Word(1) is { } amount
        && (BigInteger)amount >= Unlimited;

    private static bool IsOddCall(TracedCall call) =>
        call.Frame.Kind == CallKind.Call && call.Function is { } function && !Functions.Hooks.Contains(function);

    private static bool IsTerse(TracedCall root) =>
        root.Frame.Kind == CallKind.Call
        && root.Frame.Input.Length <= Selector.ByteCount + UInt256.ByteCount;

    // One pass: what lies within an earlier call back has been looked at with it.
    private static bool IsReentered(TracedCall[] calls, Side side)
    {
        var backUntil = 0;
        for (var i = 0; i < calls.Length; i++)
        {
            if (i < backUntil && IsReaction(calls[i], side))
                return true;
            if (IsReentry(calls[i], side))
                backUntil = Math.Max(backUntil, calls[i].End);
        }
        return false;
    }

    // How lenders and pools call back is how honest traders are called too.
    private static bool IsReentry(TracedCall back, Side side) =>
        side.IsCallBack(back) && back.Frame.Kind == CallKind.Call && !back.IsStatic
        && !back.Is(Functions.PoolSwapCallback)
        && !(back.Function is { } function && Functions.Loans.Contains(function));

    private static bool IsReaction(TracedCall call, Side side) =>
        call is { IsUndone: false, MovesValue: true, Frame: { Kind: CallKind.Call, To: { } to } }
        && side.Holds(call.Frame.From) && !side.Holds(to);

    private static bool IsTradedBothWays(TracedCall[] calls)
    {
        var seen = new HashSet<(Address Pool, bool Way)>();
        foreach (var call in calls)
        {
            if (!call.IsAct || call.Frame.To is not { } pool)
                continue;
            if (call.Is(Functions.PairSwap))
            {
                Note(pool, false, call.Word(0) is { IsZero: false });
                Note(pool, true, call.Word(1) is { IsZero: false });
            }
            else if (call.Is(Functions.PoolSwap))
                Note(pool, call.Word(1) is { IsZero: false }, call.Word(1) is not null);
            else if (call.Function is { } function && Functions.Exchanges.Contains(function))
                Note(pool, call.Word(0) < call.Word(1), call.Word(1) is not null);
        }
        return seen.Any(one => one.Way && seen.Contains((one.Pool, false)));

        void Note(Address pool, bool way, bool isTraded)
        {
            if (isTraded)
                seen.Add((pool, way));
        }
    }
}
