using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace Tocsin.Chain;

/// <summary>
/// The heads that were told and not looked at yet, as few as can be: the highest, so that a stale head after it costs
/// nothing, and the newest of every node, because a chain may also get shorter. For several tellers and one taker.
/// </summary>
internal sealed class HeadHints
{
    private readonly Lock gate = new();
    private readonly Channel<bool> signal = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Dictionary<string, HeadNotice> newest = [];
    private HeadNotice? highest;

    public void Tell(HeadNotice notice)
    {
        lock (gate)
        {
            newest[notice.Source] = notice;
            if (highest is not { } high || notice.Head.Number >= high.Head.Number)
                highest = notice;
            signal.Writer.TryWrite(true);
        }
    }

    /// <summary>No more will be told; with a failure, <see cref="WaitAsync"/> throws it.</summary>
    public void Complete(Exception? failure = null) => signal.Writer.TryComplete(failure);

    /// <summary>The highest first, then the others from the highest down.</summary>
    public bool TryTake([NotNullWhen(true)] out HeadNotice? notice)
    {
        lock (gate)
        {
            foreach (var other in newest.Values)
                if (highest is not { } high || other.Head.Number > high.Head.Number)
                    highest = other;
            notice = highest;
            if (highest is { } taken && newest.TryGetValue(taken.Source, out var last) && last == taken)
                newest.Remove(taken.Source);
            highest = null;
            return notice is not null;
        }
    }

    /// <summary>True where another head at least as high as this one was told since.</summary>
    public bool HasAbove(HeadNotice notice)
    {
        lock (gate)
            return highest is { } high && high.Head != notice.Head && high.Head.Number >= notice.Head.Number;
    }

    /// <summary>Waits until there is one to take; false where none will come any more.</summary>
    public async Task<bool> WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            lock (gate)
            {
                signal.Reader.TryRead(out _);
                if (highest is not null || newest.Count > 0)
                    return true;
            }
            if (!await signal.Reader.WaitToReadAsync(cancellationToken))
                return false;
        }
    }
}
