using Tocsin.Communications;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Tests.Incidents;
using Tocsin.Tests.Plans;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Hooks;

/// <summary>When the server sends a hook, and when it does not.</summary>
public sealed class IncidentHooksTests
{
    private const string AtOnce = ", run: at-once";
    private const string TakenBack =
        "  - id: other\n    what: Another\n    manual: { text: Do it., who: deputy }\n    reversal: maintenance-page\n";

    private static readonly IncidentEvent.HookAsked Asked = new(First, HookPlan.Action, "Ada Commander");

    /// <summary>How many attempts failed, each when it was due; the instant, and whether one is due then.</summary>
    [Theory]
    [InlineData(0, 100, true)]
    [InlineData(1, 102.999, false)]
    [InlineData(1, 103, true)]
    [InlineData(1, 99, true)]
    [InlineData(2, 112.999, false)]
    [InlineData(2, 113, true)]
    [InlineData(3, 142.999, false)]
    [InlineData(3, 143, true)]
    [InlineData(4, 143, false)]
    [InlineData(4, 90_000, false)]
    public void It_is_tried_four_times_with_longer_and_longer_waits(int failed, double at, bool isDue)
    {
        double[] attempts = [100, 103, 113, 143];
        var incident = attempts.Take(failed).Select((when, i) => (when, i)).Aggregate(
            Fold((100, Asked)), (now, attempt) => now.Apply(Failed(attempt.i + 1), At(attempt.when)));

        Assert.Equal(isDue ? ["SendHook 1"] : [], Owed(incident, HookPlan.Read().Plan, at));
        Assert.Equal(failed == 4, incident.Hook(HookPlan.Action)!.HasFailed);
    }

    /// <summary>How many events of the story have happened, what else the plan says, and what is owed.</summary>
    [Theory]
    [InlineData(14, "", "", false, "")]
    [InlineData(13, AtOnce, "", false, "")]
    [InlineData(14, AtOnce, "", false, "AskForHook")]
    [InlineData(14, AtOnce, TakenBack, false, "")]
    [InlineData(14, AtOnce, "", true, "")]
    [InlineData(14, AtOnce + ", exercise: true", "", true, "AskForHook")]
    public void Only_what_the_plan_has_sent_at_once_is_sent_by_itself_when_the_decision_is_taken(
        int events, string more, string after, bool exercise, string expected)
    {
        var story = Whole.Take(events).Select(step =>
            step.Event is IncidentEvent.Opened ? (step.At, Opened(exercise: exercise)) : step);
        var incident = Story.Fold(story)[First]!;

        Assert.Equal(expected, string.Join(", ", Owed(incident, HookPlan.Read(more, after: after).Plan, 90)));
    }

    [Fact]
    public void It_is_asked_for_by_itself_once_and_never_of_a_false_alarm()
    {
        var plan = HookPlan.Read(AtOnce).Plan;
        var taken = Story.Fold(Whole.Take(14))[First]!;
        var asked = taken.Apply(new IncidentEvent.HookAsked(First, HookPlan.Action), At(91));
        var sent = asked.Apply(new IncidentEvent.HookSent(First, HookPlan.Action, 204), At(92));
        var alarm = taken.Apply(
            Recorded(Finding(revision: 2, status: Tocsin.Findings.FindingStatus.Retracted), First), At(91));

        Assert.Equal(["SendHook 1"], Owed(asked, plan, 91));
        Assert.Equal("the server, at once", asked.Hook(HookPlan.Action)!.InWords);
        Assert.Empty(Owed(sent, plan, 92));
        Assert.Empty(Owed(alarm, plan, 91));
    }

    [Fact]
    public void It_is_not_sent_any_more_once_it_is_done_resolved_or_its_asker_is_revoked()
    {
        var plan = HookPlan.Read().Plan;
        var asked = Fold((100, Asked));
        LogEvent[] ends =
        [
            new IncidentEvent.StepDone(First, "page", "Ben Engineer", "by hand"),
            new IncidentEvent.Resolved(First, "Ada Commander", "over"),
            new IncidentEvent.PersonStruck(First, "ada", "Ada Commander", [], "Ben Engineer", "phone stolen"),
        ];

        Assert.Equal(["SendHook 1"], Owed(asked, plan, 100));
        Assert.All(ends, end => Assert.Empty(Owed(asked.Apply(end, At(100)), plan, 100)));
        var again = asked.Apply(ends[2], At(100)).Apply(Asked with { Person = "Ben Engineer" }, At(101));
        Assert.Equal(["SendHook 2"], Owed(again, plan, 101));
    }

