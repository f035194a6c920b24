using Tocsin.Detection.Detectors;
using Tocsin.Detection.Mempool;
using Tocsin.Texts;

namespace Tocsin.Configuration.Detectors;

/// <summary><c>pending-attack: { expiry }</c></summary>
internal static class PendingAttackEntry
{
    public static DetectorSettings Read(YamlPart part)
    {
        part.Knows("expiry");
        return new PendingAttackSettings(
            part.Optional("expiry")?.Duration("1min", "1h") ?? PendingAttackSettings.Default.Expiry);
    }
}
