using System.Numerics;

namespace Tocsin.Evm.Reads;

/// <summary>What a source on the chain says about a price: a price, or why there is none.</summary>
public abstract record PriceReading
{
    private PriceReading()
    {
    }

    /// <param name="Value">
    /// Of one whole unit of the asset, in whole units of what it is priced in; the exact value cut off at 28
    /// significant digits or decimal places, whichever comes first.
    /// </param>
    /// <param name="MadeAt">When the source made it; null where it holds for the block that was read.</param>
    public sealed record Price(decimal Value, DateTimeOffset? MadeAt) : PriceReading;

    /// <param name="Why">For people.</param>
    public sealed record None(string Why) : PriceReading;

    /// <summary>A price that is a ratio of whole numbers. Zero, and what no decimal holds, is no price.</summary>
    internal static PriceReading OfRatio(
        BigInteger numerator, BigInteger denominator, DateTimeOffset? madeAt = null)
    {
        if (denominator.IsZero)
            return new None("nothing of one side is left to divide by");
        return ToDecimal(numerator, denominator) is { } value and > 0
            ? new Price(value, madeAt)
            : new None("the price is zero, or beyond what a decimal holds");
    }

    /// <summary>Cut off, never rounded up; null where the whole part needs more than 96 bits.</summary>
    internal static decimal? ToDecimal(BigInteger numerator, BigInteger denominator)
    {
        const int scaleMax = 28;
        var max = (BigInteger)decimal.MaxValue;
        if (BigInteger.Divide(numerator, denominator) > max)
            return null;
        var scale = scaleMax;
        var digits = BigInteger.Divide(numerator * BigInteger.Pow(10, scale), denominator);
        while (digits > max)
        {
            digits /= 10;
            scale--;
        }
        Span<byte> bytes = stackalloc byte[12];
        digits.TryWriteBytes(bytes, out _, isUnsigned: true);
        return new decimal(
            BitConverter.ToInt32(bytes), BitConverter.ToInt32(bytes[4..]), BitConverter.ToInt32(bytes[8..]), false,
            (byte)scale);
    }

    /// <summary>Brings a ratio of smallest units to one of whole units.</summary>
    internal static (BigInteger Numerator, BigInteger Denominator) InWholeUnits(
        BigInteger numerator, BigInteger denominator, int decimalsOfPriced, int decimalsOfMoney) =>
        (numerator * BigInteger.Pow(10, decimalsOfPriced), denominator * BigInteger.Pow(10, decimalsOfMoney));
}
