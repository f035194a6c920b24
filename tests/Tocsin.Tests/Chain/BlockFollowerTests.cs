using FsCheck;
using FsCheck.Fluent;
using Tocsin.Chain;
using Tocsin.Chains;

namespace Tocsin.Tests.Chain;

public sealed class BlockFollowerTests
{
    private static readonly TimeSpan FirstRetry = FollowerRun.FirstRetry;

    [Fact]
    public async Task Every_block_from_the_start_to_the_head_and_on()
    {
        await using var run = await FollowerRun.StartAsync(chain => chain.Extend(9), startAt: 3);

        Assert.Equal("3 4 5 6 7 8 9", await run.StepsToHeadAsync());
        run.Node.Chain.Extend(3);
        Assert.Equal("10 11 12", await run.StepsToHeadAsync());
        Assert.Empty(run.Notices);
    }

    [Fact]
    public async Task The_same_head_told_again_is_no_news()
    {
        await using var run = await FollowerRun.StartAsync(chain => chain.Extend(2), startAt: 1);

        Assert.Equal("1 2", await run.StepsToHeadAsync());
        run.Tell(run.Node.Chain.Head);
        run.Tell(run.Node.Chain.Head);
        run.Node.Chain.Extend(1);
        Assert.Equal("3", await run.StepsToHeadAsync());
    }

    [Fact]
    public async Task A_start_in_the_future_is_awaited()
    {
        await using var run = await FollowerRun.StartAsync(chain => chain.Extend(1), startAt: 3);

        run.Tell(run.Node.Chain.Head);
        run.Node.Chain.Extend(3);
        Assert.Equal("3 4", await run.StepsToHeadAsync());
        Assert.Empty(run.Notices);
    }

    [Theory]
    [InlineData(1, 2, "<9 10b 11b")]
    [InlineData(3, 4, "<7 8b 9b 10b 11b")]
    [InlineData(2, 2, "<8 9b 10b")]
    [InlineData(3, 1, "<7 8b")]
    [InlineData(10, 11, "<0 1b 2b 3b 4b 5b 6b 7b 8b 9b 10b 11b")]
    public async Task A_live_reorg_is_rolled_back_to_the_newest_common_ancestor(int depth, int count, string expected)
    {
        await using var run = await FollowerRun.StartAsync(chain => chain.Extend(10), startAt: 1);
        await run.StepsToHeadAsync();

        run.Node.Chain.Reorg(depth, count, "b");

        Assert.Equal(expected, await run.StepsToHeadAsync());
        var notice = run.Notices.Single();
        Assert.Equal((FollowNoticeKind.Reorg, depth), (notice.Kind, notice.Depth));
    }

    [Fact]
    public async Task Two_reorgs_in_a_row()
    {
        await using var run = await FollowerRun.StartAsync(chain => chain.Extend(6), startAt: 1);
        await run.StepsToHeadAsync();

        run.Node.Chain.Reorg(2, 3, "b");
        Assert.Equal("<4 5b 6b 7b", await run.StepsToHeadAsync());
        run.Node.Chain.Reorg(4, 6, "c");
        Assert.Equal("<3 4c 5c 6c 7c 8c 9c", await run.StepsToHeadAsync());
    }

    [Fact]
    public async Task A_reorg_while_one_is_being_followed()
    {
        await using var run = await FollowerRun.StartAsync(chain => chain.Extend(6), startAt: 1, blocksAhead: 1);
        await run.StepsToHeadAsync();
        var answered = 0;
        run.Node.Chain.Reorg(2, 4, "b");
        run.Node.Script = asked =>
        {
            if (asked.Method == "eth_getBlockReceipts" && ++answered == 3)
                run.Node.Chain = run.Node.Chain.Copy().Reorg(5, 5, "c");
            return null;
        };

        await run.StepsToHeadAsync(allowFaults: true);

        Assert.Equal(run.Node.Chain.Blocks.Skip(1).Select(block => block.Ref), run.Applied);
    }

    [Fact]
    public async Task A_reorg_of_the_very_first_block_taken()
    {
        await using var run = await FollowerRun.StartAsync(chain => chain.Extend(5), startAt: 5);
        Assert.Equal("5", await run.StepsToHeadAsync());

        run.Node.Chain.Reorg(1, 2, "b");

        Assert.Equal("<4 5b 6b", await run.StepsToHeadAsync());
    }

    [Fact]
    public async Task Resuming_goes_on_after_the_last_stored_block()
    {
        await using var run = await FollowerRun.StartAsync(
            chain => chain.Extend(8), recent: chain => Refs(chain, 4, 6));

        Assert.Equal("7 8", await run.StepsToHeadAsync());
    }

