using Tocsin.Communications;
using Tocsin.Findings;
using Tocsin.Incidents;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Communications;

public sealed class FailoverTests
{
    private static readonly Tocsin.Plans.Plan ThreeWays = Plan with
    {
        People =
        [
            Plan.People[0] with
            {
                Ways = ["ada-pager", "ada-phone", "ada-mail"],
                Waits = [TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(1)],
            },
            .. Plan.People.Skip(1),
        ],
    };

    [Theory]
    [InlineData("", "ada-phone")]
    [InlineData("ada-phone failed", "ada-mail")]
    [InlineData("ada-phone delayed", "ada-mail")]
    [InlineData("ada-phone failed, ada-phone delivered", "ada-phone")]
    [InlineData("ada-phone delayed, ada-phone accepted", "ada-phone")]
    [InlineData("ada-phone accepted, ada-phone failed", "ada-mail")]
    [InlineData("ada-phone failed, ada-mail delayed", "")]
    public void A_way_whose_last_word_was_that_it_failed_is_not_the_next(string before, string next)
    {
        var incident = Fold([.. before.Split(", ", StringSplitOptions.RemoveEmptyEntries)
            .Select((word, i) => (15d + i, Became(word.Split(' ')[0], word.Split(' ')[1])))]);

        Assert.Equal(next, string.Join(", ", Failover.NextWays("ada-pager", AlertReason.Opened, incident, ThreeWays)
            .Select(one => one.Channel)));
    }

    [Theory]
    [InlineData(Severity.Critical, 15.1, 15, true)]
    [InlineData(Severity.High, 30, 15, false)]
    [InlineData(Severity.High, 914.1, 15, true)]
    [InlineData(Severity.High, 1000, 999, true)]
    [InlineData(Severity.Elevated, 915, 15, false)]
    [InlineData(Severity.Elevated, 3615, 15, true)]
    public void A_wait_that_crosses_a_deadline_takes_the_next_way_and_at_severity_1_every_one_does(
        Severity severity, double next, double now, bool isOwed)
    {
        var incident = Fold((14, new IncidentEvent.SeverityChanged(First, severity, "")));

        Assert.Equal(isOwed, Failover.IsOwed(
            incident, ThreeWays, new("key", "ada-pager", AlertReason.Opened), At(next), At(now)));
    }

    [Fact]
    public void Once_somebody_answered_a_short_wait_is_no_reason_to_take_another_way()
    {
        var late = Fold((14, new IncidentEvent.SeverityChanged(First, Severity.High, "")));
        var alert = new AlertDelay("key", "ada-pager", AlertReason.Worsened);
        Assert.True(Failover.IsOwed(late, ThreeWays, alert, At(1010), At(1000)));

        var answered = late.Apply(new IncidentEvent.Acknowledged(First, "Ben Engineer", "link"), At(100));
        Assert.False(Failover.IsOwed(answered, ThreeWays, alert, At(1010), At(1000)));
    }

    [Fact]
    public void An_alert_takes_the_next_way_once_and_where_there_is_none_nothing_is_said()
    {
        var incident = Fold();
        var alert = new AlertDelay("key", "ada-pager", AlertReason.Opened);
        var delayed = new IncidentEvent.AlertDelayed(
            First, "key", "ada-pager", AlertReason.Opened, "it answered 503", At(16));

        Assert.True(Failover.IsOwed(incident, ThreeWays, alert, At(16), At(15)));
        Assert.False(Failover.IsOwed(incident.Apply(delayed, At(15)), ThreeWays, alert, At(20), At(18)));
        Assert.False(Failover.IsOwed(incident, Plan, alert, At(16), At(15)));
    }

    [Fact]
    public void What_responders_are_told_never_goes_to_the_backup_of_a_public_channel()
    {
        var plan = Plan with
        {
            Communications = [Plan.Communications[0] with { IsPublic = true, Audience = "users" }],
        };

        Assert.Empty(Failover.NextWays("war-room", AlertReason.Opened, Fold(), plan));
        Assert.Equal("spare-room",
            Assert.Single(Failover.NextWays("war-room", AlertReason.Opened, Fold(), Plan)).Channel);
    }

