using Tocsin.Detection.Operations;
using Tocsin.Texts;

namespace Tocsin.Tests.Configuration.Detectors;

public sealed class OperationsEntryTests : IDisposable
{
    private readonly ConfigurationFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_is_written_is_read()
    {
        var entries = folder.Load("""
            detectors:
              unusual-trading:
                - market: GEM/dUSD
                  spreads: 4.5
                  usd_min: 1000
                  usd_max: 250000
                  one_sided: 0.8
                  accounts: 7
                  accounts_within: 5min
              activity-spike:
                - { of: vault, spreads: 3, calls_least: 10, calls_limit: 500, events_least: 20, events_limit: 900,
                    failed_least: 5, failed_share: 0.25, fee_gwei_least: 20, fee_gwei_limit: 900.5, fee_blocks: 4,
                    fee_for: 30s }
              user-reports:
                - { several: 2, many: 5 }
            """).Detectors.Entries;

        Assert.Equal(
            [
                new UnusualTradingSettings("GEM/dUSD")
                {
                    Spreads = 4.5m, UsdLeast = 1_000, UsdLimit = 250_000, OneSided = 0.8m, Accounts = 7,
                    AccountsWithin = TimeSpan.FromMinutes(5),
                },
                new ActivitySpikeSettings("vault")
                {
                    Spreads = 3, CallsLeast = 10, CallsLimit = 500, EventsLeast = 20, EventsLimit = 900,
                    FailedLeast = 5, FailedShare = 0.25m, FeeGweiLeast = 20, FeeGweiLimit = 900.5m, FeeBlocks = 4,
                    FeeFor = TimeSpan.FromSeconds(30),
                },
                new UserReportsSettings { Several = 2, Many = 5 },
            ],
            entries.Select(entry => entry.Settings));
    }

    [Fact]
    public void What_is_not_said_has_its_default()
    {
        var entries = folder.Load("""
            detectors:
              unusual-trading: [{ market: GEM }]
              activity-spike: [{ calls_limit: 9 }]
              user-reports: [{ many: 20 }]
            """).Detectors.Entries;

        Assert.Equal(
            [
                new UnusualTradingSettings("GEM"), new ActivitySpikeSettings { CallsLimit = 9 },
                new UserReportsSettings { Many = 20 },
            ],
            entries.Select(entry => entry.Settings));
    }

    [Theory]
    [InlineData("unusual-trading: [{}]", "'market' is missing")]
    [InlineData("unusual-trading: [{ market: GEM, limit: 3 }]", "'limit' is not known")]
    [InlineData("unusual-trading: [{ market: GEM, accounts: 1 }]", "a whole number from 2 to 1000")]
    [InlineData("activity-spike: [{ failed_least: 0 }]", "a whole number from 1 to")]
    [InlineData("activity-spike: [{ fee_blocks: 0 }]", "a whole number from 1 to")]
    [InlineData("user-reports: [{ several: 1 }]", "a whole number from 2 to 100")]
    public void What_cannot_be_is_refused(string text, string why)
    {
        var message = Assert.Throws<InputException>(() => folder.Load($"detectors:\n  {text}\n")).Message;

        Assert.Contains(why, message, StringComparison.Ordinal);
    }
}
