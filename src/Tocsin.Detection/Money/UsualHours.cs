using Tocsin.Chains;
using Tocsin.Detection.Detectors;

namespace Tocsin.Detection.Money;

/// <param name="Hour">The hour that is not learnt yet.</param>
public sealed record LearntHours(DateTimeOffset Hour, Baseline Usual);

/// <summary>What an amount usually comes to within an hour, learnt hour by hour as blocks pass.</summary>
internal sealed class UsualHours
{
    public static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private const string Only = "usual";
    private const int HoursLearntMax = 24 * 28;
    private readonly Notebook<string, LearntHours> learnt = new(1);

    /// <summary>A block at the very end of an hour belongs to it, as everything within the hour before it
    /// does.</summary>
    public static DateTimeOffset HourOf(DateTimeOffset time)
    {
        var ticks = Math.Max(0, time.UtcTicks - 1);
        return new DateTimeOffset(ticks - ticks % Hour.Ticks, TimeSpan.Zero);
    }

    /// <summary>Learns the hours that are over; to be asked before anything of the block is added up.</summary>
    /// <param name="amountOf">What an hour came to, where anything happened in it. Asked only for the hour that was
    /// under way last; what comes to less than nothing is learnt as nothing.</param>
    public void Pass(BlockScene scene, Func<DateTimeOffset, decimal> amountOf)
    {
        var hour = HourOf(scene.Time);
        if (!learnt.TryGet(Only, out var known))
        {
            learnt.Set(Only, new LearntHours(hour, Baseline.Empty), scene);
            return;
        }
        if (hour <= known.Hour)
            return;
        var usual = known.Usual;
        var passed = (int)Math.Min(HoursLearntMax, (hour - known.Hour).Ticks / Hour.Ticks);
        for (var i = 0; i < passed; i++)
            usual = usual.Learn(known.Hour + i * Hour, i == 0 ? Math.Max(0, amountOf(known.Hour)) : 0);
        learnt.Set(Only, new LearntHours(hour, usual), scene);
    }

    /// <summary>So many spreads above the usual of that time of day; null while too little was seen.</summary>
    public decimal? Limit(DateTimeOffset time, decimal spreads) =>
        learnt.TryGet(Only, out var known) ? known.Usual.Limit(HourOf(time), spreads) : null;

    /// <summary>What is usual at that time of day; null while too little was seen.</summary>
    public decimal? Expected(DateTimeOffset time) =>
        learnt.TryGet(Only, out var known) ? known.Usual.Expected(HourOf(time)) : null;

    public void Rollback(BlockRef ancestor) => learnt.Rollback(ancestor);

    public NotebookState<string, LearntHours> Snapshot() => learnt.Snapshot();

    public void Restore(NotebookState<string, LearntHours> state) => learnt.Restore(state);
}
