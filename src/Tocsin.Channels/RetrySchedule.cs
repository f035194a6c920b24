using Tocsin.Findings;

namespace Tocsin.Channels;

/// <summary>When an undelivered alert is tried again. The schedule never gives up.</summary>
public static class RetrySchedule
{
    private static readonly int[] StepsSeconds = [0, 1, 2, 5, 10, 20, 30];

    /// <summary>
    /// The instant of the next attempt: at severity 1 after 0, 1, 2, 5, 10, 20 and 30 s and then every 30 s, at lower
    /// severities the same steps stretched. A receiver that asks for a longer wait gets it, but no longer than the time
    /// within which a person must have answered: no receiver can silence an alert.
    /// </summary>
    /// <param name="attempts">How many attempts were made so far.</param>
    /// <param name="hint">The wait that the receiver asked for.</param>
    public static DateTimeOffset Next(int attempts, Severity severity, TimeSpan? hint, DateTimeOffset now)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(attempts);
        var step = StepsSeconds[Math.Min(attempts, StepsSeconds.Length - 1)] * Stretch(severity);
        var longest = severity.DefaultAnswerWithin();
        var asked = hint > longest ? longest : hint ?? TimeSpan.Zero;
        var own = TimeSpan.FromSeconds(step);
        return now + (asked > own ? asked : own);
    }

    private static int Stretch(Severity severity) => severity switch
    {
        Severity.Critical => 1,
        Severity.High => 2,
        Severity.Elevated => 4,
        Severity.Minor => 10,
        Severity.Routine => 20,
    };
}
