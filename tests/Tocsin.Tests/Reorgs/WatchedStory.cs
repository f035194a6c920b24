using System.Collections.Concurrent;
using System.Threading.Channels;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Evm.Blocks;
using Tocsin.Findings;
using Tocsin.Tests.Detection;
using Finality = Tocsin.Chain.Finality;

namespace Tocsin.Tests.Reorgs;

/// <summary>
/// A story on a node held in memory, watched by a follower whose steps an engine takes, as the watch does it. Checks of
/// every step that it stands on what was taken before. The node serves what was last published, whatever was told.
/// </summary>
internal sealed class WatchedStory : IAsyncDisposable
{
    private Channel<HeadNotice> heads = Heads();
    private CancellationTokenSource stop = new();
    private IAsyncEnumerator<ChainStep>? steps;
    private Task<bool>? pending;
    private BlockFollower? follower;
    private FollowStart start = FollowStart.At(0);
    private Engine engine;
    private BlockRef? final;
    private volatile Block[] node = [];

    public WatchedStory(Watch? watch = null)
    {
        Watch = watch ?? Story.Watch;
        engine = new Engine(Watch);
    }

    public Story Story { get; } = new();

    public HastyTime Time { get; } = new();

    public Watch Watch { get; }

    public FollowOptions Options { get; set; } = new()
    {
        ExpectedChain = Story.Watch.Chain,
        Finality = Finality.After(12),
        LagBlocks = 1000,
    };

    public BlockFollower? Follower => follower;

    /// <summary>Runs before the node answers; it may publish or throw.</summary>
    public Action? Asked { get; set; }

    /// <summary>What the node tags safe and finalized; null where it has none yet.</summary>
    public BlockRef? Tagged { get; set; }

    /// <summary>Whether the node refuses to say.</summary>
    public bool RefusesTags { get; set; }

    public int TagQuestions { get; private set; }

    public int Questions { get; private set; }

    public List<Block> Taken { get; } = [];

    public List<Finding> Findings { get; } = [];

    /// <summary>What each block gave when it was last taken.</summary>
    public Dictionary<Hash32, IReadOnlyList<Finding>> ByBlock { get; } = [];

    public ConcurrentQueue<FollowNotice> Notices { get; } = new();

    public FollowCounters? Counters { get; private set; }

    public IEnumerable<FollowNoticeKind> Told => Notices.Select(notice => notice.Kind);

    public BlockRef NodeHead => node[^1].Ref;

    public void Publish() => node = [.. Story.Blocks];

    public void Tell(BlockRef head, string source = "") => heads.Writer.TryWrite(new HeadNotice(head, source));

    /// <summary>Replaces the newest blocks of the story by that many empty ones.</summary>
    public void Reorg(int depth, int count)
    {
        Story.BackTo(Story.Blocks.Count - 1 - depth);
        Extend(count);
    }

    public void Extend(int count)
    {
        for (var added = 0; added < count; added++)
            Story.NextBlock();
    }

    /// <summary>The node has the story so far and tells its head; steps are taken up to it.</summary>
    public async Task<string> ToHeadAsync()
    {
        Publish();
        Tell(NodeHead);
        return await UntilAsync(() => Taken.Count > 0 && Taken[^1].Ref == NodeHead);
    }

    /// <summary>Takes steps until then, written "7", "&lt;6" for a rollback and "!5" for a final block.</summary>
    public async Task<string> UntilAsync(Func<bool> isReached)
    {
        var text = new List<string>();
        while (!isReached())
            text.Add(await StepAsync());
        return string.Join(' ', text);
    }

    /// <summary>Takes one step.</summary>
    public async Task<string> StepAsync()
    {
        steps ??= Begin();
        var step = pending ?? steps.MoveNextAsync().AsTask();
        pending = null;
        if (await Task.WhenAny(step, Task.Delay(TimeSpan.FromSeconds(20))) != step)
            Assert.Fail($"no step after {Taken.LastOrDefault()?.Ref} while the node has {NodeHead}: "
                + string.Join("; ", Notices.TakeLast(5).Select(notice => notice.Text)));
        Assert.True(await step);
        return Take(steps.Current);
    }

    /// <summary>The same, and on until the follower waits for another head.</summary>
    public async Task<string> ToRestAsync()
    {
        var text = new List<string> { await ToHeadAsync() };
        while ((pending = steps!.MoveNextAsync().AsTask()).IsCompleted)
            text.Add(await StepAsync());
        return string.Join(' ', text);
    }

