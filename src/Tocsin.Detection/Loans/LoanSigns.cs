using System.Collections.Frozen;
using Tocsin.Chains;
using Tocsin.Detection.Conduct;
using Tocsin.Evm;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Blocks;

namespace Tocsin.Detection.Loans;

/// <summary>
/// By what a flash loan shows itself: events of lenders that write one, swaps that are paid back in what they took, and
/// the call by which a lender without events calls its borrower.
/// </summary>
internal static class LoanSigns
{
    // DODO and dYdX have no event of the common form; Maker's counts internal Dai.
    private static readonly Hash32 Dodo = Keccak256.Hash("DODOFlashLoan(address,address,uint256,uint256)");
    private static readonly Hash32 MakerInternal = Keccak256.Hash("VatDaiFlashLoan(address,uint256,uint256)");
    private static readonly Hash32 DydxCall = Keccak256.Hash("LogCall(address,uint256,address)");

    private static readonly FrozenSet<Hash32> Events = new[]
    {
        Detection.Topics.LoanAaveV2, Detection.Topics.LoanAaveV3, Detection.Topics.LoanBalancerOrMaker,
        Detection.Topics.LoanMorpho, Detection.Topics.LoanUniswapV3, Dodo, MakerInternal, DydxCall,
    }.ToFrozenSet();

    /// <summary>What takes tokens out of a lender that settles at the end of <c>unlock</c>: Uniswap v4's
    /// <c>take</c>, Balancer v3's <c>sendTo</c>. A swap alone takes too; a loan also gives back.</summary>
    private static readonly FrozenSet<Selector> Takes = new[]
    {
        AbiSelector.Of("take(address,address,uint256)"), AbiSelector.Of("sendTo(address,address,uint256)"),
    }.ToFrozenSet();

    private static readonly FrozenSet<Selector> Settles = new[]
    {
        AbiSelector.Of("settle()"), AbiSelector.Of("settle(address,uint256)"),
    }.ToFrozenSet();

    private static readonly Selector Unlock = AbiSelector.Of("unlockCallback(bytes)");

    /// <summary>The first topics of all events that tell of a loan, or may.</summary>
    public static IEnumerable<Hash32> Topics => Events.Append(Detection.Topics.PoolSwap);

    /// <summary>True where a log tells of a loan: anyone may write such a log, so that alone accuses nobody.</summary>
    public static bool IsLoan(in Log log)
    {
        if (log.Topics.Count == 0)
            return false;
        return log.Topics[0] == Detection.Topics.PoolSwap ? IsPaidBackInKind(log) : Events.Contains(log.Topics[0]);
    }

    /// <summary>True where a lender calls its borrower, a contract of the caller's side.</summary>
    public static bool HasCallback(TracedCall[] calls, Side side)
    {
        for (var i = 0; i < calls.Length; i++)
        {
            var call = calls[i];
            if (!side.IsCallBack(call) || call.Frame.Kind != Evm.Inputs.CallKind.Call
                || call.Function is not { } function || !Functions.Loans.Contains(function))
                continue;
            if (function != Unlock || TakesAndSettles(calls, i, call.Frame.From))
                return true;
        }
        return false;
    }

    // A flash swap of a Uniswap V2 pair that is repaid in the token that was taken.
    private static bool IsPaidBackInKind(in Log log)
    {
        var data = log.Data.Span;
        return LogWords.TryRead(data, 0, out var in0) && LogWords.TryRead(data, 1, out var in1)
            && LogWords.TryRead(data, 2, out var out0) && LogWords.TryRead(data, 3, out var out1)
            && ((!in0.IsZero && !out0.IsZero) || (!in1.IsZero && !out1.IsZero));
    }

    // The same token must come back to the manager that gave it; coins come with settle() itself.
    private static bool TakesAndSettles(TracedCall[] calls, int place, Address? manager)
    {
        var taken = new HashSet<Address>();
        var settles = false;
        var isRepaid = false;
        for (var i = place + 1; i < calls[place].End; i++)
        {
            var call = calls[i];
            if (!call.IsAct || call.Function is not { } function)
                continue;
            if (call.Frame.To == manager && Takes.Contains(function) && call.WordAddress(0) is { } token)
                taken.Add(token);
            settles |= call.Frame.To == manager && Settles.Contains(function);
            isRepaid |= call.Frame.To == manager && Settles.Contains(function) && !call.Frame.ValueWei.IsZero
                && taken.Contains(Address.Zero);
            isRepaid |= call.Frame.To is { } to && taken.Contains(to) && Receiver(call) == manager;
        }
        return settles && isRepaid;
    }

    private static Address? Receiver(TracedCall call) =>
        call.Is(Functions.Transfer) ? call.WordAddress(0)
        : call.Is(Functions.TransferFrom) ? call.WordAddress(1)
        : null;
}
