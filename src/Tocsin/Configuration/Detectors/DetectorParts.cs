using Tocsin.Detection.Laundering;
using Tocsin.Texts;

namespace Tocsin.Configuration.Detectors;

/// <summary>Parts that entries of several kinds of detectors have.</summary>
internal static class DetectorParts
{
    private static readonly Dictionary<string, HidingKind> Kinds = new()
    {
        ["mixer"] = HidingKind.Mixer,
        ["bridge"] = HidingKind.Bridge,
        ["swap"] = HidingKind.Swap,
        ["exchange"] = HidingKind.Exchange,
    };

    /// <summary>Things by their names in the plan or by address; none where the key is not there.</summary>
    public static ValueList<string> Names(YamlPart part, string key) =>
        part.Optional(key)?.Items().Select(item => item.Line()).ToValueList() ?? [];

    /// <summary>A list of <c>{ name, at, kind }</c>.</summary>
    public static ValueList<HidingPlace> Places(YamlPart part, string key) =>
        part.Optional(key)?.Items().Select(Place).ToValueList() ?? [];

    private static HidingPlace Place(YamlPart part)
    {
        part.Knows("name", "at", "kind");
        return new HidingPlace(
            part.Required("name").Line(),
            Addresses.OnChain(part.Required("at")),
            part.Required("kind").OneOf(Kinds));
    }
}
