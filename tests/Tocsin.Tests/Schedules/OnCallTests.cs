using FsCheck;
using FsCheck.Fluent;
using Tocsin.Schedules;
using static Tocsin.Tests.Schedules.Rota;

namespace Tocsin.Tests.Schedules;

public sealed class OnCallTests
{
    private static readonly Schedule Weekly = Schedule("Europe/Zurich", Rotation("alex kim", "2026-01-05"));

    private static readonly Schedule DayAndNight = Schedule(
        "Europe/Zurich",
        Rotation("dan dora", "2026-01-05", hours: Hours("08:00", "20:00")),
        Rotation("nina noah", "2026-01-05", hours: Hours("20:00", "08:00")),
        Rotation("lea", "2026-01-05"));

    [Theory]
    [InlineData("2026-01-05T07:59Z", "")]
    [InlineData("2026-01-05T08:00Z", "alex")]
    [InlineData("2026-01-12T07:59Z", "alex")]
    [InlineData("2026-01-12T08:00Z", "kim")]
    [InlineData("2026-01-19T08:00Z", "alex")]
    [InlineData("2026-03-30T06:59Z", "kim")]
    [InlineData("2026-03-30T07:00Z", "alex")]
    public void Turns_begin_at_the_local_time_of_the_hand_over(string instant, string person) =>
        Assert.Equal(person, string.Join(' ', OnCall.At(Weekly, At(instant))));

    [Theory]
    [InlineData("2026-01-05T12:00Z", "dan lea")]
    [InlineData("2026-01-05T18:59Z", "dan lea")]
    [InlineData("2026-01-05T19:00Z", "nina lea")]
    [InlineData("2026-01-06T06:59Z", "nina lea")]
    [InlineData("2026-01-06T07:00Z", "dan lea")]
    [InlineData("2026-01-12T07:30Z", "dan lea")]
    [InlineData("2026-01-12T08:00Z", "dora lea")]
    public void Each_rotation_whose_hours_it_is_gives_one_person_in_the_written_order(string instant, string people) =>
        Assert.Equal(people, string.Join(' ', OnCall.At(DayAndNight, At(instant))));

    [Theory]
    [InlineData("2026-01-07T12:00Z", "lea")]
    [InlineData("2026-01-09T22:59Z", "lea")]
    [InlineData("2026-01-09T23:00Z", "wim lea")]
    [InlineData("2026-01-11T22:59Z", "wim lea")]
    [InlineData("2026-01-11T23:00Z", "lea")]
    public void Hours_from_midnight_to_midnight_are_whole_days(string instant, string people)
    {
        var weekend = Hours("00:00", "00:00", DayOfWeek.Saturday, DayOfWeek.Sunday);
        var schedule = Schedule(
            "Europe/Zurich",
            Rotation("wim", "2026-01-01", hours: weekend), Rotation("lea", "2026-01-01"));

        Assert.Equal(people, string.Join(' ', OnCall.At(schedule, At(instant))));
    }

    [Theory]
    [InlineData("2026-01-08T11:59Z", "dan lea")]
    [InlineData("2026-01-08T12:00Z", "kim")]
    [InlineData("2026-01-08T13:00Z", "eve")]
    [InlineData("2026-01-08T14:00Z", "kim")]
    [InlineData("2026-01-08T15:00Z", "dan lea")]
    public void Whoever_stands_in_does_so_for_everybody_and_the_later_written_holds(string instant, string people)
    {
        var schedule = DayAndNight with
        {
            Overrides =
            [
                Override("2026-01-08T12:00Z", "2026-01-08T15:00Z", "kim"),
                Override("2026-01-08T13:00Z", "2026-01-08T14:00Z", "eve"),
            ],
        };

        Assert.Equal(people, string.Join(' ', OnCall.At(schedule, At(instant))));
    }

