using System.Text.Json;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Configuration;
using Tocsin.Detection;
using Tocsin.Evm.Blocks;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Recording;
using Tocsin.Storage;

namespace Tocsin.Watching;

/// <summary>Where the watch stands: the blocks last taken and what the engine remembers of them.</summary>
internal sealed record WatchCheckpoint(ValueList<BlockRef> Recent, EngineSnapshot Engine);

/// <summary>
/// Follows the chain, feeds the engine, and records what it finds. The checkpoint is written with the findings, so a
/// restart continues where this stopped and finds nothing twice.
/// </summary>
internal sealed class ChainWatcher(
    TocsinConfiguration configuration,
    Plan plan,
    Node node,
    Logbook logbook,
    EventStore store,
    TimeProvider time,
    ILogger<ChainWatcher> logger)
    : BackgroundService
{
    private const int RememberedBlocks = 256;
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CheckpointEvery = TimeSpan.FromSeconds(1);

    private readonly Watch watch = WatchOfPlan.Build(plan, configuration.Chain.Confirmations);
    private readonly string checkpointName = $"watch/{configuration.Chain.Id}";
    private volatile WatchState? state;

    /// <summary>The last block taken and the pools at its end; null before the first.</summary>
    public WatchState? State => state;

    public Watch Watch => watch;

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
                await FollowAsync(stoppingToken);
            }
            catch (Exception e) when (e is NodeException or RollbackTooDeepException or StorageException)
            {
                logger.LogCritical("THE WATCH IS BLIND: {Reason}", e.Message);
                await Task.Delay(TryAgainAfter, time, stoppingToken);
            }
        }
    }

    private async Task FollowAsync(CancellationToken stoppingToken)
    {
        var saved = store.ReadCheckpoint(checkpointName) is { } json
            ? JsonSerializer.Deserialize<WatchCheckpoint>(json, EventJson.Options)
            : null;
        var engine = saved is null ? new Engine(watch) : Engine.Restore(watch, saved.Engine);
        var recent = new List<BlockRef>(saved?.Recent ?? []);
        var startAt = recent.Count > 0
            ? recent[^1].Number + 1
            : configuration.Chain.StartAt ?? await NewestAsync(stoppingToken);
        var blockTime = DateTimeOffset.MinValue;
        var nextCheckpoint = time.GetUtcNow();
        logger.LogInformation("watching chain {Chain} from block {Block}", configuration.Chain.Id, startAt);
        await foreach (var step in Follower().FollowAsync([.. recent], startAt, stoppingToken))
        {
            var arrivedAt = time.GetUtcNow();
            Remember(recent, step);
            if (step is ChainStep.Forward { Block: var block })
                blockTime = block.Time;
            var findings = engine.Step(step);
            if (findings.Count > 0 || arrivedAt >= nextCheckpoint)
            {
                var checkpoint = new WatchCheckpoint(recent.ToValueList(), engine.Snapshot());
                Take(
                    findings,
                    arrivedAt,
                    new Checkpoint(checkpointName, JsonSerializer.Serialize(checkpoint, EventJson.Options)));
                nextCheckpoint = arrivedAt + CheckpointEvery;
            }
            state = new WatchState(recent[^1], blockTime, engine.Pools);
        }
    }

    // A node that fails at this very moment must not end the watch before it began.
    private async Task<ulong> NewestAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                return (await node.HeadAsync(stoppingToken)).Number;
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
        var options = new HeadFeedOptions
        {
            WebSocket = configuration.Chain.WebSocket is { } socket
                ? new Uri(Addresses.Reveal(socket, configuration))
                : null,
            PollInterval = configuration.Chain.PollEvery,
        };
        var heads = new HeadFeed(node, options, time, text => logger.LogWarning("{Text}", text));
        return new BlockFollower(
            node,
            heads.ReadAsync,
            new FollowOptions { ExpectedChain = configuration.Chain.Id, RememberedBlocks = RememberedBlocks },
            time,
            notice => logger.LogWarning("{Text}", notice.Text));
    }

    private void Take(IReadOnlyList<Finding> findings, DateTimeOffset arrivedAt, Checkpoint checkpoint)
    {
        var limits = DetectionLimits.Default with { Exercise = configuration.Exercise };
        logbook.Record(
            (book, now) =>
            {
                var all = new List<LogEvent>();
                // The worst first: it opens the incident that the others then join.
                foreach (var finding in findings.OrderBy(finding => finding.Severity))
                {
                    var events = book.Take(finding, arrivedAt, plan, limits);
                    book = events.Aggregate(book, (folded, happened) => folded.Apply(happened, now));
                    all.AddRange(events);
                }
                return all;
            },
            checkpoint);
    }

    private static void Remember(List<BlockRef> recent, ChainStep step)
    {
        if (step is ChainStep.Forward { Block: var block })
        {
            // The very first block may be taken back too, and what it stood on is then the end of what we know.
            if (recent.Count == 0 && block.Ref.Number > 0)
                recent.Add(new BlockRef(block.Ref.Number - 1, block.ParentHash));
            recent.Add(block.Ref);
        }
        else if (step is ChainStep.Rollback { Ancestor: var ancestor })
            recent.RemoveAll(taken => taken.Number > ancestor.Number);
        if (recent.Count > RememberedBlocks)
            recent.RemoveRange(0, recent.Count - RememberedBlocks);
    }
}

/// <summary>The newest block that was judged, its own time, and what the pools held after it.</summary>
internal sealed record WatchState(BlockRef Head, DateTimeOffset BlockTime, ValueList<PoolReserves> Pools);
