using Tocsin.Chains;
using Tocsin.Detection.Detectors;

namespace Tocsin.Detection.Money;

/// <param name="Hour">The hour under way.</param>
/// <param name="Since">When it began to look.</param>
public sealed record HourUnderWay(DateTimeOffset Hour, DateTimeOffset Since);

/// <param name="Days">The largest hour of each day, by the day's number.</param>
public sealed record LargestHoursState(
    NotebookState<string, HourUnderWay> UnderWay, NotebookState<long, decimal> Days);

/// <summary>
/// The largest hours of the last four weeks. Where hours are mostly small and a few are huge, this says better than a
/// mean what has to be borne. An attack must not become the custom: an hour is learnt as at most twice the largest
/// before it, and one day that stands alone counts as at most twice the largest of the others.
/// </summary>
internal sealed class LargestHours
{
    private const int DaysMax = 28;
    private const decimal TimesOthersMax = 2;
    private static readonly TimeSpan KnownAfter = TimeSpan.FromDays(7);
    private readonly Cell<HourUnderWay> underWay = new();
    private readonly Notebook<long, decimal> days = new(DaysMax);

    /// <inheritdoc cref="UsualHours.Pass"/>
    public void Pass(BlockScene scene, Func<DateTimeOffset, decimal> amountOf)
    {
        var hour = Hours.Of(scene.Time);
        if (!underWay.TryGet(out var known))
        {
            underWay.Set(new HourUnderWay(hour, scene.Time), scene);
            return;
        }
        if (hour <= known.Hour)
            return;
        var (day, amount) = (DayOf(known.Hour), amountOf(known.Hour));
        if (At(known.Hour) is > 0 and var custom)
            amount = Math.Min(amount, custom * TimesOthersMax);
        if (amount > 0 && (!days.TryGet(day, out var largest) || amount > largest))
            days.Set(day, amount, scene);
        underWay.Set(known with { Hour = hour }, scene);
    }

    /// <summary>The largest whole hour of the last four weeks; null while less than a week was seen.</summary>
    public decimal? At(DateTimeOffset time)
    {
        if (!underWay.TryGet(out var known) || time - known.Since < KnownAfter)
            return null;
        var (largest, second) = (0m, 0m);
        foreach (var note in days.Notes)
            if (note.Key > DayOf(time) - DaysMax)
                (largest, second) = note.Value > largest
                    ? (note.Value, largest)
                    : (largest, Math.Max(second, note.Value));
        return Math.Min(largest, second * TimesOthersMax);
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
