using Tocsin.Detection.Conduct;
using Tocsin.Findings;

namespace Tocsin.Detection.Patterns;

/// <summary>Indicators that must meet, by one origin and within a time frame, to make a threat.</summary>
/// <param name="Required">All of these, in the order in which a reason tells them.</param>
/// <param name="Closing">The indicator that must come with the transaction at hand: it is what completes the
/// pattern.</param>
/// <param name="IsOneRound">True where evidence from before the last closing belongs to an earlier round and does not
/// count again: whoever traded out and back yesterday and borrows today manipulated nothing.</param>
/// <param name="Confidence">From here on the pattern makes a finding.</param>
internal sealed record Pattern(
    Threat Threat,
    ValueList<string> Required,
    string Closing,
    bool IsOneRound,
    TimeSpan Window,
    decimal Confidence)
{
    public static ValueList<string> IndicatorsOf(Threat threat) => threat switch
    {
        Threat.FlashLoanAttack =>
            [IndicatorNames.LargeLoan, IndicatorNames.RapidTrades, IndicatorNames.ArbitragePattern],
        Threat.OracleManipulation =>
            [IndicatorNames.PriceDeviation, IndicatorNames.LowLiquidity, IndicatorNames.CoordinatedTrades],
        Threat.LargeTransfer => [IndicatorNames.LargeTransfer],
        Threat.ContractAnomaly => TraitWords.Names,
        _ => [],
    };

    public static Pattern FlashLoanAttack(Thresholds thresholds) => new(
        Threat.FlashLoanAttack, IndicatorsOf(Threat.FlashLoanAttack), IndicatorNames.ArbitragePattern,
        IsOneRound: false, thresholds.FlashLoanWindow, thresholds.FlashLoanConfidence);

    public static Pattern OracleManipulation(Thresholds thresholds) => new(
        Threat.OracleManipulation, IndicatorsOf(Threat.OracleManipulation), IndicatorNames.CoordinatedTrades,
        IsOneRound: true, thresholds.OracleWindow, thresholds.OracleConfidence);

    /// <summary>The detector's name as findings of a threat carry it where no detector's card gives it.</summary>
    public static string DetectorOf(Threat threat) => threat switch
    {
        Threat.FlashLoanAttack => "flash-loan pattern",
        Threat.OracleManipulation => "oracle pattern",
        Threat.LargeTransfer => "large transfer",
        Threat.ContractAnomaly => "conduct",
        Threat.PegDeviation => "peg watch",
        Threat.MonitoringImpaired or Threat.MissedHeartbeat => "self watch",
        Threat.ContractChange => "contract watch",
        Threat.FrontEndChange => "front-end watch",
        _ => threat.ToName(),
    };

    public bool Requires(string indicator)
    {
        foreach (var name in Required.AsSpan())
            if (name == indicator)
                return true;
        return false;
    }
}
