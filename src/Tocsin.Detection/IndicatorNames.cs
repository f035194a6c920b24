namespace Tocsin.Detection;

/// <summary>The identifiers of indicators, as the plan and every output write them.</summary>
public static class IndicatorNames
{
    public const string LargeLoan = "large_loan";
    public const string RapidTrades = "rapid_trades";
    public const string ArbitragePattern = "arbitrage_pattern";
    public const string PriceDeviation = "price_deviation";
    public const string LowLiquidity = "low_liquidity";
    public const string CoordinatedTrades = "coordinated_trades";
    public const string LargeTransfer = "large_transfer";
}
