using System.Numerics;
using Tocsin.Chains;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Inputs;

namespace Tocsin.Evm.Reads;

/// <summary>The price of a token in a Uniswap V3 pool, now (which one trade moves) and averaged over time.</summary>
/// <param name="priced">The token whose price is wanted.</param>
/// <param name="money">The pool's other token, in which it is priced.</param>
/// <param name="window">What the average is over, in whole seconds up to the block.</param>
public sealed class UniswapV3Pool(Address pool, Address priced, Address money, TimeSpan window)
{
    private static readonly AbiFunction Token0 = AbiFunction.Parse("token0() returns (address)");
    private static readonly AbiFunction Token1 = AbiFunction.Parse("token1() returns (address)");
    // Forks differ in what follows, and the decoder does not mind more.
    private static readonly AbiFunction Slot0 =
        AbiFunction.Parse("slot0() returns (uint160 sqrtPriceX96, int24 tick)");
    private static readonly AbiFunction Observe = AbiFunction.Parse(
        "observe(uint32[] secondsAgos) "
            + "returns (int56[] tickCumulatives, uint160[] secondsPerLiquidityCumulativeX128s)");

    private readonly DeclaredRead<Address> token0 = DeclaredRead.Call<Address>(pool, Token0);
    private readonly DeclaredRead<Address> token1 = DeclaredRead.Call<Address>(pool, Token1);
    private readonly DeclaredRead<IReadOnlyList<object>> slot0 = DeclaredRead.CallAll(pool, Slot0);
    private readonly DeclaredRead<IReadOnlyList<object>> observe =
        DeclaredRead.CallAll(pool, Observe, (object)(object[])[(UInt256)Seconds(window), UInt256.Zero]);
    private readonly DeclaredRead<UInt256> decimalsOfPriced = ProtocolReads.Decimals(priced);
    private readonly DeclaredRead<UInt256> decimalsOfMoney = ProtocolReads.Decimals(money);

    public ValueList<StateRead> Reads =>
        [token0.Read, token1.Read, slot0.Read, observe.Read, decimalsOfPriced.Read, decimalsOfMoney.Read];

    /// <summary>The square of <c>slot0().sqrtPriceX96</c> over 2^192: token 1 for one of token 0.</summary>
    public PriceReading SpotIn(ReadAnswers answers)
    {
        if (!TryTokens(answers, out var tokens) || !slot0.TryFind(answers, out var fields))
            return NoPool();
        var root = (BigInteger)(UInt256)fields[0];
        return Price(root * root, BigInteger.One << 192, tokens);
    }

    /// <summary>
    /// 1.0001 to the power of the mean tick of the window (<c>observe([window, 0])</c>, the mean rounded toward
    /// negative infinity as in <c>OracleLibrary.consult</c>).
    /// </summary>
    public PriceReading AverageIn(ReadAnswers answers)
    {
        if (!TryTokens(answers, out var tokens))
            return NoPool();
        if (!observe.TryFind(answers, out var fields) || fields[0] is not object[] { Length: 2 } ticks)
            return new PriceReading.None($"pool {pool} does not remember {window}");
        var mean = TickPrice.MeanTick((BigInteger)ticks[0], (BigInteger)ticks[1], Seconds(window));
        if (BigInteger.Abs(mean) > TickPrice.TickMax)
            return new PriceReading.None($"pool {pool} gives a mean tick of {mean}, beyond any price");
        var (numerator, denominator) = TickPrice.Of((int)mean);
        return Price(numerator, denominator, tokens);
    }

    private static PriceReading Price(BigInteger numerator, BigInteger denominator, Tokens tokens)
    {
        var (above, below) = tokens.IsPriced0 ? (numerator, denominator) : (denominator, numerator);
        (above, below) = PriceReading.InWholeUnits(above, below, tokens.DecimalsOfPriced, tokens.DecimalsOfMoney);
        return PriceReading.OfRatio(above, below);
    }

    private PriceReading.None NoPool() => new($"{pool} does not answer as a pool of {priced} and {money} does");

    private bool TryTokens(ReadAnswers answers, out Tokens tokens)
    {
        tokens = default;
        if (!token0.TryFind(answers, out var first) || !token1.TryFind(answers, out var second)
            || !decimalsOfPriced.TryFind(answers, out var pricedDecimals)
            || !decimalsOfMoney.TryFind(answers, out var moneyDecimals))
        {
            return false;
        }
        tokens = new Tokens(first == priced, (int)pricedDecimals.ToUInt64(), (int)moneyDecimals.ToUInt64());
        return (first == priced && second == money) || (first == money && second == priced);
    }

    private static uint Seconds(TimeSpan window) =>
        window >= TimeSpan.FromSeconds(1) && window.TotalSeconds <= uint.MaxValue
            ? (uint)window.TotalSeconds
            : throw new ArgumentOutOfRangeException(nameof(window), window, "a mean needs at least a second");

    private readonly record struct Tokens(bool IsPriced0, int DecimalsOfPriced, int DecimalsOfMoney);
}
