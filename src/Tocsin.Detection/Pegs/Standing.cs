using Tocsin.Findings;

namespace Tocsin.Detection.Pegs;

/// <summary>
/// Since when a price has stood beyond each limit, on the same side of par. A price counts as standing from its tick to
/// the next tick that comes later: what is already replaced by another at the same instant stood for nothing. What came
/// back within a limit, but not within the next lower one, has not recovered: its time goes on.
/// </summary>
/// <param name="Price">The last one told; null where there was none, or it went stale.</param>
/// <param name="At">When it was told.</param>
/// <param name="CriticalSince">Null where it does not stand beyond that limit; so for the others.</param>
public sealed record Standing(
    decimal? Price,
    DateTimeOffset At,
    DateTimeOffset? CriticalSince,
    DateTimeOffset? HighSince,
    DateTimeOffset? ElevatedSince)
{
    public static Standing Unknown { get; } = new(null, DateTimeOffset.MinValue, null, null, null);

    /// <summary>What stood until now has stood until now; from now on there is another price.</summary>
    public Standing Take(decimal? price, DateTimeOffset now, Peg peg)
    {
        var settled = now > At ? Settle(peg) : this;
        var crossed = settled.Price is { } before && price is { } after
            && Math.Sign(before - peg.ParUsd) != Math.Sign(after - peg.ParUsd);
        return crossed && now > At
            ? Unknown with { Price = price, At = now }
            : settled with { Price = price, At = now };
    }

    /// <summary>The severity that its last price and the time it stood call for; null where none does.</summary>
    public Severity? Reached(DateTimeOffset now, Peg peg)
    {
        if (Price is not { } price)
            return null;
        var deviation = Deviation(price, peg);
        if (deviation >= peg.Critical && now - CriticalSince >= peg.HeldFor)
            return Severity.Critical;
        if (deviation >= peg.High && now - HighSince >= peg.HeldFor)
            return Severity.High;
        return deviation >= peg.Elevated && now - ElevatedSince >= peg.ElevatedFor ? Severity.Elevated : null;
    }

    /// <summary>Since when it stands beyond the limit of that severity.</summary>
    public DateTimeOffset? Since(Severity severity) => severity switch
    {
        Severity.Critical => CriticalSince,
        Severity.High => HighSince,
        _ => ElevatedSince,
    };

    public static decimal Deviation(decimal price, Peg peg) => Math.Abs(price - peg.ParUsd) / peg.ParUsd;

    private Standing Settle(Peg peg)
    {
        if (Price is not { } price)
            return Unknown;
        var deviation = Deviation(price, peg);
        return this with
        {
            CriticalSince = Since(CriticalSince, peg.Critical, peg.High),
            HighSince = Since(HighSince, peg.High, peg.Elevated),
            ElevatedSince = Since(ElevatedSince, peg.Elevated, peg.Elevated),
        };

        DateTimeOffset? Since(DateTimeOffset? since, decimal limit, decimal released) =>
            deviation >= limit ? since ?? At : deviation >= released ? since : null;
    }
}
