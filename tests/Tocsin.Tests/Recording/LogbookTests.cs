using System.Text.Json;
using System.Text.Json.Nodes;
using Tocsin.Communications;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Recording;
using Tocsin.Silences;
using Tocsin.Storage;
using Tocsin.Tests.Plans;
using Tocsin.Tests.Signing;
using Tocsin.Tests.Storage;
using static Tocsin.Tests.Incidents.Story;
using CompiledPlan = Tocsin.Plans.CompiledPlan;

namespace Tocsin.Tests.Recording;

public sealed class LogbookTests : IDisposable
{
    private static readonly Links Links = new(
        id => new Uri($"https://tocsin.example/incidents/{id}"), (id, person, _) =>
            new Uri($"https://tocsin.example/acknowledge/{id}-{person}"),
        new Uri("https://tocsin.example/channels"));

    private readonly StoreFolder folder = new();
    private readonly FixedTime time = new(Noon);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void An_opened_incident_is_announced_in_the_transaction_that_opens_it()
    {
        using (var logbook = Open())
            Detect(logbook, new Checkpoint("watch", "100"));

        using var store = folder.Open();
        Assert.Equal(["plan-adopted.1", "finding-recorded.1", "incident-opened.1"], store.Read()
            .Select(entry => entry.Kind));
        Assert.Equal(["plan", "INC-1", "INC-1"], store.Read().Select(entry => entry.Stream));
        Assert.Equal("100", store.ReadCheckpoint("watch"));
        var outbox = store.UnsettledOutbox();
        Assert.Equal(["INC-1/3/ada-pager", "INC-1/3/ben-pager", "INC-1/3/war-room"],
            outbox.Select(item => item.Item.Key).Order());
        var alert = JsonSerializer.Deserialize<Alert>(outbox.Single(item => item.Item.Channel == "ada-pager")
            .Item.Alert, EventJson.Options)!;
        Assert.Equal(("INC-1/3/ada-pager", AlertReason.Opened, "INC-1"), (alert.Key, alert.Reason, alert.Incident));
        Assert.EndsWith("/acknowledge/INC-1-ada", alert.Acknowledge!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_store_refuses_nobody_sees()
    {
        using var logbook = Open();
        Detect(logbook);
        var (book, head) = (logbook.Book, logbook.Head);

        Assert.Throws<ArgumentException>(() => logbook.Record((_, _) =>
            [new IncidentEvent.StepDone(First, "look", "ben", "ok")], new Checkpoint("watch", "\0")));
        Assert.Throws<ArgumentException>(() => logbook.Settle([new OutboxOutcome("no such key", true, Noon, "ok")],
            _ => [new IncidentEvent.StepDone(First, "look", "ben", "ok")]));
        Assert.Throws<InvalidOperationException>(() => logbook.Record((_, _) =>
            [new IncidentEvent.DecisionTaken(First, Decision.Id)]));
        Assert.Throws<InvalidOperationException>(() => logbook.Record((_, _) =>
            [new IncidentEvent.NoteAdded(new IncidentId(9), "ada", "?")]));

        Assert.Same(book, logbook.Book);
        Assert.Equal(head, logbook.Head);
        Assert.Equal(2, logbook.TimelineOf(First).Count);
    }

    [Fact]
    public async Task The_head_is_never_ahead_of_the_book()
    {
        using var logbook = Open();
        Detect(logbook);
        var before = logbook.Head.Sequence;
        const int Deliveries = 500;
        var writing = Task.Run(() =>
        {
            for (var i = 0; i < Deliveries; i++)
                logbook.Record((_, _) =>
                    [new IncidentEvent.AlertDelivered(First, $"key-{i}", "war-room", AlertReason.Opened, 1, 10)]);
        }, TestContext.Current.CancellationToken);

        var seen = before;
        while (seen < before + Deliveries)
        {
            seen = logbook.Head.Sequence;
            Assert.True(logbook.Book[First]!.Deliveries.Count >= seen - before, $"the book is behind the head {seen}");
        }

        await writing;
    }

    [Fact]
    public void Reopening_gives_the_same_book()
    {
        IncidentBook before;
        int timeline;
        using (var logbook = Open())
        {
            Live(logbook);
            (before, timeline) = (logbook.Book, logbook.TimelineOf(First).Count);
        }

        using var again = Open();
        Assert.Equal(before.Incidents, again.Book.Incidents);
        Assert.Equal(before.Findings.OrderBy(f => f.Key.Value), again.Book.Findings.OrderBy(f => f.Key.Value));
        Assert.Equal(before.Plan, again.Book.Plan);
        Assert.Equal(timeline, again.TimelineOf(First).Count);
        Assert.Equal(MinimalPlan.Plan.DecisionsHash, again.PlanOf(again.Book[First]!).DecisionsHash);
    }

    [Fact]
    public void Every_key_in_the_outbox_is_unique()
    {
        using (var logbook = Open())
            Live(logbook);

        using var store = folder.Open();
        var items = store.UnsettledOutbox().Select(item => JsonSerializer.Deserialize<Alert>(item.Item.Alert,
            EventJson.Options)!).ToList();
        Assert.Equal(items.Count, items.Select(alert => alert.Key).Distinct().Count());
        Assert.Equal(
            [AlertReason.Opened, AlertReason.Worsened, AlertReason.DecisionNeeded, AlertReason.Paused,
                AlertReason.PauseNearsEnd, AlertReason.Contained, AlertReason.Resolved, AlertReason.Revoked,
                AlertReason.OwnersNeeded, AlertReason.Unanswered, AlertReason.DeadlineNears,
                AlertReason.DeadlineMissed, AlertReason.RoleGiven, AlertReason.RoleOffered, AlertReason.Changed,
                AlertReason.FalseAlarm, AlertReason.Reopened,
                AlertReason.Merged, AlertReason.Update, AlertReason.UpdateWaits,
                AlertReason.PhaseReached, AlertReason.LedgerDecision, AlertReason.SubstitutePrepared,
                AlertReason.Canary, AlertReason.ChannelDistrusted, AlertReason.SilenceOver],
            items.Select(alert => alert.Reason).Distinct().Order());
    }

    [Fact]
    public void What_goes_by_the_next_way_is_what_did_not_arrive()
    {
        using (var logbook = Open())
        {
            logbook.Adopt(MinimalPlan.Read(MinimalPlan.Main.Replace(
                "ways: [ada-pager]", "ways: [ada-pager, ada-phone]", StringComparison.Ordinal)));
            var opened = (IncidentEvent.Opened)Whole[2].Event;
            logbook.Record((book, _) => [Whole[1].Event, opened with { Plan = book.Plan!.Value }]);
            logbook.Record((_, _) =>
                [
                    new CommandEvent.RoleGiven(First, "commander", "Ada Commander", "Ada Commander", ""),
                    new CommandEvent.RoleGiven(First, "scribe", "Ada Commander", "Ada Commander", ""),
                ]);
            var late = logbook.Head.Sequence - 1;
            logbook.Record((_, _) =>
                [
                    new IncidentEvent.AlertDelayed(
                        First, $"INC-1/{late}/ada-pager", "ada-pager", AlertReason.RoleGiven, "503", At(45)),
                ]);
        }

        using var store = folder.Open();
        var told = store.UnsettledOutbox().Select(item => (item.Item.Channel, Alert: Read(item)))
            .Where(one => one.Alert.Reason == AlertReason.RoleGiven)
            .ToLookup(one => one.Channel, one => one.Alert.Title.Split(" is ")[^1]);
        Assert.Equal(["commander", "scribe"], told["ada-pager"]);
        Assert.Equal(["commander"], told["ada-phone"]);

        static Alert Read(OutboxState item) =>
            JsonSerializer.Deserialize<Alert>(item.Item.Alert, EventJson.Options)!;
    }

    [Theory]
    [InlineData("ada", "ben", 3600, true)]
    [InlineData("ben", "ada", 3600, false)]
    [InlineData("ben", "ada", 24 * 3600, true)]
    public void Nobody_keeps_people_uninformed_by_one_silence_after_the_other(
        string by, string with, int secondsLater, bool isTold)
    {
        using var logbook = Open();
        logbook.Adopt(MinimalPlan.Read());
        Silence(1, "ada", "ben", At(secondsLater));
        logbook.Record((_, _) => [Whole[1].Event, Whole[2].Event]);
        Silence(2, by, with, At(secondsLater + 3600));

        time.Now = At(secondsLater);
        logbook.Record((_, _) => [new SilenceEvent.Lifted(First, 1)]);

        var told = Alerts(folder);
        Assert.All(told, alert => Assert.Equal(AlertReason.SilenceOver, alert.Reason));
        Assert.Equal(isTold ? 3 : 0, told.Count);
        Assert.Equal(!isTold, logbook.Book[First]!.Silenced.Withheld.Any(one => one.Silence == 2));

        void Silence(int number, string by, string with, DateTimeOffset until) => logbook.Record((_, _) =>
            [
                new SilenceProposed(number, null, Severity.Critical, null, until, by, "the pool is moved"),
                new SilenceConfirmed(number, with),
            ]);

        List<Alert> Alerts(StoreFolder folder)
        {
            logbook.Dispose();
            using var store = folder.Open();
            return
            [
                .. store.UnsettledOutbox().Select(item =>
                    JsonSerializer.Deserialize<Alert>(item.Item.Alert, EventJson.Options)!),
            ];
        }
    }

    [Theory]
    [InlineData("UPDATE log SET payload = replace(payload, 'ada', 'eve') WHERE sequence = 5")]
    [InlineData("UPDATE log SET instant_ticks = instant_ticks + 1 WHERE sequence = 5")]
    [InlineData("UPDATE log SET stream = 'INC-2' WHERE sequence = 5")]
    [InlineData("DELETE FROM log WHERE sequence = 5")]
    public void A_row_that_was_changed_is_refused_by_its_number(string sql)
    {
        using (var logbook = Open())
            Live(logbook);
        StoreFolder.Tamper(folder.Database,
            "DROP TRIGGER log_is_not_updated; DROP TRIGGER log_is_not_deleted; DROP TRIGGER log_has_no_gaps; " + sql);

        using var store = folder.Open();
        var refusal = Assert.Throws<StorageException>(() => new Logbook(store, Links, time));
        Assert.Matches("the event log is not what was written: entry 5 .*; restore it from a backup", refusal.Message);
    }

    [Fact]
    public void The_same_plan_is_adopted_once_and_an_incident_keeps_its_own()
    {
        using var logbook = Open();
        Detect(logbook);
        logbook.Adopt(MinimalPlan.Read());
        Assert.Equal(3, logbook.Head.Sequence);

        logbook.Adopt(MinimalPlan.With("name: Ada Commander", "name: Ada Other"));
        Assert.Equal(4, logbook.Head.Sequence);
        Assert.Equal(MinimalPlan.Plan.ContentHash, logbook.PlanOf(logbook.Book[First]!).ContentHash);
    }

    /// <summary>As it comes out of a bundle that another version wrote.</summary>
    [Theory]
    [InlineData("later field")]
    [InlineData("missing field")]
    [InlineData("other hash")]
    [InlineData("other form")]
    public void A_log_with_a_plan_that_this_version_cannot_read_is_opened_and_says_which_it_is(string kind)
    {
        var hash = Hash(0x99);
        using (var logbook = Open())
        {
            logbook.Record((_, _) =>
                [new PlanAdopted(hash, [new PlanFile(CompiledPlan.FileName, OfAnotherVersion(kind))])]);
            logbook.Record((_, _) => [Recorded(Finding(), First), Opened() with { Plan = hash }, Proposed()]);
        }

        using var again = Open();

        var unreadable = Assert.Single(again.Unreadable);
        Assert.Equal((hash, unreadable.Fault), (unreadable.ContentHash, again.PlanOf(again.Book[First]!).Fault));
        Assert.NotEmpty(unreadable.Fault!);
        Assert.DoesNotContain(
            Duties.Of(again.Book[First]!, unreadable, At(60), again.Book.Mandate),
            duty => duty is Duty.Propose or Duty.TakeByItself or Duty.Sign);
        again.Record((_, _) => [new IncidentEvent.Resolved(First, "ada", "by hand")]);
        again.Adopt(MinimalPlan.Read());
        Assert.Null(again.InForce!.Fault);
    }

    private static string OfAnotherVersion(string kind)
    {
        var plan = JsonNode.Parse(CompiledPlan.Of(MinimalPlan.Plan).Write())!.AsObject();
        switch (kind)
        {
            case "later field":
                plan["later"] = 1;
                break;
            case "missing field":
                Assert.True(plan.Remove("ladder"));
                break;
            case "other hash":
                plan["planHash"] = Hash(0x98).ToString();
                break;
            default:
                return "a form of its own";
        }
        return plan.ToJsonString();
    }

    [Fact]
    public void Nothing_decided_is_nothing_written()
    {
        using var logbook = Open();
        logbook.Record((_, _) => []);

        Assert.Equal(0, logbook.Head.Sequence);
    }

    [Fact]
    public async Task Whoever_waits_hears_of_the_next_event()
    {
        using var logbook = Open();
        var waiting = logbook.ChangedSince(0, TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);

        logbook.Adopt(MinimalPlan.Read());

        await waiting;
        Assert.True(logbook.ChangedSince(0, TestContext.Current.CancellationToken).IsCompletedSuccessfully);
    }

    [Fact]
    public void Many_at_once_lose_nothing()
    {
        using var logbook = Open();
        Detect(logbook);

        Parallel.For(0, 40, i => logbook.Record((_, _) => [new IncidentEvent.StepDone(First, $"step {i}", "ada",
            "ok")]));

        Assert.Equal(40, logbook.Book[First]!.Steps.Select(step => step.Step).Distinct().Count());
        Assert.Equal(43, logbook.Head.Sequence);
    }

    private Logbook Open() => new(folder.Open(), Links, time);

    private static void Detect(Logbook logbook, Checkpoint? checkpoint = null)
    {
        logbook.Adopt(MinimalPlan.Read());
        logbook.Record((book, now) => book.Take(Finding(), now, MinimalPlan.Plan, DetectionLimits.Default), checkpoint);
    }

    // The whole story, each event at its own instant, through the log.
    private void Live(Logbook logbook)
    {
        logbook.Adopt(MinimalPlan.Read());
        logbook.Record((_, _) => [Whole[1].Event, Whole[2].Event]);
        foreach (var (at, happened) in Whole.Skip(3))
        {
            time.Now = At(at);
            logbook.Record((_, _) => [happened]);
        }
    }
}
