using FsCheck;
using FsCheck.Fluent;
using Tocsin.Plans;
using Tocsin.Schedules;

namespace Tocsin.Tests.Schedules;

/// <summary>Schedules for tests, written and random.</summary>
internal static class Rota
{
    public static readonly Config Often = Config.QuickThrowOnFailure.WithMaxTest(2_000);

    public static Zone In(string id) => Zones.Find(id) ?? throw new InvalidOperationException($"no zone {id}");

    public static DateTimeOffset At(string instant) => DateTimeOffset.Parse(instant).ToUniversalTime();

    public static Schedule Schedule(string zone, params Rotation[] rotations) =>
        new("primary", In(zone), [], rotations.ToValueList(), [], new SourceLine("plan.yaml", 7));

    /// <param name="people">Ids with a space between them.</param>
    public static Rotation Rotation(
        string people, string from, string handOver = "09:00", int every = 7, PromisedHours? hours = null) =>
        new(people.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToValueList(), DateOnly.Parse(from),
            TimeOnly.Parse(handOver), every, hours);

    public static PromisedHours Hours(string from, string to, params DayOfWeek[] days) =>
        new(days.ToValueList(), TimeOnly.Parse(from), TimeOnly.Parse(to));

    public static Override Override(string from, string to, string person) => new(At(from), At(to), person);

    public static Gen<string> AnyZone => Gen.Elements(Zones.Ids.ToArray());

    public static Gen<DateTimeOffset> AnyInstant =>
        from days in Gen.Choose(0, 79 * 365)
        from seconds in Gen.Choose(0, 86_399)
        select At("2020-01-02T00:00Z").AddDays(days).AddSeconds(seconds);

    public static Gen<TimeOnly> AnyTime =>
        Gen.Choose(0, (24 * 60) - 1).Select(minute => TimeOnly.MinValue.AddMinutes(minute));

    public static Gen<DateOnly> AnyDate =>
        Gen.Choose(0, 75 * 365).Select(days => new DateOnly(2020, 1, 2).AddDays(days));

    public static Gen<Rotation> AnyRotation(Gen<PromisedHours?> hours, Gen<DateOnly> from) =>
        from people in Gen.Choose(1, 5)
        from date in @from
        from handOver in AnyTime
        from every in Gen.Choose(1, 30)
        from part in hours
        select new Rotation(
            Enumerable.Range(0, people).Select(number => $"p{number}").ToValueList(), date, handOver, every, part);

    public static Gen<PromisedHours> AnyHours =>
        from days in Gen.Elements(Enum.GetValues<DayOfWeek>()).ArrayOf(3)
        from each in Gen.Elements(true, false)
        from begin in AnyTime
        from end in AnyTime
        select new PromisedHours(each ? [] : days.Distinct().ToValueList(), begin, end);

    /// <summary>Some weeks of a random place with rotations, hours, overrides and a promise.</summary>
    public static Gen<(Schedule Schedule, DateTimeOffset From)> AnySchedule =>
        from zone in AnyZone
        from start in AnyInstant
        let near = Gen.Choose(-20, 20).Select(days => DateOnly.FromDateTime(start.UtcDateTime).AddDays(days))
        from whole in AnyRotation(Gen.Constant<PromisedHours?>(null), near)
        from parts in AnyRotation(AnyHours.Select(hours => (PromisedHours?)hours), near).ArrayOf(2)
        from first in Gen.Elements(true, false)
        from promise in AnyHours.ArrayOf(2)
        from always in Gen.Elements(true, false)
        from overrides in AnyOverride(start).ArrayOf(3)
        select (
            new Schedule(
                "any",
                In(zone),
                always ? [] : promise.ToValueList(),
                (first ? parts.Prepend(whole) : parts).ToValueList(),
                overrides.ToValueList(),
                default),
            start);

    private static Gen<Override> AnyOverride(DateTimeOffset near) =>
        from after in Gen.Choose(-100, 1_000)
        from hours in Gen.Choose(1, 200)
        from person in Gen.Choose(0, 9)
        select new Override(near.AddHours(after), near.AddHours(after + hours), $"p{person}");
}
