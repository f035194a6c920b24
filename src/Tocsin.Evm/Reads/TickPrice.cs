using System.Numerics;

namespace Tocsin.Evm.Reads;

/// <summary>Prices of Uniswap V3 ticks, 1.0001^tick, in whole-number arithmetic.</summary>
internal static class TickPrice
{
    /// <summary>Beyond it the square root of the price no longer fits its 160 bits (TickMath.MAX_TICK).</summary>
    public const int TickMax = 887_272;

    private const int FractionBits = 512;

    /// <summary>The mean of the ticks between two cumulative ticks, rounded toward negative infinity.</summary>
    public static BigInteger MeanTick(BigInteger earlier, BigInteger later, uint seconds)
    {
        var quotient = BigInteger.DivRem(later - earlier, seconds, out var rest);
        return rest.Sign < 0 ? quotient - 1 : quotient;
    }

    /// <summary>
    /// 1.0001^tick as a ratio that is exact or high by less than one part in 2^489, where a decimal has 96 bits: cut
    /// off there it is exact, short of a price that close below a decimal. Proof: let f be 2^-512 and e(k) the relative
    /// error of what stands for 1.0001^k, which is cut off and never below 1. Then e(1) &lt; f; and a product has the
    /// errors of its factors and less than f for being cut off, so e(m + n) &lt; e(m) + e(n) + f. By induction
    /// e(k) &lt; (2k - 1) f. As k is at most 887,272 &lt; 2^20, e(k) &lt; 2^-491. One part in 2^490 is added to make it
    /// high; the reciprocal, for a negative tick, is high by itself.
    /// </summary>
    public static (BigInteger Numerator, BigInteger Denominator) Of(int tick)
    {
        var one = BigInteger.One << FractionBits;
        var power = (10_001 * one) / 10_000;
        var product = one;
        for (var rest = Math.Abs(tick); rest > 0; rest >>= 1)
        {
            if ((rest & 1) != 0)
                product = (product * power) >> FractionBits;
            power = (power * power) >> FractionBits;
        }
        return tick >= 0 ? (product + (product >> (FractionBits - 22)), one) : (one, product);
    }
}
