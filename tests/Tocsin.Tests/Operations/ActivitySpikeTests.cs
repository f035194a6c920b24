using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Detection.Detectors;
using Tocsin.Detection.Operations;
using Tocsin.Findings;
using Tocsin.Tests.Detection;
using static Tocsin.Tests.Operations.Exchange;

namespace Tocsin.Tests.Operations;

public sealed class ActivitySpikeTests
{
    private static readonly Hash32 Topic = Story.Hash(7, 1);

    [Theory]
    [InlineData("calls", 150, "call_spike")]
    [InlineData("calls", 90, null)]
    [InlineData("elsewhere", 900, null)]
    [InlineData("events", 600, "event_spike")]
    [InlineData("events", 400, null)]
    [InlineData("failed", 25, "failed_calls")]
    [InlineData("failed", 19, null)]
    [InlineData("half failed", 45, "failed_calls")]
    [InlineData("few failed", 90, null)]
    public void What_is_far_above_the_usual_is_told(string what, int count, string? expected)
    {
        var exchange = new Exchange(new ActivitySpikeSettings());
        Weeks(exchange, 2);
        Assert.Empty(exchange.Findings);

        for (var i = 0; i < count; i++)
            exchange.Block(exchange.Time.AddSeconds(4), Act(what, i));

        Assert.Equal(
            expected is null ? [] : [expected],
            exchange.Findings.SelectMany(found => found.Indicators).Select(indicator => indicator.Name).Distinct());
        Assert.All(exchange.Findings, found =>
        {
            Assert.Equal((Severity.Elevated, "vault"), (found.Severity, found.Subject));
            Assert.Equal((Threat.ActivitySpike, "activity-spike"), (found.Threat, found.Detector));
            Assert.True(found.Confidence < 0.7m);
            Assert.Empty(found.Addresses);
        });
        // What lasts is said again only where it has doubled.
        Assert.InRange(exchange.Findings.Count, expected is null ? 0 : 1, 3);
    }

    [Fact]
    public void Without_a_baseline_only_failures_and_fixed_limits_tell()
    {
        var silent = new Exchange(new ActivitySpikeSettings());
        var limited = new Exchange(new ActivitySpikeSettings("vault") { CallsLimit = 300 });
        foreach (var exchange in new[] { silent, limited })
            for (var i = 0; i < 300; i++)
                exchange.Block(exchange.Time.AddSeconds(5), Act("calls", i));
        Assert.Empty(silent.Findings);
        Assert.Equal("call_spike", Assert.Single(limited.Findings).Indicators[0].Name);

        for (var i = 0; i < 400; i++)
            silent.Block(silent.Time.AddSeconds(1), Act("failed", i));

        Assert.Equal("failed_calls", silent.Findings[0].Indicators[0].Name);
    }

    [Fact]
    public void A_contract_with_an_entry_of_its_own_is_not_told_twice()
    {
        DetectorSettings[] detectors = [new ActivitySpikeSettings("vault"), new ActivitySpikeSettings()];
        var exchange = new Exchange(detectors);

        for (var i = 0; i < 25; i++)
            exchange.Block(
                exchange.Time.AddSeconds(10), Act("failed", i), tx => tx.By(Trader(i), Story.Market).Reverted());

        Assert.Equal(
            ["market", "vault"], exchange.Findings.Select(found => found.Subject).Distinct().Order());
        Assert.Equal(2, exchange.Findings.Count(found => found.Revision == 1));
    }

    [Fact]
    public void Live_in_pieces_and_over_reorgs_it_finds_the_same()
    {
        var settings = new ActivitySpikeSettings
        {
            CallsLeast = 20,
            EventsLeast = 20,
            FailedLeast = 10,
            Spreads = 1,
            CallsLimit = 70,
        };
        var random = new Random(5);
        Exchange whole = new(settings), pieces = new(settings);
        for (var step = 0; step < 900; step++)
        {
            var (kind, size) = (random.Next(25), random.Next(1, 40));
            if (step % 13 == 0)
                pieces.Restart();
            foreach (var exchange in new[] { whole, pieces })
            {
                if (kind == 0)
                    exchange.Back(size);
                else
                    exchange.Block(
                        exchange.Time.AddMinutes(kind == 1 ? 400 : size / 10),
                        [.. Enumerable.Range(0, size / 4).Select(i => Act((i % 3) switch
                        {
                            0 => "failed",
                            1 => "calls",
                            _ => "events",
                        }, i))]);
            }
        }

        Assert.NotEmpty(whole.Findings);
        Assert.Contains(whole.Findings, found => found.Status == FindingStatus.Retracted);
        Assert.Equal(whole.Findings, pieces.Findings);
        whole.AssertReplayIsTheSame();
    }

    [Fact]
    public void What_it_remembers_does_not_grow_with_the_contracts()
    {
        var contracts = Enumerable.Range(0, 400)
            .Select(i => new ProtectedContract($"c{i}", Story.Account(0x8000 + i), "all")).ToValueList();
        var watch = Story.Watch with { Contracts = contracts, Assets = [], Pools = [] };
        var engine = new Engine(watch with { Detectors = [new ActivitySpikeSettings()] });
        var story = new Story();
        for (var i = 0; i < 800; i++)
            engine.Step(story.Next(tx => tx.By(Trader(1), contracts[i % 400].Address)));

        var state = (ActivitySpikeState)engine.Snapshot().Detectors!.States[0].State;

        Assert.Equal((256, 256), (state.Hours.Notes.Count, state.Customs.Notes.Count));
        Assert.InRange(state.Hours.Undo.Count, 1, 4 * 258);
    }

    [Theory]
    [InlineData("nothing", 6, 20, 0.5)]
    [InlineData("GEM", 6, 20, 0.5)]
    [InlineData("vault", 0.5, 20, 0.5)]
    [InlineData("vault", 6, 0, 0.5)]
    [InlineData("vault", 6, 20, 0)]
    public void Settings_that_cannot_be_are_refused(string of, double spreads, int failed, double share) =>
        Assert.NotEmpty(
            new ActivitySpikeSettings(of)
            {
                Spreads = (decimal)spreads,
                FailedLeast = failed,
                FailedShare = (decimal)share,
            }.Problems(Story.Watch));

    private static Action<TransactionStory> Act(string what, int number) => tx =>
    {
        tx.By(Trader(number), what switch
        {
            "elsewhere" => Story.Router,
            "events" => Story.Router,
            _ => Story.Vault,
        });
        if (what == "events")
            tx.Log(Story.Vault, [Topic]);
        if (what == "failed" || (what == "half failed" && number % 2 == 0) || (what == "few failed" && number % 5 == 0))
            tx.Reverted();
    };

    private static void Weeks(Exchange exchange, int weeks)
    {
        var end = Begin.AddDays(7 * weeks).AddHours(1);
        for (var time = Begin.AddMinutes(40); time < end; time = time.AddMinutes(20))
            exchange.Block(time, Act("calls", 1), Act("events", 2));
    }
}
