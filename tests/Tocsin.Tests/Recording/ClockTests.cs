using Tocsin.Recording;

namespace Tocsin.Tests.Recording;

public sealed class ClockTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 3, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_is_awaited_for_what_has_passed()
    {
        var time = new ManualTime(Start);

        await time.UntilAsync(Start, Cancelled);
        await time.UntilAsync(Start.AddHours(-1), Cancelled);
    }

    [Fact]
    public async Task It_completes_at_its_instant_and_not_before()
    {
        var time = new ManualTime(Start);

        var waiting = time.UntilAsync(Start.AddMinutes(1), Cancelled);
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(waiting.IsCompleted);

        time.Advance(TimeSpan.FromSeconds(1));
        await waiting;
    }

    [Fact]
    public async Task A_clock_that_moves_on_before_the_timer_is_set_makes_nobody_late()
    {
        var time = new Moving(new ManualTime(Start), TimeSpan.FromSeconds(30));

        var waiting = time.UntilAsync(Start.AddMinutes(1), Cancelled);
        time.Inner.Advance(TimeSpan.FromSeconds(30));

        await waiting;
    }

    [Fact]
    public async Task Whoever_no_longer_waits_is_let_go()
    {
        using var end = new CancellationTokenSource();
        var waiting = new ManualTime(Start).UntilAsync(Start.AddMinutes(1), end.Token);

        await end.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    // Moves on once, just before the first timer is set.
    private sealed class Moving(ManualTime inner, TimeSpan by) : TimeProvider
    {
        private bool hasMoved;

        public ManualTime Inner => inner;

        public override DateTimeOffset GetUtcNow() => inner.GetUtcNow();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (!hasMoved)
                inner.Advance(by);
            hasMoved = true;
            return inner.CreateTimer(callback, state, dueTime, period);
        }
    }
}
