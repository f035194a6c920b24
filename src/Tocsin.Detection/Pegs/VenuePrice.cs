namespace Tocsin.Detection.Pegs;

/// <summary>The last price that one venue told.</summary>
/// <param name="Venue">The feed's name.</param>
/// <param name="PriceUsd">For one whole unit.</param>
/// <param name="At">When it arrived.</param>
public sealed record VenuePrice(string Venue, decimal PriceUsd, DateTimeOffset At);

/// <summary>
/// The price that several venues agree on: their median. Of an even number, the one of the two in the middle that is
/// nearer to par, so that half of the venues cannot raise an alarm against the other half.
/// </summary>
internal static class VenueMedian
{
    /// <returns>Null without a venue.</returns>
    public static decimal? Of(IReadOnlyCollection<VenuePrice> venues, decimal par)
    {
        if (venues.Count == 0)
            return null;
        var ordered = venues.Select(venue => venue.PriceUsd).Order().ToArray();
        var (low, high) = (ordered[(ordered.Length - 1) / 2], ordered[ordered.Length / 2]);
        return Math.Abs(low - par) <= Math.Abs(high - par) ? low : high;
    }
}
