using System.Runtime.InteropServices;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;

namespace Tocsin.Chain.Senses;

/// <summary>
/// The logs of a trace: which of them stand, in what order they were written, and which of the block's they are.
/// </summary>
internal static class TraceLogs
{
    /// <summary>
    /// The frames with the logs that stand. Those of a call that failed, or within one, never came to be, though some
    /// nodes show them.
    /// </summary>
    /// <param name="receipt">
    /// The logs of the transaction's receipt, whose numbers the frames then bear; null numbers from the first number in
    /// the order of execution. The receipt may hold more: some chains write logs beside the machine, and some
    /// tracers give none.
    /// </param>
    /// <exception cref="RpcFormatException">The trace has a log that the receipt has not.</exception>
    public static TransactionTrace Assign(
        Hash32 transaction, List<TracedFrame> frames, ReadOnlyMemory<Log>? receipt, int firstNumber = 0)
    {
        var order = InOrder(frames);
        var numbers = receipt is { } known
            ? Numbers(transaction, order, known.Span)
            : [.. Enumerable.Range(firstNumber, order.Count)];
        var logs = new Dictionary<int, List<Log>>();
        for (var i = 0; i < order.Count; i++)
        {
            var log = order[i].Log;
            var ofFrame = CollectionsMarshal.GetValueRefOrAddDefault(logs, order[i].Frame, out _) ??= [];
            ofFrame.Add(new Log(numbers[i], log.Address, log.Topics, log.Data));
        }
        var flat = new CallFrame[frames.Count];
        for (var i = 0; i < flat.Length; i++)
            flat[i] = frames[i].ToFrame(logs.TryGetValue(i, out var ofFrame) ? ofFrame.ToArray() : default);
        return new TransactionTrace(transaction, new ValueList<CallFrame>(flat));
    }

    /// <summary>A log stands before the calls that its frame made later, and after those made earlier.</summary>
    private static List<(int Frame, TracedLog Log)> InOrder(List<TracedFrame> frames)
    {
        var order = new List<(int, TracedLog)>();
        var open = new Stack<(int Frame, int Calls, int Written)>();
        var failedAt = int.MaxValue;
        for (var i = 0; i < frames.Count; i++)
        {
            var depth = frames[i].Depth;
            while (open.Count > depth)
                Write(open.Pop(), ulong.MaxValue);
            if (open.TryPop(out var parent))
                open.Push(parent with { Written = Write(parent, (ulong)parent.Calls), Calls = parent.Calls + 1 });
            if (depth <= failedAt)
                failedAt = frames[i].Failed ? depth : int.MaxValue;
            open.Push((i, 0, depth > failedAt || frames[i].Failed ? frames[i].Logs.Count : 0));
        }
        while (open.TryPop(out var last))
            Write(last, ulong.MaxValue);
        return order;

        int Write((int Frame, int Calls, int Written) state, ulong upToPosition)
        {
            var logs = frames[state.Frame].Logs;
            var next = state.Written;
            for (; next < logs.Count && logs[next].Position <= upToPosition; next++)
                order.Add((state.Frame, logs[next]));
            return next;
        }
    }

    private static int[] Numbers(Hash32 transaction, List<(int Frame, TracedLog Log)> order, ReadOnlySpan<Log> receipt)
    {
        var numbers = new int[order.Count];
        int[] traced = [.. Enumerable.Range(0, order.Count)];
        int[] known = [.. Enumerable.Range(0, receipt.Length)];
        if (TryMatch(order, traced, receipt, known, numbers))
            return numbers;
        // A tracer that gives no positions leaves the order open; what was written is still the same.
        var written = receipt.ToArray();
        Array.Sort(traced, (left, right) => Order(Compare(order[left].Log, order[right].Log), left, right));
        Array.Sort(known, (left, right) => Order(Compare(Of(written[left]), Of(written[right])), left, right));
        return TryMatch(order, traced, receipt, known, numbers)
            ? numbers
            : throw RpcJson.Inconsistent($"the trace of transaction {transaction} has a log that its receipt has not");

        static int Order(int byContent, int left, int right) => byContent != 0 ? byContent : left.CompareTo(right);
    }

    // Both in the same order: each traced log is the first of the receipt's that is left and equal.
    private static bool TryMatch(
        List<(int Frame, TracedLog Log)> order, int[] traced, ReadOnlySpan<Log> receipt, int[] known, int[] numbers)
    {
        var next = 0;
        foreach (var index in traced)
        {
            while (next < known.Length && Compare(order[index].Log, Of(receipt[known[next]])) != 0)
                next++;
            if (next == known.Length)
                return false;
            numbers[index] = receipt[known[next++]].Index;
        }
        return true;
    }

    private static TracedLog Of(in Log log) => new(0, log.Address, log.Topics, log.Data);

    private static int Compare(TracedLog left, TracedLog right)
    {
        var compared = left.Address.CompareTo(right.Address);
        if (compared == 0)
            compared = left.Topics.AsSpan().SequenceCompareTo(right.Topics.AsSpan());
        return compared != 0 ? compared : left.Data.Span.SequenceCompareTo(right.Data.Span);
    }
}
