using Tocsin.Detection.Detectors;
using Tocsin.Detection.Oracles;
using Tocsin.Texts;

namespace Tocsin.Configuration.Detectors;

/// <summary>An entry under <c>oracle-spot</c>.</summary>
internal static class OracleSpotEntry
{
    public static DetectorSettings Read(YamlPart part)
    {
        part.Knows("pools", "deviation", "spreads", "push", "held_blocks", "window", "held_for");
        var usual = new OracleSpotSettings(
            part.Optional("pools")?.Items().Select(item => item.Line()).ToValueList() ?? []);
        return usual with
        {
            Deviation = part.Optional("deviation")?.Decimal() ?? usual.Deviation,
            Spreads = part.Optional("spreads")?.Decimal() ?? usual.Spreads,
            Push = part.Optional("push")?.Decimal() ?? usual.Push,
            HeldBlocks = part.Optional("held_blocks")?.Number(1, 200) ?? usual.HeldBlocks,
            Window = part.Optional("window")?.Duration("1min", "1d") ?? usual.Window,
            HeldFor = part.Optional("held_for")?.Duration("0s", "1d") ?? usual.HeldFor,
        };
    }
}
