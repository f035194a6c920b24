using System.Buffers.Binary;
using Tocsin.Chains;

namespace Tocsin.Detection;

/// <summary>
/// Arithmetic on amounts from the chain that never overflows: anyone can write any number into an event. Units,
/// prices and dollars are cut to bounds far above anything real, so that sums and products of them fit a decimal.
/// </summary>
internal static class Amounts
{
    public const decimal UnitsMax = 1_000_000_000_000_000_000m;
    public const decimal PriceMax = 1_000_000_000_000m;
    public const decimal UsdMax = 1_000_000_000_000_000m;
    public const decimal PriceMin = 0.000_000_000_001m;

    // Beyond this many a power of ten does not fit 128 bits, nor what is left of an amount a decimal.
    private const int PlainDecimalsMax = 36;
    private const int PlacesKept = 9;
    private static readonly UInt128[] PowersOfTen = MakePowersOfTen();

    /// <summary>See <see cref="UInt256.ToUnits"/>: the same digits, without large integers where 128 bits do.</summary>
    public static decimal Units(UInt256 amount, int decimals)
    {
        Span<byte> word = stackalloc byte[UInt256.ByteCount];
        amount.CopyTo(word);
        if (decimals is < 1 or > PlainDecimalsMax || word[..16].ContainsAnyExcept((byte)0))
            return Math.Min(amount.ToUnits(decimals), UnitsMax);
        var (whole, rest) = UInt128.DivRem(BinaryPrimitives.ReadUInt128BigEndian(word[16..]), PowersOfTen[decimals]);
        if (whole > (UInt128)UnitsMax)
            return UnitsMax;
        var dropped = Math.Max(0, decimals - PlacesKept);
        return Math.Min(UnitsMax,
            (decimal)whole + ((decimal)(rest / PowersOfTen[dropped]) / (decimal)PowersOfTen[decimals - dropped]));
    }

    /// <summary>Value in US dollars of signed units at a price.</summary>
    public static decimal Usd(decimal units, decimal price)
    {
        if (price <= 0 || units == 0)
            return 0;
        var magnitude = Math.Abs(units);
        var bounded = Math.Max(price, PriceMin);
        return magnitude > UsdMax / bounded ? UsdMax * Math.Sign(units) : units * bounded;
    }

    /// <summary>Quote units for one base unit; null where a reserve is empty.</summary>
    public static decimal? Price(decimal baseUnits, decimal quoteUnits) =>
        baseUnits <= 0 || quoteUnits <= 0 ? null : Math.Clamp(quoteUnits / baseUnits, PriceMin, PriceMax);

    /// <summary>Distance between two prices as a fraction, the same for a rise and for the fall that undoes it. What
    /// is beyond all prices counts as the last of them.</summary>
    public static decimal Deviation(decimal price, decimal reference)
    {
        var (one, other) = (Math.Clamp(price, PriceMin, PriceMax), Math.Clamp(reference, PriceMin, PriceMax));
        return one > other ? one / other - 1 : other / one - 1;
    }

    public static UInt256 AddSaturating(UInt256 left, UInt256 right) =>
        left > UInt256.MaxValue - right ? UInt256.MaxValue : left + right;

    private static UInt128[] MakePowersOfTen()
    {
        var powers = new UInt128[PlainDecimalsMax + 1];
        powers[0] = 1;
        for (var i = 1; i < powers.Length; i++)
            powers[i] = powers[i - 1] * 10;
        return powers;
    }
}
