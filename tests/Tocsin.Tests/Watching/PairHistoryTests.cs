using Tocsin.Evm.Reads;
using Tocsin.Watching;

namespace Tocsin.Tests.Watching;

/// <summary>The counters of a pair, from which an average over a minute is made; a block every 12 seconds.</summary>
public sealed class PairHistoryTests
{
    private readonly PairHistory history = new(TimeSpan.FromMinutes(1));

    [Fact]
    public void An_average_begins_a_window_ago_or_where_the_pair_was_first_read()
    {
        Assert.Null(Take(1));
        Assert.Equal(1U, Take(2));
        for (var block = 3U; block <= 6; block++)
            Assert.Equal(1U, Take(block));
        Assert.Equal(2U, Take(7));
        for (var block = 8U; block <= 99; block++)
            Take(block);
        Assert.Equal(95U, Take(100));
    }

    [Fact]
    public void What_a_reorg_took_back_is_no_part_of_an_average()
    {
        for (var block = 1U; block <= 20; block++)
            Take(block);

        history.TakeBack(17);

        // The reads of block 18 failed; what an orphan with a later number held must not be found again.
        Assert.Equal(14U, Take(19));
        history.TakeBack(16);
        Assert.Equal(12U, Take(17));
        Assert.Equal(15U, Take(20));
        Assert.Equal(17U, Take(22));
    }

    [Fact]
    public void A_block_that_is_read_again_counts_once()
    {
        Take(1);
        Take(2);

        Assert.Equal(1U, Take(2));
        Assert.Null(Take(1));
    }

    // The counter says of which block it is.
    private uint? Take(uint block) => history.Take(
        new BlockTime(block, DateTimeOffset.UnixEpoch.AddSeconds(12 * block)), new CumulativePrice(0, block, 18, 18))
        ?.Seconds;
}
