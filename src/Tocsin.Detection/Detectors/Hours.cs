namespace Tocsin.Detection.Detectors;

/// <summary>Hours of the clock, and what is learnt of them once they are over.</summary>
internal static class Hours
{
    // More of them than are remembered of each hour of the day change nothing any more.
    private const int QuietMax = 24 * 28;

    /// <summary>When the hour of an instant began.</summary>
    public static DateTimeOffset Of(DateTimeOffset at) => at.AddTicks(-(at.UtcTicks % TimeSpan.TicksPerHour));

    /// <summary>Learns an hour that is over, and those after it in which nothing was counted.</summary>
    /// <param name="began">Since when there is counting: an hour that was not seen whole teaches nothing.</param>
    /// <param name="now">In the hour that is not over.</param>
    public static Baseline Learn(
        this Baseline usual, DateTimeOffset began, DateTimeOffset hour, decimal amount, DateTimeOffset now)
    {
        if (hour >= began)
            usual = usual.Learn(hour, amount);
        var quiet = hour.AddHours(1);
        if (Of(now) - quiet > TimeSpan.FromHours(QuietMax))
            quiet = Of(now).AddHours(-QuietMax);
        for (; quiet < Of(now); quiet = quiet.AddHours(1))
            usual = usual.Learn(quiet, 0);
        return usual;
    }
}
