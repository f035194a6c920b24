using Tocsin.Detection.Money;
using Tocsin.Texts;

namespace Tocsin.Configuration.Detectors;

/// <summary>An entry of <c>issuer-control</c>.</summary>
internal static class IssuerControlEntry
{
    public static IssuerControlSettings Read(YamlPart part)
    {
        part.Knows("asset", "others");
        return new IssuerControlSettings(
            part.Required("asset").Line(), part.Optional("others")?.Flag() ?? true);
    }
}
