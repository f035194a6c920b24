using Tocsin.Detection.Detectors;
using Tocsin.Detection.Preparation;
using Tocsin.Texts;

namespace Tocsin.Configuration.Detectors;

/// <summary>
/// <c>suspicious-preparation: { fresh_nonce, funded_within, sources: [{ name, at, kind }], known }</c>
/// </summary>
internal static class SuspiciousPreparationEntry
{
    public static DetectorSettings Read(YamlPart part)
    {
        part.Knows("fresh_nonce", "funded_within", "sources", "known");
        var usual = SuspiciousPreparationSettings.Default;
        return new SuspiciousPreparationSettings(
            part.Optional("fresh_nonce")?.Number(0, 1_000) ?? usual.FreshNonceMax,
            part.Optional("funded_within")?.Duration("1min", "30d") ?? usual.FundedWithin,
            DetectorParts.Places(part, "sources"),
            DetectorParts.Names(part, "known"));
    }
}
