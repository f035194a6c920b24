using Tocsin.Detection.Operations;
using Tocsin.Findings;
using Tocsin.Tests.Detection;
using static Tocsin.Tests.Operations.Exchange;

namespace Tocsin.Tests.Operations;

public sealed class UnusualTradingTests
{
    private static readonly UnusualTradingSettings Pool = new("GEM/dUSD") { UsdLeast = 5_000 };

    [Theory]
    [InlineData("GEM/dUSD")]
    [InlineData("GEM")]
    public void An_hour_far_above_what_is_usual_is_told_once_and_pages_nobody(string of)
    {
        var exchange = new Exchange(Pool with { Of = of });
        Weeks(exchange, 3);
        Assert.Empty(exchange.Findings);

        for (var minute = 0; minute < 20; minute++)
            exchange.Block(exchange.Time.AddMinutes(1), minute % 2 == 0
                ? Buy(Trader(minute), 2_000)
                : Sell(Trader(minute), 200));

        var finding = exchange.Findings[0];
        Assert.Equal((Threat.UnusualTrading, Severity.Elevated), (finding.Threat, finding.Severity));
        Assert.Equal((of, "unusual-trading"), (finding.Subject, finding.Detector));
        Assert.Equal(["unusual_volume"], finding.Indicators.Select(indicator => indicator.Name));
        Assert.Contains("in an hour are usual at this time of day", finding.Reason, StringComparison.Ordinal);
        // Said again only where it had doubled.
        Assert.InRange(exchange.Findings.Count, 1, 4);
        Assert.Single(exchange.Findings.Select(found => found.Id).Distinct());
    }

