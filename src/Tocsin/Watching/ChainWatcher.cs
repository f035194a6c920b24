using Tocsin.Chain;
using Tocsin.Chain.Senses;
using Tocsin.Chains;
using Tocsin.Configuration;
using Tocsin.Detection;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Feeds;
using Tocsin.FrontEnds;
using Tocsin.Inputs;
using Tocsin.Plans;
using Tocsin.Recording;
using Tocsin.Storage;
using Tocsin.Texts;

namespace Tocsin.Watching;

/// <summary>
/// Follows the chain and listens to everything else, feeds the engine, and records what it finds. The checkpoint is
/// written with the findings, so a restart continues where this stopped and finds nothing twice.
/// </summary>
internal sealed class ChainWatcher(
    TocsinConfiguration configuration,
    Plan plan,
    Nodes nodes,
    Arrivals arrivals,
    FindingDesk desk,
    Logbook logbook,
    EventStore store,
    AttackNews news,
    WatchFrom from,
    TimeProvider time,
    ILogger<ChainWatcher> logger)
    : BackgroundService
{
    private const int HistoricBlocks = 64;
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TimePassesEvery = TimeSpan.FromSeconds(1);

    private readonly Watch watch = WatchOfPlan.Build(plan, configuration);
    private readonly OnChainFeeds onChainFeeds = new(configuration.Feeds, plan);
    private ulong? beginAt = from.Block;
    private bool begun;
    private volatile Intake? intake;
    private volatile Preview? preview;
    private readonly SeldomLog seldom = new(logger, time);
    private readonly Blindness blindness = new(configuration.Chain.Id, desk, time, logger);
    private BlockRef? lastHead;

    /// <summary>The last block taken and the pools at its end; null before the first.</summary>
    public WatchState? State => intake?.State;

    /// <summary>While blocks are being caught up with: what the newest one shows by itself. Never a finding.</summary>
    public Preview? Preview => State is { } state && preview is { } newest && newest.Block.Number > state.Head.Number
        ? newest
        : null;

    public Watch Watch => watch;

    /// <summary>Takes a beat; while the watch begins anew, it waits with the other arrivals.</summary>
    public async ValueTask TakeAsync(Arrival arrival, CancellationToken cancellationToken)
    {
        var door = intake;
        try
        {
            if (door is not null)
            {
                await door.TakeAsync(arrival, cancellationToken);
                return;
            }
        }
        catch (IOException) when (intake != door)
        {
            // The watch began anew while the beat waited for its turn.
        }
        arrivals.Put(arrival);
    }

    /// <summary>
    /// A chain that cannot be followed any more (another chain, a reorg deeper than anything remembered) leaves the
    /// watch blind, and says so; approvals, alerts and containment must go on without it. What could not be recorded
    /// is taken again from the last checkpoint.
    /// </summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await WatchAsync(stoppingToken);
            }
            catch (Exception e) when (e is NodeException or ReorgTooDeepException or RollbackTooDeepException
                or StorageException or IOException or InputException)
            {
                logger.LogCritical("THE WATCH IS BLIND: {Reason}", e.Message);
                blindness.Failed(e.Message, lastHead);
                await Task.Delay(TryAgainAfter, time, stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // A fault of ours, maybe brought about by a block or a page that somebody made for it.
                logger.LogCritical(e, "THE WATCH IS BLIND, by a fault of its own");
                blindness.Failed($"a fault of its own, {e.GetType().Name}, which the server's log tells", lastHead);
                await Task.Delay(TryAgainAfter, time, stoppingToken);
            }
        }
    }

    private async Task WatchAsync(CancellationToken stoppingToken)
    {
        using var inputs = InputLog.Open(
            Path.Combine(configuration.DataDirectory, "inputs"),
            new InputLogOptions
            {
                Keep = configuration.Inputs.Keep,
                MaximumBytes = (long)configuration.Inputs.MaximumMegabytes << 20,
            },
            time,
            text => logger.LogWarning("{Text}", text),
            blindness.Lost);
        using var door = Intake.Open(watch, store, inputs, desk, beginAt, time);
        door.Join(news, arrivals.Put);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        // Once in a process: nodes are still known, and tell no fault twice; and a watch that begins anew every few
        // seconds must not put off for ever what silence would say.
        if (!begun)
            await door.TakeAsync(new Arrival.Began(time.GetUtcNow()), stop.Token);
        begun = true;
        await ExpectAsync(door, stop.Token);
        using var feeds = PriceFeeds.Open(configuration, time);
        intake = door;
        beginAt = null;
        Task[] parts =
        [
            FollowAsync(door, stop.Token),
            PassTimeAsync(door, stop.Token),
            arrivals.PumpAsync(door.TakeAsync, stop.Token),
            arrivals.PumpHeadsAsync(door.TakeAsync, stop.Token),
            nodes.RunAsync(stop.Token),
            feeds.RunAsync(door.TakeAsync, stop.Token),
            new FrontEndWatch(configuration.FrontEnds, time).RunAsync(door.TakeAsync, stop.Token),
            ListenToPendingAsync(door, stop.Token),
        ];
        // One part that fails ends all of them: half a watch is none, and the next one begins at the checkpoint.
        var ended = await Task.WhenAny(parts);
        intake = null;
        await stop.CancelAsync();
        await Task.WhenAll(parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await ended;
    }

    private async Task FollowAsync(Intake door, CancellationToken stoppingToken)
    {
        await using var senses = new BlockSenses(
            nodes, configuration.Chain, onChainFeeds, configuration.Heartbeats, time, logger);
        var start = door.Standing
            ?? FollowStart.At(configuration.Chain.StartAt ?? await NewestAsync(stoppingToken));
        logger.LogInformation("watching chain {Chain} from block {Block}", configuration.Chain.Id, start.FirstBlock);
        onChainFeeds.TakeBack(start.FirstBlock == 0 ? 0 : start.FirstBlock - 1);
        if (start.Recent is [.., var tip] && await BlockOrNullAsync(tip, stoppingToken) is { } last)
            await FeelAsync(senses, last, door, stoppingToken);
        var follower = Follower();
        try
        {
            await foreach (var step in follower.FollowAsync(start, stoppingToken))
            {
                await door.TakeAsync(step, follower.Standing, stoppingToken);
                if (step is ChainStep.Rollback { Ancestor: var ancestor })
                    onChainFeeds.TakeBack(ancestor.Number);
                if (step is not ChainStep.Forward { Block: var block })
                    continue;
                lastHead = block.Ref;
                blindness.Sees();
                await FeelAsync(senses, block, door, stoppingToken);
            }
        }
        // Where something was final, the follower told it already; two wordings in turn would never end.
        catch (ReorgTooDeepException e) when (follower.Standing?.Final is null)
        {
            var told = new Arrival.NodeTold(
                time.GetUtcNow(), Arrival.AllNodes, NodeSymptom.BrokeFinality, true, e.Message);
            await door.TakeAsync(told, stoppingToken);
            throw;
        }
    }

    private Task FeelAsync(BlockSenses senses, Block block, Intake door, CancellationToken stoppingToken) =>
        senses.FeelAsync(
            block, door, arrivals.CommonHead > block.Ref.Number + HistoricBlocks, stoppingToken);

    // What was asked on the block last taken may have been answered after the checkpoint, or not at all: it is asked
    // once more. Null where that block is not to be had now; the next one is felt in any case.
    private async Task<Block?> BlockOrNullAsync(BlockRef tip, CancellationToken stoppingToken)
    {
        try
        {
            return await nodes.BlockAsync(tip.Number, stoppingToken) is { } block && block.Ref == tip ? block : null;
        }
        catch (NodeException e)
        {
            logger.LogWarning("block {Block} is not looked at again: {Reason}", tip, e.Message);
            return null;
        }
    }

    // What is late is known by looking at the clock; whether something is late is for the engine to say.
    private async Task PassTimeAsync(Intake door, CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(TimePassesEvery, time, stoppingToken);
            await ExpectAsync(door, stoppingToken);
            await door.PassAsync(stoppingToken);
        }
    }

    // What people announced is told as an input, and again wherever the engine went back behind it.
    private async ValueTask ExpectAsync(Intake door, CancellationToken stoppingToken)
    {
        var now = time.GetUtcNow();
        var expected = OperationDesk.Expected(logbook.Book, now);
        if (!expected.Equals(door.Expected))
            await door.TakeAsync(new Arrival.OperationsAnnounced(now, expected), stoppingToken);
    }

    private async Task ListenToPendingAsync(Intake door, CancellationToken stoppingToken)
    {
        var listening = configuration.Chain.Nodes.FirstOrDefault(node => node.WebSocket is not null);
        if (!configuration.Chain.Pending || listening is null)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, time, stoppingToken);
            return;
        }
        var watched = watch.Contracts.Select(contract => contract.Address)
            .Concat(watch.Pools.Select(pool => pool.Address))
            .ToHashSet();
        var options = new PendingOptions
        {
            WebSocket = new Uri(Addresses.Reveal(listening.WebSocket!, configuration)),
            Keep = PendingOptions.Touching(watched),
        };
        var node = nodes.Named(listening.Name);
        var feed = new PendingFeed(node, options, time, Warn, Tell);
        await foreach (var notice in feed.ReadAsync(stoppingToken))
        {
            if (notice is PendingNotice.Seen seen)
                await door.TakeAsync(new Arrival.Pending(time.GetUtcNow(), seen.Transaction), stoppingToken);
            else
                seldom.Warn("pending", $"pending transactions: {notice}");
        }
    }

    // A node that fails at this very moment must not end the watch before it began.
    private async Task<ulong> NewestAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                return (await nodes.HeadAsync(stoppingToken)).Number;
            }
            catch (NodeException e)
            {
                logger.LogWarning("the first block to watch is not known yet: {Reason}", e.Message);
                await Task.Delay(configuration.Chain.PollEvery, time, stoppingToken);
            }
        }
    }

    private BlockFollower Follower()
    {
        var sources = configuration.Chain.Nodes.Select(node => HeadSource.Of(
            nodes.Named(node.Name),
            node.WebSocket is { } socket ? new Uri(Addresses.Reveal(socket, configuration)) : null));
        var heads = new HeadFeed(
            [.. sources],
            new HeadFeedOptions { PollInterval = configuration.Chain.PollEvery },
            time,
            Warn,
            arrivals.Hear,
            Tell);
        return new BlockFollower(
            BlockSource.Of(nodes),
            heads.ReadAsync,
            new FollowOptions
            {
                ExpectedChain = configuration.Chain.Id,
                RememberedBlocks = Engine.RollbackDepthMax,
                Finality = FinalityOf(configuration.Chain),
            },
            time,
            Hear,
            ShowPreviewAsync);
    }

    private static Finality FinalityOf(ChainSettings chain) => chain.Finality switch
    {
        FinalityMark.Safe => Finality.Safe,
        FinalityMark.Finalized => Finality.Finalized,
        FinalityMark.Confirmations => Finality.After(chain.Confirmations),
    };

    private void Warn(string text) => logger.LogWarning("{Text}", text);

    private void Tell(string text) => logger.LogInformation("{Text}", text);

    private void Hear(FollowNotice notice)
    {
        if (notice.IsRoutine)
            seldom.Tell(notice.Kind.ToString(), notice.Text);
        else
            seldom.Warn(notice.Kind.ToString(), notice.Text);
        if (notice.Kind == FollowNoticeKind.BrokeFinality)
            arrivals.Put(new Arrival.NodeTold(
                time.GetUtcNow(), Arrival.AllNodes, NodeSymptom.BrokeFinality, true, notice.Text));
    }

    private Task ShowPreviewAsync(Block block, CancellationToken cancellationToken)
    {
        preview = Watching.Preview.Of(block, watch, State);
        return Task.CompletedTask;
    }
}

/// <summary>The block at which to begin, whatever was watched before; null to go on.</summary>
internal sealed record WatchFrom(ulong? Block);
