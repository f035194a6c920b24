using Tocsin.Watching;

namespace Tocsin.Tests.Watching;

public class LatestOnesTests
{
    [Fact]
    public void No_more_are_held_than_allowed_and_the_oldest_goes()
    {
        var ones = new LatestOnes<int>(3);
        for (var n = 0; n < 1000; n++)
        {
            ones.Add(n);
            ones.Add(n);
            Assert.InRange(ones.Count, 1, 3);
        }

        Assert.Equal([997, 998, 999], Enumerable.Range(0, 1000).Where(ones.Contains));
    }
}
