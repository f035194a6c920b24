using Tocsin.Detection.Operations;
using Tocsin.Texts;

namespace Tocsin.Configuration.Detectors;

/// <summary>An entry under <c>activity-spike</c>; without <c>of</c> for every contract that has none of its
/// own.</summary>
internal static class ActivitySpikeEntry
{
    private const int CountMax = 1_000_000_000;

    public static ActivitySpikeSettings Read(YamlPart part)
    {
        part.Knows(
            "of", "spreads", "calls_least", "calls_limit", "events_least", "events_limit", "failed_least",
            "failed_share");
        var settings = new ActivitySpikeSettings(part.Optional("of")?.Line() ?? "");
        return settings with
        {
            Spreads = part.Optional("spreads")?.Decimal() ?? settings.Spreads,
            CallsLeast = Count("calls_least") ?? settings.CallsLeast,
            CallsLimit = Count("calls_limit"),
            EventsLeast = Count("events_least") ?? settings.EventsLeast,
            EventsLimit = Count("events_limit"),
            FailedLeast = Count("failed_least") ?? settings.FailedLeast,
            FailedShare = part.Optional("failed_share")?.Decimal() ?? settings.FailedShare,
        };

        int? Count(string key) => part.Optional(key)?.Number(1, CountMax);
    }
}
