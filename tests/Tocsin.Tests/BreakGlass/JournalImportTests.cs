using Tocsin.BreakGlass;
using Tocsin.Communications;
using Tocsin.Decisions;
using Tocsin.Incidents;
using Tocsin.Recording;
using Tocsin.Tests.Plans;
using Tocsin.Tests.Signing;
using Tocsin.Tests.Storage;
using Tocsin.Texts;
using static Tocsin.Tests.Incidents.Story;
using CompiledPlan = Tocsin.Plans.CompiledPlan;
using PlanReader = Tocsin.Plans.PlanReader;

namespace Tocsin.Tests.BreakGlass;

public sealed class JournalImportTests : IDisposable
{
    private readonly StoreFolder folder = new();
    private readonly Logbook logbook;

    public JournalImportTests() => logbook = Open(folder);

    public static TheoryData<int> Prefixes => [.. Enumerable.Range(1, WrittenJournal.Lines)];

    private DecisionProgress Progress => logbook.Book[First]!.Decision!;

    public void Dispose()
    {
        logbook.Dispose();
        folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Prefixes))]
    public void Whatever_part_of_a_journal_comes_first_the_whole_ends_in_the_same_state(int lines)
    {
        using var other = new StoreFolder();
        using var atOnce = Open(other);
        var whole = Journal("whole", WrittenJournal.Lines);
        JournalImport.Into(atOnce, whole);

        JournalImport.Into(logbook, Journal("part", lines));
        JournalImport.Into(logbook, whole);

        Assert.Equal(atOnce.Book[First]!.Decision, Progress);
        Assert.True(logbook.Book[First]!.IsPaused);
        Assert.Single(logbook.Book.Incidents);
    }

    [Theory]
    [MemberData(nameof(Prefixes))]
    public void A_journal_that_comes_twice_changes_nothing(int lines)
    {
        var journal = Journal("part", lines);
        Assert.True(JournalImport.Into(logbook, journal).Added > 0);
        var head = logbook.Head;

        Assert.Equal(0, JournalImport.Into(logbook, journal).Added);

        Assert.Equal(head, logbook.Head);
    }

    [Fact]
    public void The_server_only_watches_what_was_sent_without_it()
    {
        JournalImport.Into(logbook, Journal("sent", 11));

        var duties = Duties.Of(logbook.Book[First]!, Plan, At(61));

        Assert.Equal(2, duties.OfType<Duty.WatchInclusion>().Count());
        Assert.DoesNotContain(duties, duty => duty is Duty.Propose or Duty.Simulate or Duty.Sign or Duty.Broadcast);
    }

    [Fact]
    public void What_the_server_proposed_under_the_same_id_gives_way_to_what_was_decided_without_it()
    {
        OpenByServer(Decision with { ExpiresAt = At(900) });

        JournalImport.Into(logbook, Journal("whole", WrittenJournal.Lines));

        Assert.Single(logbook.Book.Incidents);
        Assert.Equal(Decision, Progress.Decision);
        Assert.True(logbook.Book[First]!.IsPaused);
    }

    [Fact]
    public void Approvals_of_another_expiry_count_for_nothing_in_the_decision_of_the_server()
    {
        OpenByServer(Decision with { ExpiresAt = At(900) });

        JournalImport.Into(logbook, Journal("approved", 6));

        Assert.Equal(At(900), Progress.Decision.ExpiresAt);
        Assert.Empty(Progress.Approvals);
    }

    [Fact]
    public void What_both_did_at_the_same_time_stands_in_the_log_once()
    {
        OpenByServer(Decision with { ExpiresAt = At(900) });
        logbook.Record((_, _) => [WrittenJournal.SignedEvent(0), WrittenJournal.SignedEvent(1),
            new IncidentEvent.CallBroadcast(First, Decision.Id, 0, WrittenJournal.Signed[0].Transaction, 98),
            WrittenJournal.Included(0)]);

        JournalImport.Into(logbook, Journal("whole", WrittenJournal.Lines));

        var events = logbook.TimelineOf(First).Select(happened => happened.Event).ToList();
        Assert.Single(events.OfType<IncidentEvent.DecisionProposed>());
        Assert.Equal(2, events.OfType<IncidentEvent.CallSigned>().Count());
        Assert.Equal(2, events.OfType<IncidentEvent.CallIncluded>().Count());
        Assert.True(logbook.Book[First]!.IsPaused);
    }

    /// <summary>A bundle names nobody's phone: people are woken by the plan that does.</summary>
    [Fact]
    public void A_journal_from_a_bundle_is_judged_by_the_whole_plan_that_decides_the_same()
    {
        var compiled = PlanReader.Read(
            [new PlanFile(CompiledPlan.FileName, CompiledPlan.Of(MinimalPlan.Plan).Write())]);
        var journal = WrittenJournal.Write(folder.PathOf("bundled"), WrittenJournal.Lines, compiled);

        JournalImport.Into(logbook, journal, MinimalPlan.Read());

        Assert.Equal(MinimalPlan.Plan.ContentHash, logbook.Book[First]!.Plan);
        Assert.Equal("pause-markets", logbook.Book[First]!.Procedure);
        Assert.True(logbook.Book[First]!.IsPaused);
        Assert.Equal(0, JournalImport.Into(logbook, journal, MinimalPlan.Read()).Added);
    }

    [Fact]
    public void A_journal_from_a_bundle_of_a_plan_that_is_gone_brings_its_own()
    {
        var compiled = PlanReader.Read(
            [new PlanFile(CompiledPlan.FileName, CompiledPlan.Of(MinimalPlan.Plan).Write())]);
        var other = MinimalPlan.Read(MinimalPlan.Main.Replace("86400", "7200", StringComparison.Ordinal));

        JournalImport.Into(logbook, WrittenJournal.Write(folder.PathOf("b"), WrittenJournal.Lines, compiled), other);

        Assert.Equal(compiled.Plan.ContentHash, logbook.Book[First]!.Plan);
        Assert.True(logbook.Book[First]!.IsPaused);
    }

    [Fact]
    public void A_journal_that_was_changed_is_refused_and_names_the_line()
    {
        Journal("changed", WrittenJournal.Lines);
        var path = folder.PathOf("changed");
        var text = File.ReadAllText(path);
        File.WriteAllText(path, text.Replace("it would succeed", "it would not", StringComparison.Ordinal));

        var refused = Assert.Throws<InputException>(() => ReadJournal.Open(path));

        Assert.Contains("changed:4", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_approval_that_its_wallet_did_not_give_is_refused()
    {
        var path = folder.PathOf("forged");
        using (var journal = BreakGlassJournal.Open(path, _ => { }, new FixedTime(At(60))))
        {
            var read = MinimalPlan.Read();
            journal.Record((_, now) => Opening.Events(read, read.Plan.Decisions[0], false, now));
            journal.Record((_, _) => [Proposed()]);
            var approved = WrittenJournal.Approved(MinimalPlan.Stranger);
            journal.Record((_, _) => [approved with
            {
                Approval = approved.Approval with { Signer = MinimalPlan.Commander.Address },
            }]);
        }

        Assert.Throws<InputException>(() => ReadJournal.Open(path));
    }

    [Fact]
    public void A_line_that_a_crash_cut_off_was_never_told_and_is_forgotten()
    {
        Journal("cut", 8);
        var path = folder.PathOf("cut");
        File.WriteAllText(path, File.ReadAllText(path)[..^10]);

        using var journal = BreakGlassJournal.Open(path, _ => { }, new FixedTime(At(61)));

        Assert.NotNull(journal.Incident!.Decision!.TakenAt);
        Assert.Null(journal.Incident.Decision.Calls[0].Signed);
    }

    private static Logbook Open(StoreFolder folder)
    {
        var page = new Uri("https://tocsin.example/");
        var logbook = new Logbook(folder.Open(), new Links(_ => page, (_, _, _) => page, page), new FixedTime(At(100)));
        logbook.Adopt(MinimalPlan.Read());
        return logbook;
    }

    private ReadJournal Journal(string name, int lines) => WrittenJournal.Write(folder.PathOf(name), lines);

    private void OpenByServer(EmergencyDecision decision)
    {
        logbook.Record((_, _) => [Whole[1].Event, Whole[2].Event]);
        logbook.Record((_, _) => [Proposed(decision)]);
    }
}
