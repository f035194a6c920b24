using Tocsin.Chains;

namespace Tocsin.Detection.Detectors;

/// <param name="Began">Since when there is looking.</param>
/// <param name="Hour">The hour that is not learnt yet.</param>
public sealed record LearntHours(DateTimeOffset Began, DateTimeOffset Hour, Baseline Usual);

/// <summary>What an amount usually comes to within an hour, learnt by hour of the day as blocks pass.</summary>
internal sealed class UsualHours
{
    public static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly Cell<LearntHours> learnt = new();

    /// <summary>Learns the hours that are over; to be asked before anything of the block is added up.</summary>
    /// <param name="amountOf">What an hour came to, where anything happened in it. Asked only for the hour that was
    /// under way last; what comes to less than nothing is learnt as nothing.</param>
    public void Pass(BlockScene scene, Func<DateTimeOffset, decimal> amountOf)
    {
        var hour = Hours.Of(scene.Time);
        if (!learnt.TryGet(out var known))
            learnt.Set(new LearntHours(scene.Time, hour, Baseline.Empty), scene);
        else if (hour > known.Hour)
            learnt.Set(
                known with
                {
                    Hour = hour,
                    Usual = known.Usual.Learn(
                        known.Began, known.Hour, Math.Max(0, amountOf(known.Hour)), scene.Time),
                },
                scene);
    }

    /// <summary>So many spreads above the usual of that time of day; null while too little was seen.</summary>
    public decimal? Limit(DateTimeOffset time, decimal spreads) =>
        learnt.TryGet(out var known) ? known.Usual.Limit(time, spreads) : null;

    /// <summary>What is usual at that time of day; null while too little was seen.</summary>
    public decimal? Expected(DateTimeOffset time) =>
        learnt.TryGet(out var known) ? known.Usual.Expected(time) : null;

    public void Rollback(BlockRef ancestor) => learnt.Rollback(ancestor);

    public NotebookState<string, LearntHours> Snapshot() => learnt.Snapshot();

    public void Restore(NotebookState<string, LearntHours> state) => learnt.Restore(state);
}
