using System.Numerics;
using Tocsin.Chains;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Inputs;

namespace Tocsin.Evm.Reads;

/// <summary>The newest round as an aggregator tells it, unjudged.</summary>
/// <param name="Answer">In the aggregator's smallest unit; not a price where it is zero or below.</param>
/// <param name="Price">The same in whole units; 0 where it is no price, or beyond what a decimal holds.</param>
/// <param name="UpdatedAt">Seconds of Unix time; 0 where the round is not complete.</param>
/// <param name="AnsweredInRound">The round that the answer is of; below <paramref name="Round"/> where it was carried
/// over.</param>
public sealed record AggregatorRound(
    UInt256 Round, BigInteger Answer, decimal Price, UInt256 UpdatedAt, UInt256 AnsweredInRound);

/// <summary>
/// A price of a Chainlink-style aggregator (<c>AggregatorV3Interface.latestRoundData()</c>), which stands behind a
/// proxy that its operator can point elsewhere.
/// </summary>
/// <param name="proxy">The address that users are told.</param>
/// <param name="staleAfter">An answer older than this is no price: heartbeat of the feed plus some grace.</param>
public sealed class ChainlinkFeed(Address proxy, TimeSpan staleAfter)
{
    private static readonly AbiFunction LatestRoundData = AbiFunction.Parse(
        "latestRoundData() returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, "
            + "uint80 answeredInRound)");
    private static readonly AbiFunction Decimals = AbiFunction.Parse("decimals() returns (uint8)");
    private static readonly AbiFunction Aggregator = AbiFunction.Parse("aggregator() returns (address)");

    private readonly DeclaredRead<IReadOnlyList<object>> round = DeclaredRead.CallAll(proxy, LatestRoundData);
    private readonly DeclaredRead<UInt256> decimals = DeclaredRead.Call<UInt256>(proxy, Decimals);
    private readonly DeclaredRead<Address> aggregator = DeclaredRead.Call<Address>(proxy, Aggregator);

    public ValueList<StateRead> Reads => [round.Read, decimals.Read, aggregator.Read];

    /// <summary>
    /// The aggregator behind the proxy (<c>aggregator()</c>), whose change is news; null where the address is not a
    /// proxy.
    /// </summary>
    public Address? AggregatorIn(ReadAnswers answers) =>
        aggregator.TryFind(answers, out var address) ? address : null;

    /// <summary>What <c>latestRoundData()</c> says, for who judges it himself; null where it does not answer.</summary>
    public AggregatorRound? RoundIn(ReadAnswers answers)
    {
        if (!round.TryFind(answers, out var fields) || !decimals.TryFind(answers, out _))
            return null;
        var answer = (BigInteger)fields[1];
        return new AggregatorRound(
            (UInt256)fields[0], answer, ToUnits(answers, answer) ?? 0, (UInt256)fields[3], (UInt256)fields[4]);
    }

    /// <summary>A number of the aggregator's smallest units in whole ones; null where its decimals are not known or no
    /// decimal holds it, or it is zero or below.</summary>
    public decimal? ToUnits(ReadAnswers answers, BigInteger answer) =>
        answer.Sign > 0 && decimals.TryFind(answers, out var scale)
            ? PriceReading.ToDecimal(answer, BigInteger.Pow(10, (int)scale.ToUInt64()))
            : null;

    /// <param name="now">The time of the block on whose state the answers are.</param>
    public PriceReading PriceIn(ReadAnswers answers, DateTimeOffset now)
    {
        if (!round.TryFind(answers, out var fields) || !decimals.TryFind(answers, out var scale))
            return new PriceReading.None($"{proxy} does not answer as an aggregator does");
        var (roundId, answer) = ((UInt256)fields[0], (BigInteger)fields[1]);
        var (updatedAt, answeredInRound) = ((UInt256)fields[3], (UInt256)fields[4]);
        if (updatedAt.IsZero)
            return new PriceReading.None($"round {roundId} is not complete");
        if (updatedAt > (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds())
            return new PriceReading.None($"the time of the answer, {updatedAt}, is beyond any calendar");
        var madeAt = DateTimeOffset.FromUnixTimeSeconds((long)updatedAt.ToUInt64());
        if (madeAt > now)
            return new PriceReading.None($"the answer is of {madeAt:u}, after the block that it was read at");
        if (now - madeAt > staleAfter)
            return new PriceReading.None($"the answer is of {madeAt:u}, older than {staleAfter}");
        // The field is kept for old aggregators that could carry an answer over; new ones always name this round.
        if (answeredInRound < roundId)
            return new PriceReading.None($"the answer of round {roundId} was carried over from {answeredInRound}");
        return answer.Sign > 0
            ? PriceReading.OfRatio(answer, BigInteger.Pow(10, (int)scale.ToUInt64()), madeAt)
            : new PriceReading.None($"the answer is {answer}, which is no price");
    }
}