    [Fact]
    public void Somebody_in_two_rotations_is_on_call_once() => Assert.Equal(
        ["kim"],
        OnCall.At(
            Schedule("Etc/UTC", Rotation("kim", "2026-01-05"), Rotation("kim", "2026-01-05")),
            At("2026-01-08T00:00Z")));

    [Theory]
    [InlineData("Europe/Zurich", "2026-03-28", new[] { 24.0, 23, 24 })]
    [InlineData("Europe/Zurich", "2026-10-24", new[] { 24.0, 25, 24 })]
    [InlineData("Australia/Lord_Howe", "2026-04-04", new[] { 24, 24.5, 24 })]
    [InlineData("Australia/Lord_Howe", "2026-10-03", new[] { 24, 23.5, 24 })]
    public void A_turn_over_a_change_of_the_clock_is_shorter_or_longer(string zone, string day, double[] hours)
    {
        // The change is in the night to the third day.
        var first = DateOnly.Parse(day).AddDays(-1);
        var schedule = Schedule(zone, Rotation("alex kim", first.ToString("O"), every: 1));
        var from = In(zone).InstantOf(first.ToDateTime(new TimeOnly(9, 0)));
        var shifts = OnCall.Shifts(schedule, from, from.AddDays(4));

        Assert.Equal(hours, shifts.Take(3).Select(shift => (shift.To - shift.From).TotalHours));
    }

    [Theory]
    [InlineData("Europe/Zurich", "02:30", "2026-03-28T01:30Z", "2026-03-29T01:00Z", "2026-03-30T00:30Z")]
    [InlineData("Europe/Zurich", "02:30", "2026-10-24T00:30Z", "2026-10-25T00:30Z", "2026-10-26T01:30Z")]
    [InlineData("Australia/Lord_Howe", "02:15", "2026-10-02T15:45Z", "2026-10-03T15:30Z", "2026-10-04T15:15Z")]
    [InlineData("Australia/Lord_Howe", "01:45", "2026-04-03T14:45Z", "2026-04-04T14:45Z", "2026-04-05T15:15Z")]
    public void A_hand_over_in_the_hour_that_is_left_out_or_shown_twice_happens_once(
        string zone, string handOver, string before, string change, string after)
    {
        var schedule = Schedule(zone, Rotation("alex kim", "2026-01-01", handOver, every: 1));

        var shifts = OnCall.Shifts(schedule, At(before).AddHours(-1), At(after).AddHours(1));

        Assert.Equal([At(before), At(change), At(after)], shifts.Skip(1).Select(shift => shift.From));
        Assert.Equal(shifts[0].Person, shifts[2].Person);
        Assert.Equal(shifts[1].Person, shifts[3].Person);
    }

    [Theory]
    [InlineData("2026-03-28T21:00Z", 7)]
    [InlineData("2026-10-24T20:00Z", 9)]
    [InlineData("2026-06-01T20:00Z", 8)]
    public void A_night_over_a_change_of_the_clock_ends_at_its_local_time(string begin, int hours)
    {
        var schedule = Schedule("Europe/Zurich", Rotation("nina", "2026-01-01", hours: Hours("22:00", "06:00")));

        Assert.Equal(At(begin), OnCall.NextChange(schedule, At(begin).AddMinutes(-1)));
        Assert.Equal(At(begin).AddHours(hours), OnCall.NextChange(schedule, At(begin)));
    }

    [Fact]
    public void What_never_changes_has_no_next_change()
    {
        var alone = Schedule("Europe/Zurich", Rotation("kim", "2026-01-05"));

        Assert.Equal(At("2026-01-05T08:00Z"), OnCall.NextChange(alone, At("2026-01-01T00:00Z")));
        Assert.Null(OnCall.NextChange(alone, At("2026-01-05T08:00Z")));
        Assert.Null(OnCall.NextChange(Schedule("Etc/UTC"), At("2026-01-05T08:00Z")));
    }