    [Fact]
    public void An_exercise_says_aloud_that_it_is_not_sent()
    {
        var drill = Story.Fold(Whole.Take(2).Append((14, Opened(exercise: true))))[First]!;

        Assert.Contains(
            "this is an EXERCISE", IncidentHooks.WhyNot(drill, HookPlan.Read().Plan, HookPlan.Action),
            StringComparison.Ordinal);
        Assert.Null(IncidentHooks.WhyNot(drill, HookPlan.Read(", exercise: true").Plan, HookPlan.Action));
        Assert.Contains(
            "no such hook", IncidentHooks.WhyNot(drill, MinimalPlan.Plan, HookPlan.Action), StringComparison.Ordinal);
    }

    [Fact]
    public void People_are_told_once_when_the_server_gives_up()
    {
        var plan = HookPlan.Read().Plan;
        var incident = Fold((100, Asked));
        var told = new List<Announcement>();
        for (var attempt = 1; attempt <= HookProgress.MostAttempts; attempt++)
        {
            var before = incident;
            incident = incident.Apply(Failed(attempt), At(100 + (40 * attempt)));
            told.AddRange(Announcements.Of(Failed(attempt), before, incident, plan));
        }

        Assert.Equal(3, told.Count);
        Assert.All(told, one => Assert.Equal(AlertReason.HookFailed, one.Reason));
        var page = new Uri("https://tocsin.example/");
        var alert = Announcements.Write(
            told[0], "key", incident, plan, new Links(_ => page, (_, _, _) => page, page), "0", At(300));
        Assert.Contains("'maintenance-page' COULD NOT BE SENT", alert.Title, StringComparison.Ordinal);
        Assert.Contains("do it by hand", alert.DoNow, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "", null)]
    [InlineData(AtOnce, "", null)]
    [InlineData(AtOnce, TakenBack, "nothing is taken back by itself")]
    [InlineData(", run: sometimes", "", "must be one of on-request, at-once")]
    [InlineData(", exercise: maybe", "", "true")]
    public void The_plan_is_refused_where_a_hook_would_take_something_back_by_itself(
        string more, string after, string? complaint)
    {
        var complaints = MinimalPlan.Complaints(HookPlan.Read(more, after: after))
            .Where(one => one.Level == ComplaintLevel.Error).ToList();

        if (complaint is null)
            Assert.Empty(complaints);
        else
            Assert.Contains(complaint, Assert.Single(complaints).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_step_names_an_action_with_a_hook_and_no_other()
    {
        var complaints = MinimalPlan.Complaints(MinimalPlan.Read(
            procedure: MinimalPlan.Procedure.Replace(
                "role: engineer", "role: engineer\n    hook: pause-all", StringComparison.Ordinal)));

        Assert.Contains("'pause-all', which is no action with a hook",
            Assert.Single(complaints, one => one.Level == ComplaintLevel.Error).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_sent_at_once_or_in_exercises_is_part_of_what_approvers_sign()
    {
        string[] different = ["", AtOnce, ", exercise: true", AtOnce + ", exercise: true"];

        Assert.Equal(4, different.Select(more => HookPlan.Read(more).Plan.DecisionsHash).Distinct().Count());
        Assert.Equal(
            HookPlan.Read().Plan.DecisionsHash, HookPlan.Read(", run: on-request, exercise: false").Plan.DecisionsHash);
    }

    private static IncidentEvent.HookFailed Failed(int attempt) =>
        new(First, HookPlan.Action, attempt, "it answered 503, not 204");

    private static List<string> Owed(Incident incident, Plan plan, double at) => [.. Duties
        .Of(incident, plan, At(at))
        .Select(duty => duty switch
        {
            Duty.SendHook send => $"SendHook {send.Ask}",
            Duty.AskForHook => "AskForHook",
            _ => "",
        })
        .Where(words => words.Length > 0)];
}
