using Tocsin.Detection.Detectors;
using Tocsin.Detection.Risk;
using Tocsin.Texts;

namespace Tocsin.Configuration.Detectors;

/// <summary>An entry under <c>standing-risk</c>.</summary>
internal static class StandingRiskEntry
{
    public static DetectorSettings Read(YamlPart part)
    {
        part.Knows(
            "market", "pool", "lends", "share", "loan_to_value", "pool_fee", "collateral_max", "loan_usd_max",
            "loan_fee", "gas_usd", "attack", "response", "usd_min", "over_after");
        var usual = new StandingRiskSettings(
            part.Required("market").Line(), part.Required("pool").Line(),
            part.Required("lends").Items().Select(item => item.Line()).ToValueList());
        return usual with
        {
            Share = part.Optional("share")?.Decimal() ?? usual.Share,
            LoanToValue = part.Optional("loan_to_value")?.Decimal() ?? usual.LoanToValue,
            PoolFee = part.Optional("pool_fee")?.Decimal() ?? usual.PoolFee,
            CollateralMax = part.Optional("collateral_max")?.Decimal(),
            LoanMaxUsd = part.Optional("loan_usd_max")?.Decimal(),
            LoanFee = part.Optional("loan_fee")?.Decimal() ?? usual.LoanFee,
            GasUsd = part.Optional("gas_usd")?.Decimal() ?? usual.GasUsd,
            Attack = part.Optional("attack")?.Duration("0s", "30d") ?? usual.Attack,
            Response = part.Optional("response")?.Duration("0s", "1d") ?? usual.Response,
            MinimumUsd = part.Optional("usd_min")?.Decimal() ?? usual.MinimumUsd,
            OverAfter = part.Optional("over_after")?.Duration("0s", "1d") ?? usual.OverAfter,
        };
    }
}
