using Tocsin.Chains;
using Tocsin.Detection.Conduct;
using Tocsin.Detection.Detectors;
using Tocsin.Detection.Governance;
using Tocsin.Detection.Monitoring;
using Tocsin.Detection.Patterns;
using Tocsin.Detection.Pegs;
using Tocsin.Detection.Reading;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
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
    private readonly Finality finality;
    private readonly PlannedOperations planned;
    private readonly ProvenAttacks proven;
    private readonly OpenFindings findings;
    private readonly ContractWatch contracts;
    private readonly SelfWatch self;
    private readonly PegWatch pegs;
    private readonly ConductHits conduct;
    private readonly DetectorSet detectors;
    private readonly ReserveBook book;
    private readonly ReserveBook known;
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
        finality = new Finality(watch.Thresholds);
        planned = new PlannedOperations(watch);
        pegs = new PegWatch(watch);
        proven = new ProvenAttacks(index);
        findings = new OpenFindings(
            index, finality, planned, proven, new Contagion(watch, proven, () => pegs.Depegged));
        contracts = new ContractWatch(watch, finality, planned);
        self = new SelfWatch(watch, contracts);
        conduct = new ConductHits(watch);
        book = new ReserveBook(watch.Pools.Count);
        known = new ReserveBook(watch.Pools.Count);
        opening = new ReserveBook(watch.Pools.Count);
        detectors = new DetectorSet(index, opening, findings, block => history.Before(block, opening));
        Reads = contracts.Reads.Concat(detectors.Reads).Distinct().ToValueList();
    }

    /// <summary>The block on which the next one must stand; null before the first.</summary>
    public BlockRef? Head => history.Newest?.Ref ?? start;

    /// <summary>What the watched pools hold at the head, for <see cref="Outflows"/>.</summary>
    public ValueList<PoolReserves> Pools => book.ToList(index.Watch);

    /// <summary>What is to be read on the state after each block; the answers come back as
    /// <see cref="ChainStep.Answered"/>.</summary>
    public ValueList<StateRead> Reads { get; }

    /// <summary>What is to be simulated on the state after the newest block; the answers come back as
    /// <see cref="ChainStep.Simulated"/>. What is not answered is there again after the next step.</summary>
    public ValueList<StateSimulation> Simulations => detectors.Simulations;

    /// <summary>The attacks of this chain that are proven, the newest word on each: what other chains' engines take as
    /// <see cref="Arrival.AttackElsewhere"/>.</summary>
    public IEnumerable<ProvenAttack> Proven =>
        proven.Here.Where(attack => attack.Accounts.Count + attack.Codes.Count > 0);

    /// <summary>What was heard so of other chains.</summary>
    public IReadOnlyList<ProvenAttack> ProvenElsewhere => proven.Elsewhere;

    /// <summary>The operations of which <see cref="Arrival.OperationsAnnounced"/> last told.</summary>
    public ValueList<ExpectedOperation> Expected => planned.Expected;

    /// <summary>The earliest instant at which, if nothing else arrives until then, <see cref="Arrival.Passed"/> must be
    /// given, because silence will then have lasted too long or something will be over. Always later than the last
    /// arrival; null before the first.</summary>
    public DateTimeOffset? DueAt => Earliest(self.DueAt, Earliest(pegs.DueAt, detectors.DueAt));

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
        engine.finality.Restore(snapshot.Final);
        if (snapshot.Monitoring is { } monitoring)
        {
            engine.contracts.Restore(monitoring);
            engine.self.Restore(monitoring);
        }
        if (snapshot.Pegs is { } pegs)
            engine.pegs.Restore(pegs);
        if (snapshot.Detectors is { } detectors)
            engine.detectors.Restore(detectors);
        if (snapshot.Planned is { } announced)
            engine.planned.Restore(announced);
        if (snapshot.Expected is { } expected)
            engine.planned.Expect(expected);
        if (snapshot.Proven is { } proven)
            engine.proven.Restore(proven);
        return engine;
    }

    public EngineSnapshot Snapshot() => new(start, startTime, Pools, history.Blocks.ToValueList(),
        findings.Open.ToValueList(), findings.Retracted.ToValueList(), finality.Told, contracts.Snapshot(self),
            pegs.Snapshot(), detectors.Snapshot(), planned.Snapshot(), proven.Snapshot(), findings.Crowds,
            planned.Expected.Count == 0 ? null : planned.Expected);

    /// <summary>Takes one step and returns the revisions of findings that it gave, in a fixed order.</summary>
    /// <exception cref="InvalidOperationException">The block does not stand on the head, or a block above the head is
    /// called final.</exception>
    /// <exception cref="RollbackTooDeepException">The ancestor is not remembered.</exception>
    public IReadOnlyList<Finding> Step(Input input) => input switch
    {
        ChainStep.Forward forward => contracts.Forward(forward.Block, Forward(forward.Block)),
        ChainStep.Rollback rollback => RollbackAll(rollback.Ancestor),
        ChainStep.Final final => Final(final.Block),
        // An answer on the state of a block that is no more the head tells nothing of now.
        ChainStep.Answered answered => answered.Block == Head ? Answered(answered) : [],
        ChainStep.Traced traced => traced.Block == Head ? Traced(traced) : [],
        ChainStep.Changed changed => changed.Block == Head ? Ask(changed, changed.Block, []) : [],
        ChainStep.Simulated simulated => Simulated(simulated),
        Arrival arrival => Take(arrival),
        _ => throw new InvalidOperationException($"an input of kind {input.GetType().Name} is not known"),
    };

    private List<Finding> Traced(ChainStep.Traced step)
    {
        var revisions = new List<Finding>();
        foreach (var trace in step.Traces)
        {
            proven.Code.Take(trace, step.Block);
            // What events have told already is the same attack, and better described there. What is unsure is not: a
            // large transfer that wakes nobody may be the loot.
            if (!findings.HasProven(trace.Transaction)
                && conduct.Judge(trace, step.Block, HeadTime, FlowsOf(trace.Transaction)) is { } hit)
                findings.Add(Threat.ContractAnomaly, hit, () => opening.ToList(index.Watch));
        }
        return Ask(step, step.Block, revisions);
    }

    private List<Finding> Answered(ChainStep.Answered step)
    {
        var revisions = contracts.Answered(step.Block, HeadTime, step.Answers, []);
        return Ask(step, step.Block, revisions);
    }

    // It may have taken longer than a block: it still holds where its block does.
    private List<Finding> Simulated(ChainStep.Simulated step)
    {
        if (Head is not { } head || !history.Blocks.Any(block => block.Ref == step.Block))
            return [];
        return Ask(step, head, []);
    }

    private List<Finding> Ask(ChainStep step, BlockRef block, List<Finding> revisions)
    {
        detectors.Take(step, block, HeadTime);
        findings.Grow(block, HeadTime, revisions);
        return revisions;
    }

    private static DateTimeOffset? Earliest(DateTimeOffset? one, DateTimeOffset? other) =>
        one is null || other < one ? other : one;

    private ValueList<Flow> FlowsOf(Hash32 transaction)
    {
        if (history.Newest is { } newest)
            foreach (var facts in newest.Transactions)
                if (facts.Hash == transaction)
                    return facts.Flows;
        return [];
    }

    private List<Finding> Take(Arrival arrival)
    {
        var findings = self.Take(arrival, Head);
        pegs.Take(arrival, Head, findings);
        detectors.Take(arrival, Head, findings);
        if (arrival is Arrival.AttackElsewhere told)
            proven.Take(told);
        if (arrival is Arrival.OperationsAnnounced announced)
            planned.Expect(announced.Operations);
        return findings;
    }

    private DateTimeOffset HeadTime => history.Newest?.Time ?? startTime;

    private List<Finding> Final(BlockRef block)
    {
        if (Head is not { } head || block.Number > head.Number)
            throw new InvalidOperationException($"block {block} is called final, but the head is {Head}");
        var before = finality.Told?.Number;
        var revisions = new List<Finding>();
        if (!finality.Take(block))
            return revisions;
        findings.Final(before, head, HeadTime, revisions);
        return contracts.Final(before, head, HeadTime, revisions);
    }

    private List<Finding> RollbackAll(BlockRef ancestor)
    {
        var revisions = Rollback(ancestor);
        finality.Rollback(ancestor);
        return contracts.Rollback(ancestor, HeadTime, revisions);
    }

    private List<Finding> Forward(Block block)
    {
        if (Head is { } head && (block.ParentHash != head.Hash || block.Ref.Number != head.Number + 1))
            throw new InvalidOperationException($"block {block.Ref} does not stand on the head {head}");
        if (start is null)
            (start, startTime) = (ParentOf(block), block.Time);
        OpenBook();
        detectors.BeginBlock(block);
        foreach (ref readonly var transaction in block.Transactions.Span)
        {
            planned.Take(transaction, block.Ref, block.Time);
            proven.Code.Take(transaction, block.Ref);
            if (transaction.Succeeded)
                Take(block, transaction);
            detectors.Take(transaction);
        }
        detectors.EndBlock();
        history.Append(new BlockFacts(block.Ref, block.Time, PoolChanges(), [.. history.Current]));
        var revisions = new List<Finding>();
        findings.Forward(block.Ref, block.Time, revisions);
        findings.Forget(history.Blocks[0]);
        planned.Forget(block.Ref.Number);
        return revisions;
    }

    private static BlockRef ParentOf(Block block) =>
        new(block.Ref.Number == 0 ? 0 : block.Ref.Number - 1, block.ParentHash);

    private void Take(Block block, in Transaction transaction)
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
        proven.Ties.Take(flows, block.Ref);
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
        scene.ContinuesAttack ? scene.Reference : history.Before(block.Number, opening);

    private ReserveBook ReferenceOf(OpenFinding? attack)
    {
        if (attack is null)
            return opening;
        var reference = new ReserveBook(index.Watch.Pools.Count);
        reference.CopyFrom(opening);
        reference.Apply(attack.Reference, index);
        return reference;
    }

    // What was known before the block, and what the block will be measured by: the same until it tells more.
    private void OpenBook()
    {
        foreach (var pool in book.Changed())
        {
            known[pool] = book[pool];
            opening[pool] = book[pool];
        }
        known.Settle();
        opening.Settle();
        book.Settle();
    }

    private ValueList<PoolChange> PoolChanges()
    {
        var changes = new List<PoolChange>();
        foreach (var i in book.Changed())
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
        detectors.Rollback(ancestor);
        planned.Rollback(ancestor);
        proven.Rollback(ancestor);
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
