using FsCheck;
using FsCheck.Fluent;
using Tocsin.Channels;
using Tocsin.Findings;

namespace Tocsin.Tests.Channels;

public sealed class RetryScheduleTests
{
    [Theory]
    [InlineData(Severity.Critical, new[] { 0, 1, 2, 5, 10, 20, 30, 30, 30 })]
    [InlineData(Severity.High, new[] { 0, 2, 4, 10, 20, 40, 60, 60, 60 })]
    [InlineData(Severity.Elevated, new[] { 0, 4, 8, 20, 40, 80, 120, 120, 120 })]
    [InlineData(Severity.Minor, new[] { 0, 10, 20, 50, 100, 200, 300, 300, 300 })]
    [InlineData(Severity.Routine, new[] { 0, 20, 40, 100, 200, 400, 600, 600, 600 })]
    public void Attempts_are_dense_first_and_then_steady(Severity severity, int[] waits) =>
        Assert.All(waits, (wait, attempts) => Assert.Equal(wait, Wait(attempts, severity, hint: null)));

    [Theory]
    [InlineData(1, Severity.Critical, 20, 20)]
    [InlineData(6, Severity.Critical, 3, 30)]
    [InlineData(1, Severity.Critical, 0, 1)]
    [InlineData(1, Severity.Critical, 86_400, 300)]
    [InlineData(1, Severity.High, 86_400, 900)]
    [InlineData(1, Severity.Critical, -5, 1)]
    public void A_hint_is_honoured_up_to_the_time_to_answer(int attempts, Severity severity, int hint, int wait) =>
        Assert.Equal(wait, Wait(attempts, severity, hint));

    [Fact]
    public void It_never_gives_up_and_never_waits_beyond_the_time_to_answer()
    {
        var cases =
            from attempts in Gen.Choose(0, int.MaxValue)
            from severity in Gen.Elements(Enum.GetValues<Severity>())
            from hint in Gen.Choose(int.MinValue, int.MaxValue)
            from hinted in Gen.Elements(true, false)
            select (attempts, severity, hint: hinted ? hint : (int?)null);

        Prop.ForAll(Arb.From(cases), it =>
        {
            var wait = Wait(it.attempts, it.severity, it.hint);
            return wait >= 0 && wait <= it.severity.DefaultAnswerWithin().TotalSeconds;
        }).QuickCheckThrowOnFailure();
    }

    private static double Wait(int attempts, Severity severity, int? hint)
    {
        var asked = hint is { } seconds ? TimeSpan.FromSeconds(seconds) : (TimeSpan?)null;
        return (RetrySchedule.Next(attempts, severity, asked, Alerts.Noon) - Alerts.Noon).TotalSeconds;
    }
}
