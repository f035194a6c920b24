using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Detection.Oracles;
using Tocsin.Texts;

namespace Tocsin.Configuration.Detectors;

/// <summary>An entry under <c>oracle-failure</c>.</summary>
internal static class OracleFailureEntry
{
    public static DetectorSettings Read(YamlPart part)
    {
        part.Knows(
            "asset", "source", "heartbeat", "grace", "deviation", "critical_deviation", "frozen_move", "held_for",
            "jump", "price_min", "price_max", "cap_function", "cap_at", "pool", "window", "feeds", "known");
        var usual = new OracleFailureSettings(
            part.Required("asset").Line(), Addresses.OnChain(part.Required("source")));
        return Limits(part, usual) with
        {
            Heartbeat = part.Optional("heartbeat")?.Duration("1s", "30d") ?? usual.Heartbeat,
            Grace = part.Optional("grace")?.Duration("0s", "30d") ?? usual.Grace,
            HeldFor = part.Optional("held_for")?.Duration("0s", "1d") ?? usual.HeldFor,
            Pool = part.Optional("pool")?.Line(),
            Window = part.Optional("window")?.Duration("1min", "1d") ?? usual.Window,
            Feeds = part.Optional("feeds")?.Items().Select(item => item.Line()).ToValueList() ?? [],
            Known = part.Optional("known")?.Items().Select(Addresses.OnChain).ToValueList() ?? [],
        };
    }

    private static OracleFailureSettings Limits(YamlPart part, OracleFailureSettings usual) => usual with
    {
        Deviation = part.Optional("deviation")?.Decimal() ?? usual.Deviation,
        CriticalDeviation = part.Optional("critical_deviation")?.Decimal() ?? usual.CriticalDeviation,
        FrozenMove = part.Optional("frozen_move")?.Decimal() ?? usual.FrozenMove,
        Jump = part.Optional("jump")?.Decimal() ?? usual.Jump,
        Minimum = part.Optional("price_min")?.Decimal(),
        Maximum = part.Optional("price_max")?.Decimal(),
        CapFunction = part.Optional("cap_function")?.Line(),
        CapAt = part.Optional("cap_at") is { } at ? Addresses.OnChain(at) : (Address?)null,
    };
}
