using System.Text.Json;
using System.Text.Json.Nodes;
using Tocsin.Commands;
using Tocsin.Decisions;
using Tocsin.Incidents;
using Tocsin.Paging;
using Tocsin.Recording;
using Tocsin.Records;
using Tocsin.Reports;
using Tocsin.Storage;
using Tocsin.Tests.Configuration;
using Tocsin.Tests.Reports;
using Tocsin.Texts;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Records;

public sealed class IncidentRecordTests : IDisposable
{
    private readonly ConfigurationFolder folder = new();

    private string File => Path.Combine(folder.Path, "INC-1.json");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_record_of_a_whole_incident_is_as_it_was_verified() =>
        GoldenFile.Matches("IncidentRecord", "json", KeptIncident.Find(KeptStory.Log, First).RecordJson());

    [Fact]
    public void The_same_events_give_the_same_record_whatever_others_stand_among_them()
    {
        var alone = KeptStory.Events.Select((step, i) => new Happened(i + 1, At(step.At), step.Event)).ToList();
        var kept = KeptIncident.Of(KeptStory.Log, First)
            .Select(entry => new Happened(entry.Sequence, entry.Instant, EventJson.Read(entry.Kind, entry.Payload)));

        var (one, other) = (IncidentRecord.Of(alone, Plan), IncidentRecord.Of([.. kept], Plan));

        Assert.Equal(one with { Timeline = [] }, other with { Timeline = [] });
        Assert.Equal(one.Timeline.Select(line => line.Words), other.Timeline.Select(line => line.Words));
    }

