using Tocsin.Chains;
using Tocsin.Detection.Contracts;
using Tocsin.Detection.Detectors;
using Tocsin.Texts;

namespace Tocsin.Configuration.Detectors;

/// <summary><c>silent-change: { slots: [{ contract, place, means }], targets, learn_calls }</c></summary>
internal static class SilentChangeEntry
{
    public static DetectorSettings Read(YamlPart part)
    {
        part.Knows("slots", "targets", "learn_calls");
        return new SilentChangeSettings(
            part.Optional("slots")?.Items().Select(ReadSlot).ToValueList() ?? [],
            DetectorParts.Names(part, "targets"),
            part.Optional("learn_calls")?.Number(1, 100_000) ?? SilentChangeSettings.Default.LearnCalls);
    }

    private static WatchedSlot ReadSlot(YamlPart part)
    {
        part.Knows("contract", "place", "means");
        return new WatchedSlot(
            part.Required("contract").Line(),
            part.Required("place").Parsed<Hash32>(
                text => Hash32.TryParse(text, out var place) ? place : null, "a storage place: 0x and 64 digits"),
            part.Required("means").Line());
    }
}
