using Tocsin.Communications;
using Tocsin.Deadlines;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Tests.Incidents;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Communications;

public sealed class UpdatesDueTests
{
    private static readonly Communication Users = new("users", "every", "status", null, new SourceLine("plan", 1))
    {
        Id = "users",
        Moment = UpdateMoment.Every,
        Every = TimeSpan.FromHours(4),
        Within = TimeSpan.FromMinutes(30),
        Writer = "engineer",
    };

    private static DateTimeOffset Opened => Fold().OpenedAt;

    [Fact]
    public void The_first_is_due_within_its_time_and_the_next_as_often_as_the_plan_says()
    {
        Assert.Equal(Opened.AddMinutes(30), Due(Users, Fold()));
        Assert.Equal(At(600 + (4 * 3600)), Due(Users, Fold((600, Told()))));
    }

    [Fact]
    public void What_was_promised_is_due_when_it_was_promised() =>
        Assert.Equal(At(3600), Due(Users, Fold((600, Told(next: At(3600))))));

    [Fact]
    public void What_waits_for_its_approver_has_not_been_told() =>
        Assert.Equal(Opened.AddMinutes(30), Due(Users, Fold((600, Told(approver: "commander")))));

    [Fact]
    public void What_is_left_out_is_due_anew() => Assert.Equal(
        At(900 + (4 * 3600)),
        Due(Users, Fold((900, new UpdateEvent.Skipped(First, "users", 1, "Ben Engineer", "nothing is new")))));

    [Fact]
    public void What_is_told_each_time_there_is_something_to_say_is_owed_once()
    {
        var open = Users with { Moment = UpdateMoment.Open, Every = null };

        Assert.Equal(Opened.AddMinutes(30), Due(open, Fold()));
        Assert.Null(Due(open, Fold((600, Told()))));
        Assert.Null(Due(open with { Within = null }, Fold()));
    }

    [Fact]
    public void What_is_told_at_once_is_owed_where_a_person_writes_it()
    {
        var once = Users with { Moment = UpdateMoment.AtOnce, Every = null, Within = null };

        Assert.Equal(Opened + UpdatesDue.AtOnceWithin, Due(once, Fold()));
        Assert.Null(Due(once with { Writer = null }, Fold()));
    }

    [Fact]
    public void The_report_is_owed_after_the_end_and_nothing_else_is()
    {
        var report = Users with { Moment = UpdateMoment.AfterResolution, Every = TimeSpan.FromDays(5), Within = null };
        var resolved = (7200.0, (LogEvent)new IncidentEvent.Resolved(First, "ada", "over"));

        Assert.Null(Due(report, Fold()));
        Assert.Equal(At(7200).AddDays(5), Due(report, Fold(resolved)));
        Assert.Null(Due(report, Fold(resolved, (9000, Told()))));
        Assert.Null(Due(Users, Fold(resolved)));
    }

    [Theory]
    [InlineData(2, "", true)]
    [InlineData(1, "", true)]
    [InlineData(1, "flash-loan", false)]
    public void What_an_incident_does_not_need_is_never_due(int severity, string notFor, bool isDue)
    {
        var some = Users with { Severity = (Severity)severity, NotFor = notFor.Length == 0 ? [] : [notFor] };

        Assert.Equal(isDue, Due(some, Fold()) is not null);
    }

    [Fact]
    public void What_is_late_is_asked_for_again_and_again_until_it_is_told()
    {
        var first = new DeadlineEvent.Missed(First, "update 'users'", "engineer", Opened.AddMinutes(30));
        var late = Fold((1814, first));
        Assert.Equal(("update 'users', overdue", At(3614)), Next(late));

        var again = late.Apply(
            new DeadlineEvent.Missed(First, "update 'users', overdue", "engineer", At(3614)), At(3614));
        Assert.Equal(("update 'users', overdue", At(5414)), Next(again));

        var told = again.Apply(Told(), At(4000));
        Assert.Equal(("update 'users'", At(4000 + (4 * 3600))), Next(told));

        static (string, DateTimeOffset) Next(Incident incident) =>
            Assert.Single(UpdatesDue.Of(incident, With(Users))) is var one ? (one.What, one.Due) : default;
    }

    private static UpdateEvent.Drafted Told(DateTimeOffset? next = null, string? approver = null) =>
        new(First, "users", 1, "We are looking.", "status", true, approver, next, "Ben Engineer");

    private static DateTimeOffset? Due(Communication communication, Incident incident) =>
        UpdatesDue.Of(incident, With(communication)).SingleOrDefault()?.Due;

    private static Tocsin.Plans.Plan With(Communication communication) =>
        Story.Plan with { Communications = Story.Plan.Communications.Add(communication) };
}
