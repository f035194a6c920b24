using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Communications;
using Tocsin.Detection;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Recording;
using Tocsin.Reports;
using Tocsin.Tests.Incidents;
using Tocsin.Watching;

namespace Tocsin.Tests.Monitoring;

/// <summary>What becomes of findings that nobody made: incidents of their own, and their end.</summary>
public sealed class IncidentTests
{
    private static readonly Plan Plan = Story.Plan with
    {
        Issues = Story.Plan.Issues.Add(new Issue(
            "watch", "The watch sees too little", "technical",
            [Threat.MonitoringImpaired, Threat.MissedHeartbeat, Threat.ContractChange, Threat.FrontEndChange],
            Severity.High, "pause-markets", new SourceLine("plan.yaml", 1))),
    };

    [Fact]
    public void The_same_trouble_with_the_same_thing_is_one_incident_and_another_thing_another()
    {
        var book = Book(Watch(), Watch("second", at: 3_600), Watch("third", subject: "node rpc-2"));

        Assert.Equal([2, 1], book.Incidents.Values.Select(incident => incident.Findings.Count));
    }

    [Fact]
    public void More_than_an_hour_later_it_is_another_incident() =>
        Assert.Equal(2, Book(Watch(), Watch("second", at: 3_601)).Incidents.Count);

    [Fact]
    public void Another_kind_of_trouble_with_the_same_thing_is_another_incident() =>
        Assert.Equal(2, Book(Watch(), Watch("second") with { Threat = Threat.ContractChange }).Incidents.Count);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Watch_and_attack_never_share_an_incident(bool attackFirst)
    {
        // Whatever a finding may come to hold, even the same hands, transactions and subject.
        var attack = Story.Finding();
        var watch = Watch() with
        {
            Subject = attack.Subject,
            Addresses = attack.Addresses,
            Transactions = attack.Transactions,
        };

        var book = attackFirst ? Book(attack, watch) : Book(watch, attack);

        Assert.Equal(2, book.Incidents.Count);
        Assert.All(book.Incidents.Values, incident => Assert.Single(incident.Findings));
    }

    [Theory]
    [InlineData(Severity.High, true)]
    [InlineData(Severity.Elevated, false)]
    public void Severity_two_opens_an_incident_and_three_is_recorded(Severity severity, bool opens) =>
        Assert.Equal(opens ? 1 : 0, Book(Watch() with { Severity = severity }).Incidents.Count);

    [Fact]
    public void What_is_over_opens_nothing() =>
        Assert.Empty(Book(Watch() with { Status = FindingStatus.Over, Revision = 2 }).Incidents);

    [Fact]
    public void Those_who_were_told_are_told_once_that_it_is_over_and_that_it_is_back()
    {
        var second = Watch("second", at: 10);
        var told = Told(
            Watch(), second, Over(Watch(), 20), Over(second, 30), Watch("third", at: 40), Over(Watch("third"), 50));

        Assert.Equal([AlertReason.Opened, AlertReason.Over, AlertReason.Worsened, AlertReason.Over], told);
    }

    [Fact]
    public void An_incident_that_is_over_is_still_open_until_somebody_resolves_it()
    {
        var incident = Book(Watch(), Over(Watch(), 60))[new IncidentId(1)]!;

        Assert.True(incident.IsOver);
        Assert.True(incident.IsOpen);
        Assert.Equal(FindingStatus.Over, incident.Main.Status);
        var resolved = incident.Apply(
            new IncidentEvent.Resolved(incident.Id, "ada", "a node was restarted"), Story.At(90));
        Assert.False(resolved.IsOpen);
        Assert.Empty(Duties.Of(resolved, Plan, Story.At(100)));
    }

    [Theory]
    [InlineData(Severity.High, false, "second")]
    [InlineData(Severity.Elevated, true, "stall")]
    public void What_is_bad_and_lasts_says_more_than_what_was_worse_and_is_over(
        Severity lasting, bool isOver, string main)
    {
        var worse = Watch() with { Severity = Severity.Critical };
        var second = Watch("second", at: 10) with { Severity = lasting };
        var incident = Book(worse, second, Over(worse, 20))[new IncidentId(1)]!;

        Assert.Equal(isOver, incident.IsOver);
        Assert.Equal(main, incident.Main.Id.Value);
    }

    [Fact]
    public void A_minor_trouble_that_joins_what_is_over_wakes_nobody() => Assert.Equal(
        [AlertReason.Opened, AlertReason.Over],
        Told(Watch(), Over(Watch(), 20), Watch("second", at: 30) with { Severity = Severity.Minor }));

    [Fact]
    public void What_grows_worse_after_its_incident_was_resolved_opens_a_new_one()
    {
        var resolved = Book(Watch()).Apply(
            new IncidentEvent.Resolved(new IncidentId(1), "ada", "it will pass"), Story.At(60));

        Assert.Single(Take(resolved, Watch(at: 90) with { Revision = 2 }).Incidents);
        Assert.Single(Take(resolved, Over(Watch(), 90)).Incidents);
        Assert.Equal(2, Take(resolved, Watch(at: 90) with { Revision = 2, Severity = Severity.Critical })
            .Incidents.Count);
    }

