using Tocsin.Detection.Detectors;
using Tocsin.Detection.Governance;
using Tocsin.Texts;

namespace Tocsin.Configuration.Detectors;

/// <summary>An entry of <c>governance-attack</c>: a governor and what its votes are worth.</summary>
internal static class GovernanceAttackEntry
{
    public static DetectorSettings Read(YamlPart part)
    {
        part.Knows(
            "governor", "token", "token_decimals", "quorum", "large_share", "window", "timelock", "minimum_delay");
        var settings = new GovernanceAttackSettings(part.Required("governor").Line());
        return settings with
        {
            Token = part.Optional("token")?.Line(),
            TokenDecimals = part.Optional("token_decimals")?.Number(0, 36) ?? settings.TokenDecimals,
            Quorum = part.Optional("quorum")?.Decimal(),
            LargeShare = part.Optional("large_share")?.Decimal() ?? settings.LargeShare,
            Window = part.Optional("window")?.Duration("1s", "7d") ?? settings.Window,
            Timelock = part.Optional("timelock")?.Line(),
            MinimumDelay = part.Optional("minimum_delay")?.Duration("1s", "90d"),
        };
    }
}
