using Tocsin.Detection.Operations;
using Tocsin.Texts;

namespace Tocsin.Configuration.Detectors;

/// <summary>An entry under <c>activity-spike</c>; without <c>of</c> for every contract that has none of its
/// own.</summary>
internal static class ActivitySpikeEntry
{
    private const int CountMax = 1_000_000_000;
    private const int BlocksMax = 100_000;

    public static ActivitySpikeSettings Read(YamlPart part)
    {
        part.Knows(
            "of", "spreads", "calls_least", "calls_limit", "events_least", "events_limit", "failed_least",
            "failed_share", "fee_gwei_least", "fee_gwei_limit", "fee_blocks", "fee_for");
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
            FeeGweiLeast = part.Optional("fee_gwei_least")?.Decimal() ?? settings.FeeGweiLeast,
            FeeGweiLimit = part.Optional("fee_gwei_limit")?.Decimal(),
            FeeBlocks = part.Optional("fee_blocks")?.Number(1, BlocksMax) ?? settings.FeeBlocks,
            FeeFor = part.Optional("fee_for")?.Duration() ?? settings.FeeFor,
        };

        int? Count(string key) => part.Optional(key)?.Number(1, CountMax);
    }
}
