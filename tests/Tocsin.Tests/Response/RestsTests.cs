using Tocsin.Incidents;
using Tocsin.Response;

namespace Tocsin.Tests.Response;

public sealed class RestsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Duty Look = new Duty.WatchInclusion(new IncidentId(1), 0);

    private readonly Rests rests = new(TimeSpan.FromMilliseconds(200));

    [Theory]
    [InlineData(0, true)]
    [InlineData(199, true)]
    [InlineData(200, false)]
    [InlineData(-3_600_000, false)]
    public void A_duty_that_was_done_and_stays_due_is_not_done_again_at_once(int milliseconds, bool isResting)
    {
        rests.Begin(Look, Noon);

        Assert.Equal(isResting, rests.Has(Look, Noon.AddMilliseconds(milliseconds)));
    }

    [Fact]
    public void Another_duty_does_not_wait_for_it()
    {
        rests.Begin(Look, Noon);

        Assert.False(rests.Has(new Duty.WatchInclusion(new IncidentId(1), 1), Noon));
    }

    [Fact]
    public void What_has_rested_is_forgotten()
    {
        rests.Begin(Look, Noon);

        rests.Forget(Noon.AddSeconds(1));

        Assert.False(rests.Has(Look, Noon));
    }
}
