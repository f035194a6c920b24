using System.Collections.Concurrent;
using Tocsin.Channels;
using Tocsin.Findings;
using Tocsin.Plans;

namespace Tocsin.Delivery;

/// <summary>
/// How often people are told small things: together within the grouping time of a channel, and no more often than one
/// person, or one phone, bears. What is worse never waits, but counts. It lives in memory: a restart forgets it. Safe
/// for the lanes of all channels.
/// </summary>
/// <param name="plan">The plan in force; null where there is none yet.</param>
internal sealed class Pace(Func<Plan?> plan)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> lastSmall = [];
    private readonly ConcurrentDictionary<string, RateBudget> readers = [];

    /// <summary>Until when the next one of that severity waits for others; null where it may go.</summary>
    public DateTimeOffset? HeldUntil(IChannel channel, Severity severity, DateTimeOffset now)
    {
        if (!channel.TakesSeveral || !Grouping.IsSmall(severity))
            return null;
        var at = ReaderOf(channel)?.MayAt(severity, now) ?? now;
        // A clock that was set back must not keep anything for ever.
        if (lastSmall.TryGetValue(channel.Name, out var last) && last <= now && last + Grouping.Time > at)
            at = last + Grouping.Time;
        return at > now ? at : null;
    }

    /// <summary>People have been told something.</summary>
    public void Told(IChannel channel, Severity severity, DateTimeOffset now)
    {
        ReaderOf(channel)?.Sent(now);
        if (Grouping.IsSmall(severity))
            lastSmall[channel.Name] = now;
    }

    // All own ways of a person end before the same pair of eyes.
    private RateBudget? ReaderOf(IChannel channel)
    {
        var reader = plan() is { } known && OwnWay.PersonOf(known, channel.Name) is { } person
            ? "person " + person.Id
            : channel.Phone is { } phone ? "phone " + phone : null;
        return reader is null ? null : readers.GetOrAdd(reader, _ => new RateBudget(Grouping.OfReader));
    }
}
