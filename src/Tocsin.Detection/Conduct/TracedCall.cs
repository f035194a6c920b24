using Tocsin.Chains;
using Tocsin.Evm.Inputs;

namespace Tocsin.Detection.Conduct;

/// <summary>One frame of a trace with what its place in the tree says of it.</summary>
/// <param name="parent">The place of the frame that made it; -1 for the transaction itself.</param>
internal sealed class TracedCall(CallFrame frame, int parent)
{
    public CallFrame Frame { get; } = frame;

    public int Parent { get; } = parent;

    /// <summary>The place after the last frame below this one.</summary>
    public int End { get; set; }

    /// <summary>It, or one above it, failed: it never happened.</summary>
    public bool IsUndone { get; init; }

    /// <summary>It, or one above it, may only read.</summary>
    public bool IsStatic { get; init; }

    /// <summary>Tokens or coins move in it or below it.</summary>
    public bool MovesValue { get; set; }

    public Selector? Function { get; } =
        frame.Kind is CallKind.Create or CallKind.Create2 ? null : Selector.Of(frame.Input.Span);

    /// <summary>It happened, and is no call of a contract that every chain has built in.</summary>
    public bool IsLive => !IsUndone && Frame.To is not { IsPrecompiled: true };

    /// <summary>A plain call that may change something. What a proxy delegates is not another call: what that code
    /// calls comes from the proxy.</summary>
    public bool IsAct => IsLive && !IsStatic && Frame.Kind == CallKind.Call;

    public bool Is(Selector function) => Function == function;

    /// <summary>The argument at a place, by the ABI's words of 32 bytes; null where the input ends before.</summary>
    public UInt256? Word(int place)
    {
        var from = Selector.ByteCount + (place * UInt256.ByteCount);
        return Frame.Input.Length < from + UInt256.ByteCount
            ? null
            : new UInt256(Frame.Input.Span.Slice(from, UInt256.ByteCount));
    }

    /// <summary>The address in the argument at a place, as lenient as contracts are with its upper bytes.</summary>
    public Address? WordAddress(int place)
    {
        var from = Selector.ByteCount + (place * UInt256.ByteCount);
        return Frame.Input.Length < from + UInt256.ByteCount
            ? null
            : new Address(Frame.Input.Span.Slice(from + UInt256.ByteCount - Address.ByteCount, Address.ByteCount));
    }

    /// <summary>Makes the tree of the flat frames.</summary>
    public static TracedCall[] Read(ValueList<CallFrame> frames)
    {
        var calls = new TracedCall[frames.Count];
        var open = new Stack<int>();
        for (var i = 0; i < calls.Length; i++)
        {
            var frame = frames[i];
            while (open.TryPeek(out var last) && calls[last].Frame.Depth >= frame.Depth)
                calls[open.Pop()].End = i;
            var parent = open.TryPeek(out var place) ? place : -1;
            var above = parent < 0 ? null : calls[parent];
            calls[i] = new TracedCall(frame, parent)
            {
                IsUndone = frame.Error is not null || above is { IsUndone: true },
                IsStatic = frame.Kind == CallKind.StaticCall || above is { IsStatic: true },
            };
            open.Push(i);
        }
        while (open.TryPop(out var rest))
            calls[rest].End = calls.Length;
        MarkMoves(calls);
        return calls;
    }

    private static void MarkMoves(TracedCall[] calls)
    {
        foreach (var call in calls)
        {
            if (!call.IsLive || !Moves(call))
                continue;
            for (var at = call; !at.MovesValue; at = calls[at.Parent])
            {
                at.MovesValue = true;
                if (at.Parent < 0)
                    break;
            }
        }
    }

    private static bool Moves(TracedCall call) =>
        call.Function is { } function && Functions.Supply.Contains(function)
        || call.Frame.Kind == CallKind.Call && !call.Frame.ValueWei.IsZero;
}
