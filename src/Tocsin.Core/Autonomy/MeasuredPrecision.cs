using Tocsin.Findings;

namespace Tocsin.Autonomy;

/// <summary>How often alarms were true over labelled history.</summary>
public sealed record MeasuredPrecision(string Detector, Threat Threat, int TrueAlarms, int FalseAlarms)
{
    // Of the normal distribution, for 95 % between two bounds.
    private const double Z = 1.959964;

    /// <summary>
    /// The lower end of Wilson's 95 % interval for the share of true alarms (E. B. Wilson 1927), cut off after four
    /// digits: few alarms prove little, however true they were. 0 where there was none.
    /// </summary>
    public decimal LowerBound
    {
        get
        {
            double all = (double)TrueAlarms + FalseAlarms;
            if (TrueAlarms <= 0 || FalseAlarms < 0)
                return 0;
            var share = TrueAlarms / all;
            var centre = share + (Z * Z / (2 * all));
            var spread = Z * Math.Sqrt(((share * (1 - share)) + (Z * Z / (4 * all))) / all);
            return Math.Floor((decimal)((centre - spread) / (1 + (Z * Z / all))) * 10_000) / 10_000;
        }
    }
}
