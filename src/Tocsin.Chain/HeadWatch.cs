using Tocsin.Chains;

namespace Tocsin.Chain;

/// <summary>
/// The heads of one node. Poller and socket run beside each other; the gate covers what they share.
/// </summary>
/// <param name="anyTells">Whether the socket of any node of the feed tells.</param>
internal sealed class HeadWatch(
    HeadSource source,
    HeadFeedOptions options,
    HeadNews news,
    Func<bool> anyTells,
    TimeProvider time,
    Action<string>? warn,
    Action<string>? tell)
{
    private readonly Lock gate = new();
    private BlockRef? told;
    private HeadSocket? open;
    private long lastSocketHead;
    private long? lastAsked;
    private bool pollFails;

    /// <summary>True while a socket is open and has not been silent for too long.</summary>
    public bool Tells
    {
        get
        {
            lock (gate)
                return open is not null && time.GetElapsedTime(lastSocketHead) < options.SilenceLimit;
        }
    }

    public IEnumerable<Task> Loops(CancellationToken cancellationToken)
    {
        if (source.WebSocket is null)
            tell?.Invoke($"heads of {source.Label}: polling every {options.PollInterval.TotalSeconds:0.###} s");
        else
            yield return SubscribeAsync(source.WebSocket, cancellationToken);
        yield return PollAsync(cancellationToken);
    }

    private async Task PollAsync(CancellationToken cancellationToken)
    {
        var suspect = default(HeadSocket);
        while (true)
        {
            var silent = Silent();
            // One tick of grace: on a quiet chain the answer may merely have overtaken the subscription.
            if (silent is not null && silent == suspect)
                silent.GiveUp("the node has newer blocks than its subscription tells");
            var isNews = (silent is not null || MustAsk()) && await AskAsync(cancellationToken);
            suspect = isNews ? silent : null;
            news.CheckStandstill();
            await Task.Delay(options.PollInterval, time, cancellationToken);
        }
    }

    // True where the answer was news.
    private async Task<bool> AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            var before = Asking();
            var isNews = NoticeUnlessOvertaken(await source.HeadAsync(cancellationToken), before);
            if (pollFails)
                warn?.Invoke($"heads of {source.Label}: the node answers again");
            pollFails = false;
            return isNews;
        }
        catch (NodeException fault)
        {
            if (!pollFails)
                warn?.Invoke($"heads of {source.Label}: {fault.Message}");
            pollFails = true;
            return false;
        }
    }

    private async Task SubscribeAsync(Uri address, CancellationToken cancellationToken)
    {
        var failures = 0;
        while (true)
        {
            string reason;
            using (var socket = new HeadSocket(address, options.ConnectTimeout, time))
            {
                try
                {
                    await socket.OpenAsync(cancellationToken);
                    SetOpen(socket);
                    tell?.Invoke($"heads of {socket.Label}: subscribed");
                    // What came between the last poll and the subscription would otherwise wait for the next head.
                    await AskAsync(cancellationToken);
                    while (true)
                    {
                        NoticeFromSocket(await socket.NextAsync(cancellationToken));
                        failures = 0;
                    }
                }
                catch (NodeException fault)
                {
                    reason = fault.Message;
                }
                finally
                {
                    SetOpen(null);
                }
            }
            var wait = options.Reconnect.After(++failures);
            warn?.Invoke($"{reason}; polling meanwhile, next attempt in {wait.TotalSeconds:0.###} s");
            await Task.Delay(wait, time, cancellationToken);
        }
    }

    private BlockRef? Asking()
    {
        lock (gate)
        {
            lastAsked = time.GetTimestamp();
            return told;
        }
    }

    // A head that the socket told while the node was answering is newer than an answer that is no higher.
    private bool NoticeUnlessOvertaken(BlockRef head, BlockRef? before)
    {
        lock (gate)
        {
            var overtaken = told != before && told is { } since && head.Number <= since.Number;
            return !overtaken && Notice(head);
        }
    }

    private bool Notice(BlockRef head)
    {
        lock (gate)
        {
            if (told == head)
                return false;
            told = head;
            news.Tell(new HeadNotice(head, source.Label));
            return true;
        }
    }

    private void NoticeFromSocket(BlockRef head)
    {
        // One that repeats itself tells nothing: it must not pass for a socket that works.
        if (!Notice(head))
            return;
        lock (gate)
            lastSocketHead = time.GetTimestamp();
    }

    private void SetOpen(HeadSocket? socket)
    {
        lock (gate)
        {
            open = socket;
            lastSocketHead = time.GetTimestamp();
        }
    }

    // Our own open socket spares the question; another node's makes it seldom, because it may be that node that lies.
    private bool MustAsk()
    {
        var othersTell = anyTells();
        lock (gate)
        {
            if (open is not null)
                return false;
            return !othersTell || lastAsked is not { } at || time.GetElapsedTime(at) >= options.SilenceLimit;
        }
    }

    // The open socket, where it has said nothing for too long.
    private HeadSocket? Silent()
    {
        lock (gate)
            return time.GetElapsedTime(lastSocketHead) >= options.SilenceLimit ? open : null;
    }
}
