using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Detection.Pegs;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;

namespace Tocsin.Tests.Pegs;

/// <summary>What makes a depeg, and what does not.</summary>
public sealed class PegWatchTests
{
    private static readonly DateTimeOffset Begin = new(2023, 3, 10, 22, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0.949, Severity.Critical)]
    [InlineData(1.051, Severity.Critical)]
    [InlineData(0.979, Severity.High)]
    [InlineData(1.021, Severity.High)]
    [InlineData(0.981, null)]
    [InlineData(1.0, null)]
    public void How_far_from_par_is_how_bad(double price, Severity? expected)
    {
        var market = new Market();

        market.Tick(0, "kraken", 1.0);
        market.Tick(60, "kraken", price);
        market.Tick(120, "kraken", price);

        Assert.Equal(expected, market.Worst);
    }

    [Fact]
    public void A_print_that_is_replaced_at_once_is_no_price()
    {
        var market = new Market();

        market.Tick(0, "kraken", 1.0);
        for (var minute = 1; minute < 10; minute++)
        {
            market.Tick(60 * minute, "kraken", 0.5);
            market.Tick(60 * minute, "kraken", 1.0);
        }

        Assert.Empty(market.Findings);
    }

    [Fact]
    public void A_price_counts_once_it_has_stood()
    {
        var market = new Market();

        market.Tick(0, "kraken", 0.9);
        market.Tick(59, "kraken", 0.9);
        Assert.Empty(market.Findings);
        market.Tick(60, "kraken", 0.9);

        var finding = Assert.Single(market.Findings);
        Assert.Equal((Severity.Critical, FindingStatus.Seen), (finding.Severity, finding.Status));
        Assert.Equal(Begin.AddSeconds(60), finding.Time);
        Assert.Equal("price of USDX", finding.Subject);
    }

    [Fact]
    public void Who_comes_back_only_half_the_way_has_not_recovered()
    {
        var market = new Market();

        market.Tick(0, "kraken", 0.94);
        market.Tick(30, "kraken", 0.96);
        market.Tick(70, "kraken", 0.94);

        Assert.Equal(Severity.Critical, market.Worst);
    }

    [Fact]
    public void Who_was_back_at_par_begins_anew()
    {
        var market = new Market();

        market.Tick(0, "kraken", 0.94);
        market.Tick(30, "kraken", 0.999);
        market.Tick(70, "kraken", 0.94);

        Assert.Empty(market.Findings);
    }

    [Fact]
    public void From_one_side_of_par_to_the_other_begins_anew()
    {
        var market = new Market();

        market.Tick(0, "kraken", 0.94);
        market.Tick(30, "kraken", 1.06);
        market.Tick(70, "kraken", 1.06);
        Assert.Empty(market.Findings);
        market.Tick(90, "kraken", 1.06);

        Assert.Equal(Severity.Critical, market.Worst);
    }

    [Fact]
    public void A_drift_that_never_jumps_is_told_and_grows_worse()
    {
        var market = new Market();

        for (var minute = 0; minute <= 600; minute++)
            market.Tick(60 * minute, "kraken", 1 - (0.0001 * minute));

        Assert.Equal(
            [Severity.Elevated, Severity.High, Severity.Critical], market.Findings.Select(found => found.Severity));
        Assert.Single(market.Findings.Select(found => found.Id).Distinct());
        Assert.Equal([1, 2, 3], market.Findings.Select(found => found.Revision));
    }

    [Fact]
    public void Half_a_per_cent_is_told_after_half_an_hour()
    {
        var market = new Market();

        for (var minute = 0; minute < 30; minute++)
            market.Tick(60 * minute, "kraken", 0.994);
        Assert.Empty(market.Findings);
        market.Tick(60 * 30, "kraken", 0.994);

        Assert.Equal(Severity.Elevated, market.Worst);
    }

    [Fact]
    public void One_venue_far_off_while_the_others_hold_is_trouble_of_that_venue()
    {
        var market = new Market();

        for (var minute = 0; minute < 10; minute++)
        {
            market.Tick(60 * minute, "binance", 0.65);
            market.Tick((60 * minute) + 1, "bybit", 0.999);
            market.Tick((60 * minute) + 2, "pool", 0.998);
        }

        var finding = Assert.Single(market.Findings);
        Assert.Equal((Severity.High, "price of USDX at binance"), (finding.Severity, finding.Subject));
        Assert.Contains("bybit 0.999", finding.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_venue_to_fall_is_not_told_as_the_only_one()
    {
        var market = new Market();

        foreach (var second in (int[])[0, 30, 60, 90, 91])
            for (var venue = 0; venue < 3; venue++)
                market.Tick(second + venue, $"v{venue}", second < 30 ? 1.0 : 0.93);

        Assert.NotEmpty(market.Findings);
        Assert.All(market.Findings, finding => Assert.Equal("price of USDX", finding.Subject));
    }

    [Fact]
    public void Half_of_the_venues_cannot_raise_the_alarm_against_the_other_half()
    {
        var market = new Market();

        for (var minute = 0; minute < 10; minute++)
        {
            market.Tick(60 * minute, "binance", 0.9);
            market.Tick(60 * minute, "pool", 0.999);
        }

        Assert.Equal(Severity.High, market.Worst);
    }

    [Fact]
    public void A_venue_that_went_silent_does_not_hold_the_price_up()
    {
        var market = new Market();

        market.Tick(0, "quiet", 1.0);
        market.Tick(0, "gone", 1.0);
        for (var minute = 0; minute < 20; minute++)
            market.Tick(60 * minute, "kraken", 0.9);

        Assert.Equal(Severity.Critical, market.Worst);
    }

    [Fact]
    public void What_was_told_before_a_long_silence_did_not_stand_through_it()
    {
        var market = new Market();

        market.Tick(0, "kraken", 0.9);
        market.Tick(3600, "kraken", 0.9);
        Assert.Empty(market.Findings);
        market.Tick(3660, "kraken", 0.9);

        Assert.Equal(Severity.Critical, market.Worst);
    }

    [Fact]
    public void A_clock_that_was_set_back_does_not_hide_a_depeg()
    {
        const int Year = 365 * 24 * 3600;
        var market = new Market();

        market.Tick(Year, "kraken", 1.0);
        market.Tick(0, "kraken", 0.9);
        market.Tick(60, "kraken", 0.9);

        Assert.Equal(Severity.Critical, market.Worst);
    }

    [Fact]
    public void It_is_over_when_it_stayed_at_par_for_half_an_hour()
    {
        var market = new Market();

        market.Tick(0, "kraken", 0.9);
        market.Tick(60, "kraken", 0.9);
        for (var minute = 2; minute < 32; minute++)
            market.Tick(60 * minute, "kraken", 0.999);
        Assert.DoesNotContain(market.Findings, found => found.Status == FindingStatus.Over);
        market.Tick(60 * 32, "kraken", 0.999);

        Assert.Equal(FindingStatus.Over, market.Findings[^1].Status);
    }

    [Fact]
    public void Its_end_needs_no_further_price()
    {
        var market = new Market();

        market.Tick(0, "kraken", 0.9);
        market.Tick(60, "kraken", 0.9);
        market.Tick(120, "kraken", 1.0);
        while (market.Findings[^1].Status != FindingStatus.Over)
            market.Pass(market.DueAt!.Value);

        Assert.Equal(Begin.AddMinutes(32), market.Findings[^1].Time);
    }

    [Fact]
    public void What_continues_from_a_snapshot_continues_identically()
    {
        var random = new Random(7);
        Market whole = new(), pieces = new();
        for (var tick = 0; tick < 3_000; tick++)
        {
            var venue = $"v{random.Next(4)}";
            var price = 1 + ((random.NextDouble() - 0.5) * random.Next(1, 4) * 0.1);
            var second = (tick * 20) + random.Next(20);
            whole.Tick(second, venue, price);
            if (tick % 17 == 0)
                pieces.Restart();
            pieces.Tick(second, venue, price);
        }

        Assert.NotEmpty(whole.Findings);
        Assert.Equal(whole.Findings, pieces.Findings);
    }

    [Fact]
    public void A_price_of_another_asset_or_of_nothing_says_nothing()
    {
        var market = new Market();

        for (var minute = 0; minute < 10; minute++)
        {
            market.Tick(60 * minute, "kraken", 0.5, "OTHER");
            market.Tick(60 * minute, "kraken", 0);
        }

        Assert.Empty(market.Findings);
    }

    [Theory]
    [InlineData(0, 0.005, 0.02, 0.05)]
    [InlineData(1, 0.03, 0.02, 0.05)]
    [InlineData(1, 0.005, 0.06, 0.05)]
    [InlineData(1, 0, 0.02, 0.05)]
    [InlineData(1, 0.005, 0.02, 1)]
    public void Limits_that_cannot_be_are_refused(double par, double elevated, double high, double critical)
    {
        var peg = new Peg("USDX", (decimal)par)
        {
            Elevated = (decimal)elevated,
            High = (decimal)high,
            Critical = (decimal)critical,
        };

        Assert.NotEmpty((Market.Watch with { Pegs = [peg] }).Problems());
    }

    private sealed class Market
    {
        public static readonly Watch Watch =
            new(new ChainId(1), [], [], [], new Thresholds()) { Pegs = [new Peg("USDX", 1)] };

        private Engine engine = new(Watch);

        public List<Finding> Findings { get; } = [];

        public Severity? Worst => Findings.Count == 0 ? null : Findings.Min(finding => finding.Severity);

        public DateTimeOffset? DueAt => engine.DueAt;

        public void Tick(int second, string venue, double price, string asset = "USDX") =>
            Take(new Arrival.Tick(Begin.AddSeconds(second), venue, asset, (decimal)price, null));

        public void Pass(DateTimeOffset at) => Take(new Arrival.Passed(at));

        public void Restart() => engine = Engine.Restore(Watch, engine.Snapshot());

        private void Take(Arrival arrival) =>
            Findings.AddRange(engine.Step(arrival).Where(finding => finding.Threat == Threat.PegDeviation));
    }
}
