using Tocsin.Chains;
using Tocsin.Configuration.Detectors;
using Tocsin.Detection.Detectors;
using Tocsin.Detection.Loans;
using Tocsin.Detection.Oracles;
using Tocsin.Detection.Risk;
using Tocsin.Detection.Shares;
using Tocsin.Recording;
using Tocsin.Texts;

namespace Tocsin.Tests.Configuration.Detectors;

/// <summary>What the configuration can say of sources of prices, loans, shares and standing risks.</summary>
public sealed class OracleAndLoanEntriesTests
{
    private const string First = "0x5b38da6a701c568545dcfcb03fcb875f56beddc4";
    private const string Second = "0xab8483f64d9c6d1ecf9b849ae677dd3315835cb2";

    private const string Everything = $$"""
        flash-loan-profit:
          - { trusted: ["{{First}}"], slack: 0.01, liquidation_bonus: 0.2 }
        oracle-spot:
          - { pools: [one, two], deviation: 0.03, push: 0.2, held_blocks: 5, window: 1h, held_for: 1min }
        oracle-failure:
          - asset: GEM
            source: "{{First}}"
            heartbeat: 24h
            grace: 1min
            deviation: 0.01
            critical_deviation: 0.05
            frozen_move: 0.02
            held_for: 2min
            jump: 0.5
            price_min: 1
            price_max: 100
            cap_function: maxAnswer()
            cap_at: "{{Second}}"
            pool: GEM/dUSD
            window: 10min
            feeds: [kraken, bybit]
            known: ["{{Second}}"]
        share-price-jump:
          - vault: vault
            asset: USDC
            rate: exchangeRateStored()
            decimals: 8
            bound: 0.02
            yield_bound: 0.1
            distributors: ["{{First}}"]
            empty_shares: 1000
        standing-risk:
          - market: market
            pool: GEM/dUSD
            lends: [dUSD, USDC]
            share: 0.5
            loan_to_value: 0.8
            pool_fee: 0.01
            collateral_max: 2000
            loan_usd_max: 5000000
            loan_fee: 0.0009
            gas_usd: 50
            attack: 36s
            response: 2min
            usd_min: 5000
            over_after: 1h
        """;

    [Fact]
    public void What_is_not_said_has_its_default()
    {
        var settings = Read($"""
            oracle-failure:
              - asset: GEM
                source: "{First}"
            share-price-jump:
              - vault: vault
                asset: USDC
            standing-risk:
              - market: market
                pool: GEM/dUSD
                lends: dUSD
            """);

        Assert.Equal(
            [
                new OracleFailureSettings("GEM", Address.Parse(First)), new SharePriceJumpSettings("vault", "USDC"),
                new StandingRiskSettings("market", "GEM/dUSD", ["dUSD"]),
            ],
            settings);
    }

    [Fact]
    public void Everything_can_be_said()
    {
        var settings = Read(Everything);

        Assert.Equal(new FlashLoanProfitSettings([Address.Parse(First)]) { Slack = 0.01m, LiquidationBonus = 0.2m },
            settings.OfType<FlashLoanProfitSettings>().Single());
        var spot = settings.OfType<OracleSpotSettings>().Single();
        Assert.Equal((0.03m, 0.2m, 5, 2), (spot.Deviation, spot.Push, spot.HeldBlocks, spot.Pools.Count));
        var failure = settings.OfType<OracleFailureSettings>().Single();
        Assert.Equal(("maxAnswer()", Address.Parse(Second), "GEM/dUSD", 100m),
            (failure.CapFunction, failure.CapAt!.Value, failure.Pool, failure.Maximum));
        Assert.Equal((TimeSpan.FromDays(1), 2, 1), (failure.Heartbeat, failure.Feeds.Count, failure.Known.Count));
        var shares = settings.OfType<SharePriceJumpSettings>().Single();
        Assert.Equal(("exchangeRateStored()", 8, (UInt256)1_000), (shares.Rate, shares.Decimals, shares.EmptyShares));
        var risk = settings.OfType<StandingRiskSettings>().Single();
        Assert.Equal((2, 2_000m, TimeSpan.FromSeconds(36), TimeSpan.FromMinutes(2)),
            (risk.Lends.Count, risk.CollateralMax, risk.Attack, risk.Response));
    }

    [Theory]
    [InlineData("oracle-failure: [{ asset: GEM }]", "'source' is missing")]
    [InlineData("oracle-spot: [{ deviations: 0.1 }]", "'deviations' is not known")]
    [InlineData("standing-risk: [{ market: m, pool: p }]", "'lends' is missing")]
    [InlineData("flash-loan-profit: [{ slack: -1 }]", "'slack' must be a number")]
    public void What_cannot_be_read_is_refused(string text, string complaint)
    {
        var yaml = new YamlText();

        DetectorEntries.Read(yaml.Parse("tocsin.yaml", text));

        Assert.Contains(yaml.Complaints, one => one.Message.Contains(complaint, StringComparison.Ordinal));
    }

    [Fact]
    public void What_detectors_remember_survives_the_log()
    {
        var block = new NotebookState<string, SourceMemory>(
            [new("source", new SourceMemory(10.5m, Address.Parse(First), null, 11, 1, Comparison.Unknown), 1)],
            [new(7, "source", null)]);
        var prices = new PoolPricesState(new NotebookState<string, decimal>([new("one", 10, 1)], []),
            [new(7, DateTimeOffset.UnixEpoch, new PriceMove("one", 9, 10))]);
        DetectorState[] states =
        [
            new OracleFailureState(block, prices, [new("kraken", 10, DateTimeOffset.UnixEpoch)], Comparison.Unknown),
            new OracleSpotState(prices,
                new([new(new Mover("one", Address.Parse(Second)), new Pushed(0.1m, DateTimeOffset.UnixEpoch), 3)], []),
                new([new("one", 7, 4)], []),
                [new("one", new UsualSwingsState(
                    new([new("only", new WidestSwing(DateTimeOffset.UnixEpoch, 0.03m), 1)], []), new([], [])))],
                [new("GEM", [])], [new("one", DateTimeOffset.UnixEpoch)]),
            new FlashLoanProfitState(
                new([new(new PaidIn(Address.Parse(First), "GEM"), new PaidUnits(5m, 7, 2m), 1)], [])),
            new SharePriceJumpState(new([new("rate", new RateMemory(7, 10, null), 1)], []),
                [new(7, DateTimeOffset.UnixEpoch, new Gift(default, Hash32.Zero, default, default, 5, true))]),
            new StandingRiskState(new([new("risk", new RiskMemory(new(1, 2), 3, null), 1)], [])),
        ];

        foreach (var state in states)
        {
            var text = System.Text.Json.JsonSerializer.Serialize(state, EventJson.Options);
            Assert.Equal(state, System.Text.Json.JsonSerializer.Deserialize<DetectorState>(text, EventJson.Options));
        }
    }

    private static List<DetectorSettings> Read(string text)
    {
        var yaml = new YamlText();
        var entries = DetectorEntries.Read(yaml.Parse("tocsin.yaml", text));
        Assert.Empty(yaml.Complaints);
        return [.. entries.Entries.Select(entry => entry.Settings)];
    }
}
