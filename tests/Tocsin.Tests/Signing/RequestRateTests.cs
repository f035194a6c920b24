using Tocsin.Signing;
using static Tocsin.Tests.Signing.SignerDesk;

namespace Tocsin.Tests.Signing;

public sealed class RequestRateTests
{
    private readonly FixedTime time = new(Noon);

    [Fact]
    public void A_flood_is_held_up_and_the_user_comes_again()
    {
        var rate = new RequestRate(time);

        Assert.Equal(RequestRate.Burst, Enumerable.Range(0, 2 * RequestRate.Burst).Count(_ => rate.Take(1)));
        time.Now = Noon.AddSeconds(1);
        Assert.Equal(RequestRate.PerSecond, Enumerable.Range(0, RequestRate.Burst).Count(_ => rate.Take(1)));
        time.Now = Noon.AddHours(1);
        Assert.Equal(RequestRate.Burst, Enumerable.Range(0, 2 * RequestRate.Burst).Count(_ => rate.Take(1)));
    }

    [Fact]
    public void A_flood_of_one_hinders_no_other()
    {
        var rate = new RequestRate(time);
        while (rate.Take(1))
        {
        }

        Assert.True(rate.Take(2));
        Assert.True(rate.Take(null));
    }

    [Fact]
    public void A_clock_that_goes_back_gives_nothing_away()
    {
        var rate = new RequestRate(time);
        while (rate.Take(1))
        {
        }
        time.Now = Noon.AddHours(-1);

        Assert.False(rate.Take(1));
    }
}
