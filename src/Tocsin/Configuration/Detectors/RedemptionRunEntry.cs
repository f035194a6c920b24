using Tocsin.Detection.Money;
using Tocsin.Texts;

namespace Tocsin.Configuration.Detectors;

/// <summary>An entry of <c>redemption-run</c>.</summary>
internal static class RedemptionRunEntry
{
    public static RedemptionRunSettings Read(YamlPart part)
    {
        part.Knows("asset", "hourly_usd", "unusual", "run", "redeemers_min", "limit_alone");
        var settings = new RedemptionRunSettings(part.Required("asset").Line());
        return settings with
        {
            HourlyUsd = part.Optional("hourly_usd")?.Decimal() ?? settings.HourlyUsd,
            Unusual = part.Optional("unusual")?.Decimal() ?? settings.Unusual,
            Run = part.Optional("run")?.Decimal() ?? settings.Run,
            RedeemersMin = part.Optional("redeemers_min")?.Number(1, 1_000),
            LimitAlone = part.Optional("limit_alone")?.Flag(),
        };
    }
}
