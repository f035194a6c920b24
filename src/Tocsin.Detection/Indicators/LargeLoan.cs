using Tocsin.Detection.Reading;
using Tocsin.Findings;

namespace Tocsin.Detection.Indicators;

/// <summary>
/// <c>large_loan</c>: value borrowed and given back within one transaction.
/// Seen by the lenders' own events (Aave V2 and V3, Balancer V2, Maker, Morpho Blue, Uniswap V3) where a transfer bears
/// them out, and by the flow of tokens (ERC-3156, flash mints, lenders without events): an account that is neither the
/// sender's own nor a market gives out of what it had and has all of it back at the end.
/// Measured in USD over all lenders, the larger of both ways of seeing. Default 1,000,000.
/// Blind to: loans of assets that are not watched or have no price, flash swaps of Uniswap V2 and lending inside a
/// Uniswap V4 or Balancer V3 vault (these are markets), the native coin.
/// </summary>
internal static class LargeLoan
{
    public static Indicator? In(Scene scene)
    {
        var lent = 0m;
        var asset = -1;
        foreach (var balance in scene.Reading.Balances.AsSpan())
        {
            if (!IsLender(balance, scene))
                continue;
            lent += scene.Usd(balance.Asset, balance.Lent);
            asset = balance.Asset;
        }
        var reported = 0m;
        foreach (var loan in scene.Reading.Loans)
        {
            reported += scene.Usd(loan.Asset, loan.Amount);
            asset = asset < 0 ? loan.Asset : asset;
        }
        var measured = Math.Max(lent, reported);
        var threshold = scene.Thresholds.LargeLoanUsd;
        if (measured < threshold)
            return null;
        var name = scene.Index.Watch.Assets[asset].Name;
        return scene.Indicate(IndicatorNames.LargeLoan, name, measured, threshold,
            $"Borrowed {Words.Usd(measured)} ({name}) and paid it back within one transaction.");
    }

    /// <summary>True for an account outside the sender's side that lent of its own and was repaid.</summary>
    public static bool IsLender(TokenBalance balance, Scene scene) =>
        balance.IsRepaidLender && balance.Account != scene.Transaction.From && balance.Account != scene.Contract
        && !scene.Reading.IsMarket(balance.Account);
}
