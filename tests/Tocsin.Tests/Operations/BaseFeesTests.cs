using Tocsin.Detection.Operations;
using Tocsin.Evm.Blocks;
using Tocsin.Findings;
using static Tocsin.Tests.Operations.Exchange;

namespace Tocsin.Tests.Operations;

public sealed class BaseFeesTests
{
    [Theory]
    [InlineData(12, 400, 30, true)]
    [InlineData(12, 400, 1, false)] // A single dear block.
    [InlineData(12, 400, 9, false)]
    [InlineData(12, 45, 30, false)] // Many times the usual, and cheap.
    [InlineData(12, 60, 30, true)]
    [InlineData(40, 120, 30, false)] // Dear, and not far from what is usual here.
    [InlineData(0.01, 20, 200, false)] // A rollup on which everything costs next to nothing.
    public void A_base_fee_far_above_the_usual_is_told_once_it_lasts(
        double usual, double now, int blocks, bool isTold)
    {
        var exchange = new Exchange(new ActivitySpikeSettings());
        Weeks(exchange, (decimal)usual);

        Pay(exchange, (decimal)now, blocks);

        Assert.Equal(isTold, exchange.Findings.Count > 0);
        Assert.All(exchange.Findings, found =>
        {
            Assert.Equal((Threat.ActivitySpike, Severity.Elevated), (found.Threat, found.Severity));
            Assert.Equal("the gas of chain 31337", found.Subject);
            Assert.True(found.Confidence < 0.7m);
            Assert.Empty(found.Addresses);
            Assert.Contains($"{now * 2:0} gwei or more", found.Reason, StringComparison.Ordinal);
            Assert.Contains("`max_fee_gwei`", found.Reason, StringComparison.Ordinal);
            Assert.Contains("96.7 % full", found.Reason, StringComparison.Ordinal);
        });
        Assert.InRange(Told(exchange).Count, 0, 1);
    }

    [Fact]
    public void It_must_last_in_blocks_and_in_time()
    {
        var exchange = new Exchange(new ActivitySpikeSettings { FeeFor = TimeSpan.FromMinutes(30) });
        Weeks(exchange, 12);
        Pay(exchange, 400, 100);
        Assert.Empty(exchange.Findings);

        Pay(exchange, 12, 1);
        Pay(exchange, 400, 100);
        Assert.Empty(exchange.Findings);

        Pay(exchange, 400, 51);
        Assert.Single(Told(exchange));
    }

    [Fact]
    public void Every_other_block_being_cheap_is_no_lasting_spike()
    {
        var exchange = new Exchange(new ActivitySpikeSettings());
        Weeks(exchange, 12);

        for (var i = 0; i < 100; i++)
            Pay(exchange, i % 5 == 0 ? 12 : 400, 1);

        Assert.Empty(exchange.Findings);
    }

    [Fact]
    public void Before_anything_was_learnt_only_a_fixed_limit_tells()
    {
        var silent = new Exchange(new ActivitySpikeSettings());
        var limited = new Exchange(new ActivitySpikeSettings { FeeGweiLimit = 300 });

        foreach (var exchange in new[] { silent, limited })
            Pay(exchange, 400, 60);

        Assert.Empty(silent.Findings);
        Assert.Equal("gas_spike", Assert.Single(Told(limited)).Indicators[0].Name);
    }

    [Fact]
    public void A_chain_without_a_base_fee_has_no_spike_of_it()
    {
        var exchange = new Exchange(new ActivitySpikeSettings { FeeGweiLimit = 1 });
        for (var i = 0; i < 200; i++)
        {
            exchange.Gas = i % 2 == 0 ? null : new BlockGas(30_000_000, 30_000_000, null);
            exchange.Block(exchange.Time.AddSeconds(12));
        }

        Assert.Empty(exchange.Findings);
        Assert.Empty(StateOf(exchange).Fees!.Hour.Notes);
    }

    [Fact]
    public void An_entry_for_one_contract_says_nothing_of_the_chain()
    {
        var exchange = new Exchange(
            new ActivitySpikeSettings("vault") { FeeGweiLimit = 300 },
            new ActivitySpikeSettings { FeeGweiLimit = 300 });

        Pay(exchange, 400, 60);

        Assert.Equal("activity-spike", Assert.Single(Told(exchange)).Detector);
    }

    [Fact]
    public void Hours_without_blocks_teach_nothing()
    {
        var exchange = new Exchange(new ActivitySpikeSettings());
        exchange.Gas = FeeOf(12);
        for (var day = 0; day < 20; day++)
            for (var minute = 0; minute < 120; minute += 10)
                exchange.Block(Begin.AddDays(day).AddMinutes(minute + 31));

        Assert.Equal(12m, StateOf(exchange).Fees!.Custom.Notes[0].Value.Gwei.Hours[1].Mean);
        Assert.Equal(0, StateOf(exchange).Fees!.Custom.Notes[0].Value.Gwei.Hours[5].Days);
    }

    [Fact]
    public void Live_in_pieces_and_over_reorgs_it_finds_the_same()
    {
        var settings = new ActivitySpikeSettings { FeeGweiLimit = 300, FeeBlocks = 3, FeeFor = TimeSpan.Zero };
        var random = new Random(7);
        Exchange whole = new(settings), pieces = new(settings);
        for (var step = 0; step < 900; step++)
        {
            var (kind, fee) = (random.Next(25), random.Next(20, 1_500));
            if (step % 13 == 0)
                pieces.Restart();
            foreach (var exchange in new[] { whole, pieces })
            {
                exchange.Gas = FeeOf(fee);
                if (kind == 0)
                    exchange.Back(fee % 9);
                else
                    exchange.Block(exchange.Time.AddMinutes(kind == 1 ? 400 : 1));
            }
        }

        Assert.Contains(whole.Findings, found => found.Status == FindingStatus.Retracted);
        Assert.Equal(whole.Findings, pieces.Findings);
        whole.AssertReplayIsTheSame();
    }

    private static ActivitySpikeState StateOf(Exchange exchange) =>
        (ActivitySpikeState)exchange.Engine.Snapshot().Detectors!.States[0].State;

    // That a finding is confirmed is nothing new.
    private static List<Finding> Told(Exchange exchange) =>
        [.. exchange.Findings.Where(found => found.Status == FindingStatus.Seen)];

    private static BlockGas FeeOf(decimal gwei) => new(29_000_000, 30_000_000, (ulong)(gwei * 1_000_000_000));

    private static void Pay(Exchange exchange, decimal gwei, int blocks)
    {
        exchange.Gas = FeeOf(gwei);
        for (var i = 0; i < blocks; i++)
            exchange.Block(exchange.Time.AddSeconds(12));
    }

    private static void Weeks(Exchange exchange, decimal gwei)
    {
        exchange.Gas = FeeOf(gwei);
        for (var time = Begin.AddMinutes(40); time < Begin.AddDays(14); time = time.AddMinutes(20))
            exchange.Block(time);
    }
}
