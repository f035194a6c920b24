using Tocsin.Detection.Detectors;
using Tocsin.Detection.Preparation;
using Tocsin.Texts;

namespace Tocsin.Configuration.Detectors;

/// <summary><c>attack-code: {}</c></summary>
internal static class AttackCodeEntry
{
    public static DetectorSettings Read(YamlPart part)
    {
        part.Knows();
        return AttackCodeSettings.Default;
    }
}
