using System.Globalization;
using Tocsin.Schedules;
using Tocsin.Texts;

namespace Tocsin.Plans;

/// <summary>On-call schedules as a plan writes them.</summary>
internal static class ScheduleText
{
    // What a schedule costs to judge grows with these; a team stays far below them.
    private const int MostRotations = 20;
    private const int MostPeople = 100;
    private const int MostOverrides = 1000;
    private const int MostHours = 50;
    private const int MostDays = 366;

    // What most teams do, where a rotation does not say it.
    private static readonly TimeOnly HandOver = new(9, 0);
    private const int Week = 7;

    // What stands for what could not be read: instants far outside have no local time.
    private static readonly DateOnly Earliest = new(2020, 1, 1);
    private static readonly DateOnly Latest = new(2099, 12, 31);

    private static readonly string[] InstantForms =
        ["yyyy-MM-dd'T'HH:mm'Z'", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mmzzz", "yyyy-MM-dd'T'HH:mm:sszzz"];

    private static readonly Dictionary<string, DayOfWeek> Days = new()
    {
        ["mon"] = DayOfWeek.Monday,
        ["tue"] = DayOfWeek.Tuesday,
        ["wed"] = DayOfWeek.Wednesday,
        ["thu"] = DayOfWeek.Thursday,
        ["fri"] = DayOfWeek.Friday,
        ["sat"] = DayOfWeek.Saturday,
        ["sun"] = DayOfWeek.Sunday,
    };

    public static Schedule Read(YamlPart part) => new(
        part.Knows("id", "time_zone", "promise", "rotations", "overrides").Required("id").Text(),
        Zones.Read(part.Required("time_zone")),
        part.Optional("promise") is { } promise ? Promise(promise) : [],
        AtMost(part.Required("rotations"), MostRotations).Select(Rotation).ToValueList(),
        part.Optional("overrides") is { } overrides
            ? AtMost(overrides, MostOverrides).Select(Override).ToValueList()
            : [],
        part.At);

    private static ValueList<PromisedHours> Promise(YamlPart part)
    {
        var items = AtMost(part, MostHours);
        if (items is [{ IsMapping: false } word] && word.Text() == "always")
            return [];
        if (items.Count == 0 || items.Exists(item => !item.IsMapping))
        {
            part.Complain("'promise' must be always, or hours such as [{ days: [mon, tue], from: \"08:00\", to: "
                + "\"20:00\" }]");
            return [];
        }
        return items.Select(Hours).ToValueList();
    }

    private static Rotation Rotation(YamlPart part) => new(
        AtMost(part.Knows("people", "from", "hand_over", "every", "hours").Required("people"), MostPeople)
            .Select(person => person.Text()).ToValueList(),
        Date(part.Required("from")),
        part.Optional("hand_over") is { } time ? Time(time) : HandOver,
        part.Optional("every") is { } every ? Turn(every) : Week,
        part.Optional("hours") is { } hours ? Hours(hours) : null);

    private static int Turn(YamlPart part) =>
        part.Parsed<int>(ParseDays, $"a number of days from 1d to {MostDays}d") is > 0 and var days ? days : 1;

    private static PromisedHours Hours(YamlPart part) => new(
        part.Knows("days", "from", "to").Optional("days") is { } days
            ? days.Items().Select(day => day.OneOf(Days)).Distinct().ToValueList()
            : [],
        Time(part.Required("from")),
        Time(part.Required("to")));

    private static Override Override(YamlPart part) => new(
        Instant(part.Knows("from", "to", "person").Required("from"), Earliest),
        Instant(part.Required("to"), Latest),
        part.Required("person").Text());

    private static TimeOnly Time(YamlPart part) => part.Parsed<TimeOnly>(ParseTime, "a time such as \"08:00\"");

    private static DateOnly Date(YamlPart part)
    {
        var date = part.Parsed<DateOnly>(ParseDate, "a date such as 2026-01-05, from 2020 to 2099");
        return date < Earliest ? Earliest : date;
    }

    private static DateTimeOffset Instant(YamlPart part, DateOnly otherwise)
    {
        var instant = part.Parsed<DateTimeOffset>(
            ParseInstant, "an instant such as 2026-03-01T09:00Z or 2026-03-01T10:00+01:00, from 2020 to 2099");
        return instant == default ? new DateTimeOffset(otherwise, TimeOnly.MinValue, TimeSpan.Zero) : instant;
    }

    private static List<YamlPart> AtMost(YamlPart part, int most)
    {
        var items = part.Items().ToList();
        if (items.Count <= most)
            return items;
        part.Complain($"there are {items.Count} here, and {most} at most are allowed");
        return items[..most];
    }

    private static DateOnly? ParseDate(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", out var date) && IsInRange(date) ? date : null;

    private static TimeOnly? ParseTime(string text) =>
        TimeOnly.TryParseExact(text, "HH:mm", out var time) ? time : null;

    private static int? ParseDays(string text) =>
        YamlPart.ParseDuration(text) is { } span && span.Ticks % TimeSpan.TicksPerDay == 0
        && span.Days is >= 1 and <= MostDays
            ? span.Days
            : null;

    private static DateTimeOffset? ParseInstant(string text) =>
        DateTimeOffset.TryParseExact(text, InstantForms, null, DateTimeStyles.AssumeUniversal, out var instant)
        && IsInRange(DateOnly.FromDateTime(instant.UtcDateTime))
            ? instant.ToUniversalTime()
            : null;

    private static bool IsInRange(DateOnly date) => date >= Earliest && date <= Latest;
}
