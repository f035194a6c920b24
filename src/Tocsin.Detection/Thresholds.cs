namespace Tocsin.Detection;

/// <summary>From where on something is remarkable. The defaults are the documented ones; shares are fractions of
/// 1.</summary>
public sealed record Thresholds
{
    /// <summary>Value borrowed within one transaction.</summary>
    public decimal LargeLoanUsd { get; init; } = 1_000_000m;

    /// <summary>Value of one transfer from or to a protected contract.</summary>
    public decimal LargeTransferUsd { get; init; } = 1_000_000m;

    /// <summary>Below this a protected contract's loss is rounding or a fee, and no sign of an attack.</summary>
    public decimal MinimumLossUsd { get; init; } = 1_000m;

    /// <summary>How far a price must go from where it was.</summary>
    public decimal PriceDeviation { get; init; } = 0.02m;

    /// <summary>How large one trade must be against the pool's reserve.</summary>
    public decimal TradeOfReserve { get; init; } = 0.10m;

    /// <summary>Which part of a pool's liquidity must be taken out at once.</summary>
    public decimal LiquidityDrop { get; init; } = 0.30m;

    /// <summary>Which part of a price move the opposite trade must take back.</summary>
    public decimal PriceReturn { get; init; } = 0.5m;

    /// <summary>Swaps on one pool by one origin within the flash-loan window.</summary>
    public int RapidTrades { get; init; } = 2;

    /// <summary>A contract that more senders than this used within the oracle window is everyone's (a router), and
    /// says nothing about who acts.</summary>
    public int SharedContractSenders { get; init; } = 3;

    public TimeSpan FlashLoanWindow { get; init; } = TimeSpan.FromSeconds(60);

    public TimeSpan OracleWindow { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>Confidence from which a flash-loan attack becomes a finding.</summary>
    public decimal FlashLoanConfidence { get; init; } = 0.8m;

    /// <summary>Confidence from which an oracle manipulation becomes a finding.</summary>
    public decimal OracleConfidence { get; init; } = 0.7m;

    /// <summary>Confidence from which people are alerted. The engine reports findings below it too, for the
    /// record.</summary>
    public decimal AlertConfidence { get; init; } = 0.7m;

    /// <summary>Blocks that must follow the newest evidence before a finding is confirmed, 1 or more. Not counted where
    /// <see cref="FinalityIsTold"/>.</summary>
    public int Confirmations { get; init; } = 12;

    /// <summary>True where the chain says itself which blocks are final, by <c>ChainStep.Final</c>: then that confirms,
    /// and nothing else does.</summary>
    public bool FinalityIsTold { get; init; }

    internal TimeSpan LongestWindow => FlashLoanWindow > OracleWindow ? FlashLoanWindow : OracleWindow;

    internal IEnumerable<string> Problems()
    {
        if (Smallest(LargeLoanUsd, LargeTransferUsd, MinimumLossUsd) <= 0)
            yield return "a threshold in USD must be above 0";
        if (Smallest(PriceDeviation, TradeOfReserve, LiquidityDrop, PriceReturn) <= 0
            || LiquidityDrop > 1 || PriceReturn > 1)
            yield return "price deviation, trade of reserve, liquidity drop and price return must be fractions above 0";
        if (RapidTrades < 2)
            yield return "rapid trades begin at 2 swaps";
        if (SharedContractSenders < 1)
            yield return "a shared contract has more than 1 sender";
        if (FlashLoanWindow <= TimeSpan.Zero || OracleWindow <= TimeSpan.Zero || LongestWindow > Engine.WindowMax)
            yield return $"a window must be longer than nothing and at most {Engine.WindowMax.TotalSeconds:0} s";
        if (!IsShare(FlashLoanConfidence) || !IsShare(OracleConfidence) || !IsShare(AlertConfidence))
            yield return "a confidence lies between 0 and 1";
        if (Confirmations is < 1 or > Engine.RollbackDepthMax)
            yield return $"confirmations must be 1 to {Engine.RollbackDepthMax}, not {Confirmations}";
    }

    private static bool IsShare(decimal value) => value is > 0 and <= 1;

    private static decimal Smallest(params ReadOnlySpan<decimal> values)
    {
        var smallest = decimal.MaxValue;
        foreach (var value in values)
            smallest = Math.Min(smallest, value);
        return smallest;
    }
}
