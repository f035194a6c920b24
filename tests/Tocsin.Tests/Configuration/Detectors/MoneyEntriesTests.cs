using Tocsin.Chains;
using Tocsin.Detection.Money;

namespace Tocsin.Tests.Configuration.Detectors;

public sealed class MoneyEntriesTests : IDisposable
{
    private static readonly Address Feed = Address.Parse("0x00000000000000000000000000000000000000fe");
    private readonly ConfigurationFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_is_said_is_taken_and_what_is_not_has_its_default()
    {
        var entries = folder.Load("""
            detectors:
              redemption-run:
                - { asset: dUSD }
                - { asset: USDC, hourly_usd: 5000000, unusual: 7, run: 9, redeemers_min: 2, limit_alone: true }
              unbacked-mint:
                - { asset: USDC }
                - asset: dUSD
                  backing:
                    - { token: USDC, holder: vault }
                    - { token: DAI, holder: vault, rate: 0.5 }
                    - { feed: "0x00000000000000000000000000000000000000fe", stale_after: 2d }
                  tolerance: 0.02
                  minters: [ vault ]
                  learn_for: 3d
                  mint_usd: 1
                  stranger_share: 0.1
                  mint_share: 0.2
                  times_largest: 3
              issuer-control:
                - { asset: USDC, others: false }
              liquidity-drop:
                - { pool: pair, hour_drop: 0.4, day_drop: 0.6, share_max: 0.9, usd_min: 5, spreads: 3 }
                - { pool: "0x00000000000000000000000000000000000000fe", tokens: [ USDC, DAI ], in_range: true,
                    in_range_drop: 0.8 }
              outflow-drain:
                - { contract: vault }
                - { share: 0.3 }
                - { contract: bridge, share: 0.1, usd_min: 2, unknown_usd: 3, transactions_min: 4,
                    times_largest: 5, most_share: 0.6, reads: false }
              off: [ issuer-control ]
            """).Detectors;

        Assert.Equal(
            [
                new RedemptionRunSettings("dUSD"),
                new RedemptionRunSettings("USDC", 5_000_000m, 7m, 9m, 2, true),
                new UnbackedMintSettings("USDC", []),
                new UnbackedMintSettings(
                    "dUSD",
                    [
                        new Backing.Holding("USDC", "vault"),
                        new Backing.Holding("DAI", "vault", 0.5m),
                        new Backing.Attested(Feed, TimeSpan.FromDays(2)),
                    ],
                    0.02m, ["vault"], TimeSpan.FromDays(3), 1m, 0.1m, 0.2m, 3m),
                new IssuerControlSettings("USDC", false),
                new LiquidityDropSettings(
                    "pair", HourDrop: 0.4m, DayDrop: 0.6m, ShareMax: 0.9m, MinimumUsd: 5m,
                    Spreads: 3m),
                new LiquidityDropSettings(Feed.ToString(), ["USDC", "DAI"], true, InRangeDrop: 0.8m),
                new OutflowDrainSettings("vault"),
                new OutflowDrainSettings(Share: 0.3m),
                new OutflowDrainSettings("bridge", 0.1m, 2m, 3m, 4, 5m, 0.6m, false),
            ],
            entries.Entries.Select(entry => entry.Settings));
        Assert.Equal(["issuer-control"], entries.Off);
    }

    [Theory]
    [InlineData("redemption-run: [ { hourly_usd: 1 } ]")]
    [InlineData("redemption-run: [ { asset: dUSD, hourly: 1 } ]")]
    [InlineData("unbacked-mint: [ { asset: dUSD, backing: [ { token: USDC } ] } ]")]
    [InlineData("unbacked-mint: [ { asset: dUSD, backing: [ { feed: 0x12, stale_after: 1d } ] } ]")]
    [InlineData("liquidity-drop: [ { pool: pair, in_range: perhaps } ]")]
    [InlineData("outflow-drain: [ { contract: vault, transactions_min: 0 } ]")]
    public void What_cannot_be_read_is_refused(string entry) => Assert.ThrowsAny<Exception>(() => folder.Load(
        "detectors:\n  " + entry + "\n"));
}
