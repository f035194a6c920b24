namespace Tocsin.Detection.Detectors;

/// <summary>What is usual at one hour of the day.</summary>
/// <param name="Days">How many days it was learnt from.</param>
/// <param name="Spread">How far a day is from the mean, on average: markets that are rough have a wide one.</param>
public readonly record struct Usual(int Days, decimal Mean, decimal Spread);

/// <summary>
/// What is usual of an hourly amount, learnt by hour of the day (UTC) and slowly forgotten, so that it follows a
/// protocol that grows. Unknown until enough was seen: an amount is then held against fixed limits alone.
/// </summary>
/// <param name="Hours">24 of them.</param>
public sealed record Baseline(ValueList<Usual> Hours)
{
    private const int DaysMin = 7;
    private const int DaysRemembered = 28;

    // Half of the mean: an amount that never varied would otherwise be unusual as soon as it varies at all.
    private const decimal SpreadMin = 0.5m;

    public static Baseline Empty { get; } = new(Enumerable.Repeat(default(Usual), 24).ToValueList());

    /// <summary>Learns the amount of one whole hour. An outlier counts only as far as it was imaginable, so that an
    /// attack does not become the custom.</summary>
    /// <param name="hour">When it began.</param>
    public Baseline Learn(DateTimeOffset hour, decimal amount)
    {
        var hours = Hours.ToArray();
        ref var usual = ref hours[hour.UtcDateTime.Hour];
        var taken = Limit(hour, 6) is { } limit ? Math.Min(amount, limit) : amount;
        var weight = 1m / Math.Min(usual.Days + 1, DaysRemembered);
        var mean = usual.Mean + ((taken - usual.Mean) * weight);
        var spread = usual.Days == 0
            ? 0
            : usual.Spread + ((Math.Abs(taken - usual.Mean) - usual.Spread) * weight);
        usual = new Usual(usual.Days + 1, Math.Round(mean, 6), Math.Round(spread, 6));
        return new Baseline(new ValueList<Usual>(hours));
    }

    /// <summary>What is usual at that hour; null while too little was seen.</summary>
    public decimal? Expected(DateTimeOffset at) =>
        Hours[at.UtcDateTime.Hour] is { Days: >= DaysMin } usual ? usual.Mean : null;

    /// <summary>From here on an amount is unusual; null while too little was seen.</summary>
    /// <param name="spreads">How many spreads above the mean.</param>
    public decimal? Limit(DateTimeOffset at, decimal spreads) =>
        Hours[at.UtcDateTime.Hour] is { Days: >= DaysMin } usual
            ? usual.Mean + (spreads * Math.Max(usual.Spread, usual.Mean * SpreadMin))
            : null;
}
