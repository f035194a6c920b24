namespace Tocsin.Schedules;

/// <summary>A stretch of time in which the same people are on call.</summary>
/// <param name="People">By id, as <see cref="OnCall.At"/> gives them; empty where nobody is on call.</param>
public sealed record Shift(ValueList<string> People, DateTimeOffset From, DateTimeOffset To)
{
    /// <summary>Whom pages go to; null where nobody is on call.</summary>
    public string? Person => People.FirstOrDefault();
}

/// <summary>A stretch of time in which somebody must be on call and nobody is.</summary>
public readonly record struct Gap(DateTimeOffset From, DateTimeOffset To);

/// <summary>Who is on call by a schedule: a function of the plan and an instant.</summary>
public static class OnCall
{
    /// <summary>How far <see cref="NextChange"/> looks: longer than any turn.</summary>
    public static readonly TimeSpan Horizon = TimeSpan.FromDays(400);

    /// <summary>
    /// Who is on call, by id, the first being the one whom pages go to: whoever stands in for everybody, else one of
    /// each rotation in the order of the plan.
    /// </summary>
    public static ValueList<string> At(Schedule schedule, DateTimeOffset instant)
    {
        var standIn = schedule.Overrides.LastOrDefault(one => one.Covers(instant));
        return standIn is not null
            ? [standIn.Person]
            : schedule.Rotations
                .Select(rotation => rotation.PersonAt(instant, schedule.Zone))
                .OfType<string>()
                .Distinct()
                .ToValueList();
    }

    /// <summary>Who is on call from one instant to another, without a hole: each shift ends where the next begins.
    /// </summary>
    public static ValueList<Shift> Shifts(Schedule schedule, DateTimeOffset from, DateTimeOffset to) =>
        Stretches(schedule, from, to, instant => At(schedule, instant))
            .Select(stretch => new Shift(stretch.Value, stretch.From, stretch.To))
            .ToValueList();

    /// <summary>When other people will be on call; null where that is beyond the <see cref="Horizon"/>.</summary>
    /// <param name="within">Where it is enough to look less far.</param>
    public static DateTimeOffset? NextChange(Schedule schedule, DateTimeOffset instant, TimeSpan? within = null)
    {
        var end = instant + (within ?? Horizon);
        var shift = Stretches(schedule, instant, end, at => At(schedule, at)).First();
        return shift.To < end ? shift.To : null;
    }

    /// <summary>When somebody must be on call and nobody is.</summary>
    public static ValueList<Gap> Gaps(Schedule schedule, DateTimeOffset from, DateTimeOffset to) =>
        Stretches(schedule, from, to, at => schedule.IsPromisedAt(at) && At(schedule, at).Count == 0)
            .Where(stretch => stretch.Value)
            .Select(stretch => new Gap(stretch.From, stretch.To))
            .ToValueList();

    /// <summary>The longest stretches over which a value stays the same, one after the other.</summary>
    private static IEnumerable<(T Value, DateTimeOffset From, DateTimeOffset To)> Stretches<T>(
        Schedule schedule, DateTimeOffset from, DateTimeOffset to, Func<DateTimeOffset, T> value)
        where T : IEquatable<T>
    {
        var start = from;
        while (start < to)
        {
            var here = value(start);
            var end = start;
            do
                end = EdgeAfter(schedule, end);
            while (end < to && value(end).Equals(here));
            yield return (here, start, end < to ? end : to);
            start = end;
        }
    }

    /// <summary>The next instant at which anything in the schedule may change; the end of time for never.</summary>
    private static DateTimeOffset EdgeAfter(Schedule schedule, DateTimeOffset instant) =>
        schedule.Rotations.Select(rotation => rotation.EdgeAfter(instant, schedule.Zone))
            .Concat(schedule.Promise.Select(hours => hours.EdgeAfter(instant, schedule.Zone)))
            .Concat(schedule.Overrides.SelectMany(one => new[] { one.From, one.To }).Where(edge => edge > instant))
            .Append(DateTimeOffset.MaxValue)
            .Min();
}
