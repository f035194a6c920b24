using FsCheck;
using FsCheck.Fluent;
using Tocsin.Incidents;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Incidents;

public sealed class PauseExpiryTests
{
    // Both scopes are in the chain at 120 and paused until 86 520: exactly a day.
    private static readonly Incident Paused = Fold(Until<IncidentEvent.OutflowSeen>())[First]!;

    [Theory]
    [InlineData(122, null)]
    [InlineData(43_319, null)]
    [InlineData(43_320, 50)]
    [InlineData(64_919, 50)]
    [InlineData(64_920, 25)]
    [InlineData(77_880, 10)]
    [InlineData(86_519, 10)]
    [InlineData(86_520, null)]
    public void What_is_told_depends_on_the_time_that_is_left(double at, int? percentLeft) =>
        Assert.Equal(percentLeft, PauseExpiry.Due(Paused, At(at))?.PercentLeft);

    [Theory]
    [InlineData(50, 50_000, null)]
    [InlineData(50, 70_000, 25)]
    [InlineData(10, 70_000, null)]
    [InlineData(25, 80_000, 10)]
    public void What_was_told_is_not_told_again(int told, double at, int? percentLeft)
    {
        var warned = Paused.Apply(
            new IncidentEvent.PauseNearsEnd(First, new PauseWarning(told, At(86_520))), At(at - 1));

        Assert.Equal(percentLeft, PauseExpiry.Due(warned, At(at))?.PercentLeft);
    }

    [Fact]
    public void A_pause_that_was_made_longer_is_told_of_anew()
    {
        var longer = Paused
            .Apply(new IncidentEvent.PauseNearsEnd(First, new PauseWarning(10, At(86_520))), At(80_000))
            .Apply(new IncidentEvent.ScopePaused(First, Decision.Id, 0, "market", At(172_920), Block(200)), At(80_010))
            .Apply(new IncidentEvent.ScopePaused(First, Decision.Id, 1, "vault", At(172_920), Block(200)), At(80_010));

        Assert.Null(PauseExpiry.Due(longer, At(80_020)));
        Assert.Equal(new PauseWarning(50, At(172_920)), PauseExpiry.Due(longer, At(90_000)));
    }

    [Fact]
    public void The_scope_that_opens_first_counts()
    {
        var sooner = Paused.Apply(
            new IncidentEvent.ScopePaused(First, Decision.Id, 1, "vault", At(3_720), Block(110)), At(122));

        Assert.Equal(new PauseWarning(50, At(3_720)), PauseExpiry.Due(sooner, At(1_920)));
    }

    [Fact]
    public void Nothing_is_told_where_nothing_is_paused_or_all_is_resolved()
    {
        var resolved = Paused.Apply(new IncidentEvent.Resolved(First, "ada", "done"), At(200));
        var open = Fold(Until<IncidentEvent.ScopePaused>())[First]!;

        Assert.Null(PauseExpiry.Due(resolved, At(80_000)));
        Assert.Null(PauseExpiry.Due(open, At(80_000)));
    }

    [Fact]
    public void Whoever_sleeps_until_the_next_instant_misses_no_share()
    {
        var (incident, told) = (Paused, new List<(int Percent, DateTimeOffset At)>());
        for (var now = At(122); PauseExpiry.NextDue(incident, now) is { } next; now = next)
        {
            foreach (var warning in PauseExpiry.Owed(incident, next).Cast<IncidentEvent.PauseNearsEnd>())
            {
                told.Add((warning.Warning.PercentLeft, next));
                incident = incident.Apply(warning, next);
            }
        }

        Assert.Equal([(50, At(43_320)), (25, At(64_920)), (10, At(77_880))], told);
    }

    [Fact]
    public void A_false_alarm_that_still_holds_something_paused_is_looked_at_until_the_pause_ends()
    {
        var book = Fold(Until<IncidentEvent.OutflowSeen>()).Apply(
            new CommandEvent.DeclaredFalse(First, "Ada Commander", "our own rebalancing"), At(200));

        Assert.False(book[First]!.IsOpen);
        Assert.Single(book.Owing(At(86_519)));
        Assert.Empty(book.Owing(At(86_520)));
    }

    [Fact]
    public void However_often_one_looks_each_share_is_told_once_at_most_and_the_last_one_surely()
    {
        var looks = Gen.Choose(100, 90_000).ListOf().Select(at => at.Order().ToList()).ToArbitrary();
        Prop.ForAll(looks, at =>
        {
            var incident = Paused;
            var told = new List<int>();
            foreach (var second in at)
            {
                if (PauseExpiry.Due(incident, At(second)) is not { } warning)
                    continue;
                told.Add(warning.PercentLeft);
                incident = incident.Apply(new IncidentEvent.PauseNearsEnd(First, warning), At(second));
            }
            var last = at.LastOrDefault(second => second < 86_520);
            return told.Distinct().Count() == told.Count
                && told.SequenceEqual(told.OrderDescending())
                && (last < 77_880 || told[^1] == 10);
        }).QuickCheckThrowOnFailure();
    }
}
