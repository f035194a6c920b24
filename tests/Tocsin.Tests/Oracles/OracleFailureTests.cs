using System.Numerics;
using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Detection.Oracles;
using Tocsin.Evm;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;
using Tocsin.Tests.Detection;

namespace Tocsin.Tests.Oracles;

/// <summary>When a source of prices fails, and when it only looks like it. Each block is 12 s after the last.</summary>
public sealed class OracleFailureTests
{
    private const string Name = "oracle-failure";
    private static readonly DateTimeOffset Begin = new(2026, 3, 1, 3, 0, 0, TimeSpan.Zero);
    private static readonly Address Source = Story.Account(0x51);
    private static readonly Address Aggregator = Story.Account(0x52);
    private static readonly Address Other = Story.Account(0x53);

    private static readonly OracleFailureSettings Settings = new("GEM", Source);

    private readonly Story story = new();
    private readonly List<Input> inputs = [];

    [Theory]
    [InlineData(0, null)]
    [InlineData(4199, null)]
    [InlineData(4200, Severity.High)]
    [InlineData(12599, Severity.High)]
    [InlineData(12600, Severity.Critical)]
    public void How_late_an_answer_is_is_how_bad(int secondsOld, Severity? expected)
    {
        Block();
        Answer(10, secondsOld);

        Assert.Equal(expected, Worst());
    }

    [Theory]
    [InlineData(10, 10, null)]
    [InlineData(10, 19.9, null)]
    [InlineData(10, 20, Severity.Critical)]
    [InlineData(10, 5, Severity.Critical)]
    [InlineData(10, 0, Severity.Critical)]
    [InlineData(10, -3, Severity.Critical)]
    public void What_is_no_price_or_absurd_is_told(double before, double after, Severity? expected)
    {
        Block();
        Answer(before);
        Block();
        Answer(after);

        Assert.Equal(expected, Worst());
    }

    [Fact]
    public void A_round_that_was_carried_over_or_is_not_complete_is_stale()
    {
        Block();
        inputs.Add(DetectorRuns.Answered(story, Answers(10, 0, carried: true)));

        Assert.Equal(Severity.High, Worst());
    }

    [Fact]
    public void Silence_for_three_blocks_is_told_and_a_lost_answer_is_not()
    {
        Block();
        Answer(10);
        for (var i = 0; i < 2; i++)
        {
            Block();
            inputs.Add(DetectorRuns.Answered(story));
        }
        Assert.Null(Worst());

        Block();
        inputs.Add(DetectorRuns.Answered(story));

        Assert.Equal(Severity.High, Worst());
    }

    [Theory]
    [InlineData(10.19, null)]
    [InlineData(10.3, Severity.High)]
    [InlineData(9.7, Severity.High)]
    [InlineData(11.2, Severity.Critical)]
    public void Who_is_far_from_the_median_of_the_feeds_for_five_minutes_is_told(double market, Severity? expected)
    {
        Block();
        Answer(10);
        foreach (var second in new[] { 0, 150, 299 })
            Tick(second, market);
        Assert.Null(Worst());

        Tick(301, market);

        Assert.Equal(expected, Worst());
        Assert.All(Told(), finding => Assert.True(finding.Pages()));
    }

    [Fact]
    public void One_feed_alone_does_not_outvote_two()
    {
        Block();
        Answer(10);
        for (var second = 0; second < 600; second += 60)
        {
            Tick(second, 10, "a");
            Tick(second, 10.01, "b");
            Tick(second, 30, "c");
        }

        Assert.Null(Worst());
    }

    [Fact]
    public void A_source_that_lags_a_little_is_no_failure_and_it_is_over_when_it_follows()
    {
        Block();
        Answer(10);
        Tick(0, 10.5);
        Tick(200, 10.5);
        Block();
        Answer(10.5);
        Tick(301, 10.5);
        Assert.Null(Worst());

        Tick(400, 11.2);
        Tick(701, 11.2);
        Block();
        Answer(11.2);
        Tick(702, 11.2);
        Tick(1_100, 11.2);

        Assert.Equal(FindingStatus.Over, Told()[^1].Status);
    }

