using FsCheck;
using FsCheck.Fluent;
using Tocsin.Communications;
using Tocsin.Deadlines;
using Tocsin.Findings;
using Tocsin.Incidents;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Incidents;

public sealed class IncidentBookTests
{
    [Fact]
    public void A_bad_and_sure_finding_opens_an_incident()
    {
        var events = Take(IncidentBook.Empty, Finding());

        Assert.Equal([typeof(FindingRecorded), typeof(IncidentEvent.Opened)], events.Select(e => e.GetType()));
        var incident = Book(Finding())[First]!;
        Assert.Equal(IncidentPhase.Detected, incident.Phase);
        Assert.Equal(Severity.Critical, incident.Severity);
        Assert.Equal(Plan.ContentHash, incident.Plan);
        Assert.Equal(At(0), incident.FirstSeenAt);
        Assert.Equal(At(14), incident.OpenedAt);
    }

    [Theory]
    [InlineData(Severity.High, 0.7, true)]
    [InlineData(Severity.High, 0.69, false)]
    [InlineData(Severity.Critical, 0.7, true)]
    [InlineData(Severity.Elevated, 1.0, false)]
    public void The_limits_say_what_opens_an_incident(Severity severity, double confidence, bool opens) =>
        Assert.Equal(opens, Take(IncidentBook.Empty, Finding(severity: severity, confidence: (decimal)confidence))
            .Any(e => e is IncidentEvent.Opened));

    [Fact]
    public void A_threat_that_the_plan_does_not_know_is_only_recorded() =>
        Assert.Equal([Recorded(Finding(threat: Threat.LargeTransfer), null) with { ArrivedAt = At(14) }],
            Take(IncidentBook.Empty, Finding(threat: Threat.LargeTransfer)));

    [Fact]
    public void The_same_attacker_joins()
    {
        var book = Book(Finding(), Finding("second", at: 3600));

        Assert.Single(book.Incidents);
        Assert.Equal(2, book[First]!.Findings.Count);
    }

    /// <summary>What a crowd does has no hands that are named; an honest account that is only noted is not drawn
    /// in.</summary>
    [Theory]
    [InlineData(0.95, 2)]
    [InlineData(0.6, 1)]
    public void A_crowd_joins_what_is_done_to_the_same_contract_as_far_as_it_is_sure(double confidence, int findings)
    {
        var other = Finding("other", by: OtherAttacker, confidence: (decimal)confidence) with
        {
            Transactions = [Hash(9)],
        };

        var book = Book(other, Finding() with { Addresses = [] });

        var incident = Assert.Single(book.Incidents).Value;
        Assert.Equal(findings, incident.Findings.Count);
    }

    [Theory]
    [InlineData(3600, 1)]
    [InlineData(3600.001, 2)]
    [InlineData(-3600, 1)]
    [InlineData(-3600.001, 2)]
    public void An_hour_separates_attacks(double at, int incidents) =>
        Assert.Equal(incidents, Book(Finding(), Finding("second", at: at) with { Transactions = [Hash(9)] })
            .Incidents.Count);

    [Fact]
    public void Another_attacker_is_another_incident()
    {
        var book = Book(Finding(), Finding("second", by: OtherAttacker) with { Transactions = [Hash(9)] });

        Assert.Equal([1, 2], book.Incidents.Keys);
    }

    [Fact]
    public void The_same_attacker_on_another_chain_is_another_incident() =>
        Assert.Equal(2, Book(Finding(), Finding("second") with { Chain = new(1) }).Incidents.Count);

    [Fact]
    public void The_same_attacker_after_the_resolution_is_another_incident()
    {
        var resolved = Book(Finding()).Apply(new IncidentEvent.Resolved(First, "ada", "over"), At(60));

        Assert.Equal(2, FoldTaken(resolved, Finding("second")).Incidents.Count);
    }

