namespace Tocsin.Detection.Oracles;

/// <summary>
/// How a source's answer stands against a market, and since when it has been wrong. A pure fold: each look gives the
/// next one.
/// </summary>
/// <param name="Answer">The last answer; 0 before the first.</param>
/// <param name="MarketThen">What the market said when that answer was first seen.</param>
/// <param name="OffSince">Since when the answer has been too far from the market; null where it is not.</param>
/// <param name="FrozenSince">Since when the market has been too far from where it was, though the answer
/// stayed.</param>
/// <param name="CapSince">Since when the limit of the source has cut off the market's price.</param>
public sealed record Comparison(
    decimal Answer, decimal MarketThen, DateTimeOffset? OffSince, DateTimeOffset? FrozenSince, DateTimeOffset? CapSince)
{
    public static Comparison Unknown { get; } = new(0, 0, null, null, null);

    /// <param name="minimum">The least that the source can answer; null where there is no such limit.</param>
    /// <param name="maximum">The most, likewise.</param>
    internal Comparison Take(
        decimal answer, decimal market, decimal? minimum, decimal? maximum, DateTimeOffset now,
        OracleFailureSettings settings)
    {
        var then = Answer == answer ? MarketThen : market;
        var isOff = Amounts.Deviation(answer, market) >= settings.Deviation;
        var isFrozen = Amounts.Deviation(market, then) >= settings.FrozenMove;
        return new Comparison(
            answer, then, Since(isOff, OffSince, now), Since(isFrozen && Answer == answer, FrozenSince, now),
            Since(CutOff(market, minimum, maximum) >= settings.Deviation, CapSince, now));
    }

    /// <summary>Which part of the market's price lies beyond the source's limits.</summary>
    internal static decimal CutOff(decimal market, decimal? minimum, decimal? maximum) =>
        maximum is > 0 and var most && most < market ? (market - most) / market
        : minimum is > 0 and var least && least > market ? (least - market) / market
        : 0;

    private static DateTimeOffset? Since(bool isSo, DateTimeOffset? since, DateTimeOffset now) =>
        !isSo ? null : since <= now ? since : now;
}
