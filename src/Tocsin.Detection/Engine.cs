using System.Diagnostics;
using Tocsin.Chains;
using Tocsin.Detection.Patterns;
using Tocsin.Detection.Reading;
using Tocsin.Evm.Blocks;
using Tocsin.Findings;

namespace Tocsin.Detection;

/// <summary>
/// Folds the steps of one chain into findings. Synchronous and deterministic: the same watch and the same steps give
/// the same findings, live, replayed, or continued from a snapshot. A step is taken whole or, if it throws, the engine
/// must be restored from a snapshot. Not for use by several threads at once.
/// </summary>
public sealed class Engine
{
    /// <summary>How many blocks a rollback may take back.</summary>
    public const int RollbackDepthMax = 256;

    /// <summary>The longest time frame of a pattern.</summary>
    public static readonly TimeSpan WindowMax = TimeSpan.FromMinutes(10);

    /// <summary>How long after its last evidence an attack can go on as the same one.</summary>
    public static readonly TimeSpan AttackGap = TimeSpan.FromHours(1);

    private readonly WatchIndex index;
    private readonly TransactionReading reading;
    private readonly PatternMatch patterns;
    private readonly History history;
    private readonly OpenFindings findings;
    private readonly ReserveBook book;
    private readonly ReserveBook opening;
    private BlockRef? start;
    private DateTimeOffset startTime;

    /// <exception cref="ArgumentException">The watch has problems.</exception>
    public Engine(Watch watch)
    {
        index = new WatchIndex(watch);
        reading = new TransactionReading(index);
        patterns = new PatternMatch(watch.Thresholds);
        history = new History(index);
        findings = new OpenFindings(index);
        book = new ReserveBook(watch.Pools.Count);
        opening = new ReserveBook(watch.Pools.Count);
    }

    /// <summary>The block on which the next one must stand; null before the first.</summary>
    public BlockRef? Head => history.Newest?.Ref ?? start;

    /// <summary>What the watched pools hold at the head, for <see cref="Outflows"/>.</summary>
    public ValueList<PoolReserves> Pools => book.ToList(index.Watch);

    /// <summary>An engine that continues where the snapshot was taken.</summary>
    /// <param name="watch">The same watch as before; with another one, findings under way are told by its
    /// names.</param>
    public static Engine Restore(Watch watch, EngineSnapshot snapshot)
    {
        var engine = new Engine(watch) { start = snapshot.Start, startTime = snapshot.StartTime };
        engine.book.Apply(snapshot.Pools, engine.index);
        foreach (var block in snapshot.Blocks)
            engine.history.Append(block);
        engine.findings.Restore(snapshot);
        return engine;
    }

    public EngineSnapshot Snapshot() => new(start, startTime, Pools, history.Blocks.ToValueList(),
        findings.Open.ToValueList(), findings.Retracted.ToValueList());

    /// <summary>Takes one step and returns the revisions of findings that it gave, in a fixed order.</summary>
    /// <exception cref="InvalidOperationException">The block does not stand on the head.</exception>
    /// <exception cref="RollbackTooDeepException">The ancestor is not remembered.</exception>
    public IReadOnlyList<Finding> Step(ChainStep step) => step switch
    {
        ChainStep.Forward forward => Forward(forward.Block),
        ChainStep.Rollback rollback => Rollback(rollback.Ancestor),
        _ => throw new UnreachableException($"no way to take {step.GetType().Name}"),
    };

    private List<Finding> Forward(Block block)
    {
        if (Head is { } head && (block.ParentHash != head.Hash || block.Ref.Number != head.Number + 1))
            throw new InvalidOperationException($"block {block.Ref} does not stand on the head {head}");
        if (start is null)
            (start, startTime) = (ParentOf(block), block.Time);
        var known = new ReserveBook(index.Watch.Pools.Count);
        known.CopyFrom(book);
        opening.CopyFrom(book);
        var transactions = block.Transactions;
        for (var i = 0; i < transactions.Count; i++)
            if (transactions[i].Succeeded)
                Take(block, transactions[i]);
        history.Append(new BlockFacts(block.Ref, block.Time, PoolChanges(known), [.. history.Current]));
        var revisions = new List<Finding>();
        findings.Forward(block.Ref, block.Time, revisions);
        findings.Forget(history.Blocks[0]);
        return revisions;
    }

    private static BlockRef ParentOf(Block block) =>
        new(block.Ref.Number == 0 ? 0 : block.Ref.Number - 1, block.ParentHash);

