using Tocsin.Communications;
using Tocsin.Findings;

namespace Tocsin.Tests.Channels;

/// <summary>An alert as it leaves at night.</summary>
internal static class Alerts
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static readonly Alert Night = new(
        Key: "INC-7/opened/1",
        Incident: "INC-7",
        Reason: AlertReason.Opened,
        Severity: Severity.Critical,
        DetectedAt: new DateTimeOffset(2026, 3, 1, 5, 4, 5, TimeSpan.FromHours(2)),
        Title: "Flash-loan attack on the lending pool",
        Threat: "A loan of 40,000,000 USD moved the price that the pool reads",
        Impact: "about 1,200,000 USD so far",
        Affected: ["lending pool", "0x6e1b0fdc4b1d8d0ac1f4d1f2b19b9c2ea2c5a4bb"],
        DoNow: "Open the war room and approve the pause",
        Lead: "CTO: Ada",
        WarRoom: new Uri("https://war.example.org/i/INC-7?token=read&lang=en"),
        Acknowledge: new Uri("https://war.example.org/ack/ADA-PRIVATE"),
        LogHead: "12:0xab",
        Exercise: false);

    /// <summary>The same with this string wherever a string from the chain could be.</summary>
    public static Alert With(string text) => Night with
    {
        Incident = text,
        Title = text,
        Threat = text,
        Impact = text,
        Affected = [text, text],
        DoNow = text,
        Lead = text,
        LogHead = text,
    };
}

/// <summary>A clock that moves when the test says so, and fires what is due then.</summary>
internal sealed class ManualClock(DateTimeOffset start) : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<Alarm> alarms = [];
    private DateTimeOffset now = start;

    public override DateTimeOffset GetUtcNow() => now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var alarm = new Alarm(this, () => callback(state));
        alarm.Change(dueTime, period);
        lock (gate)
            alarms.Add(alarm);
        return alarm;
    }

    public void Advance(TimeSpan span)
    {
        List<Alarm> due;
        lock (gate)
        {
            now += span;
            due = [.. alarms.Where(alarm => alarm.DueAt <= now)];
        }
        due.ForEach(alarm => alarm.Fire());
    }

    private sealed class Alarm(ManualClock clock, Action fire) : ITimer
    {
        public DateTimeOffset DueAt { get; private set; } = DateTimeOffset.MaxValue;

        public void Fire()
        {
            DueAt = DateTimeOffset.MaxValue;
            fire();
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            DueAt = dueTime == Timeout.InfiniteTimeSpan ? DateTimeOffset.MaxValue : clock.now + dueTime;
            return true;
        }

        public void Dispose() => DueAt = DateTimeOffset.MaxValue;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