    [Fact]
    public void Without_a_baseline_it_says_nothing_unless_a_limit_is_set()
    {
        var (silent, limited) = (new Exchange(Pool), new Exchange(Pool with { UsdLimit = 20_000 }));
        foreach (var exchange in new[] { silent, limited })
            for (var minute = 1; minute < 20; minute++)
                exchange.Block(Begin.AddMinutes(minute), Buy(Trader(minute), 2_000), Sell(Trader(50 + minute), 200));

        Assert.Empty(silent.Findings);
        Assert.Equal(Severity.Elevated, limited.Findings[0].Severity);
        Assert.DoesNotContain("usual at this time of day", limited.Findings[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_small_hour_is_never_unusual_and_liquidity_is_no_trade()
    {
        var exchange = new Exchange(Pool);
        Weeks(exchange, 2);

        exchange.Block(exchange.Time.AddMinutes(1), Buy(Trader(1), 900), Buy(Trader(2), 900));
        exchange.Block(exchange.Time.AddMinutes(1), tx => tx.By(Trader(3), Story.Router).Resize(Story.Pair, 0.5m));
        exchange.Block(
            exchange.Time.AddMinutes(1),
            tx => tx.By(Trader(4), Story.Gem).Transfer(Story.Gem, Trader(4), Story.Pair, 90_000m));

        Assert.Empty(exchange.Findings);
    }

    [Fact]
    public void Trading_in_one_direction_is_told_from_half_of_an_unusual_hour_on()
    {
        var exchange = new Exchange(Pool with { UsdLeast = 50_000 });
        Weeks(exchange, 2);

        for (var trade = 0; trade < 25; trade++)
            exchange.Block(exchange.Time.AddSeconds(30), Buy(Trader(trade), 1_500));

        var finding = Assert.Single(exchange.Findings);
        Assert.Equal(["one_sided_trading"], finding.Indicators.Select(indicator => indicator.Name));
        Assert.Contains("purchases", finding.Reason, StringComparison.Ordinal);
        Assert.True(finding.Confidence < 0.7m);
    }

    [Theory]
    [InlineData("through", true)]
    [InlineData("given", true)]
    [InlineData("new", true)]
    [InlineData("router", false)]
    [InlineData("both ways", false)]
    [InlineData("one account", false)]
    [InlineData("slowly", false)]
    public void Accounts_that_belong_together_are_told(string how, bool expected)
    {
        var exchange = new Exchange(Pool with { UsdLeast = 5_000, Spreads = 1_000 });
        Weeks(exchange, 2);
        if (how == "given")
            exchange.Block(
                exchange.Time.AddMinutes(1),
                [.. Enumerable.Range(0, 5).Select(i => (Action<TransactionStory>)(tx =>
                    tx.By(Trader(99), Story.Gem).Transfer(Story.Gem, Trader(99), Trader(i), 500m)))]);

        for (var i = 0; i < 6; i++)
        {
            var by = Trader(how == "one account" ? 0 : i);
            var through = how is "given" or "router" or "new" ? Story.Router : Story.AttackContract;
            exchange.Block(
                exchange.Time.AddMinutes(how == "slowly" ? 11 : 1),
                how == "new" ? 1UL : 100UL,
                how == "both ways" && i % 2 == 0 ? Buy(by, 2_000, through) : Sell(by, 200, through));
        }

        Assert.Equal(expected, exchange.Findings.Count > 0);
        if (!expected)
            return;
        var finding = exchange.Findings[0];
        Assert.Contains("linked_accounts", finding.Indicators.Select(indicator => indicator.Name));
        Assert.Contains(Trader(3), finding.Addresses);
        Assert.DoesNotContain(Story.Router, finding.Addresses);
        Assert.Equal(Severity.Elevated, finding.Severity);
    }

    [Fact]
    public void Live_in_pieces_and_over_reorgs_it_finds_the_same()
    {
        var detectors = new[] { Pool with { UsdLeast = 1_000, Spreads = 1, UsdLimit = 20_000 } };
        var random = new Random(11);
        Exchange whole = new(detectors), pieces = new(detectors);
        for (var step = 0; step < 900; step++)
        {
            var (kind, who, size) = (random.Next(20), random.Next(30), random.Next(1, 60));
            if (step % 13 == 0)
                pieces.Restart();
            foreach (var exchange in new[] { whole, pieces })
            {
                if (kind == 0)
                    exchange.Back(size);
                else
                    exchange.Block(
                        exchange.Time.AddMinutes(kind == 1 ? 300 : size / 4),
                        kind % 3 == 0 ? 1UL : 9UL,
                        kind % 2 == 0
                            ? Buy(Trader(who), 90m * size)
                            : Sell(Trader(who), 9m * size, Trader(7_000 + who)),
                        tx => tx.By(Trader(98), Story.Gem).Transfer(Story.Gem, Trader(98), Trader(who), 50m * size));
            }
        }

        Assert.NotEmpty(whole.Findings);
        Assert.Equal(whole.Findings, pieces.Findings);
        whole.AssertReplayIsTheSame();
    }

    [Fact]
    public void Nobody_makes_it_remember_without_end()
    {
        var exchange = new Exchange(Pool);
        for (var block = 1; block <= 700; block++)
            exchange.Block(
                Begin.AddSeconds(12 * block), 1,
                [.. Enumerable.Range(0, 40).Select(i => (Action<TransactionStory>)(tx => tx
                    .By(Trader((block * 40) + i), Trader(100_000 + (block * 40) + i))
                    .Transfer(Story.Gem, Trader(1), Trader((block * 40) + i), 100m))),
                    .. Enumerable.Range(0, 40).Select(i =>
                        Sell(Trader((block * 40) + i), 20, Trader(100_000 + (block * 40) + i)))]);

        var state = (UnusualTradingState)exchange.Engine.Snapshot().Detectors!.States[0].State;

        Assert.Equal((256, 256), (state.Ways.Notes.Count, state.Gifts.Notes.Count));
        Assert.InRange(state.Linked.Count, 1, 32 * 700);
        Assert.InRange(state.Gifts.Undo.Count, 1, 2 * 2 * 16 * 258);
    }

    [Theory]
    [InlineData("nothing", 6, 0.9)]
    [InlineData("vault", 6, 0.9)]
    [InlineData("GEM", 0, 0.9)]
    [InlineData("GEM", 6, 0.5)]
    [InlineData("GEM", 6, 1.1)]
    public void Settings_that_cannot_be_are_refused(string of, double spreads, double oneSided) => Assert.NotEmpty(
        new UnusualTradingSettings(of) { Spreads = (decimal)spreads, OneSided = (decimal)oneSided }
            .Problems(Story.Watch));

    // A thousand dollars an hour, through the router, one third of them sales.
    private static void Weeks(Exchange exchange, int weeks)
    {
        var end = Begin.AddDays(7 * weeks).AddHours(1);
        for (var time = Begin.AddMinutes(40); time < end; time = time.AddMinutes(20))
            exchange.Block(time, time.Minute == 10 ? Sell(Trader(time.Hour), 33) : Buy(Trader(time.Hour), 333));
    }
}
