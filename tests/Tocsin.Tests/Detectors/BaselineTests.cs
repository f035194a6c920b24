using FsCheck;
using FsCheck.Fluent;
using Tocsin.Detection.Detectors;

namespace Tocsin.Tests.Detectors;

public sealed class BaselineTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void It_knows_nothing_until_it_saw_a_week()
    {
        var baseline = Days(Baseline.Empty, 0, 6, _ => 100);
        Assert.Null(baseline.Expected(Noon));
        Assert.Null(baseline.Limit(Noon, 3));

        baseline = baseline.Learn(Noon.AddDays(6), 100);

        Assert.Equal(100, baseline.Expected(Noon));
        // What never varied may vary by half before it is a spread.
        Assert.Equal(250, baseline.Limit(Noon, 3));
    }

    [Fact]
    public void Each_hour_of_the_day_is_its_own()
    {
        var baseline = Days(Baseline.Empty, 0, 10, _ => 100);

        Assert.Null(baseline.Expected(Noon.AddHours(1)));
        Assert.Equal(100, baseline.Expected(Noon.AddDays(40).AddMinutes(59)));
        // The hour is that of Greenwich, wherever the instant was written down.
        Assert.Equal(100, baseline.Expected(Noon.ToOffset(TimeSpan.FromHours(9))));
    }

    [Fact]
    public void What_varies_has_a_wide_spread()
    {
        var rough = Days(Baseline.Empty, 0, 28, day => day % 2 == 0 ? 20 : 180);
        var calm = Days(Baseline.Empty, 0, 28, day => day % 2 == 0 ? 95 : 105);

        Assert.InRange(rough.Expected(Noon)!.Value, 90, 110);
        Assert.True(rough.Limit(Noon, 6) > calm.Limit(Noon, 6));
    }

    [Fact]
    public void It_follows_what_grows_and_forgets_what_was()
    {
        var baseline = Days(Baseline.Empty, 0, 60, _ => 100);

        baseline = Days(baseline, 60, 200, _ => 400);

        Assert.InRange(baseline.Expected(Noon)!.Value, 390, 400);
    }

    [Fact]
    public void An_outlier_counts_only_as_far_as_it_was_imaginable()
    {
        var baseline = Days(Baseline.Empty, 0, 28, _ => 100);

        var after = baseline.Learn(Noon.AddDays(28), 1_000_000_000);

        Assert.InRange(after.Expected(Noon)!.Value, 100, 100 + (300 / 28m) + 0.01m);
        Assert.InRange(after.Limit(Noon, 6)!.Value, 400, 600);
    }

    [Fact]
    public void No_amounts_make_it_fail_or_negative() => Prop.ForAll(
        Gen.ArrayOf(Gen.Choose(0, 1_000_000)).ToArbitrary(),
        amounts =>
        {
            var baseline = Baseline.Empty;
            for (var day = 0; day < amounts.Length; day++)
                baseline = baseline.Learn(Noon.AddDays(day), amounts[day] * 1_000_000_000m);
            return baseline.Expected(Noon) is null or >= 0
                && (baseline.Limit(Noon, 6) ?? 0) >= (baseline.Expected(Noon) ?? 0);
        }).QuickCheckThrowOnFailure();

    private static Baseline Days(Baseline baseline, int from, int to, Func<int, decimal> amount)
    {
        for (var day = from; day < to; day++)
            baseline = baseline.Learn(Noon.AddDays(day), amount(day));
        return baseline;
    }
}
