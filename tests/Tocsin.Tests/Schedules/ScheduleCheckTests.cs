using Tocsin.People;
using Tocsin.Plans;
using Tocsin.Schedules;
using Tocsin.Tests.Plans;
using static Tocsin.Tests.Schedules.Rota;

namespace Tocsin.Tests.Schedules;

public sealed class ScheduleCheckTests
{
    // A Monday.
    private static readonly DateTimeOffset Now = At("2026-01-05T00:30Z");

    private static readonly Schedule Sound = Schedule("Europe/Zurich", Rotation("ada ben", "2026-01-01"));

    [Fact]
    public void A_sound_schedule_gives_no_complaint() => Assert.Empty(Complaints(Sound));

    [Theory]
    [InlineData("ada bn", "a rotation of schedule 'primary' names 'bn', who is not in the team; did you mean 'ben'?")]
    [InlineData("ada bn bn", "a rotation of schedule 'primary' names 'bn', who is not in the team; did you mean "
        + "'ben'?|'bn' is in a rotation of schedule 'primary' twice")]
    [InlineData("ada ben ada", "'ada' is in a rotation of schedule 'primary' twice")]
    [InlineData("", "a rotation of schedule 'primary' has no people")]
    public void People_of_a_rotation_are_in_the_team_once(string people, string errors) => Assert.Equal(
        errors.Split('|').Select(Error), Complaints(Schedule("Etc/UTC", Rotation(people, "2026-01-01"))));

    [Fact]
    public void A_schedule_has_a_rotation() => Assert.Equal(
        [Error("schedule 'primary' has no rotation: nobody would be on call")], Complaints(Schedule("Etc/UTC")));

    [Theory]
    [InlineData("2026-02-01T09:00Z", "2026-02-01T08:00Z", "ada", "the override of schedule 'primary' from Sun "
        + "2026-02-01 10:00 ends before it begins, at Sun 2026-02-01 09:00")]
    [InlineData("2026-02-01T09:00Z", "2026-02-01T09:00Z", "ada", "the override of schedule 'primary' from Sun "
        + "2026-02-01 10:00 ends before it begins, at Sun 2026-02-01 10:00")]
    [InlineData("2026-02-01T09:00Z", "2026-02-02T09:00Z", "cemm",
        "an override of schedule 'primary' names 'cemm', who is not in the team; did you mean 'cem'?")]
    [InlineData("2025-02-01T09:00Z", "2025-02-02T09:00Z", "gone", null)]
    [InlineData("2026-02-01T09:00Z", "2026-02-02T09:00Z", "cem", null)]
    public void An_override_that_is_not_over_names_one_of_the_team_and_ends_after_it_begins(
        string from, string to, string person, string? error) => Assert.Equal(
        error is null ? [] : [Error(error)],
        Complaints(Sound with { Overrides = [Override(from, to, person)] }));

    [Fact]
    public void Two_overrides_at_once_are_warned_about() => Assert.Equal(
        [
            new Complaint(Sound.At, ComplaintLevel.Warning, "two overrides of schedule 'primary' hold from "
                + "Mon 2026-02-02 09:00 on; the later written one wins"),
        ],
        Complaints(Sound with
        {
            Overrides =
            [
                Override("2026-02-02T08:00Z", "2026-02-02T10:00Z", "ada"),
                Override("2026-02-01T09:00Z", "2026-02-02T09:00Z", "cem"),
                Override("2026-02-02T10:00Z", "2026-02-02T11:00Z", "ben"),
            ],
        }));

    [Fact]
    public void The_first_gap_of_a_promise_is_named_in_local_time_with_how_many_follow() => Assert.Equal(
        [
            Error("schedule 'primary' promises somebody, but nobody is on call from Mon 2026-01-05 20:00 to "
                + "Tue 2026-01-06 08:00 (Europe/Zurich), nor in 399 more stretches of the coming 400 days"),
        ],
        Complaints(Schedule("Europe/Zurich", Rotation("ada", "2026-01-01", hours: Hours("08:00", "20:00"))), "07:30"));

    [Fact]
    public void A_rotation_that_has_not_begun_leaves_one_gap() => Assert.Equal(
        [
            Error("schedule 'primary' promises somebody, but nobody is on call from Mon 2026-01-05 00:30 to "
                + "Mon 2026-02-02 09:00 (Etc/UTC)"),
        ],
        Complaints(Schedule("Etc/UTC", Rotation("ada", "2026-02-02"))));

