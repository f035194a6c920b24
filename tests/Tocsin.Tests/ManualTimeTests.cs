namespace Tocsin.Tests;

public sealed class ManualTimeTests
{
    [Fact]
    public async Task A_timer_that_is_set_while_the_clock_advances_is_not_left_behind()
    {
        const int Rounds = 20_000;
        var time = new ManualTime();
        using var end = new CancellationTokenSource();
        var setting = Task.Run(() =>
        {
            while (!end.IsCancellationRequested)
                time.CreateTimer(_ => { }, null, TimeSpan.FromTicks(1), Timeout.InfiniteTimeSpan);
        }, TestContext.Current.CancellationToken);

        for (var round = 0; round < Rounds; round++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            Assert.False(time.IsAnyOverdue, $"round {round}");
        }

        await end.CancelAsync();
        await setting;
    }
}