    [Fact]
    public void The_alert_and_the_report_say_over_and_speak_of_no_attack()
    {
        var incident = Book(Watch(), Over(Watch(), 60))[new IncidentId(1)]!;
        var links = new Links(id => new Uri($"http://localhost/{id}"), (_, _, _) => new Uri("http://localhost/ack"),
            new Uri("http://localhost/channels"));
        var alert = Announcements.Write(
            new Announcement("war-room", null, AlertReason.Over), "key", incident, Plan, links, "0", Story.At(60));

        Assert.Equal("The watch sees too little: over", alert.Title);
        Assert.Contains("then resolve it", alert.DoNow);
        Assert.Contains("· OVER ·", Tocsin.Channels.AlertText.Headline(alert));
        var report = PostMortem.Write(incident, Plan, [new Happened(1, Story.At(60), Recorded(Over(Watch(), 60)))]);
        Assert.Contains("Over: Over after 1 min.", report);
        Assert.DoesNotContain("attack", report, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Every_status_and_threat_survives_the_log_by_its_name()
    {
        foreach (var threat in Enum.GetValues<Threat>())
            foreach (var status in Enum.GetValues<FindingStatus>())
            {
                var recorded = Recorded(Watch() with { Threat = threat, Status = status });
                var json = EventJson.Write(recorded);
                Assert.Equal(recorded, EventJson.Read("finding-recorded.1", json));
                Assert.Contains($"\"{threat.ToName()}\"", json);
            }
        Assert.Contains("\"status\":\"over\"", EventJson.Write(Recorded(Over(Watch(), 60))));
    }

    [Fact]
    public void A_checkpoint_keeps_monitoring_and_one_from_before_there_was_any_begins_it_anew()
    {
        var vigil = new Vigil(Vigil.Watch);
        vigil.Head(0);
        vigil.Answers(0x11, 0x22);
        vigil.Seen(1, FrontEndAspects.Content, "a");
        vigil.Told(2, "rpc-1", NodeSymptom.Disagreeing);
        var checkpoint = new WatchCheckpoint([vigil.Engine.Head!.Value], vigil.Engine.Snapshot());
        var json = JsonSerializer.Serialize(checkpoint, EventJson.Options);

        var read = JsonSerializer.Deserialize<WatchCheckpoint>(json, EventJson.Options)!;
        Assert.Equal(checkpoint.Engine, read.Engine);
        Assert.Equal(vigil.Engine.DueAt, Engine.Restore(Vigil.Watch, read.Engine).DueAt);

        var old = json[..json.IndexOf(",\"monitoring\":", StringComparison.Ordinal)] + "}}";
        var before = JsonSerializer.Deserialize<WatchCheckpoint>(old, EventJson.Options)!;
        var engine = Engine.Restore(Vigil.Watch, before.Engine);
        Assert.Equal(vigil.Engine.Head, engine.Head);
        Assert.Null(engine.DueAt);
        Assert.Empty(engine.Step(new Arrival.Began(Vigil.At(100))));
        Assert.Equal(Vigil.At(160), engine.DueAt);
    }

    private static Finding Watch(string id = "stall", double at = 0, string subject = "chain 31337") => new(
        new FindingId(id), 1, FindingStatus.Seen, Story.At(at), new ChainId(31337), Story.Block(100), [],
        Threat.MonitoringImpaired, Severity.High, 1, subject, [], 0, [], "self watch", "No new head for 2 min.");

    private static Finding Over(Finding finding, double at) => finding with
    {
        Revision = finding.Revision + 1,
        Status = FindingStatus.Over,
        Time = Story.At(at),
        Reason = "Over after 1 min.",
    };

    private static FindingRecorded Recorded(Finding finding) => new(finding, finding.Time, new IncidentId(1));

    private static IncidentBook Book(params Finding[] findings) => findings.Aggregate(IncidentBook.Empty, Take);

    private static IncidentBook Take(IncidentBook book, Finding finding) => book
        .Take(finding, finding.Time, Plan, DetectionLimits.Default)
        .Aggregate(book, (folded, happened) => folded.Apply(happened, finding.Time));

    private static List<AlertReason> Told(params Finding[] findings)
    {
        var told = new List<AlertReason>();
        var book = IncidentBook.Empty;
        foreach (var finding in findings)
            foreach (var happened in book.Take(finding, finding.Time, Plan, DetectionLimits.Default))
            {
                var before = book[new IncidentId(1)];
                book = book.Apply(happened, finding.Time);
                if (book[new IncidentId(1)] is { } after)
                    told.AddRange(Announcements.Of(happened, before ?? after, after, Plan)
                        .Select(announcement => announcement.Reason).Distinct());
            }
        return told;
    }
}
