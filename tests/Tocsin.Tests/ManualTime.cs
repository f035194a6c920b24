namespace Tocsin.Tests;

/// <summary>
/// A clock that stands still until it is advanced. Timers fire on the thread that advances, in the order in which they
/// are due, each at its own instant. A test first awaits <see cref="UntilWaitingAsync"/>, so that the code under test
/// has begun to wait, and then advances.
/// </summary>
public sealed class ManualTime(DateTimeOffset start) : TimeProvider
{
    private static readonly AsyncLocal<object?> Owner = new();

    private readonly Lock gate = new();
    private readonly List<ManualTimer> timers = [];
    private readonly List<(TimeSpan Due, TaskCompletionSource Seen)> watchers = [];
    private DateTimeOffset now = start;

    public ManualTime()
        : this(new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero))
    {
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate)
            return now;
    }

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Raised after a timer was set, by whoever set it.</summary>
    public event Action? TimerSet;

    /// <summary>The instant at which the next timer fires; null where none is set.</summary>
    public DateTimeOffset? NextDue
    {
        get
        {
            lock (gate)
                return timers.Count > 0 ? timers.Min(timer => timer.Due) : null;
        }
    }

    /// <summary>From here on, this asynchronous flow makes its timers in this name.</summary>
    public static void Own(object? owner) => Owner.Value = owner;

    /// <summary>True where a timer that was made in this name has yet to fire.</summary>
    public bool IsWaiting(object owner)
    {
        lock (gate)
            return timers.Exists(timer => timer.Owner == owner);
    }

    /// <summary>Moves the clock on and fires what falls due on the way.</summary>
    public void Advance(TimeSpan span)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(span, TimeSpan.Zero);
        var end = GetUtcNow() + span;
        while (TakeDue(end) is { } timer)
            timer.Fire();
    }

    /// <summary>True where a timer should have fired by now and did not; never after <see cref="Advance"/>.</summary>
    public bool IsAnyOverdue
    {
        get
        {
            lock (gate)
                return timers.Exists(timer => timer.Due <= now);
        }
    }

    /// <summary>Sets the clock forward: what falls due on the way fires after it, when it is late.</summary>
    public void Jump(TimeSpan span)
    {
        lock (gate)
            now += span;
        Advance(TimeSpan.Zero);
    }

    /// <summary>Completes once some timer is set to fire exactly that long after the present instant.</summary>
    public Task UntilWaitingAsync(TimeSpan due)
    {
        lock (gate)
        {
            if (timers.Exists(timer => timer.Due == now + due))
                return Task.CompletedTask;
            var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            watchers.Add((due, seen));
            return seen.Task;
        }
    }

    private ManualTimer? TakeDue(DateTimeOffset end)
    {
        lock (gate)
        {
            var timer = timers.Where(timer => timer.Due <= end).MinBy(timer => timer.Due);
            if (timer is null)
            {
                // At once with that look: a timer that another thread set between the two would never fire.
                now = end > now ? end : now;
                return null;
            }
            if (timer.Due > now)
                now = timer.Due;
            timers.Remove(timer);
            if (timer.Period > TimeSpan.Zero)
            {
                timer.Due += timer.Period;
                timers.Add(timer);
            }
            return timer;
        }
    }

    private void Set(ManualTimer timer, TimeSpan due, TimeSpan period)
    {
        lock (gate)
        {
            timers.Remove(timer);
            if (due == Timeout.InfiniteTimeSpan)
                return;
            timer.Due = now + due;
            timer.Period = period;
            timers.Add(timer);
            foreach (var (_, seen) in watchers.FindAll(watcher => watcher.Due == due))
                seen.TrySetResult();
            watchers.RemoveAll(watcher => watcher.Due == due);
        }
        TimerSet?.Invoke();
    }

    private void Drop(ManualTimer timer)
    {
        lock (gate)
            timers.Remove(timer);
    }

    private sealed class ManualTimer(ManualTime time, TimerCallback callback, object? state) : ITimer
    {
        public object? Owner { get; } = ManualTime.Owner.Value;

        public DateTimeOffset Due { get; set; }

        public TimeSpan Period { get; set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            time.Set(this, dueTime, period);
            return true;
        }

        public void Dispose() => time.Drop(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
