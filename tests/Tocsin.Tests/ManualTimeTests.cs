namespace Tocsin.Tests;

public sealed class ManualTimeTests
{
    [Fact]
    public async Task A_timer_that_is_set_while_the_clock_advances_is_not_left_behind()
    {
        // So many and no more: an advance that is given timers for ever never ends.
        const int Timers = 5_000;
        const int AtOnce = 4;
        var time = new ManualTime();
        var standing = 0;
        var setting = Task.Run(() =>
        {
            for (var timer = 0; timer < Timers; timer++)
            {
                SpinWait.SpinUntil(() => Volatile.Read(ref standing) < AtOnce);
                Interlocked.Increment(ref standing);
                time.CreateTimer(
                    _ => Interlocked.Decrement(ref standing), null, TimeSpan.FromTicks(1), Timeout.InfiniteTimeSpan);
            }
        }, TestContext.Current.CancellationToken);

        var leftBehind = 0;
        while (!setting.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            leftBehind += time.IsAnyOverdue ? 1 : 0;
        }

        await setting;
        Assert.Equal(0, leftBehind);
    }
}