    [Fact]
    public void An_attack_that_goes_on_after_its_incident_was_resolved_opens_a_new_one()
    {
        var resolved = Book(Finding()).Apply(new IncidentEvent.Resolved(First, "ada", "over"), At(60));
        var more = Finding(revision: 2) with { Transactions = [Hash(1), Hash(2), Hash(9)] };

        var events = Take(resolved, more);

        Assert.Equal([typeof(FindingRecorded), typeof(IncidentEvent.Opened)], events.Select(e => e.GetType()));
        var book = FoldTaken(resolved, more);
        Assert.Equal([1, 2], book.Incidents.Keys);
        Assert.Equal([more], book[new IncidentId(2)]!.Findings);
        Assert.Equal([Finding()], book[First]!.Findings);
        var evenMore = more with { Revision = 3, Transactions = more.Transactions.Add(Hash(10)) };
        Assert.Equal(new IncidentId(2), Assert.IsType<FindingRecorded>(Take(book, evenMore)[0]).Incident);
    }

    [Theory]
    [InlineData(FindingStatus.Seen, false)]
    [InlineData(FindingStatus.Confirmed, false)]
    [InlineData(FindingStatus.Confirmed, true)]
    [InlineData(FindingStatus.Retracted, false)]
    [InlineData(FindingStatus.Retracted, true)]
    public void Another_word_on_a_resolved_attack_opens_nothing(FindingStatus status, bool more)
    {
        var resolved = Book(Finding()).Apply(new IncidentEvent.Resolved(First, "ada", "over"), At(60));
        var finding = Finding(revision: 2, status: status);

        var events = Take(resolved, more ? finding with { Transactions = finding.Transactions.Add(Hash(9)) } : finding);

        Assert.Equal(First, Assert.IsType<FindingRecorded>(Assert.Single(events)).Incident);
    }

    [Theory]
    [InlineData(PauseEnd.Expired, true)]
    [InlineData(PauseEnd.NeverHeld, true)]
    [InlineData(PauseEnd.Lifted, false)]
    public void A_pause_that_ended_contains_nothing_and_only_a_lifted_one_is_no_failure(PauseEnd why, bool failed)
    {
        var ended = Fold(Whole.Take(32)).Apply(
            new IncidentEvent.PauseEnded(First, Decision.Id, 0, why, Block(120)), At(201))[First]!;

        Assert.False(ended.IsPaused);
        Assert.Null(ended.Contained);
        Assert.Equal(IncidentPhase.Triaged, ended.Phase);
        Assert.Equal(failed, ended.Decision!.Calls[0].HasFailed);
        Assert.False(ended.Decision.Calls[1].HasFailed);

        var paused = ended.Apply(
            new IncidentEvent.ScopePaused(First, Decision.Id, 0, "market", At(90_000), Block(121)), At(210));
        Assert.True(paused.IsPaused);
        Assert.False(paused.Decision!.Calls[0].HasFailed);
    }

    [Fact]
    public void A_call_that_a_reorg_took_away_is_not_settled_any_more()
    {
        var settled = Fold(Whole.Take(39));
        Assert.All(settled[First]!.Decision!.Calls, call => Assert.True(call.IsSettled));

        var orphaned = settled
            .Apply(new IncidentEvent.CallOrphaned(First, Decision.Id, 0, Block(110)), At(900))[First]!;

        Assert.Equal([false, true], orphaned.Decision!.Calls.Select(call => call.IsSettled));
    }

    [Fact]
    public void A_revision_that_is_known_changes_nothing()
    {
        var book = Book(Finding(), Finding(revision: 3));

        Assert.Empty(Take(book, Finding(revision: 3)));
        Assert.Empty(Take(book, Finding(revision: 2)));
    }

    [Fact]
    public void A_finding_that_grew_bad_enough_stays_at_its_newest_revision()
    {
        var weak = Finding(revision: 1, confidence: 0.5m);
        var strong = Finding(revision: 2, confidence: 0.9m);

        var book = Book(weak, strong);

        Assert.Equal([strong], book[First]!.Findings);
        Assert.Equal(2, book.Findings[strong.Id].Finding.Revision);
        Assert.Empty(Take(book, strong));
    }