    [Theory]
    [InlineData(4, 6)]
    [InlineData(4, 3)]
    public async Task Resuming_on_an_orphan_rolls_back_first(int depth, int count)
    {
        var stored = new FakeChain().Extend(8);
        await using var run = await FollowerRun.StartAsync(
            chain => chain.Extend(8).Reorg(depth, count, "b"), recent: _ => Refs(stored, 2, 8));

        Assert.StartsWith("<4 5b 6b 7b", await run.StepsToHeadAsync());
    }

    [Fact]
    public async Task A_reorg_as_deep_as_remembered_is_taken_back()
    {
        await using var run = await FollowerRun.StartAsync(chain => chain.Extend(9), startAt: 1, remembered: 3);
        await run.StepsToHeadAsync();

        run.Node.Chain.Reorg(3, 4, "b");

        Assert.Equal("<6 7b 8b 9b 10b", await run.StepsToHeadAsync());
    }

    [Fact]
    public async Task A_reorg_deeper_than_remembered_is_for_people_to_resolve()
    {
        await using var run = await FollowerRun.StartAsync(chain => chain.Extend(9), startAt: 1, remembered: 3);
        await run.StepsToHeadAsync();
        var before = run.Node.Chain.Copy();

        run.Node.Chain.Reorg(4, 5, "b");
        run.Tell(run.Node.Chain.Head);

        var thrown = await Assert.ThrowsAsync<ReorgTooDeepException>(() => run.NextAsync());
        Assert.Equal((before[6].Ref, before[9].Ref), (thrown.Oldest, thrown.Newest));
        Assert.Equal(run.Node.Chain[6].Ref, thrown.Instead);
        Assert.StartsWith("none of the remembered blocks from 6 (0x", thrown.Message);
        var loud = run.Notices.Single();
        Assert.Equal((FollowNoticeKind.BrokeFinality, before[6].Ref), (loud.Kind, loud.Final));
    }

    [Fact]
    public async Task Another_chain_is_refused_with_both_ids()
    {
        await using var run = await FollowerRun.StartAsync(chain => chain.Extend(1), startAt: 0);
        run.Node.ChainId = 10;

        var thrown = await Assert.ThrowsAsync<NodeException>(() => run.NextAsync());

        Assert.Equal(NodeFault.Inconsistent, thrown.Fault);
        Assert.Contains("is on chain 10, not on chain 31337", thrown.Message);
    }

    [Fact]
    public async Task A_block_announced_before_it_is_there_is_awaited()
    {
        await using var run = await FollowerRun.StartAsync(chain => chain.Extend(2), startAt: 1);
        await run.StepsToHeadAsync();
        var announced = run.Node.Chain.Copy().Extend(2);

        run.Tell(announced.Head);
        var step = run.NextAsync();
        await run.Time.UntilWaitingAsync(FirstRetry);
        run.Node.Chain = announced;
        run.Time.Advance(FirstRetry);

        Assert.Equal("3", await step);
        Assert.Equal("4", await run.NextAsync());
        Assert.Equal([FollowNoticeKind.Behind, FollowNoticeKind.Recovered], run.Notices.Select(notice => notice.Kind));
    }

    [Fact]
    public async Task An_announced_block_that_never_comes_gives_way_to_a_newer_head()
    {
        await using var run = await FollowerRun.StartAsync(chain => chain.Extend(5), startAt: 1);
        await run.StepsToHeadAsync();
        var lost = run.Node.Chain.Copy().Extend(3);
        run.Tell(lost.Head);
        var step = run.NextAsync();
        await run.Time.UntilWaitingAsync(FirstRetry);

        run.Node.Chain.Reorg(2, 1, "b");
        run.Tell(run.Node.Chain.Head);

        Assert.Equal("<3", await run.WaitedOutAsync(step));
        Assert.Equal("4b", await run.NextAsync());
    }

    [Fact]
    public async Task A_node_that_fell_behind_is_told_and_awaited()
    {
        await using var run = await FollowerRun.StartAsync(chain => chain.Extend(5), startAt: 1);
        await run.StepsToHeadAsync();
        var whole = run.Node.Chain;

        run.Node.Chain = new FakeChain().Extend(3);
        run.Tell(run.Node.Chain.Head);
        var step = run.NextAsync();
        await run.UntilNoticeAsync();
        run.Node.Chain = whole.Extend(1);
        run.Tell(whole.Head);

        Assert.Equal("6", await step);
        Assert.Equal([FollowNoticeKind.Behind, FollowNoticeKind.Recovered], run.Notices.Select(notice => notice.Kind));
    }