    private void Take(Block block, Transaction transaction)
    {
        reading.Read(transaction, book, opening);
        if (!reading.ConcernsUs())
            return;
        var called = transaction.To ?? transaction.ContractCreated;
        var contract = called is { } address && !index.IsWatched(address) ? called : null;
        var (earlier, ownContract) = history.OfOrigin(transaction.From, contract, block.Ref, block.Time);
        var continued = findings.ContinuedBy(block.Time, transaction.From, ownContract);
        var scene = new Scene(index, block.Ref, block.Time, transaction, ownContract, reading,
            ReferenceOf(continued), continued is not null, earlier);
        var flows = scene.ProtectedFlows();
        var indicators = Observation.Indicators(scene, flows);
        if (indicators.Count == 0 && flows.Count == 0 && reading.Trades.Count == 0)
            return;
        var facts = new TransactionFacts(transaction.Hash, transaction.From, contract,
            [.. reading.Trades], [.. flows], [.. indicators]);
        if (indicators.Count > 0)
            Judge(scene, facts);
        history.Current.Add(facts);
    }

    private void Judge(Scene scene, TransactionFacts facts)
    {
        // For the verdict a shared contract is nobody's, although the facts remember that it was called.
        var own = facts with { Contract = scene.Contract };
        var isCritical = false;
        if (patterns.FlashLoanAttack(scene, own) is { } attack)
            Add(Threat.FlashLoanAttack, attack);
        if (patterns.OracleManipulation(scene, own, ReferenceBefore) is { } manipulation)
            Add(Threat.OracleManipulation, manipulation);
        // A large transfer that is part of a critical attack is told there.
        if (!isCritical && PatternMatch.LargeTransfer(scene, own) is { } transfer)
            Add(Threat.LargeTransfer, transfer);

        void Add(Threat threat, Hit hit)
        {
            isCritical |= hit.Severity == Severity.Critical;
            findings.Add(threat, hit, () => BookBefore(hit.Transactions[0].Block, scene).ToList(index.Watch));
        }

        ReserveBook ReferenceBefore(Evidence evidence) => BookBefore(evidence.Transactions[0].Block, scene);
    }

    // An attack under way keeps its reference; otherwise it is what the pools held before the first evidence's block.
    private ReserveBook BookBefore(BlockRef block, Scene scene) =>
        scene.ContinuesAttack ? scene.Reference : history.Before(block, opening);

    private ReserveBook ReferenceOf(OpenFinding? attack)
    {
        if (attack is null)
            return opening;
        var reference = new ReserveBook(index.Watch.Pools.Count);
        reference.CopyFrom(opening);
        reference.Apply(attack.Reference, index);
        return reference;
    }

    private ValueList<PoolChange> PoolChanges(ReserveBook known)
    {
        var changes = new List<PoolChange>();
        for (var i = 0; i < index.Watch.Pools.Count; i++)
            if (book[i] is { } after && opening[i] is { } before && (known[i] is null || before != after))
                changes.Add(new PoolChange(index.Watch.Pools[i].Name, known[i] is null, before, after));
        return [.. changes];
    }

    private List<Finding> Rollback(BlockRef ancestor)
    {
        var newest = Head ?? throw new RollbackTooDeepException(ancestor, default);
        var depth = DepthOf(ancestor, newest);
        if (depth == 0)
            return [];
        for (var i = 0; i < depth; i++)
        {
            foreach (var change in history.Newest!.Pools)
                if (index.TryPool(change.Pool, out var pool))
                    book[pool] = change.FirstSeen ? null : change.Before;
            history.RemoveNewest();
        }
        var revisions = new List<Finding>();
        findings.Rollback(newest, ancestor, history.Newest?.Time ?? startTime, revisions);
        return revisions;
    }

    private int DepthOf(BlockRef ancestor, BlockRef newest)
    {
        var blocks = history.Blocks;
        for (var depth = 0; depth <= RollbackDepthMax && depth <= blocks.Count; depth++)
        {
            var candidate = depth < blocks.Count ? blocks[blocks.Count - 1 - depth].Ref : start;
            // The start is below the oldest block only as long as nothing was forgotten.
            if (candidate == ancestor && (depth < blocks.Count || IsComplete()))
                return depth;
        }
        throw new RollbackTooDeepException(ancestor, newest);
    }

    private bool IsComplete() =>
        history.Blocks.Count == 0 || history.Blocks[0].Ref.Number == start!.Value.Number + 1
        || history.Blocks[0].Ref.Number == 0;
}
