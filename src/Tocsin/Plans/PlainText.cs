using System.Globalization;
using Tocsin.Texts;

namespace Tocsin.Plans;

/// <summary>Small values of a plan: days of the calendar, hours of the clock, words out of a list.</summary>
internal static class PlainText
{
    public static DateOnly Day(YamlPart part) => part.Parsed<DateOnly>(ParseDay, "a day such as 2026-02-01");

    /// <summary>A day such as 2026-02-01; null for anything else.</summary>
    public static DateOnly? ParseDay(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day
            : null;

    public static AwakeHours Hours(YamlPart part) => part.Parsed<AwakeHours>(
        text => text.Split('-') is [var from, var to] && Time(from) is { } first && Time(to) is { } last
            ? new AwakeHours(first, last)
            : null,
        "hours in quotes, such as \"07:00-23:00\"");

    /// <summary>One of the words that are known, as the list has it.</summary>
    public static string OneOf(YamlPart part, IReadOnlyList<string> known) =>
        known[part.OneOf(known.Select((word, place) => (word, place)).ToDictionary(one => one.word, one => one.place))];

    /// <summary>Texts of a list; none where there is no list.</summary>
    public static ValueList<string> Texts(YamlPart? part) =>
        part?.Items().Select(item => item.Text()).ToValueList() ?? [];

    private static TimeOnly? Time(string text) =>
        TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? time
            : null;
}
