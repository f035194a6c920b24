using Tocsin.Chains;
using Tocsin.Detection.Detectors;

namespace Tocsin.Detection.Money;

/// <param name="Hour">The hour under way.</param>
/// <param name="Since">When it began to look.</param>
public sealed record HourUnderWay(DateTimeOffset Hour, DateTimeOffset Since);

/// <param name="Days">The largest hour of each day, by the day's number.</param>
public sealed record LargestHoursState(
    NotebookState<string, HourUnderWay> UnderWay, NotebookState<long, decimal> Days);

/// <summary>The largest hours of the last four weeks. Where hours are mostly small and a few are huge, this says better
/// than a mean what has to be borne.</summary>
internal sealed class LargestHours
{
    private const string Only = "hour";
    private const int DaysMax = 28;
    private static readonly TimeSpan KnownAfter = TimeSpan.FromDays(7);
    private readonly Notebook<string, HourUnderWay> underWay = new(1);
    private readonly Notebook<long, decimal> days = new(DaysMax);

    /// <inheritdoc cref="UsualHours.Pass"/>
    public void Pass(BlockScene scene, Func<DateTimeOffset, decimal> amountOf)
    {
        var hour = UsualHours.HourOf(scene.Time);
        if (!underWay.TryGet(Only, out var known))
        {
            underWay.Set(Only, new HourUnderWay(hour, scene.Time), scene);
            return;
        }
        if (hour <= known.Hour)
            return;
        var (day, amount) = (DayOf(known.Hour), amountOf(known.Hour));
        if (amount > 0 && (!days.TryGet(day, out var largest) || amount > largest))
            days.Set(day, amount, scene);
        underWay.Set(Only, known with { Hour = hour }, scene);
    }

    /// <summary>The largest whole hour of the last four weeks; null while less than a week was seen.</summary>
    public decimal? At(DateTimeOffset time)
    {
        if (!underWay.TryGet(Only, out var known) || time - known.Since < KnownAfter)
            return null;
        var largest = 0m;
        foreach (var note in days.Notes)
            if (note.Key > DayOf(time) - DaysMax)
                largest = Math.Max(largest, note.Value);
        return largest;
    }

    public void Rollback(BlockRef ancestor)
    {
        underWay.Rollback(ancestor);
        days.Rollback(ancestor);
    }

    public LargestHoursState Snapshot() => new(underWay.Snapshot(), days.Snapshot());

    public void Restore(LargestHoursState state)
    {
        underWay.Restore(state.UnderWay);
        days.Restore(state.Days);
    }

    private static long DayOf(DateTimeOffset time) => time.UtcTicks / TimeSpan.TicksPerDay;
}
