using Tocsin.Communications;
using Tocsin.Deadlines;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Paging;
using Tocsin.Plans;
using Tocsin.Tests.Schedules;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Incidents;

public sealed class RoleDutiesTests
{
    private static readonly SourceLine Somewhere = new("plan.yaml", 1);

    // Ben until one in the afternoon, then Cem, a day each; it opens at noon.
    private static readonly Plan WithRoles = Story.Plan with
    {
        Roles =
        [
            new PlannedRole(
                "commander", "Leads.", "deputy", "primary",
                [new RoleAction("open-call", "Open a call.", TimeSpan.FromMinutes(20))], Somewhere),
            new PlannedRole("scribe", "Writes.", null, null, [], Somewhere),
        ],
        Schedules = [Rota.Schedule("Etc/UTC", Rota.Rotation("ben cem", "2026-02-28", "13:00", 1))],
    };

    private const double Shift = 3600;

    public static TheoryData<string, double, string> Passed => new()
    {
        { "", Shift - 1, "" },
        { "", Shift, "Cem Deputy is commander now, after Ben Engineer: on call in 'primary' now." },
        { "ben is unable", 100, "Ada Commander is commander now, after Ben Engineer: Ben Engineer cannot help now." },
        { "ben is unable, passed to ada, ben is able", Shift - 1, "" },
        {
            "ben is unable, passed to ada, ben is able", Shift,
            "Cem Deputy is commander now, after Ada Commander: on call in 'primary' now."
        },
        { "cem is unable", Shift, "" },
        { "given to dee", Shift - 1, "" },
        {
            "given to dee", Shift,
            "Cem Deputy is on call in 'primary' now and may take commander over from Dee Auditor."
        },
        { "given to dee, offered to cem", Shift + 100, "" },
        { "given to dee, dee is unable", 100, "Ben Engineer is commander now, after Dee Auditor: Dee Auditor cannot" },
        { "given to cem", Shift, "" },
        { "given to eve", 100, "Ben Engineer is commander now, after Eve Gone: Eve Gone is revoked." },
        { "resolved", Shift, "" },
    };

    [Theory]
    [MemberData(nameof(Passed))]
    public void A_role_is_passed_on_where_its_holder_is_not_who_should_hold_it(string story, double at, string expected)
    {
        var incident = Told(story);

        var owed = RoleDuties.Owed(incident, WithRoles, At(at));

        Assert.Equal(expected.Length == 0 ? 0 : 1, owed.Count);
        if (owed is [var one])
            Assert.StartsWith(expected, Tocsin.Reports.Timeline.Line(one), StringComparison.Ordinal);
        // What is done is not owed again, at that instant or right before it.
        var after = owed.Aggregate(incident, (folded, happened) => folded.Apply(happened, At(at)));
        Assert.Empty(RoleDuties.Owed(after, WithRoles, At(at)));
        Assert.Empty(RoleDuties.Owed(after, WithRoles, At(at - 10)));
    }

    [Fact]
    public void The_end_of_a_shift_is_when_something_is_due_next()
    {
        Assert.Equal(At(Shift), RoleDuties.NextDue(Fold(), WithRoles, At(20)));
        Assert.Equal(At(Shift + 86_400), RoleDuties.NextDue(Fold(), WithRoles, At(Shift)));
        Assert.Null(RoleDuties.NextDue(Fold(), Story.Plan, At(20)));
        Assert.Null(RoleDuties.NextDue(Told("resolved"), WithRoles, At(20)));
    }

    [Fact]
    public void What_the_plan_passes_on_is_no_persons_word()
    {
        var incident = Fold();
        foreach (var happened in RoleDuties.Owed(incident, WithRoles, At(Shift)))
            incident = incident.Apply(happened, At(Shift));

        Assert.Equal("Cem Deputy (commander)", Commanding.Lead(incident, WithRoles));
        Assert.Equal(incident.OpenedAt, incident.LastWordAt);
    }

