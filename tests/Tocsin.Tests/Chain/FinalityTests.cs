using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Tests.Detection;
using Tocsin.Tests.Reorgs;

namespace Tocsin.Tests.Chain;

public sealed class FinalityTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(4);

    [Fact]
    public async Task What_the_chain_calls_final_is_a_step_once_the_block_is_taken()
    {
        await using var watched = Begin(6);
        watched.Tagged = watched.Story.Blocks[4].Ref;

        Assert.Equal("0 1 2 3 4 !4 5 6", await watched.ToRestAsync());
        Assert.Equal(1, watched.TagQuestions);
        Assert.Equal(watched.Tagged, watched.Follower!.Standing!.Final);
    }

    [Fact]
    public async Task It_is_asked_for_when_there_is_a_new_head_but_not_at_every_one()
    {
        await using var watched = Begin(6);
        await watched.ToRestAsync();
        var text = "";

        for (var block = 7; block <= 12; block++)
        {
            watched.Time.Advance(Interval / 2);
            watched.Extend(1);
            watched.Tagged = watched.Story.Blocks[block - 2].Ref;
            text += await watched.ToRestAsync() + " ";
        }
        watched.Time.Advance(10 * Interval);
        watched.Tell(watched.NodeHead);

        Assert.Equal("7 8 !6 9 10 !8 11 12 !10 ", text);
        Assert.Equal(4, watched.TagQuestions);
    }

    [Fact]
    public async Task It_never_goes_back()
    {
        await using var watched = Begin(6);
        watched.Tagged = watched.Story.Blocks[4].Ref;
        await watched.ToRestAsync();
        var text = "";

        foreach (var number in (int[])[4, 2, 5])
        {
            watched.Time.Advance(Interval);
            watched.Extend(1);
            watched.Tagged = watched.Story.Blocks[number].Ref;
            text += await watched.ToRestAsync() + " ";
        }

        Assert.Equal("7 8 9 !5 ", text);
        Assert.Empty(watched.Notices);
    }

    [Fact]
    public async Task It_goes_on_where_it_was_after_a_restart()
    {
        await using var watched = Begin(6);
        watched.Tagged = watched.Story.Blocks[4].Ref;
        await watched.ToRestAsync();
        await watched.RestartAsync();

        watched.Extend(1);
        watched.Tagged = watched.Story.Blocks[3].Ref;

        Assert.Equal("7", await watched.ToRestAsync());
        Assert.Equal(2, watched.TagQuestions);
    }

    [Fact]
    public async Task A_block_below_the_first_one_taken_is_not_told()
    {
        await using var watched = Begin(6);
        await watched.RestartAsync(FollowStart.At(5));
        watched.Tagged = watched.Story.Blocks[4].Ref;

        Assert.Equal("5 6", await watched.ToRestAsync());
        Assert.Empty(watched.Notices);
    }

    [Fact]
    public async Task A_final_block_that_the_nodes_own_chain_does_not_have_is_loud()
    {
        await using var watched = Begin(6);
        watched.Tagged = new BlockRef(4, Story.Hash(9, 4));

        Assert.Equal("0 1 2 3 4 5 6", await watched.ToRestAsync());

        var loud = watched.Notices.Single();
        Assert.Equal((FollowNoticeKind.BrokeFinality, 0, watched.Tagged), (loud.Kind, loud.Depth, loud.Final));
        Assert.Equal(1, watched.Counters!.FinalityBroken);
    }

    [Fact]
    public async Task A_final_block_of_a_branch_not_seen_yet_shows_that_we_stand_on_an_orphan()
    {
        await using var watched = Begin(6);
        await watched.ToRestAsync();
        watched.Extend(1);
        await watched.ToHeadAsync();

        // Between the last block and the question.
        watched.Time.Advance(Interval);
        watched.Reorg(4, 4);
        watched.Tagged = watched.Story.Blocks[5].Ref;
        watched.Publish();

        Assert.Equal("<3 4 5 !5 6 7", await watched.UntilAsync(() => watched.Taken[^1].Ref == watched.NodeHead));
        Assert.Equal([FollowNoticeKind.Reorg], watched.Told);
    }

    [Fact]
    public async Task A_node_that_cannot_say_what_is_final_still_gives_its_blocks()
    {
        await using var watched = Begin(3);
        watched.RefusesTags = true;
        var text = await watched.ToRestAsync();
        watched.Time.Advance(Interval);
        watched.Extend(1);
        text += " " + await watched.ToRestAsync();

        watched.RefusesTags = false;
        watched.Tagged = watched.Story.Blocks[2].Ref;
        watched.Time.Advance(Interval);
        watched.Extend(1);
        text += " " + await watched.ToRestAsync();

        Assert.Equal("0 1 2 3 4 5 !2", text);
        Assert.Equal([FollowNoticeKind.Fault, FollowNoticeKind.Recovered], watched.Told);
        Assert.StartsWith("what is final is not known: ", watched.Notices.First().Text);
    }

    [Fact]
    public async Task More_confirmations_than_remembered_blocks_are_refused()
    {
        await using var watched = Begin(1);
        watched.Options = watched.Options with { Finality = Finality.After(6), RememberedBlocks = 5 };

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(watched.ToHeadAsync);
    }

    private static WatchedStory Begin(int blocks)
    {
        var watched = new WatchedStory();
        watched.Options = watched.Options with { Finality = Finality.Finalized, FinalityInterval = Interval };
        watched.Story.Begin();
        watched.Extend(blocks);
        return watched;
    }
}
