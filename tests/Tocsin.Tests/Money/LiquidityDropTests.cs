using Tocsin.Chains;
using Tocsin.Detection.Money;
using Tocsin.Evm.Reads;
using Tocsin.Findings;
using static Tocsin.Tests.Money.Ledger;

namespace Tocsin.Tests.Money;

public sealed class LiquidityDropTests
{
    private static readonly LiquidityDropSettings OfPair = new("dUSD/USDC");
    private readonly Ledger ledger = new();

    [Theory]
    [InlineData(0.71, null)]
    [InlineData(0.69, Severity.High)]
    [InlineData(0.1, Severity.High)]
    public void Liquidity_that_leaves_within_an_hour_is_told_from_thirty_per_cent_on(double left, Severity? severity)
    {
        Stand(3, 2_000_000m, 2_000_000m);
        Sync(2_000_000m * (decimal)left, 2_000_000m * (decimal)left);

        Assert.Equal(severity, ledger.Findings(OfPair).SingleOrDefault()?.Severity);
    }

    [Fact]
    public void What_is_told_names_how_much_left_and_reaches_people()
    {
        Stand(3, 2_000_000m, 2_000_000m);
        Sync(1_000_000m, 1_000_000m);

        var finding = Assert.Single(ledger.Findings(OfPair));

        Assert.Equal((Threat.LiquidityDrop, "dUSD/USDC", true),
            (finding.Threat, finding.Subject, finding.Confidence >= 0.7m));
        Assert.Contains("50 % of the liquidity of dUSD/USDC left; 2,000,000 USD are there now", finding.Reason);
    }

    [Fact]
    public void A_drain_over_a_day_is_told_though_no_hour_shows_it()
    {
        Stand(26, 2_000_000m, 2_000_000m);
        for (var i = 1; i <= 26; i++)
            Sync(2_000_000m - 45_000m * i, 2_000_000m - 45_000m * i, TimeSpan.FromHours(1));

        Assert.Equal(Severity.Elevated, ledger.Findings(OfPair)[0].Severity);
    }

    public static TheoryData<string> Innocent() =>
        ["swap", "small pool", "came and went", "back in the block", "grows"];

    [Theory]
    [MemberData(nameof(Innocent))]
    public void What_takes_no_liquidity_away_tells_nobody(string what)
    {
        Stand(3, 2_000_000m, 2_000_000m);
        switch (what)
        {
            case "swap":
                Sync(3_500_000m, 2_000_000m * 2_000_000m / 3_500_000m);
                break;
            case "small pool":
                ledger.Close(TimeSpan.FromDays(3));
                Stand(30, 200_000m, 200_000m);
                Sync(20_000m, 20_000m);
                Assert.DoesNotContain(ledger.Findings(OfPair), finding => finding.Time == ledger.Now);
                return;
            case "came and went":
                Sync(9_000_000m, 9_000_000m, TimeSpan.FromMinutes(10));
                Sync(2_000_000m, 2_000_000m, TimeSpan.FromMinutes(80));
                break;
            case "back in the block":
                ledger.Send("provider", Pair, SyncOf(100m, 100m)).Send("provider", Pair, SyncOf(2e6m, 2e6m)).Close();
                break;
            default:
                Stand(3, 4_000_000m, 4_000_000m);
                break;
        }

        Assert.Empty(ledger.Findings(OfPair));
    }

    [Fact]
    public void A_pool_that_loses_as_much_at_this_hour_of_every_day_is_told_only_when_it_loses_more()
    {
        for (var day = 0; day < 15; day++)
        {
            // Close to two fifths leave at half past three, and are back a quarter of a day later.
            Stand(4, 2_000_000m, 2_000_000m);
            Breathe(1_220_000m);
        }
        Stand(4, 2_000_000m, 2_000_000m);
        var quiet = ledger.Now;
        Breathe(1_220_000m);
        Stand(4, 2_000_000m, 2_000_000m);
        var loud = ledger.Now;
        Breathe(600_000m);

        var told = ledger.Findings(OfPair).Where(finding => finding.Severity == Severity.High)
            .Select(finding => finding.Time).ToList();

        Assert.Contains(told, time => time < quiet.AddDays(-8));
        Assert.DoesNotContain(told, time => time > quiet && time <= loud);
        Assert.Contains(told, time => time > loud);

        void Breathe(decimal left)
        {
            Sync(left, left, TimeSpan.FromMinutes(10));
            Sync(2_000_000m, 2_000_000m, TimeSpan.FromHours(6));
            var next = new DateTimeOffset(ledger.Now.UtcDateTime.Date.AddDays(1).AddHours(3), TimeSpan.Zero);
            ledger.Close(next - ledger.Now);
        }
    }

