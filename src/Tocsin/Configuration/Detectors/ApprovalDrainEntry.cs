using Tocsin.Detection.Accounts;
using Tocsin.Detection.Detectors;
using Tocsin.Texts;

namespace Tocsin.Configuration.Detectors;

/// <summary><c>approval-drain: { window, victims, recipients, usd, known }</c></summary>
internal static class ApprovalDrainEntry
{
    public static DetectorSettings Read(YamlPart part)
    {
        part.Knows("window", "victims", "recipients", "usd", "known");
        var usual = ApprovalDrainSettings.Default;
        return new ApprovalDrainSettings(
            part.Optional("window")?.Duration("1min", "1d") ?? usual.Window,
            part.Optional("victims")?.Number(2, 1_000) ?? usual.VictimsMin,
            part.Optional("recipients")?.Number(1, 100) ?? usual.RecipientsMax,
            part.Optional("usd")?.Decimal() ?? usual.UsdMin,
            DetectorParts.Names(part, "known"));
    }
}
