using System.Collections.Concurrent;
using NodaTime;
using NodaTime.TimeZones;
using Tocsin.Schedules;
using Tocsin.Texts;

namespace Tocsin.Plans;

/// <summary>Time zones as plain values, from the time zone database that the executable brings along.</summary>
internal static class Zones
{
    // Longer than any plan. What governments will have changed by then comes with a newer database.
    private static readonly Instant First = Instant.FromUtc(2020, 1, 1, 0, 0);
    private static readonly Instant End = Instant.FromUtc(2100, 1, 1, 0, 0);

    private static readonly ConcurrentDictionary<string, Zone> Known = new(StringComparer.Ordinal);

    /// <summary>The version of the database, for example <c>2026a</c>.</summary>
    public static string Version => TzdbDateTimeZoneSource.Default.TzdbVersion;

    /// <summary>Every IANA name that the database has.</summary>
    public static IReadOnlyCollection<string> Ids => DateTimeZoneProviders.Tzdb.Ids;

    /// <summary>A zone by its IANA name; UTC with a complaint where there is none of it.</summary>
    public static Zone Read(YamlPart part)
    {
        var id = part.Line();
        if (Find(id) is { } zone)
            return zone;
        if (id.Length > 0)
            part.Complain("there is no such time zone; a name such as Europe/Zurich is needed"
                + PlanCheck.Near(id, Ids));
        return Zone.Utc;
    }

    /// <summary>A zone by its IANA name; null where there is none of it.</summary>
    public static Zone? Find(string id)
    {
        if (Known.TryGetValue(id, out var known))
            return known;
        // The provider itself also makes zones out of names such as UTC+1, without end.
        return Ids.Contains(id) ? Known.GetOrAdd(id, Values(DateTimeZoneProviders.Tzdb[id])) : null;
    }

    private static Zone Values(DateTimeZone zone)
    {
        var changes = new List<OffsetChange>();
        var first = zone.GetUtcOffset(First).ToTimeSpan();
        var offset = first;
        foreach (var stretch in zone.GetZoneIntervals(First, End))
        {
            // The name of the time changes without the clock, too.
            if (stretch.WallOffset.ToTimeSpan() is var next && next == offset)
                continue;
            changes.Add(new OffsetChange(stretch.Start.ToDateTimeOffset(), next));
            offset = next;
        }
        return new Zone(zone.Id, first, changes.ToValueList());
    }
}
