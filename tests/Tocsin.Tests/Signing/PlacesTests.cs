using Tocsin.Signing;
using static Tocsin.Tests.Signing.SignerDesk;

namespace Tocsin.Tests.Signing;

public sealed class PlacesTests
{
    [Fact]
    public void One_user_does_not_get_the_places_of_the_others()
    {
        using var places = new Places(inAll: 5, ofOneUser: 3);

        Assert.Equal([true, true, true, false], Enumerable.Range(0, 4).Select(_ => places.Take(1)));
        Assert.Equal([true, true, false], Enumerable.Range(0, 3).Select(_ => places.Take(2)));
        Assert.False(places.Take(null));
    }

    [Fact]
    public void A_place_that_was_left_is_there_again()
    {
        using var places = new Places(inAll: 1, ofOneUser: 1);
        for (var round = 0; round < 3; round++)
        {
            Assert.True(places.Take(round));
            Assert.False(places.Take(round));
            places.Leave(round);
        }
        Assert.True(places.Take(null));
    }

    [Fact]
    public void Each_user_waits_for_itself_alone()
    {
        using var places = new Places(inAll: 5, ofOneUser: 3);

        Assert.True(places.TurnOf(1).Wait(TimeSpan.Zero, TestContext.Current.CancellationToken));
        Assert.False(places.TurnOf(1).Wait(TimeSpan.Zero, TestContext.Current.CancellationToken));
        Assert.True(places.TurnOf(2).Wait(TimeSpan.Zero, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void So_many_lines_a_minute_and_one_that_says_so()
    {
        var time = new FixedTime(Noon);
        var told = new List<string>();
        var lines = new FewLines(told.Add, perMinute: 3, time);
        for (var line = 0; line < 1_000; line++)
            lines.Tell($"line {line}");

        Assert.Equal(["line 0", "line 1", "line 2"], told.Take(3));
        Assert.Equal(4, told.Count);
        time.Now = Noon.AddMinutes(1);
        lines.Tell("again");
        Assert.Equal("again", told[^1]);
    }
}
