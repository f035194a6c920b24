using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;

namespace Tocsin.Tests.Chain;

/// <summary>A follower that was away, on a chain of empty blocks held in memory.</summary>
public sealed class CatchUpTests
{
    private const int Day = 7200;

    [Fact]
    public async Task A_day_of_blocks_is_taken_in_order_and_in_bounded_memory()
    {
        var away = new Away(Day) { After = 100 };

        var taken = await away.TakeAsync(Day);

        Assert.Equal(Enumerable.Range(101, Day), taken.Select(number => (int)number));
        Assert.Equal(16, away.AskedAtOnceMax);
        Assert.Equal((Day, 1), (away.Follower.Counters.BlocksTaken, away.Follower.Counters.Gaps));
        Assert.Equal([FollowNoticeKind.CatchingUp, FollowNoticeKind.CaughtUp], away.Told);
        var begin = away.Notices.First();
        Assert.Equal((101ul, 7300ul, 7200ul), (begin.FromBlock, begin.ToBlock, begin.RemainingBlocks));
        var end = away.Notices.Last();
        Assert.Equal((101ul, 7300ul, 0ul), (end.FromBlock, end.ToBlock, end.RemainingBlocks));
    }

    [Fact]
    public async Task How_many_remain_is_told_now_and_then()
    {
        var away = new Away(100);

        await away.TakeAsync(100, _ => away.Time.Advance(TimeSpan.FromSeconds(1)));

        Assert.Equal(
            [100ul, 90ul, 80ul, 70ul, 60ul, 50ul, 40ul, 30ul, 20ul, 10ul],
            away.Notices.SkipLast(1).Select(notice => notice.RemainingBlocks));
    }

    [Fact]
    public async Task Faults_make_it_ask_for_less_at_once_and_success_for_more_again()
    {
        var away = new Away(1000);
        var fault = 600ul;
        // 615 is asked for last in the turn of 600: from then on nothing is asked for before the fault is seen.
        var farthest = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        away.OnBlock = async number =>
        {
            if (number == 615)
                farthest.TrySetResult();
            if (number != fault)
                return;
            await farthest.Task;
            fault = 0;
            throw new NodeException(NodeFault.Unreachable, "the node is busy");
        };

        var distance = new Dictionary<ulong, int>();
        await away.TakeAsync(1000, number => distance[number] = away.AskedAbove(number));

        Assert.Equal(15, distance[590]);
        Assert.Equal(0, distance[600]);
        Assert.Equal(7, distance[605]);
        Assert.Equal(15, distance[900]);
    }

    [Fact]
    public async Task A_head_that_jumps_is_a_gap_and_an_announced_one_that_lies_is_not()
    {
        var away = new Away(3);
        await away.TakeAsync(3);

        away.Head += 1;
        await away.TakeAsync(1);
        away.Head += 3;
        await away.TakeAsync(3);
        await away.TellAsync(1_000_000);
        away.Head += 1;
        await away.TakeAsync(1);

        Assert.Equal(2, away.Follower.Counters.Gaps);
        Assert.DoesNotContain(FollowNoticeKind.CatchingUp, away.Told);
    }

    [Fact]
    public async Task The_newest_block_is_shown_while_those_before_it_are_being_taken()
    {
        var shown = new ConcurrentQueue<ulong>();
        var busy = new TaskCompletionSource();
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var second = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Away away = new(100, async (block, _) =>
        {
            shown.Enqueue(block.Ref.Number);
            if (!first.TrySetResult())
                second.TrySetResult();
            await busy.Task;
        });

        var taken = await away.TakeAsync(50);
        await first.Task;
        away.Head += 1;
        taken.AddRange(await away.TakeAsync(20));
        Assert.Equal([100ul], shown);
        Assert.Equal(1, away.Follower.Counters.PreviewsDropped);
        busy.SetResult();
        while (!second.Task.IsCompleted)
        {
            // Whether the first is over yet is known to no one here; the head is told until it is.
            await away.TellAsync();
        }
        taken.AddRange(await away.TakeAsync(31));
        away.Head += 1;
        taken.AddRange(await away.TakeAsync(1));

        Assert.Equal(Enumerable.Range(1, 102), taken.Select(number => (int)number));
        Assert.Equal([100ul, 101ul], shown);
    }