    [Fact]
    public void Earlier_findings_of_the_same_hands_come_along_in_the_order_of_their_names()
    {
        var weak = Enumerable.Range(1, 9).Select(i => Finding($"weak-{i}", severity: Severity.Minor)).ToArray();
        var events = Take(Book(weak), Finding());

        Assert.Equal(["attack", .. weak.Select(f => f.Id.Value)], events.OfType<FindingRecorded>()
            .Select(e => e.Finding.Id.Value));
        Assert.All(events.OfType<FindingRecorded>(), e => Assert.Equal(First, e.Incident));
    }

    [Fact]
    public void A_finding_that_the_chain_took_back_makes_a_false_alarm_and_its_return_opens_it_again()
    {
        var retracted = Book(Finding(), Finding(revision: 2, status: FindingStatus.Retracted));
        Assert.Equal(IncidentPhase.FalseAlarm, retracted[First]!.Phase);
        Assert.False(retracted[First]!.IsOpen);

        var back = FoldTaken(retracted, Finding(revision: 3));
        Assert.Equal(IncidentPhase.Detected, back[First]!.Phase);
        Assert.Single(back.Incidents);
    }

    [Fact]
    public void A_false_alarm_that_comes_back_worse_is_worse()
    {
        var retracted = Book(Finding(severity: Severity.High), Finding(revision: 2, status: FindingStatus.Retracted,
            severity: Severity.High));

        Assert.Equal(Severity.Critical, FoldTaken(retracted, Finding(revision: 3))[First]!.Severity);
    }

    [Fact]
    public void A_retraction_makes_nothing_worse()
    {
        var book = Book(Finding(severity: Severity.High), Finding("second", severity: Severity.High));

        Assert.DoesNotContain(Take(book, Finding(revision: 2, status: FindingStatus.Retracted)), e =>
            e is IncidentEvent.SeverityChanged);
    }

    [Fact]
    public void One_retracted_finding_of_two_is_no_false_alarm() =>
        Assert.True(Book(Finding(), Finding("second"), Finding(revision: 2,
            status: FindingStatus.Retracted))[First]!.IsOpen);

    [Fact]
    public void A_worse_finding_raises_the_severity_and_a_lesser_one_leaves_it()
    {
        var book = Book(Finding(severity: Severity.High), Finding("second", severity: Severity.Critical));
        Assert.Equal(Severity.Critical, book[First]!.Severity);

        Assert.Equal(Severity.Critical, FoldTaken(book, Finding("third", severity: Severity.High))[First]!.Severity);
    }

    [Fact]
    public void An_outflow_after_containment_takes_the_containment_back()
    {
        var contained = Fold(Until<IncidentEvent.ImpactAssessed>());
        Assert.Equal(IncidentPhase.Contained, contained[First]!.Phase);

        var outflow = contained.Apply(new IncidentEvent.OutflowSeen(First, Block(117), Hash(9), "vault", "DEMO", 5m),
            At(210));
        Assert.Equal(IncidentPhase.Paused, outflow[First]!.Phase);
    }

    [Fact]
    public void A_pause_that_a_reorg_took_away_contains_nothing()
    {
        var contained = Fold(Until<IncidentEvent.ImpactAssessed>());

        var orphaned = contained.Apply(new IncidentEvent.CallOrphaned(First, Decision.Id, 0, Block(110)),
            At(195))[First]!;

        Assert.False(orphaned.IsPaused);
        Assert.Null(orphaned.Contained);
        Assert.Equal(IncidentPhase.Triaged, orphaned.Phase);
    }

    [Fact]
    public void Phases_follow_the_events()
    {
        var phases = new List<IncidentPhase>();
        for (var count = 3; count <= Whole.Count; count++)
            phases.Add(Fold(Whole.Take(count))[First]!.Phase);

        Assert.Equal(
            [IncidentPhase.Detected, IncidentPhase.Triaged, IncidentPhase.Paused, IncidentPhase.Contained,
                IncidentPhase.FalseAlarm, IncidentPhase.Resolved, IncidentPhase.Reviewed, IncidentPhase.Merged],
            phases.Distinct());
    }