    [Theory]
    [InlineData("war-room", AlertReason.Opened, 120, "spare-room")]
    [InlineData("ada-pager", AlertReason.DeadlineNears, 120, "ada-phone")]
    [InlineData("ada-phone", AlertReason.Worsened, 60, "ada-mail")]
    [InlineData("ada-pager", AlertReason.Unanswered, 0, "")]
    [InlineData("ada-pager", AlertReason.DecisionNeeded, 0, "")]
    [InlineData("ada-mail", AlertReason.DeadlineNears, 0, "")]
    public void What_was_taken_over_and_never_proven_takes_the_next_way_after_its_wait(
        string channel, AlertReason reason, int wait, string next)
    {
        var incident = Fold((20, Accepted(channel, reason)));
        var due = At(20 + wait);

        if (next.Length == 0)
        {
            Assert.Empty(Delayed(incident, At(100_000)));
            return;
        }
        Assert.Empty(Delayed(incident, due.AddTicks(-1)));
        Assert.True(Dues.NextDue(incident, ThreeWays, due.AddTicks(-1)) <= due);
        var delayed = Assert.Single(Delayed(incident, due));
        var after = incident.Apply(delayed, due);
        Assert.Equal(next, Assert.Single(Announcements.Of(delayed, incident, after, ThreeWays)).Channel);
        Assert.Empty(Delayed(after, due.AddHours(1)));
    }

    [Fact]
    public void What_is_proven_answered_or_of_lesser_weight_needs_no_other_way()
    {
        var accepted = Accepted("ada-pager", AlertReason.DeadlineNears);
        LogEvent[] proofs =
        [
            new IncidentEvent.AlertDelivered(
                First, accepted.Key, "ada-pager", AlertReason.DeadlineNears, 1, 40_000),
            new IncidentEvent.AlertFailed(
                First, accepted.Key, "ada-pager", AlertReason.DeadlineNears, "no such number"),
            new IncidentEvent.Acknowledged(First, "Ada Commander", "personal link"),
            new IncidentEvent.SeverityChanged(First, Severity.Elevated, ""),
            new IncidentEvent.Resolved(First, "ada", "over"),
        ];

        Assert.NotEmpty(Delayed(Fold((20, accepted)), At(200)));
        Assert.All(proofs, proof => Assert.Empty(Delayed(Fold((20, accepted), (30, proof)), At(200))));
        Assert.NotEmpty(Delayed(
            Fold((20, accepted), (30, new IncidentEvent.Acknowledged(First, "Ben Engineer", "link"))), At(200)));
    }

    [Theory]
    [InlineData(false, false, AlertReason.DeadlineNears, true)]
    [InlineData(true, false, AlertReason.DeadlineNears, false)]
    [InlineData(false, true, AlertReason.DeadlineNears, false)]
    [InlineData(false, true, AlertReason.Unanswered, false)]
    [InlineData(false, true, AlertReason.Resolved, true)]
    public void What_failed_for_good_goes_by_the_next_way_once_and_not_after_the_end(
        bool wasDelayed, bool isOver, AlertReason reason, bool goes)
    {
        var failed = new IncidentEvent.AlertFailed(First, "k", "ada-pager", reason, "it answered 410");
        var incident = Fold();
        if (wasDelayed)
            incident = incident.Apply(
                new IncidentEvent.AlertDelayed(First, "k", "ada-pager", reason, "503", At(45)), At(40));
        if (isOver)
            incident = incident.Apply(new IncidentEvent.Resolved(First, "ada", "over"), At(41));

        var told = Announcements.Of(failed, incident, incident.Apply(failed, At(50)), ThreeWays);

        Assert.Equal(goes, told.Count > 0);
    }

    private static IEnumerable<IncidentEvent.AlertDelayed> Delayed(Incident incident, DateTimeOffset now) =>
        Dues.Owed(incident, ThreeWays, now).OfType<IncidentEvent.AlertDelayed>();

    private static IncidentEvent.AlertAccepted Accepted(string channel, AlertReason reason) =>
        new(First, $"INC-1/9/{channel}", channel, reason, 1, "SM1");

    private static LogEvent Became(string channel, string what) => what switch
    {
        "failed" => new IncidentEvent.AlertFailed(First, "k", channel, AlertReason.Opened, "it answered 410"),
        "delayed" => new IncidentEvent.AlertDelayed(First, "k", channel, AlertReason.Opened, "503", At(45)),
        "delivered" => new IncidentEvent.AlertDelivered(First, "k", channel, AlertReason.Opened, 1, 10),
        _ => new IncidentEvent.AlertAccepted(First, "k", channel, AlertReason.Opened, 1, "SM1"),
    };
}
