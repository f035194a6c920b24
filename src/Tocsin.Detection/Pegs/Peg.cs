namespace Tocsin.Detection.Pegs;

/// <summary>
/// What an asset is meant to be worth, and how far from it how bad is. Deviations are fractions of par and count in
/// both directions: below par holders lose, above par the way to make new units is blocked.
/// </summary>
/// <param name="Asset">Its name; ticks that name it are its prices.</param>
/// <param name="ParUsd">US dollars for one whole unit.</param>
public sealed record Peg(string Asset, decimal ParUsd)
{
    /// <summary>From here on severity 1.</summary>
    public decimal Critical { get; init; } = 0.05m;

    /// <summary>From here on severity 2.</summary>
    public decimal High { get; init; } = 0.02m;

    /// <summary>From here on severity 3, if it stays for <see cref="ElevatedFor"/>.</summary>
    public decimal Elevated { get; init; } = 0.005m;

    /// <summary>How long the price must have stood beyond a limit: one print is no price.</summary>
    public TimeSpan HeldFor { get; init; } = TimeSpan.FromMinutes(1);

    /// <inheritdoc cref="Elevated"/>
    public TimeSpan ElevatedFor { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>So long within every limit, and the deviation is over.</summary>
    public TimeSpan OverAfter { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>A venue whose feed does not say how long its prices last counts for so long after each.</summary>
    public TimeSpan StaleAfter { get; init; } = TimeSpan.FromMinutes(10);

    internal IEnumerable<string> Problems()
    {
        if (ParUsd is <= 0 or > Amounts.PriceMax)
            yield return $"the par of '{Asset}' is {ParUsd}: it must be above 0 and at most {Amounts.PriceMax}";
        if (Elevated <= 0 || High < Elevated || Critical < High || Critical >= 1)
            yield return $"the limits of '{Asset}' must be fractions above 0 that rise with the severity";
        if (HeldFor < TimeSpan.Zero || ElevatedFor < HeldFor || OverAfter < TimeSpan.Zero
            || StaleAfter <= TimeSpan.Zero)
            yield return $"the times of '{Asset}' must not be negative, nor its prices stale at once";
    }
}
