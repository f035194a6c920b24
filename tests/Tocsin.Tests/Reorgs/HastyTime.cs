namespace Tocsin.Tests.Reorgs;

/// <summary>A clock that stands still until something waits, and then is where the wait ends.</summary>
internal sealed class HastyTime : TimeProvider
{
    private readonly Lock gate = new();
    private DateTimeOffset now = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate)
            return now;
    }

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    public void Advance(TimeSpan span)
    {
        lock (gate)
            now += span;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Jump(this, callback, state, dueTime);

    private sealed class Jump : ITimer
    {
        private readonly HastyTime time;
        private readonly TimerCallback callback;
        private readonly object? state;
        private volatile bool disposed;

        public Jump(HastyTime time, TimerCallback callback, object? state, TimeSpan due)
        {
            this.time = time;
            this.callback = callback;
            this.state = state;
            Change(due, Timeout.InfiniteTimeSpan);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime == Timeout.InfiniteTimeSpan)
                return true;
            time.Advance(dueTime);
            ThreadPool.QueueUserWorkItem(_ =>
            {
                if (!disposed)
                    callback(state);
            });
            return true;
        }

        public void Dispose() => disposed = true;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
