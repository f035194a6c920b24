using Tocsin.Detection.Detectors;
using Tocsin.Detection.Governance;
using Tocsin.Texts;

namespace Tocsin.Configuration.Detectors;

/// <summary>The entry of <c>privilege-change</c>: what else is watched, and who is of ours.</summary>
internal static class PrivilegeChangeEntry
{
    public static DetectorSettings Read(YamlPart part)
    {
        part.Knows("also", "known");
        return new PrivilegeChangeSettings
        {
            Also = part.Optional("also")?.Items().Select(item => item.Line()).ToValueList() ?? [],
            Known = part.Optional("known")?.Items().Select(Addresses.OnChain).ToValueList() ?? [],
        };
    }
}