    [Fact]
    public void An_answer_that_stands_still_while_the_market_moves_is_told_as_such()
    {
        // It was 1.5 % off before, and no more than that after: only the move shows that it stands still.
        Block();
        Answer(10);
        Tick(0, 9.85);
        Tick(100, 10.16);
        Tick(401, 10.16);

        Assert.Contains(Told(), finding => finding.Reason.Contains("it stands still", StringComparison.Ordinal));
    }

    [Fact]
    public void A_limit_that_cuts_off_the_market_is_critical()
    {
        // The shape of the incident of March 2026: a cap 2.85 % below the market, and healthy positions liquidated.
        var capped = Settings with { CapFunction = "maxAnswer()" };
        Block();
        Answer(9.715, cap: 9.715);
        Tick(0, 10);
        Tick(301, 10);

        var findings = Told(capped);

        Assert.Contains(findings, finding =>
            finding.Severity == Severity.High && finding.Reason.Contains("at the limit", StringComparison.Ordinal));
        Assert.Contains(findings, finding => finding.Severity == Severity.Critical
            && finding.Reason.Contains("healthy positions", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(9.9, null)]
    [InlineData(10.0, Severity.High)]
    [InlineData(2.0, Severity.High)]
    public void An_answer_at_a_limit_is_told(double answer, Severity? expected)
    {
        Block();
        Answer(answer);

        Assert.Equal(expected, Worst(Settings with { Minimum = 2, Maximum = 10 }));
    }

    [Fact]
    public void Another_aggregator_is_told_once_and_an_announced_one_wakes_nobody()
    {
        var topics = new[] { "AggregatorConfirmed(address,address)" }.Select(Keccak256.Hash).ToArray();
        Block();
        Answer(10);
        inputs.Add(story.Next(tx => tx.By(Story.Account(9), Source).Log(
            Source, [topics[0], Topic(Aggregator), Topic(Other)])));
        inputs.Add(DetectorRuns.Answered(story, Answers(10, 0, aggregator: Other)));

        Assert.Equal(Severity.High, Assert.Single(Told()).Severity);
        Assert.Equal(Severity.Minor, Assert.Single(Told(Settings with { Known = [Other] })).Severity);
    }

    [Fact]
    public void A_proposal_is_told_but_wakes_nobody()
    {
        Block();
        inputs.Add(story.Next(tx => tx.By(Story.Account(9), Source).Log(
            Source, [Keccak256.Hash("AggregatorProposed(address,address)"), Topic(Aggregator), Topic(Other)])));

        var finding = Assert.Single(Told());

        Assert.Equal(Severity.Elevated, finding.Severity);
        Assert.False(finding.Pages());
    }

    [Fact]
    public void A_proposal_at_a_proxy_that_writes_no_event_is_read_and_told_once()
    {
        foreach (var proposed in new[] { Address.Zero, Other, Other, Other })
        {
            Block();
            inputs.Add(DetectorRuns.Answered(story, [
                .. Answers(10, 0),
                DetectorRuns.Answer(Source, "proposedAggregator()", new BigInteger(proposed.ToArray(), true, true)),
            ]));
        }

        var finding = Assert.Single(Told());

        Assert.Equal(Severity.Elevated, finding.Severity);
        Assert.Contains($"proposes {Other} to answer in place of {Aggregator}", finding.Reason);
        Assert.Empty(Told(Settings with { Known = [Other] }));
    }

    [Fact]
    public void Behind_a_proxy_that_writes_no_event_another_aggregator_is_read_and_told()
    {
        Block();
        Answer(10);
        Block();
        inputs.Add(DetectorRuns.Answered(story, Answers(10, 0, aggregator: Other)));

        var finding = Assert.Single(Told(Settings with { CapFunction = "maxAnswer()", CapAt = Aggregator }));

        Assert.Equal(Severity.High, finding.Severity);
        Assert.Contains($"now comes from {Other} instead of {Aggregator}", finding.Reason);
        Assert.Contains($"cap_at still names {Aggregator}", finding.Reason);
    }

    [Fact]
    public void The_average_of_a_pool_is_a_market_and_one_trade_on_it_is_not()
    {
        var withPool = Settings with { Pool = "GEM/dUSD", HeldFor = TimeSpan.FromMinutes(2) };
        inputs.Add(story.Begin());
        Answer(10);
        inputs.Add(story.Next(tx => tx.By(Story.Attacker, Story.Router).BuyGem(Story.Attacker, 500_000m)));
        Answer(10);
        inputs.Add(story.Next(tx => tx.By(Story.Attacker, Story.Router).SellGem(Story.Attacker, 33_000m)));
        Answer(10);
        Assert.Null(Worst(withPool));

        inputs.Add(story.Next(tx => tx.By(Story.Attacker, Story.Router).BuyGem(Story.Attacker, 300_000m)));
        for (var i = 0; i < 60; i++)
        {
            Answer(10);
            Block();
        }

        Assert.Equal(Severity.Critical, Worst(withPool));
    }

    [Fact]
    public void What_continues_from_a_snapshot_or_after_a_reorg_is_the_same()
    {
        Block();
        Answer(10);
        Tick(1, 10.5);
        Tick(302, 10.5);
        Block();
        Answer(0);
        inputs.Add(story.BackTo(0));
        Block();
        Answer(20, 5_000);
        Tick(400, 10.5);

        DetectorRuns.MustNotDependOnRestarts(DetectorRuns.With(Settings with { Pool = "GEM/dUSD" }), inputs);
    }

    [Theory]
    [InlineData("maxAnswer()", true)]
    [InlineData("maxAnswer", false)]
    [InlineData("cap(uint256)", false)]
    [InlineData("!!()", false)]
    public void A_cap_is_read_by_a_function_of_nothing(string function, bool isRight) =>
        Assert.Equal(isRight, DetectorRuns.With(Settings with { CapFunction = function }).Problems().Count == 0);

    private void Block() => inputs.Add(story.Next());

    private void Tick(int second, double price, string feed = "kraken") =>
        inputs.Add(new Arrival.Tick(Begin.AddSeconds(second), feed, "GEM", (decimal)price, null));

    private void Answer(double price, int secondsOld = 0, double? cap = null) =>
        inputs.Add(DetectorRuns.Answered(story, Answers(price, secondsOld, cap)));

    private ReadAnswer[] Answers(
        double price, int secondsOld, double? cap = null, Address? aggregator = null, bool carried = false)
    {
        var updatedAt = story.Blocks[^1].Time.ToUnixTimeSeconds() - secondsOld;
        List<ReadAnswer> answers =
        [
            DetectorRuns.Answer(Source, "latestRoundData()", 7, Scaled(price), updatedAt, updatedAt, carried ? 6 : 7),
            DetectorRuns.Answer(Source, "decimals()", 8),
            DetectorRuns.Answer(Source, "aggregator()", aggregator ?? Aggregator),
        ];
        if (cap is { } limit)
            answers.Add(DetectorRuns.Answer(Source, "maxAnswer()", Scaled(limit)));
        return [.. answers];
    }

    private List<Finding> Told(OracleFailureSettings? settings = null) =>
        DetectorRuns.Run(new Engine(DetectorRuns.With(settings ?? Settings)), inputs).Of(Name);

    private Severity? Worst(OracleFailureSettings? settings = null)
    {
        var told = Told(settings);
        return told.Count == 0 ? null : told.Min(finding => finding.Severity);
    }

    private static BigInteger Scaled(double price) => (BigInteger)((decimal)price * 100_000_000m);

    private static Hash32 Topic(Address address) => new([.. new byte[12], .. address.ToArray()]);
}