    [Fact]
    public void Each_role_says_who_holds_it_until_when_and_what_is_to_be_done()
    {
        var roles = RoleDuties.Of(
            Fold((300, new IncidentEvent.StepDone(First, "commander/open-call", "Ben Engineer", "open"))), WithRoles,
            At(400));

        Assert.Equal(["commander", "scribe"], roles.Select(role => role.Role));
        Assert.Equal(("Ben Engineer", "Cem Deputy"), (roles[0].Holder, roles[0].Deputy));
        Assert.Equal(At(Shift), roles[0].ShiftEnds);
        Assert.Equal("open", Assert.Single(roles[0].Actions).Done?.Result);
        Assert.Null(roles[1].Holder);
    }

    [Fact]
    public void A_deputy_from_the_schedule_of_the_role_is_its_second()
    {
        var plan = WithRoles with
        {
            Roles = [WithRoles.Roles[0], new PlannedRole("deputy", "Stands in.", null, "primary", [], Somewhere)],
            Schedules =
            [
                Rota.Schedule(
                    "Etc/UTC", Rota.Rotation("ben cem", "2026-02-28", "13:00", 1),
                    Rota.Rotation("dee", "2026-02-28", "13:00", 1)),
            ],
        };

        Assert.Equal(
            ["Ben Engineer", "Dee Auditor"],
            RoleDuties.Of(Fold(), plan, At(20)).Select(role => role.Holder));
    }

    [Fact]
    public void A_role_s_action_is_a_deadline_of_the_role_until_it_is_done()
    {
        Deadline? Due(Incident incident) => IncidentDeadlines.Of(incident, WithRoles)
            .SingleOrDefault(deadline => deadline.What.StartsWith("action ", StringComparison.Ordinal));

        var due = Due(Fold())!;
        Assert.Equal(("action commander/open-call", "commander"), (due.What, due.Owner));
        Assert.Equal((At(14 + 1200), At(14 + 900)), (due.Due, due.WarnAt));
        var missed = Fold((1300, new DeadlineEvent.Missed(First, due.What, due.Owner, due.Due)));
        Assert.Equal(("action commander/open-call, overdue", At(1300 + 1800)), (Due(missed)!.What, Due(missed)!.Due));
        var done = missed.Apply(
            new IncidentEvent.StepDone(First, "commander/open-call", "Cem Deputy", "open"), At(1400));
        Assert.Equal(DeadlineState.MetLate, Due(done)!.StateAt(At(1500)));
    }

    [Fact]
    public void A_late_action_wakes_nobody_for_ever_nor_for_little_nor_for_what_is_long_past()
    {
        const string what = "action commander/open-call";
        static IReadOnlyList<DeadlineEvent> Owed(Incident incident, double at) =>
            DeadlineNotices.Owed(incident, WithRoles, At(at)).Where(one => one.What.StartsWith(what)).ToList();

        var incident = Fold();
        var told = 0;
        for (var at = 1300d; at < 40_000; at += 600)
        {
            foreach (var owed in Owed(incident, at))
            {
                incident = incident.Apply(owed, At(at));
                told++;
            }
        }

        Assert.Equal(5, told);
        var small = Fold((20, new CommandEvent.Rated(First, Severity.Elevated, "Ada Commander", "small")));
        Assert.Empty(Owed(small, 1300));
        Assert.Empty(Owed(Fold(), 1214 + 86_400));
    }

    [Fact]
    public void What_a_role_has_to_do_is_asked_for_anew_when_it_is_opened_again()
    {
        var again = Fold(
            (300, new IncidentEvent.StepDone(First, "commander/open-call", "Ben Engineer", "open")),
            (400, new IncidentEvent.Resolved(First, "Ada Commander", "over")),
            (500, new CommandEvent.Reopened(First, "Ada Commander", "it goes on")));

        Assert.Null(Assert.Single(RoleDuties.Of(again, WithRoles, At(600))[0].Actions).Done);
    }

