using Tocsin.Findings;

namespace Tocsin.Detection;

/// <summary>
/// How much each indicator counts, in one place. A weight is the confidence that its pattern would have if this
/// indicator alone were there, infinitely far above its threshold.
/// </summary>
internal static class Weights
{
    /// <summary>A flash-loan attack that is complete within one transaction leaves hardly an innocent
    /// reading.</summary>
    public const decimal SingleTransactionFlashLoan = 0.9m;

    /// <summary>A large transfer alone says little: it stays below the alert threshold on purpose.</summary>
    public const decimal LargeTransfer = 0.6m;

    private const decimal RatioMax = 1_000_000m;

    public static decimal Of(Threat threat, string indicator) => (threat, indicator) switch
    {
        (Threat.FlashLoanAttack, IndicatorNames.LargeLoan) => 0.60m,
        (Threat.FlashLoanAttack, IndicatorNames.RapidTrades) => 0.30m,
        (Threat.FlashLoanAttack, IndicatorNames.ArbitragePattern) => 0.85m,
        (Threat.OracleManipulation, IndicatorNames.PriceDeviation) => 0.70m,
        (Threat.OracleManipulation, IndicatorNames.LowLiquidity) => 0.50m,
        (Threat.OracleManipulation, IndicatorNames.CoordinatedTrades) => 0.60m,
        _ => 0m,
    };

    /// <summary>Strength = r / (r + 1) with r = measured / threshold, to four places: one half at the threshold,
    /// two thirds at twice the threshold, towards 1 beyond.</summary>
    public static decimal Strength(decimal measured, decimal threshold)
    {
        if (measured <= 0)
            return 0;
        // Compared before dividing: the ratio of a huge amount and a tiny threshold fits no decimal.
        var ratio = measured / RatioMax >= threshold ? RatioMax : measured / threshold;
        return Math.Round(ratio / (ratio + 1), 4);
    }

    /// <summary>Noisy-or, 1 − ∏(1 − weight × strength): each indicator is an independent chance to be right.</summary>
    public static decimal NoisyOr(ReadOnlySpan<decimal> weightedStrengths)
    {
        var doubt = 1m;
        foreach (var chance in weightedStrengths)
            doubt *= 1 - chance;
        return Math.Round(1 - doubt, 4);
    }
}
