using Tocsin.Incidents;
using Tocsin.Paging;
using Tocsin.Schedules;
using static Tocsin.Tests.Incidents.Story;
using EmergencyPlan = Tocsin.Plans.Plan;

namespace Tocsin.Tests.Paging;

public sealed class AwakeTests
{
    private static readonly Zone Kolkata = new("Asia/Kolkata", TimeSpan.FromHours(5.5), []);
    private static readonly Zone Denver = new("America/Denver", TimeSpan.FromHours(-7), []);

    // At noon UTC it is 17:30 in Kolkata and 05:00 in Denver.
    private static readonly EmergencyPlan Team = Plan with
    {
        People = Plan.People.Select(person => person.Id switch
        {
            "ada" => person with { Zone = Denver, Awake = new(new(7, 0), new(23, 0)) },
            "ben" => person with { Zone = Kolkata, Awake = new(new(7, 0), new(23, 0)) },
            "cem" => person with { Zone = Denver },
            _ => person,
        }).ToValueList(),
    };

    [Fact]
    public void Who_is_awake_is_told_by_their_own_clock_and_unknown_without_one()
    {
        var team = Awake.Of(Fold(), Team, Noon).ToDictionary(person => person.Id);

        Assert.Equal((new TimeOnly(5, 0), false), (team["ada"].LocalTime, team["ada"].IsAwake));
        Assert.Equal((new TimeOnly(17, 30), true), (team["ben"].LocalTime, team["ben"].IsAwake));
        Assert.Equal((new TimeOnly(5, 0), null), (team["cem"].LocalTime, team["cem"].IsAwake));
        Assert.Equal((null, null), (team["dee"].LocalTime, team["dee"].IsAwake));
        Assert.Contains("awake or not is unknown", team["dee"].InWords, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_answered_comes_first_and_who_cannot_help_last()
    {
        var incident = Fold(
            (20, new PageEvent.LevelBegan(First, 0, 0, 0, ["Ada Commander", "Ben Engineer"])),
            (30, new PageEvent.Answered(First, "Ben Engineer", PageAnswer.Unable, "link")),
            (31, new IncidentEvent.Acknowledged(First, "Dee Auditor", "link")),
            (32, new PageEvent.Answered(First, "Cem Deputy", PageAnswer.AbleToSign, "link")));

        var team = Awake.Of(incident, Team, Noon);

        Assert.Equal(["cem", "dee", "ada", "ben"], team.Select(person => person.Id));
        Assert.Equal((true, null), (team[2].WasCalled, team[2].Answer));
        Assert.StartsWith("was called, has not answered", team[2].InWords, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_can_fill_an_empty_place_is_said_until_it_is_filled()
    {
        var open = Awake.Of(Fold(), Plan, Noon).ToDictionary(person => person.Id);
        Assert.Equal(
            ("commander", "engineer", "commander", null),
            (open["ada"].CanFill, open["ben"].CanFill, open["cem"].CanFill, open["dee"].CanFill));

        var approved = Awake.Of(
            Fold(
                (16, Proposed()),
                (80, new IncidentEvent.ApprovalAccepted(
                    First, Approval(Tocsin.Tests.Plans.MinimalPlan.Deputy.Address, 80), "cem"))),
            Plan, Noon).ToDictionary(person => person.Id);
        Assert.Equal(
            (null, "engineer", true), (approved["ada"].CanFill, approved["ben"].CanFill, approved["cem"].HasApproved));

        var taken = Fold(Until<IncidentEvent.SigningRefused>())[First]!;
        Assert.All(Awake.Of(taken, Plan, Noon), person => Assert.Null(person.CanFill));
    }

    [Fact]
    public void Who_is_on_call_is_by_the_schedule_at_that_instant()
    {
        var schedule = new Schedule(
            "primary", Zone.Utc, [], [],
            [new Override(At(0), At(3600), "ben"), new Override(At(3600), At(7200), "ada")], default);
        var plan = Plan with { Schedules = [schedule] };

        Assert.Equal(["ben"], OnCallAt(plan, 10));
        Assert.Equal(["ada"], OnCallAt(plan, 3600));
        Assert.Empty(OnCallAt(plan, 7200));
    }

    private static IEnumerable<string> OnCallAt(EmergencyPlan plan, double at) =>
        Awake.Of(Fold(), plan, At(at)).Where(person => person.OnCall.Contains("primary")).Select(person => person.Id);
}
