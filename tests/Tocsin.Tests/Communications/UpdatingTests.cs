using Tocsin.Communications;
using Tocsin.Deadlines;
using Tocsin.Incidents;
using Tocsin.Tests.Incidents;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Communications;

public sealed class UpdatingTests
{
    private static readonly Tocsin.Plans.Plan Telling = Story.Plan with
    {
        Communications =
        [
            .. Story.Plan.Communications, Row("users", "status", "social"), Row("partners", "social", "status"),
        ],
    };

    private static readonly UpdateEvent.Drafted Draft =
        new(First, "users", 1, "We are looking.", "status", true, "commander", At(7200), "Ben Engineer");

    [Fact]
    public void What_promises_an_instant_that_has_passed_is_written_anew()
    {
        var incident = Fold((600, Draft));

        Assert.Null(Approve(incident, 601).Refusal);
        Assert.Contains("has passed", Approve(incident, 7200).Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_written_in_a_merged_incident_does_not_go_out()
    {
        var merged = Fold(
            (600, Draft), (700, new CommandEvent.MergedInto(First, new IncidentId(2), "Ada Commander", "one attack")));

        Assert.Equal("INC-1 goes on in INC-2", Approve(merged, 800).Refusal);
    }

    [Fact]
    public void What_a_person_wrote_who_is_revoked_since_does_not_go_out()
    {
        var plan = Telling with { Struck = [.. Telling.People.Where(person => person.Id == "ben")] };

        Assert.StartsWith(
            "Ben Engineer is revoked", Updating.Approve(Fold((600, Draft)), plan, "users", 1, "ada", At(700)).Refusal,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ben", null)]
    [InlineData("ada", null)]
    [InlineData("dee", "Dee Auditor neither writes nor approves 'users', and does not lead")]
    public void Only_whose_it_is_leave_one_out(string by, string? refusal) =>
        Assert.Equal(refusal, Updating.Skip(Fold(), Telling, "users", by, "nothing is new").Refusal);

    [Fact]
    public void What_its_channel_refuses_goes_to_the_backup_once_and_told_nobody_until_it_is_there()
    {
        var out1 = Fold((600, Draft), (700, new UpdateEvent.Approved(First, "users", 1, "Ada Commander")));
        Assert.NotNull(out1.Updates["users", 1]!.DoneAt);

        var (refused, told) = Fail(out1, "status");
        Assert.Equal("social", Assert.Single(told).Channel);
        Assert.Equal(new UpdateName("users", 1), told[0].Update!.Name);
        Assert.Null(refused.Updates["users", 1]!.DoneAt);

        Assert.NotNull(refused.Apply(Delivered("social"), At(800)).Updates["users", 1]!.DoneAt);
        var (lost, none) = Fail(refused, "social");
        Assert.Empty(none);
        Assert.Contains(UpdatesDue.Of(lost, Telling), due => due.What == "update 'users'");
    }

    [Fact]
    public void Users_of_a_second_wave_are_told_anew()
    {
        var reopened = Fold(
            (600, Draft with { Approver = null }),
            (900, new IncidentEvent.Resolved(First, "ada", "over")),
            (90_000, new CommandEvent.Reopened(First, "Ada Commander", "it goes on")));

        var due = UpdatesDue.Of(reopened, Telling).First(one => one.What == "update 'users'");
        Assert.Equal(At(90_000) + TimeSpan.FromHours(4), due.Due);
    }

    [Fact]
    public void An_old_log_wakes_nobody_for_what_was_due_long_ago()
    {
        var report = Row("report", "status", null) with
        {
            Moment = Tocsin.Plans.UpdateMoment.AfterResolution,
            Every = TimeSpan.FromDays(5),
        };
        var plan = Story.Plan with { Communications = [report] };
        var resolved = Fold((900, new IncidentEvent.Resolved(First, "ada", "over")));

        Assert.NotEmpty(DeadlineNotices.Owed(resolved, plan, At(900).AddDays(5)));
        Assert.Empty(DeadlineNotices.Owed(resolved, plan, At(900).AddDays(13)));
    }

    private static (Incident After, IReadOnlyList<Announcement> Told) Fail(Incident incident, string channel)
    {
        var failed = new IncidentEvent.AlertFailed(
            First, $"key-{channel}", channel, AlertReason.Update, "gone", new UpdateName("users", 1));
        var after = incident.Apply(failed, At(750));
        return (after, Announcements.Of(failed, incident, after, Telling));
    }

    private static IncidentEvent.AlertDelivered Delivered(string channel) => new(
        First, $"key-{channel}", channel, AlertReason.Update, 1, 10, new UpdateName("users", 1));

    private static Ruling Approve(Incident incident, double at) =>
        Updating.Approve(incident, Telling, "users", 1, "ada", At(at));

    private static Tocsin.Plans.Communication Row(string id, string channel, string? backup) =>
        new("users", "every", channel, backup, new Tocsin.Plans.SourceLine("plan", 1))
        {
            Id = id,
            Moment = Tocsin.Plans.UpdateMoment.Every,
            Every = TimeSpan.FromHours(4),
            Writer = "engineer",
            Approver = "commander",
            IsPublic = true,
        };
}