    [Fact]
    public async Task A_preview_that_fails_is_no_secret()
    {
        Away away = new(100, (_, _) => throw new InvalidOperationException("nobody to show it to"));

        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            // The preview fails beside the steps, sooner or later: blocks are taken until it did.
            for (var blocks = 100; ; blocks = 1, away.Head++)
                await away.TakeAsync(blocks);
        });

        Assert.Equal("nobody to show it to", thrown.Message);
    }

    [Fact]
    public async Task The_meter_counts_by_chain()
    {
        var counted = new ConcurrentDictionary<string, long>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == "Tocsin.Chain")
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            if (tags.Length == 1 && tags[0] is { Key: "chain", Value: "4711" })
                counted.AddOrUpdate(instrument.Name, value, (_, before) => before + value);
        });
        listener.Start();

        await new Away(20).TakeAsync(20);

        Assert.Equal(20, counted["tocsin.chain.blocks"]);
        Assert.Equal(1, counted["tocsin.chain.gaps"]);
    }

    private sealed class Away
    {
        private readonly Channel<(HeadNotice Notice, TaskCompletionSource Heard)> heads =
            Channel.CreateUnbounded<(HeadNotice, TaskCompletionSource)>();

        private readonly Lock gate = new();
        private readonly HashSet<ulong> asked = [];
        private IAsyncEnumerator<ChainStep>? steps;

        public Away(int blocks, Func<Block, CancellationToken, Task>? preview = null)
        {
            Head = (ulong)blocks;
            var source = new BlockSource(
                "a node",
                _ => Task.FromResult(new ChainId(4711)),
                _ => Task.FromResult(Ref(Head)),
                (number, _) => Task.FromResult<BlockRef?>(number <= Head ? Ref(number) : null),
                BlockAsync,
                (_, _) => Task.FromResult<BlockRef?>(null));
            var options = new FollowOptions { ExpectedChain = new ChainId(4711) };
            Follower = new BlockFollower(source, HeadsAsync, options, Time, Notices.Enqueue, preview);
        }

        public Reorgs.HastyTime Time { get; } = new();

        public BlockFollower Follower { get; }

        public ulong Head { get; set; }

        /// <summary>The last block taken before.</summary>
        public ulong After
        {
            get;
            init
            {
                field = value;
                Head += value;
            }
        }

        public Func<ulong, Task>? OnBlock { get; set; }

        public int AskedAtOnceMax { get; private set; }

        public ConcurrentQueue<FollowNotice> Notices { get; } = new();

        public IEnumerable<FollowNoticeKind> Told => Notices.Select(notice => notice.Kind);

        /// <summary>Tells a head, and waits until the follower has done what follows from it.</summary>
        public Task TellAsync(ulong? number = null)
        {
            var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            heads.Writer.TryWrite((new HeadNotice(Ref(number ?? Head)), heard));
            return heard.Task;
        }

        public int AskedAbove(ulong number)
        {
            lock (gate)
                return asked.Count(other => other > number);
        }

        public async Task<List<ulong>> TakeAsync(int blocks, Action<ulong>? look = null)
        {
            var heard = TellAsync();
            // Before the first step nobody listens yet.
            if (steps is not null)
                await heard;
            var start = After == 0 ? FollowStart.At(1) : FollowStart.After([Ref(After)]);
            steps ??= Follower.FollowAsync(start, TestContext.Current.CancellationToken).GetAsyncEnumerator();
            var taken = new List<ulong>();
            while (taken.Count < blocks)
            {
                Assert.True(await steps.MoveNextAsync());
                var block = Assert.IsType<ChainStep.Forward>(steps.Current).Block;
                taken.Add(block.Ref.Number);
                look?.Invoke(block.Ref.Number);
                lock (gate)
                    asked.Remove(block.Ref.Number);
            }
            return taken;
        }

        // Who asks for the next head has done with this one.
        private async IAsyncEnumerable<HeadNotice> HeadsAsync(
            [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await foreach (var (notice, heard) in heads.Reader.ReadAllAsync(cancellationToken))
            {
                yield return notice;
                heard.SetResult();
            }
        }

        private static BlockRef Ref(ulong number) => new(number, FakeBlock.Digest($"{number}"));

        private async Task<Block?> BlockAsync(ulong number, CancellationToken cancellationToken)
        {
            lock (gate)
            {
                asked.Add(number);
                AskedAtOnceMax = Math.Max(AskedAtOnceMax, asked.Count);
            }
            try
            {
                await Task.Yield();
                if (OnBlock is not null)
                    await OnBlock(number);
                cancellationToken.ThrowIfCancellationRequested();
                var at = DateTimeOffset.UnixEpoch.AddSeconds(number);
                return number > Head ? null : new Block(Ref(number), Ref(number - 1).Hash, at, default);
            }
            catch (NodeException)
            {
                // Whatever was asked for is forgotten now.
                lock (gate)
                    asked.Clear();
                throw;
            }
        }
    }
}