    [Theory]
    [InlineData("eth_chainId")]
    [InlineData("eth_getBlockByNumber")]
    [InlineData("eth_getBlockReceipts")]
    public async Task Faults_are_waited_out_with_growing_patience(string method)
    {
        await using var run = await FollowerRun.StartAsync(chain => chain.Extend(2), startAt: 1);
        var fails = true;
        run.Node.Script = asked => fails && asked.Method == method ? new Reply("<html>", 503) : null;
        run.Tell(run.Node.Chain.Head);

        var step = run.NextAsync();
        foreach (var wait in (int[])[250, 500, 1000])
        {
            await run.Time.UntilWaitingAsync(TimeSpan.FromMilliseconds(wait));
            fails = wait < 1000;
            run.Time.Advance(TimeSpan.FromMilliseconds(wait));
        }

        Assert.Equal("1", await step);
        Assert.Equal("2", await run.NextAsync());
        Assert.Equal(
            [NodeFault.Unreachable, NodeFault.Unreachable, NodeFault.Unreachable, null],
            run.Notices.Select(notice => notice.Fault));
    }

    [Fact]
    public async Task A_block_without_one_of_its_receipts_is_not_taken()
    {
        await using var run = await FollowerRun.StartAsync(chain => chain.Extend(2), startAt: 2);
        var incomplete = run.Node.Chain.Head.ReceiptsJson();
        incomplete.RemoveAt(1);
        run.Node.Script = asked =>
            asked.Method == "eth_getBlockReceipts" ? Reply.Result(asked.Id, incomplete.DeepClone()) : null;
        run.Tell(run.Node.Chain.Head);

        var step = run.NextAsync();
        await run.Time.UntilWaitingAsync(FirstRetry);
        Assert.Equal(NodeFault.Inconsistent, run.Notices.Single().Fault);
        run.Node.Script = null;
        run.Time.Advance(FirstRetry);

        Assert.Equal("2", await step);
    }

    [Fact]
    public async Task A_successor_of_another_parent_beside_our_own_block_is_a_fault_and_no_reorg()
    {
        await using var run = await FollowerRun.StartAsync(chain => chain.Extend(2), startAt: 1);
        await run.StepsToHeadAsync();
        var foreign = run.Node.Chain.Copy().Reorg(1, 2, "b").Head;
        run.Node.Chain.Extend(1);
        run.Node.Script = asked => asked switch
        {
            { Method: "eth_getBlockByNumber", FirstText: "0x3" } => Reply.Result(asked.Id, foreign.ToJson(full: true)),
            _ => null,
        };
        run.Tell(run.Node.Chain.Head);

        var step = run.NextAsync();
        await run.Time.UntilWaitingAsync(FirstRetry);
        run.Node.Script = null;
        run.Time.Advance(FirstRetry);

        Assert.Equal("3", await step);
        Assert.Equal([FollowNoticeKind.Fault, FollowNoticeKind.Recovered], run.Notices.Select(notice => notice.Kind));
    }

    [Fact]
    public async Task Stored_blocks_out_of_order_are_refused()
    {
        await using var run = await FollowerRun.StartAsync(
            chain => chain.Extend(3), recent: chain => [chain[2].Ref, chain[1].Ref]);

        await Assert.ThrowsAsync<ArgumentException>(() => run.NextAsync());
    }

    [Fact]
    public void Steps_fold_to_the_canonical_chain_whatever_it_does()
    {
        var change = Gen.Choose(0, 3).SelectMany(_ => Gen.Choose(0, 4), (depth, count) => (Depth: depth, Count: count));
        Prop.ForAll(change.ListOf().ToArbitrary(), Gen.Choose(1, 4).ToArbitrary(), (changes, ahead) =>
            FoldsAsync([.. changes], ahead).GetAwaiter().GetResult()).QuickCheckThrowOnFailure();
    }

    private static async Task<bool> FoldsAsync(IReadOnlyList<(int Depth, int Count)> changes, int ahead)
    {
        await using var run = await FollowerRun.StartAsync(chain => chain.Extend(4), startAt: 1, blocksAhead: ahead);
        for (var index = 0; index < changes.Count; index++)
        {
            var chain = run.Node.Chain;
            chain.Reorg(Math.Min(changes[index].Depth, chain.Blocks.Count - 2), 1 + changes[index].Count, $"b{index}");
            if (index % 2 == 0)
                await run.StepsToHeadAsync();
        }
        await run.StepsToHeadAsync();
        return run.Applied.SequenceEqual(run.Node.Chain.Blocks.Skip(1).Select(block => block.Ref));
    }

    private static IReadOnlyList<BlockRef> Refs(FakeChain chain, int from, int to) =>
        [.. chain.Blocks.Skip(from).Take(to - from + 1).Select(block => block.Ref)];
}
