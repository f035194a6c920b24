using System.Collections.Concurrent;
using System.Threading.Channels;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;

namespace Tocsin.Tests.Chain;

/// <summary>
/// A follower on a scripted node whose heads the test tells. Steps are written "7" for block 7 of the first branch,
/// "7b" for block 7 of branch b, "&lt;6" for a rollback to block 6, and "!5" where block 5 is final.
/// </summary>
internal sealed class FollowerRun : IAsyncDisposable
{
    public static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(250);

    private readonly Channel<HeadNotice> heads = Channel.CreateUnbounded<HeadNotice>();
    private readonly CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(
        TestContext.Current.CancellationToken);
    private readonly SemaphoreSlim noticed = new(0);
    private IAsyncEnumerator<ChainStep>? steps;
    private Task<string>? pending;

    public ManualTime Time { get; } = new();

    public required ScriptedNode Node { get; init; }

    public ConcurrentQueue<FollowNotice> Notices { get; } = new();

    public List<BlockRef> Applied { get; } = [];

    public BlockFollower? Follower { get; private set; }

    public static async Task<FollowerRun> StartAsync(
        Action<FakeChain> build,
        ulong startAt = 0,
        Func<FakeChain, IReadOnlyList<BlockRef>>? recent = null,
        int remembered = 256,
        int blocksAhead = 4,
        Func<FollowOptions, FollowOptions>? with = null,
        Func<Block, CancellationToken, Task>? preview = null)
    {
        var run = new FollowerRun { Node = await ScriptedNode.StartAsync() };
        build(run.Node.Chain);
        var options = new FollowOptions
        {
            ExpectedChain = new ChainId(31337),
            RememberedBlocks = remembered,
            Finality = Finality.After(Math.Min(12, remembered)),
            BlocksAhead = blocksAhead,
            BlocksAheadMax = blocksAhead,
            // Catching up has tests of its own.
            LagBlocks = 1000,
            Retry = new Backoff(FirstRetry, TimeSpan.FromSeconds(30)),
        };
        run.Follower = new BlockFollower(
            BlockSource.Of(run.Node.Client(run.Time)),
            run.heads.Reader.ReadAllAsync,
            with?.Invoke(options) ?? options,
            run.Time,
            run.Notice,
            preview);
        run.Applied.AddRange(recent?.Invoke(run.Node.Chain) ?? []);
        var start = recent is null ? FollowStart.At(startAt) : FollowStart.After([.. run.Applied]);
        run.steps = run.Follower.FollowAsync(start, run.stop.Token).GetAsyncEnumerator(run.stop.Token);
        return run;
    }

    public void Tell(FakeBlock head) => heads.Writer.TryWrite(new HeadNotice(head.Ref));

    public Task UntilNoticeAsync() => noticed.WaitAsync(stop.Token);

    public Task<string> NextAsync() => pending = StepAsync();

    public async Task<string> StepsToHeadAsync(bool allowFaults = false)
    {
        Tell(Node.Chain.Head);
        var text = new List<string>();
        while (Applied.LastOrDefault() != Node.Chain.Head.Ref)
        {
            var step = NextAsync();
            text.Add(await (allowFaults ? WaitedOutAsync(step) : step));
        }
        return string.Join(' ', text);
    }

    /// <summary>The step, after as many retries as it takes.</summary>
    public async Task<string> WaitedOutAsync(Task<string> step)
    {
        for (var wait = FirstRetry; await Task.WhenAny(step, Time.UntilWaitingAsync(wait)) != step; wait *= 2)
            Time.Advance(wait);
        return await step;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        if (pending is not null)
            await ((Task)pending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await steps!.DisposeAsync();
        await Node.DisposeAsync();
        noticed.Dispose();
        stop.Dispose();
    }

    private void Notice(FollowNotice notice)
    {
        Notices.Enqueue(notice);
        noticed.Release();
    }

    private async Task<string> StepAsync()
    {
        Assert.True(await steps!.MoveNextAsync());
        switch (steps.Current)
        {
            case ChainStep.Forward { Block: var block }:
                if (Applied.Count > 0)
                    Assert.Equal(Applied[^1].Hash, block.ParentHash);
                Applied.Add(block.Ref);
                var main = new FakeChain().Extend((int)block.Ref.Number).Head.Hash == block.Ref.Hash;
                return $"{block.Ref.Number}{(main ? "" : Branch(block.Ref))}";
            case ChainStep.Rollback { Ancestor: var ancestor }:
                Applied.RemoveAll(taken => taken.Number > ancestor.Number);
                if (Applied.Count > 0)
                    Assert.Equal(ancestor, Applied[^1]);
                return $"<{ancestor.Number}";
            case ChainStep.Final { Block: var final }:
                Assert.Contains(final, Applied);
                return $"!{final.Number}";
            default:
                throw new InvalidOperationException("a step of a kind that nobody knows");
        }
    }

    private string Branch(BlockRef block) =>
        "bc".Select(name => name.ToString()).FirstOrDefault(
            name => FakeBlock.After(Node.Chain.At(block.Number - 1), name).Hash == block.Hash) ?? "?";
}