    /// <summary>Of whatever kind an event is: it has its line, its kind and its fields as the log has them.</summary>
    [Fact]
    public void Each_event_is_in_the_record_as_the_log_has_it()
    {
        var node = JsonNode.Parse(KeptIncident.Find(KeptStory.Log, First).RecordJson())!;
        var entries = KeptIncident.Of(KeptStory.Log, First);

        var lines = node["timeline"]!.AsArray();

        Assert.Equal(entries.Count, lines.Count);
        foreach (var (line, entry) in lines.Zip(entries))
        {
            Assert.Equal(entry.Sequence, line!["sequence"]!.GetValue<long>());
            Assert.Equal(entry.Kind, line["kind"]!.GetValue<string>());
            Assert.NotEqual("", line["words"]!.GetValue<string>());
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(entry.Payload), line["event"]), entry.Kind);
        }
    }

    [Fact]
    public void Every_beginning_of_an_incident_has_a_record()
    {
        var events = Timeline(Whole);
        for (var count = 2; count <= events.Count; count++)
        {
            var record = IncidentRecord.Of([.. events.Take(count)], Plan);
            Assert.Equal(count, record.Timeline.Count);
            Assert.NotEmpty(JsonSerializer.Serialize(record, EventJson.Options));
        }
    }

    [Fact]
    public void A_decision_that_was_asked_for_anew_does_not_hide_the_one_before()
    {
        var again = Proposed(Decision with { Id = Hash(0xd1), ExpiresAt = At(9000) });
        (double, LogEvent)[] steps =
        [
            .. KeptStory.Events,
            (4000, new CommandEvent.Reopened(First, "Ada Commander", "it goes on")),
            (4010, again),
            (4020, new CommandEvent.Reopened(First, "Ada Commander", "and on")),
        ];

        var record = IncidentRecord.Of(Timeline(steps), Plan);

        Assert.Equal([Decision.Id, Hash(0xd1)], record.Decisions.Select(decision => decision.Id));
        Assert.Equal(At(90), record.Decisions[0].TakenAt);
        Assert.Equal(["Ada Commander", "Ben Engineer"], record.Decisions[0].Approvals.Select(one => one.Person));
        Assert.Null(record.Decisions[1].TakenAt);
        Assert.Null(record.Facts.Resolved);
        Assert.Contains(record.Pages, page => page is { Person: "Ben Engineer", Purpose: PagePurpose.Respond });
    }

    [Fact]
    public void What_people_and_wallets_said_of_each_decision_is_in_the_ledger_of_the_record()
    {
        var record = IncidentRecord.Of(Timeline(Whole), Plan);

        var calls = record.Ledger.First(choice => choice.OfCalls);
        Assert.Equal(
            [("Ada Commander", "signature"), ("Ben Engineer", "signature")],
            calls.Said.Where(word => word.Says == DecisionWord.Approved).Select(word => (word.By!, word.Means!)));
        Assert.Contains(calls.Said, word => word.Says == DecisionWord.Taken);
        var people = record.Ledger.Where(choice => !choice.OfCalls).ToDictionary(choice => choice.Key);
        Assert.Equal(LedgerState.Executed, people["1"].State);
        Assert.Equal(
            [
                DecisionWord.Asked, DecisionWord.Reviewed, DecisionWord.Approved, DecisionWord.Heard,
                DecisionWord.Approved, DecisionWord.Taken, DecisionWord.Executed, DecisionWord.Substituted,
            ],
            people["1"].Said.Select(word => word.Says));
        Assert.Equal(
            ("Ben Engineer", "Dee Auditor", "phone", "yes"),
            people["1"].Said.Where(word => word.Says == DecisionWord.Heard)
                .Select(word => (word.Of, word.By, word.Means, word.Words)).Single());
        Assert.Equal(Hash(0x77), people["1"].Said.Single(word => word.Says == DecisionWord.Executed).Transaction);
        Assert.Equal(
            [LedgerState.Refused, LedgerState.Expired, LedgerState.Ratified],
            new[] { "2", "3", "4" }.Select(key => people[key].State));
        Assert.Contains(people["4"].Said, word => word.Says == DecisionWord.Unratified);
    }

    [Fact]
    public void What_was_said_by_somebody_who_was_revoked_stays_in_the_ledger_of_the_record()
    {
        (double, LogEvent)[] steps =
        [
            .. KeptStory.Events.Take(2),
            (20, new LedgerEvent.DecisionOpened(First, "1", "emergency-pause", "Ada Commander", "", At(900))),
            (21, new LedgerEvent.ApprovalGiven(First, "1", "Cem Deputy")),
            (22, new IncidentEvent.PersonStruck(First, "cem", "Cem Deputy", [], "Ada Commander", "key seen elsewhere")),
        ];

        var choice = Assert.Single(IncidentRecord.Of(Timeline(steps), Plan).Ledger);

        Assert.Equal(LedgerState.Proposed, choice.State);
        Assert.Equal(
            "Cem Deputy", Assert.Single(choice.Said, word => word.Says == DecisionWord.Approved).By);
    }

    [Fact]
    public void Whoever_was_revoked_since_stays_in_the_record()
    {
        (double, LogEvent)[] steps =
        [
            .. KeptStory.Events.Take(2),
            (20, new IncidentEvent.PersonStruck(First, "cem", "Cem Deputy", [], "Ada Commander", "key seen elsewhere")),
        ];

        var record = IncidentRecord.Of(Timeline(steps), Plan);

        Assert.True(Assert.Single(record.People, person => person.Id == "cem").Revoked);
        Assert.False(Assert.Single(record.People, person => person.Id == "ada").Revoked);
    }

    [Fact]
    public void An_incident_is_written_beside_the_server_and_over_nothing()
    {
        var configured = folder.Load("");
        using var store = ConfiguredStore.Open(configured);
        Keep(store);

        Assert.Equal(ExitCode.Done, IncidentRecordCommand.Export(folder.Path, "INC-1", File, json: true));

        Assert.Equal(KeptIncident.Find([.. store.Read()], First).RecordJson(), System.IO.File.ReadAllText(File));
        Refuses("cannot be written as a new file", "INC-1");
        System.IO.File.Delete(File);
        Refuses("holds no INC-9", "INC-9");
        Refuses("'inc-1' is no incident", "inc-1");
        Assert.False(System.IO.File.Exists(File));
    }

    [Fact]
    public void Nothing_is_written_from_a_log_whose_chain_is_broken()
    {
        var configured = folder.Load("");
        using (var store = ConfiguredStore.Open(configured))
            Keep(store);
        var database = Path.Combine(configured.DataDirectory, "tocsin.db");
        Tocsin.Tests.Storage.StoreFolder.Tamper(
            database, "DROP TRIGGER log_is_not_updated; UPDATE log SET payload = '{}' WHERE sequence = 3");

        Assert.Equal(ExitCode.FoundWrong, IncidentRecordCommand.Export(folder.Path, "INC-1", File, json: false));

        Assert.False(System.IO.File.Exists(File));
    }

    private void Refuses(string words, string incident) => Assert.Contains(
        words,
        Assert.Throws<InputException>(() => IncidentRecordCommand.Export(folder.Path, incident, File, json: false))
            .Message,
        StringComparison.Ordinal);

    internal static void Keep(EventStore store)
    {
        foreach (var entry in KeptStory.Countersigned)
            store.Commit(new Batch
            {
                Entries = [new(entry.Instant, entry.Stream, entry.Kind, entry.Payload)],
            });
    }
}