    /// <summary>The watch ends, and will begin again from its checkpoint when the next step is asked for.</summary>
    public async Task RestartAsync(FollowStart? at = null)
    {
        await StopAsync();
        engine = at is null ? Engine.Restore(Watch, engine.Snapshot()) : new Engine(Watch);
        start = at ?? start;
        heads = Heads();
        stop = new CancellationTokenSource();
        if (at is not null)
            Taken.Clear();
    }

    /// <summary>The last word on each finding, without those retracted.</summary>
    public IEnumerable<(FindingId Id, FindingStatus Status)> Verdicts() => Verdicts(Findings);

    public static IEnumerable<(FindingId Id, FindingStatus Status)> Verdicts(IEnumerable<Finding> findings) => findings
        .GroupBy(finding => finding.Id)
        .Select(revisions => (revisions.Key, revisions.Last().Status))
        .Where(verdict => verdict.Status != FindingStatus.Retracted)
        .OrderBy(verdict => verdict.Key.Value, StringComparer.Ordinal);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        stop.Dispose();
    }

    private static Channel<HeadNotice> Heads() =>
        Channel.CreateUnbounded<HeadNotice>(new UnboundedChannelOptions { AllowSynchronousContinuations = true });

    private async Task StopAsync()
    {
        await stop.CancelAsync();
        if (pending is not null)
            await ((Task)pending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        pending = null;
        if (steps is not null)
            await steps.DisposeAsync();
        steps = null;
    }

    private IAsyncEnumerator<ChainStep> Begin()
    {
        follower = new BlockFollower(Source(), heads.Reader.ReadAllAsync, Options, Time, Notices.Enqueue);
        Counters = follower.Counters;
        return follower.FollowAsync(start, stop.Token).GetAsyncEnumerator(stop.Token);
    }

    private BlockSource Source() => new(
        "a node",
        _ => Answer(() => Watch.Chain),
        _ => Answer(() => node[^1].Ref),
        (number, _) => Answer<BlockRef?>(() => number < (ulong)node.Length ? node[number].Ref : null),
        (number, _) => Answer(() => number < (ulong)node.Length ? node[number] : null),
        (_, _) => Answer(AnswerTag));

    private BlockRef? AnswerTag()
    {
        TagQuestions++;
        return RefusesTags ? throw new NodeException(NodeFault.Refused, "the node knows no such tag") : Tagged;
    }

    // Answered on the spot, so that the same story always goes the same way.
    private Task<T> Answer<T>(Func<T> answer)
    {
        Questions++;
        try
        {
            Asked?.Invoke();
            return Task.FromResult(answer());
        }
        catch (NodeException fault)
        {
            return Task.FromException<T>(fault);
        }
    }

    private string Take(ChainStep step)
    {
        var text = step switch
        {
            ChainStep.Forward { Block: var block } => Forward(block),
            ChainStep.Rollback { Ancestor: var ancestor } => Rollback(ancestor),
            ChainStep.Final { Block: var block } => MarkFinal(block),
            _ => throw new InvalidOperationException("a step of a kind that a follower does not give"),
        };
        var findings = engine.Step(step);
        Findings.AddRange(findings);
        if (step is ChainStep.Forward forward)
            ByBlock[forward.Block.Ref.Hash] = findings;
        start = follower!.Standing!;
        return text;
    }

    private string Forward(Block block)
    {
        if (Taken.Count > 0)
            Assert.Equal((Taken[^1].Ref.Hash, Taken[^1].Ref.Number + 1), (block.ParentHash, block.Ref.Number));
        Taken.Add(block);
        return $"{block.Ref.Number}";
    }

    private string Rollback(BlockRef ancestor)
    {
        Taken.RemoveAll(block => block.Ref.Number > ancestor.Number);
        Assert.Equal(ancestor, Taken[^1].Ref);
        if (final is { } block && block.Number > ancestor.Number)
            final = ancestor;
        return $"<{ancestor.Number}";
    }

    private string MarkFinal(BlockRef block)
    {
        Assert.Contains(block, Taken.Select(taken => taken.Ref));
        Assert.False(block.Number <= final?.Number, $"final went from {final} to {block}");
        final = block;
        return $"!{block.Number}";
    }
}
