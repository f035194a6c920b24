using Tocsin.Chains;
using Tocsin.Detection.Detectors;

namespace Tocsin.Detection.Money;

/// <param name="Low">The lowest within the time that the entry is for.</param>
/// <param name="High">The highest.</param>
/// <param name="Last">The last.</param>
public sealed record Level(decimal Low, decimal High, decimal Last);

/// <summary>
/// How high something stood over the last day, by steps of five minutes: enough to tell a level that lasted from one
/// that was there for a moment, and small however fast the chain is.
/// </summary>
internal sealed class Levels
{
    private const int StepsMax = 26 * 12;
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(5);
    private readonly Notebook<long, Level> steps = new(StepsMax);

    public void Add(decimal value, BlockScene scene)
    {
        var step = scene.Time.UtcTicks / Step.Ticks;
        steps.Set(step, steps.TryGet(step, out var known)
            ? new Level(Math.Min(known.Low, value), Math.Max(known.High, value), value)
            : new Level(value, value, value), scene);
    }

    /// <summary>The lowest level that stood from one instant to another: what stood at the first counts, whenever it
    /// was reached. Null where nothing was known so early.</summary>
    public decimal? Lowest(DateTimeOffset from, DateTimeOffset to) => Over(from, to, (level, best) =>
        Math.Min(level.Low, best));

    /// <summary>So the highest.</summary>
    public decimal? Highest(DateTimeOffset from, DateTimeOffset to) => Over(from, to, (level, best) =>
        Math.Max(level.High, best));

    /// <summary>The first that is remembered; null where nothing is.</summary>
    public decimal? First
    {
        get
        {
            foreach (var note in steps.Notes)
                return note.Value.Low;
            return null;
        }
    }

    public void Rollback(BlockRef ancestor) => steps.Rollback(ancestor);

    public NotebookState<long, Level> Snapshot() => steps.Snapshot();

    public void Restore(NotebookState<long, Level> state) => steps.Restore(state);

    private decimal? Over(DateTimeOffset from, DateTimeOffset to, Func<Level, decimal, decimal> worse)
    {
        var (first, last) = (from.UtcTicks / Step.Ticks, to.UtcTicks / Step.Ticks);
        decimal? found = null;
        foreach (var note in steps.Notes)
        {
            if (note.Key > last)
                break;
            // Before the time begins only the last counts: what stood when it began.
            found = note.Key < first ? note.Value.Last : worse(note.Value, found ?? note.Value.Last);
        }
        return found;
    }
}
