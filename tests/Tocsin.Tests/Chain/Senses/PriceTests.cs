using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Tocsin.Chains;
using Tocsin.Evm.Inputs;
using Tocsin.Evm.Reads;

namespace Tocsin.Tests.Chain.Senses;

public sealed class ChainlinkFeedTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
    private static readonly Address Proxy = Address.Parse("0x00000000000000000000000000000000000fee0d");
    private static readonly ChainlinkFeed Feed = new(Proxy, TimeSpan.FromHours(1));

    [Fact]
    public void A_fresh_answer_is_a_price_with_its_time()
    {
        var answers = Round(answer: 99_980_000, secondsAgo: 3_600);

        Assert.Equal(new PriceReading.Price(0.9998m, Now.AddHours(-1)), Feed.PriceIn(answers, Now));
        Assert.Equal(Address.Parse("0x0000000000000000000000000000000000000a99"), Feed.AggregatorIn(answers));
    }

    [Theory]
    [InlineData(0, 10, 7, 7, "which is no price")]
    [InlineData(-1, 10, 7, 7, "which is no price")]
    [InlineData(1, 3_601, 7, 7, "older than")]
    [InlineData(1, -1, 7, 7, "after the block")]
    [InlineData(1, 1_700_000_000, 7, 7, "not complete")]
    [InlineData(1, 10, 7, 6, "carried over")]
    public void What_is_stale_incomplete_or_no_amount_is_no_price(
        long answer, int secondsAgo, int round, int answeredInRound, string why)
    {
        var reading = Feed.PriceIn(Round(answer, secondsAgo, round, answeredInRound), Now);

        Assert.Contains(why, Assert.IsType<PriceReading.None>(reading).Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_contract_that_is_no_aggregator_gives_no_price()
    {
        Assert.IsType<PriceReading.None>(Feed.PriceIn(new ReadAnswers([]), Now));
        Assert.IsType<PriceReading.None>(
            Feed.PriceIn(Answers.Of(Feed.Reads, [new byte[32], Answers.Word(8), null]), Now));
        Assert.Null(Feed.AggregatorIn(Answers.Of(Feed.Reads, [null, null, null])));
    }

    [Fact]
    public void A_time_beyond_any_calendar_is_no_price() => Assert.IsType<PriceReading.None>(Feed.PriceIn(
        Answers.Of(
            Feed.Reads,
            [
                [.. Answers.Word(1), .. Answers.Word(1), .. Answers.Word(1),
                    .. Answers.Word((BigInteger)UInt256.MaxValue), .. Answers.Word(1)],
                Answers.Word(8), null,
            ]),
        Now));

    private static ReadAnswers Round(long answer, int secondsAgo, int round = 7, int answeredInRound = 7) => Answers.Of(
        Feed.Reads,
        [
            [.. Answers.Word(round), .. Answers.Word(answer), .. Answers.Word(1),
                .. Answers.Word(Now.ToUnixTimeSeconds() - secondsAgo), .. Answers.Word(answeredInRound)],
            Answers.Word(8),
            Answers.Word(0xa99),
        ]);
}

public sealed class UniswapV2PairTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
    private static readonly Address Gem = Address.Parse("0x0000000000000000000000000000000000000009");
    private static readonly Address Dollar = Address.Parse("0x000000000000000000000000000000000000000a");
    private static readonly UniswapV2Pair GemInDollars = new(Address.Zero, Gem, Dollar);
    private static readonly UniswapV2Pair DollarInGems = new(Address.Zero, Dollar, Gem);

    [Fact]
    public void The_spot_price_is_the_ratio_of_the_reserves_in_whole_units()
    {
        var state = new PairState(Gem, Dollar, 3 * Answers.Pow10(18), 4_500_000);

        Assert.Equal(new PriceReading.Price(1.5m, null), GemInDollars.SpotIn(state.Answer(GemInDollars, 18, 6)));
        Assert.Equal(
            new PriceReading.Price(0.6666666666666666666666666666m, null),
            DollarInGems.SpotIn(state.Answer(DollarInGems, 6, 18)));
    }

    [Fact]
    public void An_empty_pair_and_a_pair_of_other_tokens_have_no_price()
    {
        Assert.IsType<PriceReading.None>(
            GemInDollars.SpotIn(new PairState(Gem, Dollar, 0, 5).Answer(GemInDollars, 18, 6)));
        Assert.IsType<PriceReading.None>(
            GemInDollars.SpotIn(new PairState(Gem, Dollar, 5, 0).Answer(GemInDollars, 18, 6)));
        Assert.IsType<PriceReading.None>(
            GemInDollars.SpotIn(new PairState(Gem, Proxy, 5, 5).Answer(GemInDollars, 18, 6)));
        Assert.Null(GemInDollars.CounterIn(new PairState(Gem, Dollar, 0, 5).Answer(GemInDollars, 18, 6), Now));
    }

    [Fact]
    public void Reserves_that_never_changed_average_to_the_spot_price() => Prop.ForAll<int>(seed =>
    {
        var random = new System.Random(seed);
        var (gems, dollars) = (random.NextInt64(1, 1L << 50), random.NextInt64(1, 1L << 50));
        // Anywhere on the circles of time and counter, so also across their ends.
        var counter = new BigInteger(random.NextInt64()) * random.NextInt64() * random.NextInt64() * random.NextInt64();
        if (random.Next(2) == 0)
            counter = (BigInteger)UInt256.MaxValue - random.Next(1_000);
        var start = DateTimeOffset.FromUnixTimeSeconds((1L << 32) - random.Next(2_000));
        var state = new PairState(Gem, Dollar, gems, dollars, counter, (uint)(start.ToUnixTimeSeconds() - 5));
        var earlier = GemInDollars.CounterIn(state.Answer(GemInDollars, 0, 0), start)!.Value;
        var later = GemInDollars.CounterIn(
            state.Answer(GemInDollars, 0, 0), start.AddSeconds(random.Next(1, 4_000)))!.Value;

        var exact = (BigInteger)dollars * Answers.Pow10(20) / gems;
        return UniswapV2Pair.Average(earlier, later) is PriceReading.Price price
            && BigInteger.Abs(new BigInteger(price.Value * 1_000_000) - (exact / Answers.Pow10(14))) <= 1;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_average_weighs_prices_by_how_long_they_stood()
    {
        // 100 s at 2, then 300 s at 4: the pair was touched once, 200 s before the second look.
        var before = new PairState(Gem, Dollar, 10, 20, 0, Seconds(0));
        var counter = (BigInteger.One << 113) * 100;
        var after = new PairState(Gem, Dollar, 10, 40, counter, Seconds(100));

        var earlier = GemInDollars.CounterIn(before.Answer(GemInDollars, 0, 0), Now)!.Value;
        var later = GemInDollars.CounterIn(after.Answer(GemInDollars, 0, 0), Now.AddSeconds(400))!.Value;

        Assert.Equal(new PriceReading.Price(3.5m, null), UniswapV2Pair.Average(earlier, later));
    }

    [Fact]
    public void The_other_direction_uses_the_other_counter()
    {
        var state = new PairState(Gem, Dollar, 10, 20, 1, Seconds(0), Counter1: 2);

        var counter = DollarInGems.CounterIn(state.Answer(DollarInGems, 0, 0), Now)!.Value;

        Assert.Equal((UInt256)2UL, counter.Counter);
    }

    [Fact]
    public void No_time_is_no_average()
    {
        var counter = new CumulativePrice(UInt256.One, 5, 0, 0);

        Assert.IsType<PriceReading.None>(UniswapV2Pair.Average(counter, counter));
    }

    private static Address Proxy => Address.Parse("0x00000000000000000000000000000000000fee0d");

    private static uint Seconds(int after) => (uint)(Now.ToUnixTimeSeconds() + after);

    private sealed record PairState(
        Address Token0,
        Address Token1,
        BigInteger Reserve0,
        BigInteger Reserve1,
        BigInteger Counter0 = default,
        uint LastSeconds = 0,
        BigInteger Counter1 = default)
    {
        public ReadAnswers Answer(UniswapV2Pair pair, int decimalsOfPriced, int decimalsOfMoney) => Answers.Of(
            pair.Reads,
            [
                Answers.Word(Token0), Answers.Word(Token1),
                [.. Answers.Word(Reserve0), .. Answers.Word(Reserve1), .. Answers.Word(LastSeconds)],
                Answers.Word(Counter0), Answers.Word(Counter1),
                Answers.Word(decimalsOfPriced), Answers.Word(decimalsOfMoney),
            ]);
    }
}

public sealed class UniswapV3PoolTests
{
    private static readonly Address Usdc = Address.Parse("0x0000000000000000000000000000000000000009");
    private static readonly Address Weth = Address.Parse("0x000000000000000000000000000000000000000a");
    private static readonly UniswapV3Pool UsdcInWeth = new(Address.Zero, Usdc, Weth, TimeSpan.FromMinutes(10));
    private static readonly UniswapV3Pool WethInUsdc = new(Address.Zero, Weth, Usdc, TimeSpan.FromMinutes(10));

    // TickMath.MIN_SQRT_RATIO, MAX_SQRT_RATIO and others of getSqrtRatioAtTick, as its tests give them.
    [Theory]
    [InlineData(-887_272, "4295128739")]
    [InlineData(-500_000, "1101692437043807371")]
    [InlineData(-50, "79030349367926598376800521322")]
    [InlineData(0, "79228162514264337593543950336")]
    [InlineData(50, "79426470787362580746886972461")]
    [InlineData(250_000, "21246587762933397357449903968194344")]
    [InlineData(500_000, "5697689776495288729098254600827762987878")]
    [InlineData(738_203, "847134979253254120489401328389043031315994541")]
    public void A_tick_is_the_price_that_the_pool_itself_computes(int tick, string root)
    {
        // Decimals that bring the price near one, where a decimal has the most digits.
        var (above, below) = tick < 0 ? (-tick / 23_028, 0) : (0, tick / 23_028);
        var mean = Average(UsdcInWeth, 0, tick * new BigInteger(600), above, below);
        var spot = Spot(UsdcInWeth, BigInteger.Parse(root), above, below);

        // The pool rounds its root up to a whole number, which in small roots is a large part.
        var tolerance = 4 / (decimal)BigInteger.Min(BigInteger.Parse(root), Answers.Pow10(20));
        Assert.InRange(Value(mean) / Value(spot), 1 - tolerance, 1 + tolerance);
    }

    [Fact]
    public void A_tick_beyond_any_price_is_no_price()
    {
        Assert.IsType<PriceReading.None>(Average(UsdcInWeth, 0, 887_273 * new BigInteger(600), 0, 18));
        Assert.IsType<PriceReading.None>(Average(UsdcInWeth, 0, -887_273 * new BigInteger(600), 36, 0));
    }

    [Fact]
    public void One_tick_is_one_hundredth_of_a_percent_exactly()
    {
        Assert.Equal(1.0001m, Value(Average(UsdcInWeth, 0, 600, 0, 0)));
        Assert.Equal(1.00020001m, Value(Average(UsdcInWeth, 0, 1_200, 0, 0)));
        Assert.Equal(0.9999000099990000999900009999m, Value(Average(WethInUsdc, 0, 600, 0, 0)));
    }

    [Theory]
    [InlineData(600, 1)]
    [InlineData(599, 0)]
    [InlineData(0, 0)]
    [InlineData(-1, -1)]
    [InlineData(-599, -1)]
    [InlineData(-600, -1)]
    [InlineData(-601, -2)]
    public void The_mean_tick_is_rounded_toward_negative_infinity(int difference, int tick)
    {
        var expected = Average(UsdcInWeth, 0, tick * new BigInteger(600), 0, 0);

        Assert.Equal(expected, Average(UsdcInWeth, -5_000, difference - 5_000, 0, 0));
    }

    [Fact]
    public void Both_directions_and_decimals_are_told_apart()
    {
        // 2,000 USDC (6 decimals) for one WETH (18): one smallest unit of USDC is 5e8 wei.
        var root = Root(BigInteger.Pow(10, 9), 2);

        Assert.InRange(Value(Spot(WethInUsdc, root, 18, 6)), 1_999.999999m, 2_000.000001m);
        Assert.InRange(Value(Spot(UsdcInWeth, root, 6, 18)), 0.000499999999m, 0.000500000001m);
    }

    [Fact]
    public void A_pool_that_does_not_remember_the_window_has_no_average()
    {
        byte[]?[] answers = [Answers.Word(Usdc), Answers.Word(Weth), null, null, Answers.Word(6), Answers.Word(18)];

        Assert.IsType<PriceReading.None>(UsdcInWeth.AverageIn(Answers.Of(UsdcInWeth.Reads, answers)));
        Assert.IsType<PriceReading.None>(UsdcInWeth.SpotIn(Answers.Of(UsdcInWeth.Reads, answers)));
    }

    [Fact]
    public void A_mean_needs_at_least_a_second() => Assert.Throws<ArgumentOutOfRangeException>(
        () => new UniswapV3Pool(Address.Zero, Usdc, Weth, TimeSpan.FromMilliseconds(999)));

    private static BigInteger Root(BigInteger numerator, BigInteger denominator)
    {
        var square = (numerator << 192) / denominator;
        var root = (BigInteger)Math.Sqrt((double)square);
        for (var i = 0; i < 20; i++)
            root = (root + (square / root)) / 2;
        return root;
    }

    private static PriceReading Spot(UniswapV3Pool pool, BigInteger root, int decimalsOfPriced, int decimalsOfMoney) =>
        pool.SpotIn(Answers.Of(
            pool.Reads,
            [
                Answers.Word(Usdc), Answers.Word(Weth), [.. Answers.Word(root), .. Answers.Word(-5), .. new byte[160]],
                null, Answers.Word(decimalsOfPriced), Answers.Word(decimalsOfMoney),
            ]));

    private static PriceReading Average(
        UniswapV3Pool pool, BigInteger earlier, BigInteger later, int decimalsOfPriced, int decimalsOfMoney) =>
        pool.AverageIn(Answers.Of(
            pool.Reads,
            [
                Answers.Word(Usdc), Answers.Word(Weth), null,
                [
                    .. Answers.Word(64), .. Answers.Word(160), .. Answers.Word(2), .. Answers.Word(earlier),
                    .. Answers.Word(later), .. Answers.Word(2), .. Answers.Word(1), .. Answers.Word(2),
                ],
                Answers.Word(decimalsOfPriced), Answers.Word(decimalsOfMoney),
            ]));

    private static decimal Value(PriceReading reading) => Assert.IsType<PriceReading.Price>(reading).Value;
}

/// <summary>Answers of contracts, word by word.</summary>
internal static class Answers
{
    /// <param name="results">In the order of the reads; null for a revert.</param>
    public static ReadAnswers Of(ValueList<StateRead> reads, byte[]?[] results) =>
        new(reads.Zip(results, (read, result) => new ReadAnswer(read, result is null ? null : new(result))));

    public static byte[] Word(BigInteger value)
    {
        var word = new byte[32];
        if (value.Sign < 0)
            Array.Fill(word, (byte)0xff);
        var bytes = value.ToByteArray(isBigEndian: true);
        var kept = bytes.Length > 32 ? bytes[^32..] : bytes;
        kept.CopyTo(word, 32 - kept.Length);
        return word;
    }

    public static byte[] Word(Address address) => [.. new byte[12], .. address.ToArray()];

    public static BigInteger Pow10(int exponent) => BigInteger.Pow(10, exponent);
}