    [Fact]
    public void Whoever_stood_in_for_a_shift_hands_over_to_who_could_not_help_in_the_one_before_it()
    {
        // Ben cannot help, so Cem leads by the plan; Cem's own shift comes and goes.
        var incident = Fold(
            (40, Said("Ben Engineer", PageAnswer.Unable)),
            (50, new CommandEvent.RoleGiven(
                First, "commander", "Cem Deputy", RoleDuties.Tocsin, "Ben Engineer cannot help now", "Ben Engineer",
                true)),
            (60, Said("Ben Engineer", PageAnswer.Informed)));

        Assert.Empty(RoleDuties.Owed(incident, WithRoles, At(Shift)));
        Assert.Equal(
            "Ben Engineer",
            Assert.IsType<CommandEvent.RoleGiven>(
                Assert.Single(RoleDuties.Owed(incident, WithRoles, At(Shift + 86_400)))).Person);
    }

    [Theory]
    [InlineData(Severity.Critical, "commander", 3)]
    [InlineData(Severity.Elevated, "commander", 1)]
    [InlineData(Severity.Critical, "scribe", 1)]
    public void A_shift_wakes_who_leads_or_still_has_something_to_do_and_only_where_it_is_bad(
        Severity severity, string role, int channels)
    {
        var incident = Fold((20, new CommandEvent.Rated(First, severity, "Ada Commander", "looked")));
        var passed = new CommandEvent.RoleGiven(
            First, role, "Cem Deputy", RoleDuties.Tocsin, "on call now", "Ben Engineer", true);

        Assert.Equal(
            channels, Announcements.Of(passed, incident, incident.Apply(passed, At(Shift)), WithRoles).Count);
    }

    [Fact]
    public void A_late_action_is_told_to_its_holder_and_to_who_stands_in_and_to_nobody_else()
    {
        var late = new DeadlineEvent.Missed(First, "action commander/open-call", "commander", At(1214));
        var near = new DeadlineEvent.Neared(First, "action commander/open-call", "commander", At(1214));

        Assert.Equal(["war-room", "ben-pager", "cem-pager"], Channels(late));
        Assert.Equal(["war-room", "ben-pager"], Channels(near));
    }

    private static List<string> Channels(LogEvent happened) =>
        [.. Announcements.Of(happened, Fold(), Fold((1214, happened)), WithRoles).Select(told => told.Channel)];

    private static Incident Told(string story)
    {
        var incident = Fold();
        foreach (var (part, place) in story.Split(", ").Where(part => part.Length > 0).Select((one, i) => (one, i)))
            incident = incident.Apply(
                Happened(part), part == "offered to cem" ? At(Shift) : At(40 + (place * 10)));
        return incident;
    }

    private static LogEvent Happened(string part) => part switch
    {
        "ben is unable" => Said("Ben Engineer", PageAnswer.Unable),
        "ben is able" => Said("Ben Engineer", PageAnswer.Informed),
        "cem is unable" => Said("Cem Deputy", PageAnswer.Unable),
        "dee is unable" => Said("Dee Auditor", PageAnswer.Unable),
        "passed to ada" => new CommandEvent.RoleGiven(
            First, "commander", "Ada Commander", RoleDuties.Tocsin, "Ben Engineer cannot help now", "Ben Engineer",
            true),
        "offered to cem" => new CommandEvent.RoleOffered(
            First, "commander", "Cem Deputy", RoleDuties.Tocsin, "Dee Auditor", "primary"),
        "resolved" => new IncidentEvent.Resolved(First, "Ada Commander", "over"),
        _ => new CommandEvent.RoleGiven(
            First, "commander",
            part switch { "given to dee" => "Dee Auditor", "given to cem" => "Cem Deputy", _ => "Eve Gone" },
            "Ada Commander", "knows it best"),
    };

    private static PageEvent.Answered Said(string person, PageAnswer answer) => new(First, person, answer, "API");
}
