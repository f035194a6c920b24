using Tocsin.Detection.Money;
using Tocsin.Texts;

namespace Tocsin.Configuration.Detectors;

/// <summary>An entry of <c>outflow-drain</c>.</summary>
internal static class OutflowDrainEntry
{
    public static OutflowDrainSettings Read(YamlPart part)
    {
        part.Knows(
            "contract", "share", "usd_min", "unknown_usd", "transactions_min", "times_largest",
            "most_share", "reads");
        var settings = new OutflowDrainSettings(part.Optional("contract")?.Line() ?? "");
        return settings with
        {
            Share = part.Optional("share")?.Decimal() ?? settings.Share,
            MinimumUsd = part.Optional("usd_min")?.Decimal() ?? settings.MinimumUsd,
            UnknownUsd = part.Optional("unknown_usd")?.Decimal() ?? settings.UnknownUsd,
            TransactionsMin = part.Optional("transactions_min")?.Number(1, 1_000) ?? settings.TransactionsMin,
            TimesLargest = part.Optional("times_largest")?.Decimal() ?? settings.TimesLargest,
            MostShare = part.Optional("most_share")?.Decimal() ?? settings.MostShare,
            ReadsBalances = part.Optional("reads")?.Flag() ?? settings.ReadsBalances,
        };
    }
}