    [Fact]
    public void A_stable_pair_that_holds_almost_only_one_side_is_told()
    {
        Stand(3, 2_000_000m, 2_000_000m);
        Sync(4_400_000m, 4_000_000m / 4.4m);

        var finding = Assert.Single(ledger.Findings(OfPair));

        Assert.Equal(Severity.High, finding.Severity);
        Assert.Contains("holds 82.9 % dUSD", finding.Reason);
    }

    [Fact]
    public void A_pool_that_is_no_pair_is_followed_by_the_balances_of_its_tokens()
    {
        var pool = Account("curve");
        var settings = new LiquidityDropSettings(pool.ToString(), ["USDC", "DAI"]);
        foreach (var (usdc, dai) in new[] { (3e6m, 3e6m), (4e6m, 2e6m), (2e6m, 1e6m), (2.7e6m, 0.3e6m) })
            ledger.Close(TimeSpan.FromMinutes(20)).Answer(
                (ProtocolReads.BalanceOf(Usdc, pool).Read, Wei(usdc, Usdc)),
                (ProtocolReads.BalanceOf(Dai, pool).Read, Wei(dai, Dai)));

        Assert.Equal(["liquidity_left", "pool_imbalance"],
            ledger.Findings(settings).Select(finding => finding.Indicators[^1].Name));
    }

    [Fact]
    public void Liquidity_in_range_that_comes_and_goes_is_nothing_and_what_stays_away_is_recorded()
    {
        var pool = Account("v3");
        var settings = new LiquidityDropSettings(pool.ToString(), InRange: true);
        for (var i = 0; i < 40; i++)
            Answer(i % 4 == 1 ? 1_000ul : 1_000_000_000ul);
        for (var i = 0; i < 6; i++)
            Answer(1_000_000_000ul);
        Assert.Empty(ledger.Findings(settings));
        for (var i = 0; i < 6; i++)
            Answer(1_000ul);

        var finding = Assert.Single(ledger.Findings(settings));

        Assert.Equal((Severity.Elevated, true), (finding.Severity, finding.Confidence < 0.7m));

        void Answer(ulong liquidity) => ledger.Close(TimeSpan.FromMinutes(20)).Answer(
            (UniswapV3Liquidity.Of(pool).Read, new UInt256(0, (UInt128)liquidity * 1_000_000)));
    }

    [Fact]
    public void It_goes_on_the_same_from_a_snapshot_and_after_a_reorg()
    {
        Stand(4, 2_000_000m, 2_000_000m);
        for (var i = 1; i < 8; i++)
            Sync(2_000_000m / (1 + i), 2_000_000m / (1 + i), TimeSpan.FromMinutes(7));

        ledger.HoldsAcrossSnapshotsAndReorgs(OfPair);
    }

    [Fact]
    public void Settings_that_cannot_be_are_refused()
    {
        Assert.Single(new LiquidityDropSettings("nowhere").Problems(Watch));
        Assert.Single(new LiquidityDropSettings(Account("curve").ToString()).Problems(Watch));
        Assert.Single((OfPair with { HourDrop = 1 }).Problems(Watch));
        Assert.Single((OfPair with { Tokens = ["GEM"] }).Problems(Watch));
    }

    private static Tocsin.Evm.Blocks.Log SyncOf(decimal dusd, decimal usdc) =>
        Event(Pair, "Sync(uint112,uint112)", [], Wei(dusd, Dusd), Wei(usdc, Usdc));

    private void Sync(decimal dusd, decimal usdc, TimeSpan? later = null) =>
        ledger.Send("provider", Pair, SyncOf(dusd, usdc)).Close(later ?? TimeSpan.FromMinutes(5));

    private void Stand(int hours, decimal dusd, decimal usdc)
    {
        for (var i = 0; i < hours; i++)
            Sync(dusd, usdc, TimeSpan.FromHours(1));
    }
}
