using Tocsin.Chains;
using Tocsin.Evm.Blocks;

namespace Tocsin.Evm.Inputs;

/// <summary>One of the calls of a <see cref="StateSimulation"/>.</summary>
/// <param name="Data">Selector and arguments; empty for a bare payment.</param>
public sealed record SimulatedCall(Address To, UInt256 ValueWei, ValueList<byte> Data);

/// <summary>
/// A question about what calls would do, one after the other, on the state after a block; detection declares it
/// beforehand.
/// </summary>
/// <param name="From">Who makes all of the calls.</param>
public sealed record StateSimulation(Address From, ValueList<SimulatedCall> Calls)
{
    /// <summary>No more calls than this, and no more bytes of data together, are simulated at once.</summary>
    public const int CallsMax = 32;

    /// <inheritdoc cref="CallsMax"/>
    public const int BytesMax = 64 << 10;
}

/// <summary>Native value that moved.</summary>
public sealed record SimulatedPayment(Address From, Address To, UInt256 Wei);

/// <summary>A call within a call. Static calls are left out: they change nothing.</summary>
/// <param name="Function">The first four bytes of its data; fewer where it has fewer.</param>
public sealed record InnerCall(CallKind Kind, Address From, Address To, ValueList<byte> Function);

/// <summary>What came of one call. What a failed call, or a failed part of it, did never came to be.</summary>
/// <param name="Error">Why it failed, in foreign words; null where it did not.</param>
/// <param name="Logs">In the order in which they were written.</param>
/// <param name="Inner">Each once; empty also where the node does not tell them.</param>
public sealed record SimulatedOutcome(
    string? Error, ValueList<Log> Logs, ValueList<SimulatedPayment> Payments, ValueList<InnerCall> Inner)
{
    /// <summary>What the frames of a call tracer tell.</summary>
    /// <param name="frames">Each before the calls that it makes; at least the call itself.</param>
    public static SimulatedOutcome Of(ValueList<CallFrame> frames)
    {
        if (frames[0].Error is { } error)
            return new SimulatedOutcome(error, [], [], []);
        var (logs, payments, inner) = (new List<Log>(), new List<SimulatedPayment>(), new HashSet<InnerCall>());
        var failedAt = int.MaxValue;
        foreach (var frame in frames)
        {
            if (frame.Depth <= failedAt)
                failedAt = frame.Error is null ? int.MaxValue : frame.Depth;
            if (failedAt != int.MaxValue)
                continue;
            foreach (var log in frame.Logs.Span)
                logs.Add(log);
            if (frame.To is not { } to)
                continue;
            // The other kinds bear the value of the call in whose name they run.
            if (frame.Kind is CallKind.Call or CallKind.Create or CallKind.Create2 or CallKind.SelfDestruct
                && !frame.ValueWei.IsZero)
                payments.Add(new SimulatedPayment(frame.From, to, frame.ValueWei));
            if (frame.Depth > 0 && frame.Kind != CallKind.StaticCall)
                inner.Add(new InnerCall(frame.Kind, frame.From, to, FunctionOf(frame)));
        }
        return new SimulatedOutcome(
            null, logs.OrderBy(log => log.Index).ToValueList(), payments.ToValueList(), inner.ToValueList());
    }

    // The data of a creation is code.
    private static ValueList<byte> FunctionOf(CallFrame frame) =>
        frame.Kind is CallKind.Create or CallKind.Create2 ? [] : ValueList.Create(frame.Input.Span[..Math.Min(
            4, frame.Input.Length)]);
}

/// <summary>The answer to a simulation.</summary>
/// <param name="Outcomes">One for each call, in their order; empty where there is no answer.</param>
/// <param name="IsInSequence">True where each call stood on what those before it did, and not on the block
/// alone.</param>
/// <param name="Missing">Why there is no answer; null where there is one.</param>
public sealed record SimulationAnswer(
    StateSimulation Asked, ValueList<SimulatedOutcome> Outcomes, bool IsInSequence, string? Missing)
{
    private const int ItemsMax = 2_000;
    private const int BytesMax = 256 << 10;

    /// <summary>The answer that these outcomes are: none where they are not one for each call, or more than is
    /// kept.</summary>
    public static SimulationAnswer Of(
        StateSimulation asked, ValueList<SimulatedOutcome> outcomes, bool isInSequence)
    {
        if (outcomes.Count != asked.Calls.Count)
            return None(asked, $"{asked.Calls.Count} calls were simulated and {outcomes.Count} outcomes told");
        var items = outcomes.Sum(one => (long)one.Logs.Count + one.Payments.Count + one.Inner.Count);
        var bytes = outcomes.Sum(one => one.Logs.Sum(log => (long)log.Data.Length));
        return items > ItemsMax || bytes > BytesMax
            ? None(asked, $"what it would do is more than is read: {items} events and calls, {bytes} bytes of events")
            : new SimulationAnswer(asked, outcomes, isInSequence, null);
    }

    public static SimulationAnswer None(StateSimulation asked, string missing) => new(asked, [], false, missing);
}