    [Fact]
    public void A_promise_that_nobody_keeps_is_a_gap()
    {
        var schedule = Schedule("Europe/Zurich", Rotation("dan", "2026-01-01", hours: Hours("09:00", "20:00")))
            with
        { Promise = [Hours("08:00", "20:00", DayOfWeek.Monday, DayOfWeek.Tuesday)] };

        Assert.Equal(
            [
                new Gap(At("2026-01-05T07:00Z"), At("2026-01-05T08:00Z")),
                new Gap(At("2026-01-06T07:00Z"), At("2026-01-06T08:00Z")),
                new Gap(At("2026-01-12T07:00Z"), At("2026-01-12T07:30Z")),
            ],
            OnCall.Gaps(schedule, At("2026-01-04T00:00Z"), At("2026-01-12T07:30Z")));
    }

    [Fact]
    public void A_revoked_persons_turns_go_to_whoever_comes_next_and_nobody_elses_move()
    {
        var schedule = Schedule("Etc/UTC", Rotation("alex kim sam", "2026-01-05", every: 1)) with
        {
            Overrides = [Override("2026-01-08T12:00Z", "2026-01-08T13:00Z", "kim")],
        };
        var without = schedule.Without(person => person == "kim");

        string[] days = ["2026-01-05T12:00Z", "2026-01-06T12:00Z", "2026-01-07T12:00Z", "2026-01-08T12:00Z"];
        Assert.Equal(["alex", "kim", "sam", "kim"], days.SelectMany(day => OnCall.At(schedule, At(day))));
        Assert.Equal(["alex", "sam", "sam", "alex"], days.SelectMany(day => OnCall.At(without, At(day))));
        Assert.Empty(OnCall.At(schedule.Without(_ => true), At(days[0])));
    }

    [Fact]
    public void A_rotation_for_the_whole_day_leaves_no_gap_in_any_place()
    {
        var cases =
            from zone in AnyZone
            from rotation in AnyRotation(Gen.Constant<PromisedHours?>(null), AnyDate)
            select (zone, rotation);

        Prop.ForAll(Arb.From(cases), it =>
        {
            var schedule = Schedule(it.zone, it.rotation);
            var from = In(it.zone).InstantOf(it.rotation.From.ToDateTime(it.rotation.HandOver));
            return OnCall.Gaps(schedule, from, from.AddDays(400)).Count == 0
                && OnCall.Gaps(schedule, from.AddMinutes(-1), from.AddDays(1)).SequenceEqual(
                    [new Gap(from.AddMinutes(-1), from)]);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Shifts_have_no_holes_and_say_at_each_instant_who_is_on_call()
    {
        var cases =
            from it in AnySchedule
            from minutes in Gen.Choose(0, (30 * 24 * 60) - 1).ArrayOf(50)
            select (it.Schedule, it.From, minutes);

        Prop.ForAll(Arb.From(cases), it =>
        {
            var to = it.From.AddDays(30);
            var shifts = OnCall.Shifts(it.Schedule, it.From, to);
            var gaps = OnCall.Gaps(it.Schedule, it.From, to);
            var joined = shifts.Zip(shifts.Skip(1))
                .All(pair => pair.First.To == pair.Second.From && !pair.First.People.Equals(pair.Second.People));
            return joined && shifts[0].From == it.From && shifts[^1].To == to
                && it.minutes.All(minute => AgreeAt(it.Schedule, it.From.AddMinutes(minute), shifts, gaps));
        }).QuickCheckThrowOnFailure();
    }

    private static bool AgreeAt(
        Schedule schedule, DateTimeOffset instant, ValueList<Shift> shifts, ValueList<Gap> gaps)
    {
        var people = OnCall.At(schedule, instant);
        var shift = shifts.Single(shift => shift.From <= instant && instant < shift.To);
        var isGap = gaps.Any(gap => gap.From <= instant && instant < gap.To);
        return shift.People.Equals(people)
            && shift.Person == people.FirstOrDefault()
            && isGap == (people.Count == 0 && schedule.IsPromisedAt(instant))
            && (shift == shifts[^1] || OnCall.NextChange(schedule, instant) == shift.To);
    }
}
