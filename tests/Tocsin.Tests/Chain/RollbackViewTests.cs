using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;

namespace Tocsin.Tests.Chain;

/// <summary>What several nodes have at a height is not mixed in the search for where a chain was left.</summary>
public sealed class RollbackViewTests
{
    private static readonly FakeChain Left = new FakeChain().Extend(10);
    private static readonly FakeChain Now = Left.Copy().Reorg(depth: 5, count: 7, "b");
    private static readonly FakeChain Elsewhere = new FakeChain().Reorg(depth: 0, count: 12, "c");

    [Fact]
    public async Task The_ancestor_is_searched_on_one_node()
    {
        // Whoever is asked through the one door may answer of the chain that was left.
        var asked = 0;
        var follower = Follower(
            Now,
            number => asked++ % 2 == 0 ? Ref(Now, number) : Ref(Left, number),
            View("a", Now));

        Assert.Equal("<5 6 7 8 9 10 11 12", await StepsAsync(follower, 8));
    }

    [Fact]
    public async Task A_reorg_is_too_deep_only_where_a_second_node_says_so()
    {
        var follower = Follower(Now, number => Ref(Now, number), View("a", Elsewhere), View("b", Now));
        Assert.Equal("<5", await StepsAsync(follower, 1));

        var alike = Follower(Now, number => Ref(Now, number), View("a", Elsewhere), View("b", Elsewhere));
        var thrown = await Assert.ThrowsAsync<ReorgTooDeepException>(() => StepsAsync(alike, 1));
        Assert.Contains("the node at a", thrown.Message);
    }

    [Fact]
    public async Task A_node_that_stands_still_on_an_orphan_does_not_hold_the_others_up()
    {
        var asked = 0;
        var still = new ChainView("a", (number, _) => ++asked > 100
            ? throw new InvalidOperationException("asked for ever")
            : Task.FromResult(Ref(Left, number)));
        var follower = Follower(Now, number => Ref(Now, number), still, View("b", Now));

        Assert.Equal("<5", await StepsAsync(follower, 1));
    }

    [Fact]
    public async Task A_preferred_node_on_another_fork_does_not_keep_us_from_the_one_that_goes_on_with_ours()
    {
        var longer = Left.Copy().Extend(3);
        var asked = 0;

        var follower = Follower(
            Elsewhere, number => Ref(Elsewhere, number), (number, parent) =>
            {
                asked++;
                return longer.At(number) is { } block && block.ParentHash == parent ? block : Elsewhere.At(number);
            },
            View("a", Elsewhere), View("b", longer));

        Assert.Equal("11 12", await StepsAsync(follower, 2));
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task A_second_node_that_cannot_say_is_waited_for_and_not_for_ever()
    {
        var asked = 0;
        var silent = new ChainView("b", (_, _) =>
        {
            asked++;
            throw new NodeException(NodeFault.Unreachable, "b is not there");
        });
        var follower = Follower(Now, number => Ref(Now, number), View("a", Elsewhere), silent);

        await Assert.ThrowsAsync<ReorgTooDeepException>(() => StepsAsync(follower, 1));

        Assert.Equal(6, asked);
    }

    private static BlockRef? Ref(FakeChain chain, ulong number) => chain.At(number)?.Ref;

    private static ChainView View(string label, FakeChain chain) =>
        new(label, (number, _) => Task.FromResult(Ref(chain, number)));

    private static BlockFollower Follower(
        FakeChain blocks, Func<ulong, BlockRef?> anyone, params ChainView[] views) =>
        Follower(blocks, anyone, null, views);

    private static BlockFollower Follower(
        FakeChain blocks, Func<ulong, BlockRef?> anyone, Func<ulong, Hash32, FakeBlock?>? child,
        params ChainView[] views)
    {
        var source = new BlockSource(
            "all",
            _ => Task.FromResult(new ChainId(1)),
            _ => Task.FromResult(blocks.Head.Ref),
            (number, _) => Task.FromResult(anyone(number)),
            (number, _) => Task.FromResult(Whole(blocks.At(number))),
            (_, _) => Task.FromResult<BlockRef?>(null))
        {
            Views = () => views,
            ChildAsync = child is null ? null : (number, parent, _) => Task.FromResult(Whole(child(number, parent))),
        };
        return new BlockFollower(
            source,
            _ => Heads(blocks.Head.Ref),
            new FollowOptions { ExpectedChain = new ChainId(1), LagBlocks = 1000 },
            new Reorgs.HastyTime());
    }

    private static Block? Whole(FakeBlock? block) =>
        block is null ? null : new Block(block.Ref, block.ParentHash, DateTimeOffset.UnixEpoch, default);

    private static async IAsyncEnumerable<HeadNotice> Heads(BlockRef head)
    {
        await Task.Yield();
        yield return new HeadNotice(head);
    }

    private static async Task<string> StepsAsync(BlockFollower follower, int count)
    {
        var taken = Left.Blocks.Skip(4).Select(block => block.Ref).ToArray();
        var steps = new List<string>();
        await foreach (var step in follower.FollowAsync(
            FollowStart.After(taken), TestContext.Current.CancellationToken))
        {
            steps.Add(step switch
            {
                ChainStep.Forward { Block: var block } => $"{block.Ref.Number}",
                ChainStep.Rollback { Ancestor: var ancestor } => $"<{ancestor.Number}",
                _ => "?",
            });
            if (steps.Count == count)
                break;
        }
        return string.Join(' ', steps);
    }
}
