using FsCheck;
using FsCheck.Fluent;
using NodaTime;
using NodaTime.TimeZones;
using Tocsin.Plans;
using static Tocsin.Tests.Schedules.Rota;

namespace Tocsin.Tests.Schedules;

public sealed class ZoneTests
{
    // What NodaTime calls our rule: the first of two, and the change itself for what is left out.
    private static readonly ZoneLocalMappingResolver OurRule =
        Resolvers.CreateMappingResolver(Resolvers.ReturnEarlier, Resolvers.ReturnStartOfIntervalAfter);

    [Theory]
    [InlineData("Europe/Zurich", "2026-03-29T00:59Z", "2026-03-29 01:59")]
    [InlineData("Europe/Zurich", "2026-03-29T01:00Z", "2026-03-29 03:00")]
    [InlineData("Europe/Zurich", "2026-10-25T00:30Z", "2026-10-25 02:30")]
    [InlineData("Europe/Zurich", "2026-10-25T01:30Z", "2026-10-25 02:30")]
    [InlineData("Australia/Lord_Howe", "2026-04-04T14:59Z", "2026-04-05 01:59")]
    [InlineData("Australia/Lord_Howe", "2026-04-04T15:00Z", "2026-04-05 01:30")]
    [InlineData("Australia/Lord_Howe", "2026-10-03T15:30Z", "2026-10-04 02:30")]
    [InlineData("Asia/Kolkata", "2026-01-01T00:00Z", "2026-01-01 05:30")]
    [InlineData("Etc/UTC", "2026-01-01T00:00Z", "2026-01-01 00:00")]
    public void The_clock_shows_what_it_shows_in_that_place(string zone, string instant, string local) =>
        Assert.Equal(local, In(zone).LocalAt(At(instant)).ToString("yyyy-MM-dd HH:mm"));

    [Theory]
    [InlineData("Europe/Zurich", "2026-03-29 01:59", "2026-03-29T00:59Z")]
    [InlineData("Europe/Zurich", "2026-03-29 02:00", "2026-03-29T01:00Z")]
    [InlineData("Europe/Zurich", "2026-03-29 02:59", "2026-03-29T01:00Z")]
    [InlineData("Europe/Zurich", "2026-03-29 03:01", "2026-03-29T01:01Z")]
    [InlineData("Europe/Zurich", "2026-10-25 02:30", "2026-10-25T00:30Z")]
    [InlineData("Europe/Zurich", "2026-10-25 03:00", "2026-10-25T02:00Z")]
    [InlineData("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03T15:30Z")]
    [InlineData("Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04T14:45Z")]
    public void A_time_left_out_is_that_of_the_change_and_one_shown_twice_the_first(
        string zone, string local, string instant) =>
        Assert.Equal(At(instant), In(zone).InstantOf(DateTime.Parse(local)));

    [Fact]
    public void Local_times_are_those_of_the_time_zone_database() =>
        Prop.ForAll(Arb.From(NearChanges), it =>
        {
            var theirs = Instant.FromDateTimeOffset(it.At).InZone(DateTimeZoneProviders.Tzdb[it.Id]);
            return In(it.Id).LocalAt(it.At) == theirs.ToDateTimeUnspecified()
                && In(it.Id).OffsetAt(it.At) == theirs.Offset.ToTimeSpan();
        }).Check(Often);

    [Fact]
    public void Instants_of_local_times_are_those_of_the_time_zone_database() =>
        Prop.ForAll(Arb.From(NearChanges), it =>
        {
            // Any local time, also one that the clock leaves out or shows twice.
            var local = it.At.UtcDateTime + In(it.Id).First;
            var theirs = DateTimeZoneProviders.Tzdb[it.Id].ResolveLocal(LocalDateTime.FromDateTime(local), OurRule);
            return In(it.Id).InstantOf(local) == theirs.ToDateTimeOffset();
        }).Check(Often);

    [Fact]
    public void A_later_local_time_is_never_an_earlier_instant() =>
        Prop.ForAll(Arb.From(NearChanges), Arb.From(Gen.Choose(0, 26 * 60)), (it, minutes) =>
        {
            var local = it.At.UtcDateTime;
            return In(it.Id).InstantOf(local) <= In(it.Id).InstantOf(local.AddMinutes(minutes));
        }).Check(Often);

    [Fact]
    public void A_zone_is_the_same_each_time_and_holds_changes_of_the_clock_alone()
    {
        Assert.All(Zones.Ids, id =>
        {
            var zone = In(id);
            var offsets = zone.Changes.Select(change => change.Offset).Prepend(zone.First).ToList();
            Assert.DoesNotContain(offsets.Zip(offsets.Skip(1)), pair => pair.First == pair.Second);
            Assert.Equal(zone.Changes.OrderBy(change => change.At), zone.Changes);
            Assert.Same(zone, Zones.Find(id));
        });
        Assert.Matches(@"^20\d\d[a-z]$", Zones.Version);
    }

    [Theory]
    [InlineData("UTC+01:30")]
    [InlineData("europe/zurich")]
    [InlineData("Mars/Olympus")]
    [InlineData("")]
    public void What_is_no_name_of_the_database_is_no_zone(string id) => Assert.Null(Zones.Find(id));

    /// <summary>Random places at random instants, half of them within a few hours of a change of the clock.</summary>
    private static Gen<(string Id, DateTimeOffset At)> NearChanges =>
        from id in AnyZone
        from anywhere in AnyInstant
        from near in Gen.Elements(true, false)
        from change in Gen.Choose(0, 1_000_000)
        from seconds in Gen.Choose(-100_000, 100_000)
        let changes = In(id).Changes
        select (id, near && changes.Count > 0
            ? changes[change % changes.Count].At.AddSeconds(seconds)
            : anywhere);
}
