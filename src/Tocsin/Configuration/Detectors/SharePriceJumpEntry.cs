using Tocsin.Detection.Detectors;
using Tocsin.Detection.Shares;
using Tocsin.Texts;

namespace Tocsin.Configuration.Detectors;

/// <summary>An entry under <c>share-price-jump</c>.</summary>
internal static class SharePriceJumpEntry
{
    public static DetectorSettings Read(YamlPart part)
    {
        part.Knows(
            "vault", "asset", "rate", "decimals", "bound", "yield_bound", "distributors", "empty_shares");
        var usual = new SharePriceJumpSettings(part.Required("vault").Line(), part.Required("asset").Line());
        return usual with
        {
            Rate = part.Optional("rate")?.Line() ?? usual.Rate,
            Decimals = part.Optional("decimals")?.Number(0, 36) ?? usual.Decimals,
            Bound = part.Optional("bound")?.Decimal() ?? usual.Bound,
            YieldBound = part.Optional("yield_bound")?.Decimal() ?? usual.YieldBound,
            Distributors = part.Optional("distributors")?.Items().Select(Addresses.OnChain).ToValueList() ?? [],
            EmptyShares = part.Optional("empty_shares")?.Quantity() ?? usual.EmptyShares,
        };
    }
}
