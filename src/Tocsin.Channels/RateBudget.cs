using Tocsin.Findings;

namespace Tocsin.Channels;

/// <summary>How many messages a receiver takes within a time, by its provider's documentation.</summary>
/// <param name="Reserved">So many of them are kept for severity 1.</param>
public sealed record RateLimit(int Messages, TimeSpan Per, int Reserved);

/// <summary>
/// What was sent lately, against what the receiver takes. Severity 1 may use all of it; everything else leaves it the
/// reserved part, so that a flood of small alerts never stands before a page. It lives in memory: after a restart the
/// receiver's own word on its limit counts. Safe for the lanes of a channel.
/// </summary>
public sealed class RateBudget(RateLimit limit)
{
    private readonly Lock gate = new();

    // The oldest first.
    private readonly List<DateTimeOffset> sent = [];

    /// <summary>Takes one of what may be sent. Null where it was taken; else the instant from which there is one.
    /// </summary>
    public DateTimeOffset? Take(Severity severity, DateTimeOffset now)
    {
        lock (gate)
        {
            var at = MayAt(severity, now);
            if (at > now)
                return at;
            sent.Add(now);
            return null;
        }
    }

    /// <summary>The last that was taken did not reach the receiver, so that it counts for nothing.</summary>
    public void GiveBack()
    {
        lock (gate)
        {
            if (sent.Count > 0)
                sent.RemoveAt(sent.Count - 1);
        }
    }

    /// <summary>The instant from which one more may be sent; not before <paramref name="now"/>.</summary>
    public DateTimeOffset MayAt(Severity severity, DateTimeOffset now)
    {
        lock (gate)
        {
            Forget(now);
            // Were all of it reserved, nothing else would ever go.
            var most = severity == Severity.Critical ? limit.Messages : Math.Max(1, limit.Messages - limit.Reserved);
            return sent.Count < most ? now : sent[^most] + limit.Per;
        }
    }

    public void Sent(DateTimeOffset now)
    {
        lock (gate)
        {
            Forget(now);
            sent.Add(now);
        }
    }

    // A clock that was set back must not keep anything for ever.
    private void Forget(DateTimeOffset now)
    {
        sent.RemoveAll(at => at + limit.Per <= now || at > now);
    }
}