    [Theory]
    [InlineData("ada", "has the name of a person, role or team")]
    [InlineData("engineer", "has the name of a person, role or team")]
    [InlineData("core", "has the name of a person, role or team")]
    public void A_schedule_has_a_name_of_its_own(string id, string says) =>
        Assert.Contains(says, Assert.Single(Complaints(Sound with { Id = id })).Message, StringComparison.Ordinal);

    [Fact]
    public void Two_schedules_of_one_name_are_refused() => Assert.Equal(
        [Error("schedule 'primary' is defined twice, first at plan.yaml:7; rename one")],
        Complaints(MinimalPlan.Plan with { Schedules = [Sound, Sound] }, Now));

    [Fact]
    public void More_schedules_than_a_plan_may_have_are_refused_without_a_look_at_them() => Assert.Equal(
        [Error("a plan has at most 100 schedules")],
        Complaints(
            MinimalPlan.Plan with { Schedules = Enumerable.Repeat(Schedule("Etc/UTC"), 101).ToValueList() }, Now));

    /// <summary>The commander or the deputy, and an engineer, must approve; ben is the only engineer.</summary>
    [Theory]
    [InlineData("ben", "08:00", "20:00", "Mon 2026-01-05 00:00", 336)]
    [InlineData("ben", "00:30", "07:00", "Mon 2026-01-05 06:00", 504)]
    [InlineData("ada", "08:00", "20:00", null, 0)]
    public void A_decision_that_nobody_could_take_at_some_hour_is_warned_about(
        string person, string awake, string asleep, string? first, int hours)
    {
        var plan = WithHours(person, awake, asleep);

        Assert.Equal(
            first is null
                ? []
                : [
                    new Complaint(plan.Decisions[0].At, ComplaintLevel.Warning,
                        $"nobody could take decision 'emergency-pause' on {first} UTC: too few who can approve it are "
                        + $"then on call or awake; so it is in {hours} of the 672 hours of the coming four weeks"),
                ],
            Complaints(plan, Now));
    }

    [Fact]
    public void Whoever_is_on_call_can_decide_at_any_hour()
    {
        var nights = Schedule("Europe/Zurich", Rotation("ben", "2026-01-01", hours: Hours("20:00", "08:00")))
            with
        { Promise = [Hours("20:00", "08:00")] };

        Assert.Empty(Complaints(WithHours("ben", "08:00", "20:00") with { Schedules = [nights] }, Now));
    }

    [Fact]
    public void Of_whom_the_place_is_not_known_the_hours_are_not_known()
    {
        var plan = WithHours("ben", "08:00", "20:00");

        Assert.Empty(Complaints(
            plan with { People = plan.People.Select(person => person with { Zone = null }).ToValueList() }, Now));
    }

    [Fact]
    public void Whoever_is_revoked_is_not_on_call()
    {
        var plan = MinimalPlan.Plan with { Schedules = [Sound] };
        var revoked = Revocations.None.Apply(new PersonRevoked("ben", "Ben Engineer", [], "ada", "lost"), Now);

        Assert.Equal(["ben"], OnCall.At(plan.Schedules[0], At("2026-01-09T00:00Z")));
        Assert.Equal(["ada"], OnCall.At(revoked.Bind(plan).Schedules[0], At("2026-01-09T00:00Z")));
    }

    private static Plan WithHours(string id, string awake, string asleep) => MinimalPlan.Plan with
    {
        People = MinimalPlan.Plan.People
            .Select(person => person.Id != id
                ? person
                : person with
                {
                    Zone = In("Europe/Zurich"),
                    Awake = new AwakeHours(TimeOnly.Parse(awake), TimeOnly.Parse(asleep)),
                })
            .ToValueList(),
    };

    private static Complaint Error(string message) => new(Sound.At, ComplaintLevel.Error, message);

    private static List<Complaint> Complaints(Schedule schedule, string time = "00:30") =>
        Complaints(MinimalPlan.Plan with { Schedules = [schedule] }, At($"2026-01-05T{time}Z"));

    private static List<Complaint> Complaints(Plan plan, DateTimeOffset now)
    {
        var complaints = new List<Complaint>();
        ScheduleCheck.CheckText(plan, complaints);
        ScheduleCheck.Check(plan, now, complaints);
        return complaints;
    }
}
