using System.Numerics;
using Tocsin.Chains;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Inputs;

namespace Tocsin.Evm.Reads;

/// <summary>
/// The counter of a pair at an instant (<c>price0CumulativeLast</c> or <c>price1CumulativeLast</c>, brought to that
/// instant): seconds times price as UQ112x112, modulo 2^256.
/// </summary>
/// <param name="Seconds">Of Unix time modulo 2^32, as the pair keeps time.</param>
public readonly record struct CumulativePrice(UInt256 Counter, uint Seconds, int DecimalsOfPriced, int DecimalsOfMoney);

/// <summary>The price of a token in a Uniswap V2 pair, now (which one trade moves) and averaged over time.</summary>
/// <param name="priced">The token whose price is wanted.</param>
/// <param name="money">The pair's other token, in which it is priced.</param>
public sealed class UniswapV2Pair(Address pair, Address priced, Address money)
{
    private static readonly AbiFunction Token0 = AbiFunction.Parse("token0() returns (address)");
    private static readonly AbiFunction Token1 = AbiFunction.Parse("token1() returns (address)");
    private static readonly AbiFunction GetReserves = AbiFunction.Parse(
        "getReserves() returns (uint112 reserve0, uint112 reserve1, uint32 blockTimestampLast)");
    private static readonly AbiFunction Price0 = AbiFunction.Parse("price0CumulativeLast() returns (uint256)");
    private static readonly AbiFunction Price1 = AbiFunction.Parse("price1CumulativeLast() returns (uint256)");

    private readonly DeclaredRead<Address> token0 = DeclaredRead.Call<Address>(pair, Token0);
    private readonly DeclaredRead<Address> token1 = DeclaredRead.Call<Address>(pair, Token1);
    private readonly DeclaredRead<IReadOnlyList<object>> reserves = DeclaredRead.CallAll(pair, GetReserves);
    private readonly DeclaredRead<UInt256> price0 = DeclaredRead.Call<UInt256>(pair, Price0);
    private readonly DeclaredRead<UInt256> price1 = DeclaredRead.Call<UInt256>(pair, Price1);
    private readonly DeclaredRead<UInt256> decimalsOfPriced = ProtocolReads.Decimals(priced);
    private readonly DeclaredRead<UInt256> decimalsOfMoney = ProtocolReads.Decimals(money);

    public ValueList<StateRead> Reads =>
    [
        token0.Read, token1.Read, reserves.Read, price0.Read, price1.Read, decimalsOfPriced.Read, decimalsOfMoney.Read,
    ];

    /// <summary>The ratio of the reserves (<c>getReserves()</c>).</summary>
    public PriceReading SpotIn(ReadAnswers answers)
    {
        if (!TryState(answers, out var state))
            return new PriceReading.None($"{pair} does not answer as a pair of {priced} and {money} does");
        var (numerator, denominator) = PriceReading.InWholeUnits(
            state.OfMoney, state.OfPriced, state.DecimalsOfPriced, state.DecimalsOfMoney);
        return PriceReading.OfRatio(numerator, denominator);
    }

    /// <summary>
    /// The counter as it would stand if the pair were touched now (Uniswap V2 <c>UniswapV2OracleLibrary
    /// .currentCumulativePrices</c>); null where the pair does not answer or is empty.
    /// </summary>
    /// <param name="now">The time of the block on whose state the answers are.</param>
    public CumulativePrice? CounterIn(ReadAnswers answers, DateTimeOffset now)
    {
        if (!TryState(answers, out var state) || state.OfPriced.IsZero || state.OfMoney.IsZero)
            return null;
        if (!(state.IsPriced0 ? price0 : price1).TryFind(answers, out var counter))
            return null;
        var seconds = unchecked((uint)now.ToUnixTimeSeconds());
        var since = unchecked(seconds - state.LastSeconds);
        var added = (state.OfMoney << 112) / state.OfPriced * since;
        var brought = ((BigInteger)counter + added) & (BigInteger)UInt256.MaxValue;
        return new CumulativePrice((UInt256)brought, seconds, state.DecimalsOfPriced, state.DecimalsOfMoney);
    }

    /// <summary>
    /// The mean price between two counters, the time-weighted average. Both time and counter wrap around, as the
    /// pair's own arithmetic does; two readings more than 2^32 seconds apart cannot be told from closer ones.
    /// </summary>
    public static PriceReading Average(CumulativePrice earlier, CumulativePrice later)
    {
        var seconds = unchecked(later.Seconds - earlier.Seconds);
        if (seconds == 0)
            return new PriceReading.None("no time passed between the two readings");
        var difference = (BigInteger)later.Counter - (BigInteger)earlier.Counter;
        if (difference.Sign < 0)
            difference += BigInteger.One << 256;
        var (numerator, denominator) = PriceReading.InWholeUnits(
            difference, (BigInteger)seconds << 112, later.DecimalsOfPriced, later.DecimalsOfMoney);
        return PriceReading.OfRatio(numerator, denominator);
    }

    private bool TryState(ReadAnswers answers, out State state)
    {
        state = default;
        if (!token0.TryFind(answers, out var first) || !token1.TryFind(answers, out var second)
            || !reserves.TryFind(answers, out var fields)
            || !decimalsOfPriced.TryFind(answers, out var pricedDecimals)
            || !decimalsOfMoney.TryFind(answers, out var moneyDecimals))
        {
            return false;
        }
        var isPriced0 = first == priced && second == money;
        if (!isPriced0 && !(first == money && second == priced))
            return false;
        var (reserve0, reserve1) = ((BigInteger)(UInt256)fields[0], (BigInteger)(UInt256)fields[1]);
        state = new State(
            isPriced0,
            isPriced0 ? reserve0 : reserve1,
            isPriced0 ? reserve1 : reserve0,
            (uint)((UInt256)fields[2]).ToUInt64(),
            (int)pricedDecimals.ToUInt64(),
            (int)moneyDecimals.ToUInt64());
        return true;
    }

    private readonly record struct State(
        bool IsPriced0,
        BigInteger OfPriced,
        BigInteger OfMoney,
        uint LastSeconds,
        int DecimalsOfPriced,
        int DecimalsOfMoney);
}
