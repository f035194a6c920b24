using Tocsin.Findings;

namespace Tocsin.Detection.Oracles;

/// <summary>One way in which an answer and a market can disagree.</summary>
/// <param name="IsSo">It is so now.</param>
/// <param name="IsHeld">It has been so for long enough to be told.</param>
internal readonly record struct Disagreement(
    string Name, bool IsSo, bool IsHeld, Severity Severity, decimal Measured, decimal Threshold, string Reason);

/// <summary>Says what a comparison amounts to.</summary>
internal static class OracleWords
{
    /// <param name="market">What the market says now, in US dollars.</param>
    /// <param name="by">Who the market is, for people.</param>
    public static ValueList<Disagreement> Judge(
        Comparison comparison, decimal market, decimal? maximum, OracleFailureSettings settings, DateTimeOffset now,
        string by)
    {
        var off = Amounts.Deviation(comparison.Answer, market);
        var moved = comparison.MarketThen > 0 ? Amounts.Deviation(market, comparison.MarketThen) : 0;
        var cut = Comparison.CutOff(market, settings.Minimum, maximum);
        var (answer, asset) = (Words.Price(comparison.Answer), settings.Asset);
        var limit = maximum < market ? maximum : settings.Minimum;
        return
        [
            Of(IndicatorNames.AnswerOffMarket, comparison.OffSince, off, settings.Deviation,
                off >= settings.CriticalDeviation ? Severity.Critical : Severity.High,
                $"The source says {answer} for {asset}, {by} {Words.Price(market)}: {Words.Share(off)} apart. The "
                + "protocol lends and liquidates at the wrong one."),
            Of(IndicatorNames.FrozenAnswer, comparison.FrozenSince, moved, settings.FrozenMove, Severity.High,
                $"The source still says {answer} for {asset}, though by {by} it went from "
                + $"{Words.Price(comparison.MarketThen)} to {Words.Price(market)} since that answer: it stands still."),
            Of(IndicatorNames.LimitOffMarket, comparison.CapSince, cut, settings.Deviation, Severity.Critical,
                $"The source may not answer beyond {Words.Price(limit ?? 0)} for {asset}, though by {by} it stands at "
                + $"{Words.Price(market)}: healthy positions are liquidated at a price that is a limit."),
        ];

        Disagreement Of(
            string name, DateTimeOffset? since, decimal measured, decimal threshold, Severity severity,
            string reason) =>
            new(name, since is not null, since is { } begin && now - begin >= settings.HeldFor, severity,
                Math.Min(measured, Amounts.PriceMax), threshold, reason);
    }
}
