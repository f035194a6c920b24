using Tocsin.Detection.Detectors;
using Tocsin.Detection.Preparation;
using Tocsin.Texts;

namespace Tocsin.Configuration.Detectors;

/// <summary><c>suspicious-transfer: { usd }</c></summary>
internal static class SuspiciousTransferEntry
{
    public static DetectorSettings Read(YamlPart part)
    {
        part.Knows("usd");
        return new SuspiciousTransferSettings(part.Optional("usd")?.Decimal());
    }
}
