using Tocsin.Detection.Detectors;
using Tocsin.Detection.Loans;
using Tocsin.Texts;

namespace Tocsin.Configuration.Detectors;

/// <summary>An entry under <c>flash-loan-profit</c>.</summary>
internal static class FlashLoanProfitEntry
{
    public static DetectorSettings Read(YamlPart part)
    {
        part.Knows("trusted", "slack", "liquidation_bonus");
        var trusted = part.Optional("trusted")?.Items().Select(Addresses.OnChain) ?? [];
        var usual = new FlashLoanProfitSettings(trusted.ToValueList());
        return usual with
        {
            Slack = part.Optional("slack")?.Decimal() ?? usual.Slack,
            LiquidationBonus = part.Optional("liquidation_bonus")?.Decimal() ?? usual.LiquidationBonus,
        };
    }
}
