using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Detection.Detectors;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;
using Tocsin.Texts;

namespace Tocsin.Replay;

/// <summary>What these detectors look for by a kind of input, of which nothing was replayed.</summary>
internal sealed record NotJudged(InputKind Input, ValueList<string> Detectors)
{
    public override string ToString() => $"no {InWords} came: not judged by them, {string.Join(", ", Detectors)}";

    private string InWords => Input switch
    {
        InputKind.Reads => "reads of the state",
        InputKind.Traces => "calls inside transactions",
        InputKind.StateChanges => "changes of the state",
        InputKind.PendingTransactions => "pending transactions",
        InputKind.Simulations => "simulations of proposals",
        InputKind.Feeds => "prices of feeds",
        InputKind.UserReports => "reports by people",
        InputKind.SignsOfLife => "heads, beats and pages",
        _ => throw new ArgumentOutOfRangeException(nameof(Input), Input, "no such kind"),
    };
}

/// <summary>
/// Folds a source through the engine, as the watch does live, and writes what it finds. Nothing is sent to anyone and
/// no database is opened. What was written can be gone on from after a stop at any instant.
/// </summary>
internal sealed class ReplayRun(
    Watch watch, ReplaySource source, Rejections rejections, string findingsPath, ValueList<string> arguments,
    TimeProvider time) : IDisposable
{
    private static readonly TimeSpan SaveEvery = TimeSpan.FromSeconds(5);

    private readonly Hash32 digest = ReplayState.Digest(watch);
    private Engine engine = new(watch);
    private readonly SortedSet<InputKind> heard = [];
    private FileStream? findings;

    public ReplayCounts Counts { get; private set; } = ReplayCounts.None;

    /// <summary>The newest block's or arrival's time; null before the first.</summary>
    public DateTimeOffset? At { get; private set; }

    /// <summary>True where an earlier replay was gone on with.</summary>
    public bool Resumed { get; private set; }

    /// <summary>Who could not judge, in part or at all, because nothing of a kind came.</summary>
    public ValueList<NotJudged> NotJudged => DetectorNeeds.Of(watch)
        .Where(need => !heard.Contains(need.Key))
        .OrderBy(need => need.Key)
        .Select(need => new NotJudged(need.Key, need.Value))
        .ToValueList();

    /// <summary>Called after each unit.</summary>
    public Action? Advanced { get; init; }

    /// <param name="restart">Begins anew, whatever was done before.</param>
    /// <exception cref="InputException">The input, the file of findings, or the state beside it is not
    /// usable.</exception>
    /// <exception cref="ReplayStoppedException">Strict, and something is wrong with the input.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the state is saved.</exception>
    public async Task RunAsync(bool restart, CancellationToken cancellationToken)
    {
        if (restart)
            File.Delete(ReplayState.PathFor(findingsPath));
        var position = Open(ReplayState.Read(findingsPath, arguments, digest));
        var saveAt = time.GetUtcNow() + SaveEvery;
        var recent = ReplayState.RecentBlocks(engine.Snapshot());
        // What is saved is always the place after the last whole unit.
        var resumable = (Position: position, IsNow: true);
        try
        {
            await foreach (var unit in source.ReadAsync(position, recent, cancellationToken))
            {
                Take(unit);
                resumable = unit.Position is { } after ? (after, true) : (resumable.Position, false);
                Advanced?.Invoke();
                if (resumable.IsNow && time.GetUtcNow() >= saveAt)
                {
                    Save(resumable.Position);
                    saveAt = time.GetUtcNow() + SaveEvery;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or InputException)
        {
            // Amid what cannot be gone on from, the state saved before holds.
            if (resumable is { IsNow: true, Position: > 0 })
                Save(resumable.Position);
            throw;
        }
        SettleAtEnd();
        findings!.Flush(flushToDisk: true);
        File.Delete(ReplayState.PathFor(findingsPath));
    }

    public void Dispose() => findings?.Dispose();

    private long Open(ReplayState? state)
    {
        try
        {
            findings = new FileStream(findingsPath, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{findingsPath} cannot be written: {e.Message}", e);
        }
        if (findings.Length < (state?.FindingsBytes ?? 0))
            throw new InputException($"{findingsPath} is shorter than when the replay stopped: --restart begins anew");
        findings.SetLength(state?.FindingsBytes ?? 0);
        findings.Seek(0, SeekOrigin.End);
        if (state is null)
            return 0;
        engine = Engine.Restore(watch, state.Engine);
        (Counts, Resumed) = (state.Counts, true);
        heard.UnionWith(state.Heard ?? []);
        if (!source.RejectsAgain)
            rejections.Restore(state.Rejected, state.Missing);
        return state.Position;
    }

    private void Take(ReplayUnit unit)
    {
        if (unit.Anew)
            engine = new Engine(watch);
        var found = 0;
        foreach (var input in unit.Inputs)
            found += Take(input);
        Counts = new ReplayCounts(
            Counts.Inputs + unit.Inputs.Count, Counts.Blocks + unit.Blocks,
            Counts.Transactions + unit.Transactions, Counts.Findings + found);
    }

    // What lasts is told when something arrives from beside the chain; of blocks alone that is their end.
    private void SettleAtEnd()
    {
        if (source.IsChainAlone && (At ?? TimeOfHead()) is { } end)
            Counts = Counts with { Findings = Counts.Findings + Take(new Arrival.Passed(end)) };
    }

    // Of a replay that was gone on with, and had come to its end before.
    private DateTimeOffset? TimeOfHead() => engine.Snapshot().Blocks is { Count: > 0 } blocks ? blocks[^1].Time : null;

    private int Take(Input input)
    {
        At = input switch
        {
            ChainStep.Forward { Block.Time: var blockTime } => blockTime,
            Arrival { ArrivedAt: var arrivedAt } => arrivedAt,
            _ => At,
        };
        if (DetectorNeeds.KindOf(input) is { } kind)
            heard.Add(kind);
        var revisions = Step(input);
        foreach (var finding in revisions)
        {
            findings!.Write(FindingJson.Write(finding).Span);
            findings.WriteByte((byte)'\n');
        }
        return revisions.Count;
    }

    private IReadOnlyList<Finding> Step(Input input)
    {
        try
        {
            return engine.Step(input);
        }
        catch (RollbackTooDeepException e)
        {
            rejections.Reject("rollback", "rollback deeper than what was read", e.Message);
            engine = new Engine(watch);
            return [];
        }
    }

    private void Save(long position)
    {
        findings!.Flush(flushToDisk: true);
        new ReplayState(
            ReplayState.CurrentVersion, arguments, digest, position, findings.Length, engine.Snapshot(), Counts,
            rejections.Rejected, rejections.Missing, heard.ToValueList()).Write(findingsPath);
    }
}
