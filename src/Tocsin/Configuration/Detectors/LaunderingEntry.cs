using Tocsin.Detection.Detectors;
using Tocsin.Detection.Laundering;
using Tocsin.Texts;

namespace Tocsin.Configuration.Detectors;

/// <summary><c>laundering: { places: [{ name, at, kind }], split, usd, follow, coin }</c></summary>
internal static class LaunderingEntry
{
    public static DetectorSettings Read(YamlPart part)
    {
        part.Knows("places", "split", "usd", "follow", "coin");
        var usual = LaunderingSettings.Default;
        return new LaunderingSettings(
            DetectorParts.Places(part, "places"),
            part.Optional("split")?.Number(2, 32) ?? usual.SplitMin,
            part.Optional("usd")?.Decimal() ?? usual.UsdMin,
            part.Optional("follow")?.Duration("1h", "60d") ?? usual.Follow,
            part.Optional("coin")?.Line());
    }
}
