using Tocsin.Detection.Money;
using Tocsin.Texts;

namespace Tocsin.Configuration.Detectors;

/// <summary>An entry of <c>liquidity-drop</c>.</summary>
internal static class LiquidityDropEntry
{
    public static LiquidityDropSettings Read(YamlPart part)
    {
        part.Knows(
            "pool", "tokens", "in_range", "hour_drop", "day_drop", "in_range_drop", "share_max", "usd_min",
            "spreads");
        var settings = new LiquidityDropSettings(part.Required("pool").Line());
        return settings with
        {
            Tokens = part.Optional("tokens")?.Items().Select(token => token.Line()).ToValueList(),
            InRange = part.Optional("in_range")?.Flag() ?? settings.InRange,
            HourDrop = part.Optional("hour_drop")?.Decimal() ?? settings.HourDrop,
            DayDrop = part.Optional("day_drop")?.Decimal() ?? settings.DayDrop,
            InRangeDrop = part.Optional("in_range_drop")?.Decimal() ?? settings.InRangeDrop,
            ShareMax = part.Optional("share_max")?.Decimal() ?? settings.ShareMax,
            Spreads = part.Optional("spreads")?.Decimal() ?? settings.Spreads,
            MinimumUsd = part.Optional("usd_min")?.Decimal() ?? settings.MinimumUsd,
        };
    }
}