    [Fact]
    public void Every_prefix_of_a_log_folds_and_can_be_judged() => Prop.ForAll(Logs().ToArbitrary(), log =>
    {
        var book = IncidentBook.Empty;
        foreach (var (at, happened) in log)
        {
            var before = book;
            book = book.Apply(happened, At(at));
            foreach (var incident in book.Incidents.Values)
            {
                _ = Duties.Of(incident, Plan, At(at + 1));
                _ = IncidentDeadlines.Of(incident, Plan).Select(deadline => deadline.StateAt(At(at))).ToList();
                _ = Announcements.Of(happened, before[incident.Id] ?? incident, incident, Plan);
            }
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Folding_in_two_pieces_equals_folding_in_one() =>
        Prop.ForAll(Logs().ToArbitrary(), Gen.Choose(0, 40).ToArbitrary(), (log, cut) =>
    {
        var whole = Fold(log);
        var pieces = Fold(log.Skip(cut), Fold(log.Take(cut)));
        return whole.Incidents.SequenceEqual(pieces.Incidents)
            && whole.Findings.OrderBy(f => f.Key.Value).SequenceEqual(pieces.Findings.OrderBy(f => f.Key.Value));
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_log_in_which_incidents_are_merged_in_a_circle_is_read_and_taken_from_all_the_same(int into)
    {
        var other = Finding("f2", by: OtherAttacker) with { Transactions = [Hash(9)] };
        var book = Book(Finding("f1"), other);
        foreach (var (from, target) in new[] { (1, into), (2, 1) })
            book = book.Apply(
                new CommandEvent.MergedInto(new IncidentId(from), new IncidentId(target), "Ada Commander", "one"),
                At(20));

        Assert.NotNull(book.Present(First));
        Assert.NotNull(book.Take(other with { Revision = 2 }, At(21), Plan, DetectionLimits.Default));
    }

    /// <summary>Random logs that the book itself makes from findings, with people and the chain between them.</summary>
    private static Gen<List<(double At, LogEvent Event)>> Logs() =>
        Gen.Choose(0, int.MaxValue).ListOf(25).Select(choices =>
        {
            var log = Whole.Take(3).ToList();
            foreach (var choice in choices)
            {
                var at = 20 + log.Count;
                log.AddRange(Next(Fold(log), choice, at).Select(happened => ((double)at, happened)));
            }
            return log;
        });

    private static IEnumerable<LogEvent> Next(IncidentBook book, int choice, int at)
    {
        var incident = book.Incidents.Values.ElementAt(choice % book.Incidents.Count);
        if (choice % 3 == 0)
        {
            var finding = Finding($"f{choice / 3 % 4}", revision: at, status: (FindingStatus)(choice / 12 % 3),
                severity: (Severity)(1 + (choice / 36 % 5)), by: choice / 180 % 2 == 0 ? Attacker : OtherAttacker);
            return book.Take(finding, At(at), Plan, DetectionLimits.Default);
        }
        var others = Whole.Skip(3).Select(step => step.Event).OfType<IncidentEvent>()
            .Where(e => incident.Decision is not null || NeedsNoDecision(e)).ToList();
        return [others[choice / 3 % others.Count] with { Incident = incident.Id }];
    }

    private static bool NeedsNoDecision(IncidentEvent happened) => happened
        is IncidentEvent.SeverityChanged or IncidentEvent.Acknowledged
        or IncidentEvent.AlertDelivered or IncidentEvent.AlertFailed
        or IncidentEvent.AlertAccepted or IncidentEvent.AlertDelayed
        or IncidentEvent.DecisionProposed or IncidentEvent.ApprovalRefused
        or IncidentEvent.OutflowSeen or IncidentEvent.Contained or IncidentEvent.ImpactAssessed
        or IncidentEvent.StepDone or IncidentEvent.NoteAdded or IncidentEvent.Resolved
        or IncidentEvent.DecisionRequested or IncidentEvent.EvidenceChecked;

    private static IReadOnlyList<LogEvent> Take(IncidentBook book, Finding finding) =>
        book.Take(finding, At(14), Plan, DetectionLimits.Default);

    private static IncidentBook Book(params Finding[] findings) => FoldTaken(IncidentBook.Empty, findings);

    private static IncidentBook FoldTaken(IncidentBook book, params Finding[] findings) => findings.Aggregate(
        book, (state, finding) => Fold(Take(state, finding).Select(happened => (14d, happened)), state));
}
