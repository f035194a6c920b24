using Tocsin.Chains;
using Tocsin.Findings;

namespace Tocsin.Detection.Monitoring;

/// <summary>All that must be heard now and then. It comes from the watch, so its number and order are fixed.</summary>
internal sealed class Silences
{
    /// <summary>So many times <see cref="Senses.StallAfter"/> without a head, and it is worse.</summary>
    public const int WorseStallTimes = 5;

    public static readonly ConditionKey Chain = new("chain-stalled", "chain");

    private readonly Senses senses;
    private readonly List<Clock> clocks = [];
    private readonly Dictionary<ConditionKey, Clock> byKey = [];

    public Silences(Watch watch)
    {
        senses = watch.Senses;
        Add(new Clock(Chain, senses.StallAfter, Threat.MonitoringImpaired, Subjects.Chain(watch.Chain), Stalled)
        {
            WorseTimes = WorseStallTimes,
        });
        foreach (var feed in senses.Feeds)
            Add(new Clock(Feed(feed.Name), feed.StaleAfter, Threat.MonitoringImpaired, Subjects.Price(feed.Asset),
                (clock, at) => Stale(feed, clock, at))
            {
                FailuresMax = senses.FeedFailures,
            });
        foreach (var heartbeat in senses.Heartbeats)
            Add(new Clock(Heartbeat(heartbeat.Name), heartbeat.Every + heartbeat.Grace, Threat.MissedHeartbeat,
                Subjects.Heartbeat(heartbeat.Name), (clock, at) => Missed(heartbeat, clock.Silence(at))));
        foreach (var frontEnd in senses.FrontEnds)
            Add(new Clock(FrontEnd(frontEnd.Name), frontEnd.UnreachableAfter, Threat.FrontEndChange,
                Subjects.FrontEnd(frontEnd.Name), (clock, at) => Unreachable(frontEnd, clock.Silence(at))));
    }

    public static ConditionKey Feed(string name) => new("feed-stale", name);

    public static ConditionKey Heartbeat(string name) => new("heartbeat-missed", name);

    public static ConditionKey FrontEnd(string name) => new("front-end-unreachable", name);

    public bool Watches(ConditionKey key) => byKey.ContainsKey(key);

    public void BeginAnew(DateTimeOffset at)
    {
        foreach (var clock in clocks)
            clock.BeginAnew(at);
    }

    public void SetBack(DateTimeOffset at)
    {
        foreach (var clock in clocks)
            clock.Since = clock.Since < at ? clock.Since : at;
    }

    public void Restore(Heard heard)
    {
        // What the watch listens to only since then has been silent for no time yet.
        BeginAnew(heard.Now);
        foreach (var silence in heard.Silences)
            if (byKey.TryGetValue(silence.Key, out var clock))
                clock.Since = silence.Since;
        foreach (var failures in heard.FeedFailures)
            if (byKey.TryGetValue(Feed(failures.Feed), out var clock))
                (clock.Failures, clock.Why) = (failures.Count, failures.Why);
    }

    public ValueList<Silence> ToList()
    {
        var silences = new List<Silence>();
        foreach (var clock in clocks)
            silences.Add(new Silence(clock.Key, clock.Since));
        return [.. silences];
    }

    public ValueList<FeedFailures> FailuresToList()
    {
        var failures = new List<FeedFailures>();
        foreach (var clock in clocks)
            if (clock.Failures > 0)
                failures.Add(new FeedFailures(clock.Key.Name, clock.Failures, clock.Why));
        return [.. failures];
    }

    /// <summary>True where nothing as late as that was heard yet.</summary>
    public bool IsNewer(ConditionKey key, DateTimeOffset of) =>
        byKey.TryGetValue(key, out var clock) && of > clock.Since;

    /// <summary>A sign of life; it ends what its silence was told as.</summary>
    /// <param name="of">When that life was: for a price, when it was made.</param>
    /// <param name="ending">What to say of the end, given how long the silence was.</param>
    public void Hear(
        ConditionKey key, DateTimeOffset of, DateTimeOffset at, Conditions conditions, Func<TimeSpan, string> ending)
    {
        if (!byKey.TryGetValue(key, out var clock))
            return;
        var silence = at - clock.Since;
        clock.BeginAnew(of < at ? of : at);
        if (!clock.IsDown(at))
            conditions.Absent(key, at, ending(silence));
    }

    public void Fail(string feed, string why)
    {
        if (byKey.TryGetValue(Feed(feed), out var clock))
            (clock.Failures, clock.Why) = (Math.Min(clock.Failures + 1, clock.FailuresMax), Words.Quote(why));
    }

    public void Judge(DateTimeOffset at, BlockRef? head, Conditions conditions, List<Finding> findings)
    {
        foreach (var clock in clocks)
            if (clock.IsDown(at))
                conditions.Present(clock.Trouble(at), at, head, findings);
    }

    public DateTimeOffset? DueAfter(DateTimeOffset at)
    {
        DateTimeOffset? due = null;
        foreach (var clock in clocks)
            if (clock.DueAfter(at) is { } next && (due is null || next < due))
                due = next;
        return due;
    }

    private static (Severity, string) Stalled(Clock clock, DateTimeOffset at) => (
        clock.Silence(at) >= WorseStallTimes * clock.Limit ? Severity.Critical : Severity.High,
        $"No new head for {Words.Length(clock.Silence(at))} (limit {Words.Length(clock.Limit)}): while this lasts, "
            + "attacks on this chain are not seen.");

    private static (Severity, string) Missed(HeartbeatSense heartbeat, TimeSpan silence) => (
        Severity.High,
        $"'{heartbeat.Name}' gave no sign of life for {Words.Length(silence)} (it promised one every "
            + $"{Words.Length(heartbeat.Every)}, with {Words.Length(heartbeat.Grace)} of grace): what it does for the "
            + "protocol may not be done.");

    private static (Severity, string) Unreachable(FrontEndSense frontEnd, TimeSpan silence) => (
        Severity.Elevated,
        $"Front end '{frontEnd.Name}' was not reached for {Words.Length(silence)} (limit "
            + $"{Words.Length(frontEnd.UnreachableAfter)}): users may not reach it either, and a change of it would "
            + "not be seen.");

    private (Severity, string) Stale(FeedSense feed, Clock clock, DateTimeOffset at)
    {
        var hasOther = HasOther(feed, at);
        var silence = clock.Silence(at);
        var seen = silence >= clock.Limit
            ? $"Feed '{feed.Name}' has no price of {feed.Asset} younger than {Words.Length(silence)} "
                + $"(limit {Words.Length(clock.Limit)})"
            : $"Feed '{feed.Name}' failed {clock.Failures} times in a row (limit {clock.FailuresMax}) to give a price "
                + $"of {feed.Asset}";
        var why = clock.Why.Length > 0 ? $"; it failed at last because: {clock.Why}" : "";
        return (hasOther ? Severity.Elevated : Severity.High,
            $"{seen}{why}. "
                + (hasOther
                    ? "Other feeds of it remain; fewer are left to contradict a wrong one."
                    : "No other feed of it is left: a wrong price would go unseen."));
    }

    private bool HasOther(FeedSense feed, DateTimeOffset at)
    {
        foreach (var other in senses.Feeds)
            if (other.Name != feed.Name && other.Asset == feed.Asset && !byKey[Feed(other.Name)].IsDown(at))
                return true;
        return false;
    }

    private void Add(Clock clock)
    {
        clocks.Add(clock);
        byKey.Add(clock.Key, clock);
    }
}
