using System.Collections.Concurrent;
using System.Threading.Channels;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;

namespace Tocsin.Tests.Chain;

/// <summary>
/// A follower on a scripted node whose heads the test tells. Steps are written "7" for block 7 of the first branch,
/// "7b" for block 7 of branch b, and "&lt;6" for a rollback to block 6.
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

    public static async Task<FollowerRun> StartAsync(
        Action<FakeChain> build,
        ulong startAt = 0,
        Func<FakeChain, IReadOnlyList<BlockRef>>? recent = null,
        int remembered = 256,
        int blocksAhead = 4)
    {
        var run = new FollowerRun { Node = await ScriptedNode.StartAsync() };
        build(run.Node.Chain);
        var options = new FollowOptions
        {
            ExpectedChain = new ChainId(31337),
            RememberedBlocks = remembered,
            BlocksAhead = blocksAhead,
            Retry = new Backoff(FirstRetry, TimeSpan.FromSeconds(30)),
        };
        var follower = new BlockFollower(
            run.Node.Client(run.Time), run.heads.Reader.ReadAllAsync, options, run.Time, run.Notice);
        run.Applied.AddRange(recent?.Invoke(run.Node.Chain) ?? []);
        run.steps = follower.FollowAsync([.. run.Applied], startAt, run.stop.Token)
            .GetAsyncEnumerator(run.stop.Token);
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
            default:
                throw new InvalidOperationException("a step of a kind that nobody knows");
        }
    }

    private string Branch(BlockRef block) =>
        "bc".Select(name => name.ToString()).FirstOrDefault(
            name => FakeBlock.After(Node.Chain.At(block.Number - 1), name).Hash == block.Hash) ?? "?";
}
