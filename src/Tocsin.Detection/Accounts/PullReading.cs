using Tocsin.Chains;
using Tocsin.Detection.Conduct;
using Tocsin.Detection.Detectors;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;

namespace Tocsin.Detection.Accounts;

/// <summary>
/// Finds, in one transaction, the accounts that lost watched assets though they took no part in it. One instance reads
/// all transactions, so that those in which nobody did cost no memory.
/// </summary>
internal sealed class PullReading(HashSet<Address> known)
{
    private readonly HashSet<Address> writers = [];
    private readonly HashSet<Address> paid = [];
    private readonly List<Pull> pulls = [];

    /// <summary>By the logs alone.</summary>
    /// <returns>A list that the next question fills anew.</returns>
    public List<Pull> OfLogs(in Transaction transaction, BlockScene scene)
    {
        pulls.Clear();
        writers.Clear();
        paid.Clear();
        if (transaction.To is not { } called)
            return pulls;
        var logs = transaction.Logs;
        foreach (ref readonly var log in logs.Span)
        {
            writers.Add(log.Address);
            if (IsTransfer(log))
                paid.Add(LogWords.AddressOf(log.Topics[2]));
        }
        // Whoever calls the token itself takes by an own allowance: nobody else can be behind it.
        var isDirect = scene.Units(called, UInt256.Zero) is not null
            && Selector.Of(transaction.Input.Span) == Functions.TransferFrom;
        for (var i = 0; i < logs.Length; i++)
        {
            var log = logs.Span[i];
            if (!IsTransfer(log) || !LogWords.TryRead(log.Data.Span, 0, out var amount))
                continue;
            var (victim, to) = (LogWords.AddressOf(log.Topics[1]), LogWords.AddressOf(log.Topics[2]));
            var isPassive = !writers.Contains(victim) && !paid.Contains(victim);
            // That the recipient writes events proves nothing: a thief's own collector can do that too. A market gives
            // something back.
            if (isPassive && !known.Contains(to) && IsPull(victim, to, transaction.From, scene)
                && scene.Usd(log.Address, amount) is { } usd and > 0)
                pulls.Add(new Pull(
                    transaction.Hash, transaction.From, isDirect ? transaction.From : called, victim, to, log.Address,
                    usd, isDirect, scene.Block));
        }
        return pulls;
    }

    /// <summary>By the calls: who asked for the tokens is certain.</summary>
    public IEnumerable<Pull> OfCalls(TransactionTrace trace, BlockScene scene)
    {
        var calls = scene.CallsOf(trace);
        var (acting, receiving) = (new HashSet<Address>(), new HashSet<Address>());
        foreach (var call in calls)
        {
            if (call.IsUndone)
                continue;
            acting.Add(call.Frame.From);
            if (call.Frame.To is { } to && !call.Frame.ValueWei.IsZero)
                receiving.Add(to);
            if (call.IsAct && ReceiverOf(call) is { } receiver)
                receiving.Add(receiver);
            // Shares that a vault makes for its depositor are seen by their event alone.
            foreach (ref readonly var log in call.Frame.Logs.Span)
                if (IsTransfer(log))
                    receiving.Add(LogWords.AddressOf(log.Topics[2]));
        }
        foreach (var call in calls)
        {
            if (!call.IsAct || !call.Is(Functions.TransferFrom) || call.Word(2) is not { } amount
                || call.Frame.To is not { } token)
                continue;
            var spender = call.Frame.From;
            var (victim, to) = (call.WordAddress(0)!.Value, call.WordAddress(1)!.Value);
            // That the recipient acts proves nothing either: a market is known by what the victim gets back.
            if (acting.Contains(victim) || receiving.Contains(victim) || known.Contains(to)
                || known.Contains(spender) || !IsPull(victim, to, trace.Frames[0].From, scene))
                continue;
            if (scene.Usd(token, amount) is { } usd and > 0)
                yield return new Pull(
                    trace.Transaction, trace.Frames[0].From, spender, victim, to, token, usd, true, scene.Block);
        }
    }

    private static Address? ReceiverOf(TracedCall call) =>
        call.Is(Functions.Transfer) ? call.WordAddress(0)
        : call.Is(Functions.TransferFrom) ? call.WordAddress(1)
        : null;

    private static bool IsTransfer(in Log log) => log.Topics.Count == 3 && log.Topics[0] == Topics.Transfer;

    private static bool IsPull(Address victim, Address to, Address sender, BlockScene scene) =>
        victim != sender && victim != to && !victim.IsZero && !to.IsZero && !scene.IsWatched(victim)
        && !scene.IsWatched(to);
}
