using System.Numerics;
using Tocsin.Chains;
using Tocsin.Evm.Inputs;

namespace Tocsin.Detection.Conduct;

/// <summary>What a transaction does to contracts that are protected.</summary>
internal static class ProtectedTraits
{
    private const int AFifth = 5;
    private const int FewBits = 40;
    private const int ManyBits = 216;

    private static readonly BigInteger Coin = BigInteger.Pow(10, 18);
    private static readonly BigInteger AbsurdFrom = BigInteger.One << 248;

    // The last ones before 2^256 are small negative numbers, and "as much as there is".
    private static readonly BigInteger AbsurdTo = (BigInteger.One << 256) - (BigInteger.One << 128);

    public static bool Touches(TracedCall[] calls, IReadOnlySet<Address> ours) =>
        calls.Any(call => ours.Contains(call.Frame.From) || call.Frame.To is { } to && ours.Contains(to));

    public static IEnumerable<TraitLevel> Of(
        TracedCall[] calls, Side everyone, Movements movements, IReadOnlySet<Address> ours,
        Func<Address, Selector, bool> isExit)
    {
        var side = everyone.Without(ours);
        // Whoever calls the contract itself to withdraw, and is paid, takes what is his, however large his share was.
        Address? customer = calls[0].Frame.To is { } called && ours.Contains(called)
            && calls[0].Function is { } function
            && (Functions.Withdrawals.Contains(function) || isExit(called, function))
                ? everyone.Sender
                : null;
        yield return CallerTraits.Steps(Trait.LostShare, movements.LostAPart(ours, AFifth, customer) ? 1 : 0, 1);
        var paid = CallerTraits.Sum(calls.Where(call =>
            call.IsLive && call.Frame.Kind == CallKind.Call && ours.Contains(call.Frame.From)
            && call.Frame.To is { } to && side.Holds(to)));
        yield return CallerTraits.Steps(Trait.LostCoins, paid, 1_000 * Coin);
        var own = calls.Where(call => IsByTheCallerItself(call, everyone, ours)).ToArray();
        yield return CallerTraits.Steps(
            Trait.Absurd, own.Any(call => !call.Is(Functions.Approve) && HasAbsurdArgument(call)) ? 1 : 0, 1);
        yield return CallerTraits.Steps(
            Trait.Administered,
            own.Any(call => Functions.Administration.Contains(call.Function!.Value)
                && !isExit(call.Frame.To!.Value, call.Function.Value)) ? 1 : 0, 1);
        yield return CallerTraits.Steps(
            Trait.Trusting, calls.Count(call => side.IsCallBack(call) && IsTrust(call, ours)), 2);
    }

    // By the sender's own account, or by what it created for the purpose: not through a contract that others use too.
    private static bool IsByTheCallerItself(TracedCall call, Side side, IReadOnlySet<Address> ours) =>
        call.IsAct && call.Function is not null && call.Frame.To is { } to && ours.Contains(to)
        && (call.Frame.From == side.Sender || side.Created(call.Frame.From));

    private static bool IsTrust(TracedCall call, IReadOnlySet<Address> ours) =>
        ours.Contains(call.Frame.From)
        && !(call.Function is { } function
            && (Functions.Loans.Contains(function) || Functions.Hooks.Contains(function)));

    // What dynamic arguments hold is anything: only the words before the first of them are numbers.
    private static bool HasAbsurdArgument(TracedCall call)
    {
        var bytes = call.Frame.Input.Length - Selector.ByteCount;
        if (bytes % UInt256.ByteCount != 0)
            return false;
        var words = new BigInteger[bytes / UInt256.ByteCount];
        for (var i = 0; i < words.Length; i++)
            words[i] = (BigInteger)call.Word(i)!.Value;
        var head = words.Length;
        for (var i = 0; i < words.Length; i++)
            if (words[i] % UInt256.ByteCount == 0 && words[i] >= UInt256.ByteCount * (i + 1) && words[i] < bytes)
                head = Math.Min(head, (int)(words[i] / UInt256.ByteCount));
        return words.Take(head).Any(IsAbsurd);
    }

    private static bool IsAbsurd(BigInteger word)
    {
        if (word < AbsurdFrom || word >= AbsurdTo)
            return false;
        var bits = word.ToByteArray(isUnsigned: true).Sum(part => BitOperations.PopCount(part));
        return bits is <= FewBits or >= ManyBits;
    }
}
