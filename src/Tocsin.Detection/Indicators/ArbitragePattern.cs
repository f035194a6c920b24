using Tocsin.Detection.Reading;
using Tocsin.Findings;

namespace Tocsin.Detection.Indicators;

/// <summary>
/// <c>arbitrage_pattern</c>: within one transaction a watched pool is bought from and sold back to, the protected
/// contracts together end poorer, and the sender's side ends richer. The sender's side is every account that is no
/// protected contract, no market and no repaid lender, so that profit sent on to a fresh address counts.
/// Measured: the protected contracts' loss in USD at the reference prices. Default 1,000.
/// Blind to: losses in assets that are not watched, in the native coin or in shares that are not transferred; attacks
/// that leave the pool moved; gains taken in assets that are not watched.
/// </summary>
internal static class ArbitragePattern
{
    public static Indicator? In(Scene scene, List<Flow> flows)
    {
        if (flows.Count == 0 || PoolTradedBothWays(scene) is not { } pool)
            return null;
        var loss = Loss.Of(flows, scene.Index, scene.Reference);
        var threshold = scene.Thresholds.MinimumLossUsd;
        if (loss.Contract is null || loss.Usd < threshold)
            return null;
        var gain = SendersGainUsd(scene);
        if (gain <= 0)
            return null;
        return scene.Indicate(IndicatorNames.ArbitragePattern, loss.Contract, loss.Usd, threshold,
            $"Bought and sold back on {pool} in one transaction in which {loss.Contract} lost {Words.Usd(loss.Usd)} "
            + $"and the sender's side gained {Words.Usd(gain)}.");
    }

    private static string? PoolTradedBothWays(Scene scene)
    {
        var trades = scene.Reading.Trades;
        for (var i = 1; i < trades.Count; i++)
            for (var j = 0; j < i; j++)
                if (trades[i].Pool == trades[j].Pool && trades[i].BuysBase != trades[j].BuysBase)
                    return trades[i].Pool;
        return null;
    }

    private static decimal SendersGainUsd(Scene scene)
    {
        var gain = 0m;
        foreach (var balance in scene.Reading.Balances.AsSpan())
        {
            var account = balance.Account;
            if (account.IsZero || scene.Index.TryContract(account, out _) || scene.Reading.IsMarket(account)
                || LargeLoan.IsLender(balance, scene))
                continue;
            gain += scene.Usd(balance.Asset, balance.NetUnits(scene.Index.Watch.Assets[balance.Asset].Decimals));
        }
        return gain;
    }
}
