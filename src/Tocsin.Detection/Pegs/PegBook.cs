namespace Tocsin.Detection.Pegs;

/// <summary>All that the watch over pegs remembers, as plain values.</summary>
/// <param name="Now">The instant of the last arrival.</param>
public sealed record PegSnapshot(
    DateTimeOffset Now, ValueList<Monitoring.Condition> Conditions, ValueList<PegMemory> Assets);

/// <summary>What is remembered of one asset.</summary>
/// <param name="Median">How the median of the venues stands.</param>
public sealed record PegMemory(string Asset, Standing Median, ValueList<VenueMemory> Venues);

/// <summary>What is remembered of one venue.</summary>
/// <param name="StaleAfter">So long after its arrival its price counts.</param>
public sealed record VenueMemory(string Venue, Standing Standing, TimeSpan StaleAfter);

/// <summary>The prices of one asset by venue.</summary>
internal sealed class PegBook(Peg peg)
{
    private const int VenuesMax = 64;

    public Peg Peg { get; } = peg;

    public PegMemory Memory { get; set; } = new(peg.Asset, Standing.Unknown, []);

    public void Take(string venue, decimal price, DateTimeOffset now, TimeSpan staleAfter)
    {
        var venues = Memory.Venues.ToList();
        var place = venues.FindIndex(known => known.Venue == venue);
        // The configuration names the feeds, so there are a few; what is not, cannot fill the memory either.
        if (place < 0 && venues.Count == VenuesMax)
            return;
        // Where nobody was heard for so long that nothing counted any more, nothing stood either.
        var median = Fresh(now).Count == 0 ? Standing.Unknown : Memory.Median;
        var before = place < 0 ? Standing.Unknown : Current(venues[place], now);
        var after = new VenueMemory(venue, before.Take(price, now, Peg), staleAfter);
        if (place < 0)
            venues.Add(after);
        else
            venues[place] = after;
        Memory = Memory with { Venues = venues.ToValueList() };
        Memory = Memory with
        {
            Median = median.Take(VenueMedian.Of(Fresh(now), Peg.ParUsd), now, Peg),
        };
    }

    /// <summary>The venues whose price still counts.</summary>
    public IReadOnlyList<VenuePrice> Fresh(DateTimeOffset now) =>
        [.. Memory.Venues.Where(venue => Current(venue, now).Price is not null)
            .Select(venue => new VenuePrice(venue.Venue, venue.Standing.Price!.Value, venue.Standing.At))];

    private static Standing Current(VenueMemory venue, DateTimeOffset now) =>
        now - venue.Standing.At <= venue.StaleAfter ? venue.Standing : Standing.Unknown;
}
