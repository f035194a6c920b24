using Tocsin.Chain;

namespace Tocsin.Tests.Chain;

/// <summary>One feed on several nodes.</summary>
public sealed class HeadsOfSeveralTests : IAsyncDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(5);

    private readonly ManualTime time = new();
    private readonly List<HeadNotice> seen = [];
    private readonly List<string> told = [];
    private readonly Dictionary<string, int> asked = new() { ["a"] = 0, ["b"] = 0 };
    private readonly Dictionary<string, FakeBlock> heads = new()
    {
        ["a"] = new FakeChain().Extend(5).Head,
        ["b"] = new FakeChain().Extend(5).Head,
    };
    private readonly CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(
        TestContext.Current.CancellationToken);
    private IAsyncEnumerator<HeadNotice>? notices;
    private Task? pending;

    [Fact]
    public async Task Whoever_is_first_tells_and_a_stale_one_hides_nothing()
    {
        Begin(Source("a"), Source("b"));
        Assert.Equal("5 b", await NextAsync());

        heads["a"] = new FakeChain().Extend(9).Head;
        time.Advance(Poll);
        heads["b"] = new FakeChain().Extend(7).Head;
        time.Advance(Poll);

        Assert.Equal("9 a, 7 b", $"{await NextAsync()}, {await NextAsync()}");
    }

    [Fact]
    public async Task Every_head_is_seen_once_by_the_node_that_had_it()
    {
        Begin(Source("a"), Source("b"));
        await NextAsync();

        heads["a"] = heads["b"] = new FakeChain().Extend(6).Head;
        time.Advance(Poll);
        time.Advance(Poll);
        heads["b"] = new FakeChain().Extend(5).Extend(1, "b").Head;
        time.Advance(Poll);

        Assert.Equal(
            ["5 a", "5 b", "6 a", "6 b", "6 b"],
            seen.Select(notice => $"{notice.Head.Number} {notice.Source}"));
        Assert.Equal(heads["b"].Ref, seen[^1].Head);
    }

    [Fact]
    public async Task A_chain_that_stands_still_is_told_once_and_so_is_its_going_on()
    {
        Begin(Source("a"), Source("b"));
        await NextAsync();

        for (var tick = 0; tick < 40; tick++)
            time.Advance(Poll);
        var standing = told.Count(text => text.Contains("stands still", StringComparison.Ordinal));
        heads["b"] = new FakeChain().Extend(6).Head;
        time.Advance(Poll);

        Assert.Equal(1, standing);
        Assert.Single(told, text => text.StartsWith("heads: they go on with block 6 (0x", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_node_that_fails_keeps_nobody_from_hearing_the_other()
    {
        Begin(
            new HeadSource("a", _ => throw new NodeException(NodeFault.Unreachable, "a is away")),
            Source("b"));

        Assert.Equal("5 b", await NextAsync());
        Assert.Single(told, text => text == "heads of a: a is away");
    }

    [Fact]
    public async Task A_node_without_a_socket_is_asked_seldom_while_the_socket_of_another_tells()
    {
        await using var node = await ScriptedNode.StartAsync();
        node.Chain.Extend(5);
        Begin(HeadSource.Of(node.Client(time), node.SocketAddress), Source("b"));
        await NextAsync();
        await node.UntilSubscribedAsync().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        var subscribed = asked["b"];

        for (var block = 6; block < 15; block++)
        {
            await time.UntilWaitingAsync(Poll);
            await node.PushHeadAsync(node.Chain.Extend(1).Head);
            await UntilSeenAsync(block);
            time.Advance(Poll);
        }

        Assert.InRange(asked["b"] - subscribed, 1, 2);
    }

    [Fact]
    public void Heads_of_no_node_at_all_are_refused() =>
        Assert.Throws<ArgumentException>(() => new HeadFeed([], new HeadFeedOptions(), time));

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        if (pending is not null)
            await pending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (notices is not null)
            await notices.DisposeAsync();
        stop.Dispose();
    }

    private HeadSource Source(string name) => new(name, _ =>
    {
        asked[name]++;
        return Task.FromResult(heads[name].Ref);
    });

    private void Begin(params HeadSource[] sources)
    {
        var options = new HeadFeedOptions { PollInterval = Poll };
        notices = new HeadFeed(sources, options, time, Tell, See).ReadAsync(stop.Token).GetAsyncEnumerator();
    }

    private void Tell(string text)
    {
        lock (told)
            told.Add(text);
    }

    private void See(HeadNotice notice)
    {
        lock (seen)
            seen.Add(notice);
    }

    private async Task UntilSeenAsync(int number)
    {
        while (true)
        {
            lock (seen)
            {
                if (seen.Exists(notice => notice.Head.Number == (ulong)number))
                    return;
            }
            await NextAsync();
        }
    }

    private async Task<string> NextAsync()
    {
        var next = notices!.MoveNextAsync().AsTask();
        pending = next;
        Assert.True(await next.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        return $"{notices.Current.Head.Number} {notices.Current.Source}";
    }
}
