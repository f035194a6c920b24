using Tocsin.Detection.Operations;
using Tocsin.Texts;

namespace Tocsin.Configuration.Detectors;

/// <summary>An entry under <c>unusual-trading</c>.</summary>
internal static class UnusualTradingEntry
{
    private const int AccountsMax = 1_000;

    public static UnusualTradingSettings Read(YamlPart part)
    {
        part.Knows("market", "spreads", "usd_min", "usd_max", "one_sided", "accounts", "accounts_within");
        var settings = new UnusualTradingSettings(part.Required("market").Line());
        return settings with
        {
            Spreads = part.Optional("spreads")?.Decimal() ?? settings.Spreads,
            UsdLeast = part.Optional("usd_min")?.Decimal() ?? settings.UsdLeast,
            UsdLimit = part.Optional("usd_max")?.Decimal(),
            OneSided = part.Optional("one_sided")?.Decimal() ?? settings.OneSided,
            Accounts = part.Optional("accounts")?.Number(2, AccountsMax) ?? settings.Accounts,
            AccountsWithin = part.Optional("accounts_within")?.Duration("1s", "1h") ?? settings.AccountsWithin,
        };
    }
}
