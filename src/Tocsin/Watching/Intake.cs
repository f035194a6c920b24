using System.Text.Json;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;
using Tocsin.Inputs;
using Tocsin.Recording;
using Tocsin.Storage;

namespace Tocsin.Watching;

/// <summary>Where the watch stands: the blocks last taken, what the engine remembers, and the place in the input
/// log.</summary>
/// <param name="Inputs">Null in a checkpoint from before there was an input log.</param>
internal sealed record WatchCheckpoint(
    ValueList<BlockRef> Recent, EngineSnapshot Engine, BlockRef? Final = null, InputPosition? Inputs = null);

/// <summary>
/// The one door to the engine. Whoever has an input waits for its turn: the order in which inputs come through here is
/// the order of the input log, and the only one there is. Findings are recorded with a checkpoint before the next input
/// is taken. After a fault it is of no more use; another one begins at the last checkpoint, and what was taken since is
/// taken again.
/// </summary>
internal sealed class Intake : IDisposable
{
    private static readonly TimeSpan CheckpointEvery = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly string checkpointName;
    private readonly Engine engine;
    private readonly InputLog inputs;
    private readonly FindingDesk desk;
    private readonly TimeProvider time;
    private readonly ChainId chain;
    private AttackNews? news;
    private FollowStart? standing;
    private DateTimeOffset blockTime;
    private DateTimeOffset nextCheckpoint;
    private bool broken;
    private volatile WatchState? state;
    private volatile ValueList<StateSimulation> simulations;

    private Intake(
        ChainId chain, string checkpointName, Engine engine, FollowStart? start, InputLog inputs, FindingDesk desk,
        TimeProvider time)
    {
        (this.chain, this.checkpointName, this.engine, this.inputs, this.desk, this.time) =
            (chain, checkpointName, engine, inputs, desk, time);
        standing = start;
        nextCheckpoint = time.GetUtcNow();
        Reads = engine.Reads;
        simulations = engine.Simulations;
        inputs.Pin(checkpointName, inputs.Position);
    }

    /// <summary>Where following goes on; null where nothing was taken yet.</summary>
    public FollowStart? Standing => standing;

    /// <summary>The block last taken and the pools at its end; null before the first.</summary>
    public WatchState? State => state;

    /// <summary>What is to be read on the state after each block.</summary>
    public ValueList<StateRead> Reads { get; }

    /// <summary>The operations of ours that the engine expects.</summary>
    public ValueList<ExpectedOperation> Expected => engine.Expected;

    /// <summary>What is to be simulated on the state after the newest block.</summary>
    public ValueList<StateSimulation> Simulations => simulations;

    /// <summary>Opens where the last checkpoint was made. Where the engine begins anew, the log of inputs says
    /// so.</summary>
    /// <param name="from">Forget the checkpoint and begin anew at that block; null to go on.</param>
    public static Intake Open(
        Watch watch, EventStore store, InputLog inputs, FindingDesk desk, ulong? from, TimeProvider time)
    {
        var name = $"watch/{watch.Chain}";
        var last = store.ReadCheckpoint(name) is { } json ? Read(json, isNeeded: from is null) : null;
        // Also before it begins anew: what came after the checkpoint gave no finding that was recorded.
        if (last?.Inputs is { } position)
            inputs.GoOnFrom(position);
        var saved = from is null ? last : null;
        var engine = saved is null ? new Engine(watch) : Engine.Restore(watch, saved.Engine);
        if (saved is null && inputs.Position.Count > 0)
            inputs.AppendAnew(from);
        var start = saved is { Recent.Count: > 0 } ? FollowStart.After([.. saved.Recent], saved.Final)
            : from is { } block ? FollowStart.At(block)
            : null;
        return new Intake(watch.Chain, name, engine, start, inputs, desk, time);
    }

    // To begin anew is the way out of a checkpoint that cannot be read.
    private static WatchCheckpoint? Read(string json, bool isNeeded)
    {
        try
        {
            return JsonSerializer.Deserialize<WatchCheckpoint>(json, EventJson.Options);
        }
        catch (JsonException) when (!isNeeded)
        {
            return null;
        }
    }

    /// <summary>From now on the watches of other chains hear what is proven here, and this one hears of
    /// theirs.</summary>
    /// <param name="put">Takes what they tell, to be given back to this door in its turn.</param>
    public void Join(AttackNews others, Action<Arrival> put)
    {
        others.Join(chain, engine.Proven, engine.ProvenElsewhere, put);
        news = others;
    }

    public ValueTask TakeAsync(Input input, CancellationToken cancellationToken) =>
        TakeAsync(input, null, cancellationToken);

    /// <param name="after">Where following goes on after a step of the chain; null for any other input.</param>
    public async ValueTask TakeAsync(Input input, FollowStart? after, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            Take(input, after);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Takes what was found out of a block, unless that block is not the newest one any more.</summary>
    public async ValueTask TakeIfHeadAsync(Input input, BlockRef block, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            if (engine.Head == block)
                Take(input, null);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Gives the engine the time if something is due that no input brought.</summary>
    public async ValueTask PassAsync(CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            var now = time.GetUtcNow();
            if (engine.DueAt <= now)
                Take(new Arrival.Passed(now), null);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Ends it once the input whose turn it is was taken; who waits, or comes later, is refused.</summary>
    public void Dispose()
    {
        turn.Wait();
        broken = true;
        turn.Release();
        inputs.Dispose();
    }

    private void Take(Input input, FollowStart? after)
    {
        // After a fault the engine may stand beyond what was recorded: a checkpoint of it would lose a finding.
        if (broken)
            throw new IOException("the watch begins anew: what waited for its turn is not taken");
        broken = true;
        var arrivedAt = (input as Arrival)?.ArrivedAt ?? time.GetUtcNow();
        var findings = engine.Step(input);
        inputs.Append(input);
        if (input is ChainStep)
            simulations = engine.Simulations;
        standing = after ?? standing;
        if (input is ChainStep.Forward { Block: var block })
            blockTime = block.Time;
        if (findings.Count > 0 || time.GetUtcNow() >= nextCheckpoint)
            Save(findings, arrivedAt, input);
        // Others hear of it once it is recorded here.
        if (findings.Count > 0)
            news?.Tell(chain, engine.Proven);
        if (after is not null && engine.Head is { } head)
            state = new WatchState(head, blockTime, engine.Pools);
        broken = false;
    }

    // The log of inputs reaches the disk first: a checkpoint must never stand beyond its end.
    private void Save(IReadOnlyList<Finding> findings, DateTimeOffset arrivedAt, Input input)
    {
        inputs.Flush(toDisk: true);
        var checkpoint = new WatchCheckpoint(
            standing?.Recent.ToValueList() ?? [], engine.Snapshot(), standing?.Final, inputs.Position);
        desk.Record(
            findings,
            arrivedAt,
            input,
            new Checkpoint(checkpointName, JsonSerializer.Serialize(checkpoint, EventJson.Options)));
        // What comes after the checkpoint must be there to be cut, whatever the log may take on the disk.
        inputs.Pin(checkpointName, checkpoint.Inputs);
        nextCheckpoint = time.GetUtcNow() + CheckpointEvery;
    }
}

/// <summary>The newest block that was judged, its own time, and what the pools held after it.</summary>
internal sealed record WatchState(BlockRef Head, DateTimeOffset BlockTime, ValueList<PoolReserves> Pools);
