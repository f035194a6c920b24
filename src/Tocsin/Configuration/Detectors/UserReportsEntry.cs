using Tocsin.Detection.Operations;
using Tocsin.Texts;

namespace Tocsin.Configuration.Detectors;

/// <summary>The one entry under <c>user-reports</c>.</summary>
internal static class UserReportsEntry
{
    private const int CountMax = 100;

    public static UserReportsSettings Read(YamlPart part)
    {
        part.Knows("several", "many");
        var settings = new UserReportsSettings();
        return settings with
        {
            Several = part.Optional("several")?.Number(2, CountMax) ?? settings.Several,
            Many = part.Optional("many")?.Number(2, CountMax) ?? settings.Many,
        };
    }
}
