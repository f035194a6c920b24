using Tocsin.Communications;
using Tocsin.Findings;
using Tocsin.Incidents;
using static Tocsin.Tests.Incidents.Story;

namespace Tocsin.Tests.Incidents;

public sealed class AnnouncementTests
{
    private static readonly Links Links = new(
        id => new Uri($"https://tocsin.example/incidents/{id}"), (id, person, _) =>
            new Uri($"https://tocsin.example/acknowledge/{id}-{person}"),
        new Uri("https://tocsin.example/channels"));

    // The auditor's own way is the war room, so nobody is told twice and nobody acknowledges there as the auditor.
    private const string Everyone = "war-room (all), ada-pager (ada), ben-pager (ben)";

    private const string Deciders = "ada-pager (ada), cem-pager (cem), ben-pager (ben), war-room (all)";

    private const string Called = "war-room (all), ada-pager (ada), cem-pager (cem), ben-pager (ben)";

    [Fact]
    public void Each_event_tells_whom_it_concerns()
    {
        var told = new List<string>();
        for (var i = 2; i < Whole.Count; i++)
        {
            var announcements = Of(Whole[i].Event, i);
            if (announcements.Count > 0)
                told.Add($"{Whole[i].Event.GetType().Name}: {announcements[0].Reason} to {Names(announcements)}");
        }

        Assert.Equal(
            [
                $"Opened: Opened to {Everyone}",
                "DecisionProposed: DecisionNeeded to ada-pager (ada), cem-pager (cem), ben-pager (ben), war-room (all)",
                $"SigningRefused: Worsened to {Everyone}",
                $"ScopePaused: Paused to {Everyone}",
                $"Contained: Contained to {Everyone}",
                $"PauseEnded: Worsened to {Everyone}",
                $"PauseNearsEnd: PauseNearsEnd to {Everyone}",
                $"PersonStruck: Revoked to {Everyone}",
                "OwnersAsked: OwnersNeeded to ada-pager (ada), cem-pager (cem), war-room (all)",
                "Paged: Unanswered to ben-pager (ben)",
                "NobodyAnswered: Unanswered to cem-pager (cem), war-room (all)",
                "Neared: DeadlineNears to war-room (all), ada-pager (ada)",
                $"Missed: DeadlineMissed to {Called}",
                "RoleGiven: RoleGiven to war-room (all), ben-pager (ben)",
                $"Rated: Worsened to {Called}",
                $"Reclassified: Changed to {Called}",
                $"DecisionOpened: LedgerDecision to {Deciders}",
                "Attested: LedgerDecision to ben-pager (ben), war-room (all)",
                $"SubstitutePrepared: SubstitutePrepared to {Deciders}",
                $"ActedFirst: LedgerDecision to {Deciders}",
                "Drafted: UpdateWaits to ada-pager (ada)",
                "Drafted: UpdateWaits to ada-pager (ada)",
                "Approved: Update to status (all)",
                $"DeclaredFalse: FalseAlarm to {Called}",
                $"Reopened: Reopened to {Everyone}",
                "Lifted: SilenceOver to spare-room (all)",
                "ChannelJudged: ChannelDistrusted to war-room (all), ada-pager (ada), cem-pager (cem), ben-pager (ben)",
                $"Resolved: Resolved to {Everyone}",
                "PhaseReached: PhaseReached to war-room (all)",
                $"MergedInto: Merged to {Everyone}",
                "RoleOffered: RoleOffered to war-room (all), ada-pager (ada), cem-pager (cem)",
            ],
            told.Select(line => line.Replace("ada-pager (ada), ben-pager (ben), cem-pager (cem)",
                "ada-pager (ada), cem-pager (cem), ben-pager (ben)", StringComparison.Ordinal)));
    }

    /// <summary>Two stolen tokens are enough to say that a third person approved: they must hear of it.</summary>
    [Fact]
    public void Whoever_is_said_to_have_approved_by_voice_is_told_with_the_first_who_says_so()
    {
        var before = Fold((100, new Tocsin.Decisions.LedgerEvent.DecisionOpened(
            First, "1", "emergency-pause", "Ada Commander", "it goes on", At(3700))));
        var heard = new Tocsin.Decisions.LedgerEvent.Attested(
            First, "1", "Ben Engineer", "Dee Auditor", "phone", "yes");
        var after = before.Apply(heard, At(110));

        var announcements = Announcements.Of(heard, before, after, Plan);

        Assert.Equal("ben-pager (ben), war-room (all)", Names(announcements));
        var alert = Write(announcements[0], after);
        Assert.EndsWith(
            "Dee Auditor SAYS THAT Ben Engineer APPROVED 'emergency-pause': decision 1", alert.Title,
            StringComparison.Ordinal);
        Assert.StartsWith("Ben Engineer: if you did not say so, decline it", alert.DoNow, StringComparison.Ordinal);
    }

    [Fact]
    public void A_false_alarm_and_its_return_are_told()
    {
        var open = Fold();
        var retracted = Recorded(Finding(revision: 2, status: FindingStatus.Retracted), First);
        var alarm = open.Apply(retracted, At(20));
        var returned = Recorded(Finding(revision: 3), First);

        Assert.Equal(AlertReason.Retracted, Announcements.Of(retracted, open, alarm, Plan)[0].Reason);
        Assert.Equal(AlertReason.Worsened, Announcements.Of(returned, alarm, alarm.Apply(returned, At(30)), Plan)[0]
            .Reason);
        Assert.Empty(Announcements.Of(retracted, alarm, alarm, Plan));
    }

    [Fact]
    public void A_page_that_failed_for_good_goes_to_the_persons_next_way()
    {
        var plan = Plan with
        {
            People = [Plan.People[0] with { Ways = ["ada-pager", "ada-phone", "ada-mail"] }, .. Plan.People.Skip(1)],
        };

        var first = Failed("ada-pager");
        var once = Fold((15, first));
        Assert.Equal([new Announcement("ada-phone", "ada", AlertReason.Opened)],
            Announcements.Of(first, Fold(), once, plan));

        var second = Failed("ada-phone");
        var twice = once.Apply(second, At(16));
        Assert.Equal([new Announcement("ada-mail", "ada", AlertReason.Opened)],
            Announcements.Of(second, once, twice, plan));

        var last = Failed("ada-mail");
        Assert.Empty(Announcements.Of(last, twice, twice.Apply(last, At(17)), plan));
    }

    [Fact]
    public void A_communication_that_failed_for_good_goes_to_its_backup()
    {
        var failed = Failed("war-room");

        Assert.Equal("spare-room (all)", Names(Announcements.Of(failed, Fold(), Fold((15, failed)), Plan)));
    }

    [Fact]
    public void A_channel_that_failed_already_is_not_tried_for_another()
    {
        var spare = Fold((14.5, Failed("spare-room")));
        var failed = Failed("war-room");

        Assert.Empty(Announcements.Of(failed, spare, spare.Apply(failed, At(15)), Plan));
    }

    [Fact]
    public void A_pause_that_does_not_hold_is_told_to_everyone_in_the_title()
    {
        var paused = Fold(Whole.Take(29))[First]!;
        IncidentEvent[] ends =
        [
            new IncidentEvent.CallOrphaned(First, Decision.Id, 0, Block(110)),
            new IncidentEvent.PauseEnded(First, Decision.Id, 0, PauseEnd.Expired, Block(112)),
            new IncidentEvent.PauseEnded(First, Decision.Id, 1, PauseEnd.Lifted, Block(112)),
            new IncidentEvent.PauseEnded(First, Decision.Id, 1, PauseEnd.NeverHeld, Block(112)),
        ];

        Assert.All(ends, end => AssertPauseDoesNotHold(end, paused));
        AssertPauseDoesNotHold(new IncidentEvent.CallIncluded(First, Decision.Id, 0, Hash(0x71), Block(110), false),
            Fold(Whole.Take(25))[First]!);
    }

    [Fact]
    public void A_refusal_by_the_signer_is_told_to_everyone_once()
    {
        var before = Fold(Until<IncidentEvent.SigningRefused>())[First]!;
        var refused = new IncidentEvent.SigningRefused(First, before.Decision!.Decision.Id, 0, "it is not allowed");
        var after = before.Apply(refused, At(40));
        var announcements = Announcements.Of(refused, before, after, Plan);

        Assert.Equal($"Worsened to {Everyone}", $"{announcements[0].Reason} to {Names(announcements)}");
        var alert = Write(announcements[0], after);
        Assert.EndsWith("THE SIGNER REFUSES THE DECISION", alert.Title, StringComparison.Ordinal);
        Assert.Contains("(it is not allowed)", alert.DoNow, StringComparison.Ordinal);
        var again = refused with { Call = 1 };
        Assert.Empty(Announcements.Of(again, after, after.Apply(again, At(41)), Plan));
        var other = refused with { Reason = "the fee is too high" };
        Assert.NotEmpty(Announcements.Of(other, after, after.Apply(other, At(42)), Plan));
    }

    [Theory]
    [InlineData(RefusedBy.Policy, "THE SIGNER REFUSES THE DECISION", "Correct the signer's policy",
        "The signer refused call 1: Safe 'ops' differs.")]
    [InlineData(RefusedBy.Signer, "THE SIGNER DOES NOT SIGN YET", "the signer does not sign for now",
        "The signer did not sign call 1 yet: Safe 'ops' differs.")]
    [InlineData(RefusedBy.Server, "THE DECISION IS NOT SIGNED, the signer was not asked", "Mend that",
        "The signer was not asked for call 1: Safe 'ops' differs.")]
    [InlineData(null, "THE SIGNER REFUSES THE DECISION", "Correct the signer's policy",
        "Call 1 was not signed: Safe 'ops' differs.")]
    public void Who_does_not_have_it_signed_is_told_and_what_to_do(
        RefusedBy? by, string title, string doNow, string line)
    {
        var before = Fold(Until<IncidentEvent.SigningRefused>())[First]!;
        var refused = new IncidentEvent.SigningRefused(
            First, before.Decision!.Decision.Id, 0, "Safe 'ops' differs", by);
        var after = before.Apply(refused, At(40));

        var alert = Write(Announcements.Of(refused, before, after, Plan)[0], after);

        Assert.EndsWith(title, alert.Title, StringComparison.Ordinal);
        Assert.Contains(doNow, alert.DoNow, StringComparison.Ordinal);
        Assert.Contains("Safe 'ops' differs", alert.DoNow, StringComparison.Ordinal);
        Assert.Equal(line, Tocsin.Reports.Timeline.Line(refused));
    }

    [Fact]
    public void A_signer_that_cannot_be_reached_is_told_to_everyone_once()
    {
        var before = Fold(Until<IncidentEvent.SigningRefused>())[First]!;
        var silent = new IncidentEvent.SigningRefused(
            First, before.Decision!.Decision.Id, 0, SigningRefusal.Unreachable);
        var after = before.Apply(silent, At(40));
        var announcements = Announcements.Of(silent, before, after, Plan);

        Assert.Equal($"Worsened to {Everyone}", $"{announcements[0].Reason} to {Names(announcements)}");
        var alert = Write(announcements[0], after);
        Assert.EndsWith("THE SIGNER CANNOT BE REACHED", alert.Title, StringComparison.Ordinal);
        Assert.Contains("Start the signer", alert.DoNow, StringComparison.Ordinal);
        var other = silent with { Call = 1 };
        Assert.Empty(Announcements.Of(other, after, after.Apply(other, At(41)), Plan));
    }

    [Fact]
    public void What_was_minted_without_backing_is_not_said_to_be_lost()
    {
        var mint = Finding(threat: Threat.UnbackedMint);
        var moved = Finding("moved", threat: Threat.LargeTransfer);
        var drained = Finding("drained");
        var open = Fold();

        Assert.Equal("about 125,001 USD minted without backing so far",
            Announcements.ImpactInWords(open with { Findings = [mint, moved] }));
        Assert.Equal("about 125,001 USD minted without backing or lost so far",
            Announcements.ImpactInWords(open with { Findings = [mint, drained] }));
        Assert.Equal("about 125,001 USD lost so far",
            Announcements.ImpactInWords(open with { Findings = [moved, drained] }));
        Assert.Equal("minted without backing", LossWords.Of(moved, open with { Findings = [mint, moved] }));
    }

    [Fact]
    public void Only_the_first_scope_that_opens_again_is_told()
    {
        var open = Fold(Whole.Take(40))[First]!;
        var second = Whole[40].Event;

        Assert.Empty(Announcements.Of(second, open, open.Apply(second, At(3000)), Plan));
    }

    [Fact]
    public void An_attack_that_got_worse_says_nothing_of_a_pause_that_holds()
    {
        var paused = Fold(Whole.Take(29))[First]!;

        Assert.EndsWith("worse than first thought", Write(new("war-room", null, AlertReason.Worsened), paused).Title,
            StringComparison.Ordinal);
        Assert.EndsWith("worse than first thought", Write(new("war-room", null, AlertReason.Worsened)).Title,
            StringComparison.Ordinal);
    }

    [Fact]
    public void One_finding_of_several_that_was_taken_back_is_told_and_does_not_stop_the_work()
    {
        var two = Fold().Apply(Recorded(Finding("second"), First), At(15));
        var retracted = Recorded(Finding("second", revision: 2, status: FindingStatus.Retracted), First);
        var one = two.Apply(retracted, At(16));

        var told = Announcements.Of(retracted, two, one, Plan);

        Assert.Equal(Everyone, Names(told));
        Assert.All(told, announcement => Assert.Equal(AlertReason.Retracted, announcement.Reason));
        Assert.StartsWith("Go on:", Write(told[0], one).DoNow, StringComparison.Ordinal);
        Assert.Empty(Announcements.Of(retracted, one, one, Plan));
    }

    [Theory]
    [InlineData(Hindrance.FeeAboveCeiling, "It goes on by itself when fees fall")]
    [InlineData(Hindrance.NonceTaken, "pause by another way now")]
    [InlineData(Hindrance.NoMoreReplacements, "Pause by another way")]
    [InlineData(Hindrance.RelayTooSlow, null)]
    [InlineData(Hindrance.FalseReceipt, null)]
    public void What_keeps_the_pause_from_the_chain_is_told_once_where_people_can_do_something(
        Hindrance why, string? advice)
    {
        var sent = Fold(Whole.Take(19))[First]!;
        var first = new IncidentEvent.SendingHindered(First, Decision.Id, 0, why, "what was seen");
        var after = sent.Apply(first, At(130));

        var told = Announcements.Of(first, sent, after, Plan);

        Assert.Equal(advice is null ? "" : Everyone, Names(told));
        Assert.Empty(Announcements.Of(first with { Call = 1 }, after, after.Apply(first with { Call = 1 }, At(131)),
            Plan));
        if (advice is not null)
            Assert.Contains(advice, Write(told[0], after).DoNow, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, "Stand down:")]
    [InlineData(14, "Stand down:")]
    [InlineData(29, "pause holds until 2026-03-02 12:02 UTC: decide who lifts it")]
    public void A_false_alarm_says_to_stand_down_unless_a_pause_still_holds(int events, string advice)
    {
        var alarm = Fold(Whole.Take(events))[First]!
            .Apply(Recorded(Finding(revision: 9, status: FindingStatus.Retracted), First), At(123));

        Assert.Contains(advice, Write(new("war-room", null, AlertReason.Retracted), alarm).DoNow,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Severity.High, Severity.Critical, true)]
    [InlineData(Severity.Critical, Severity.High, false)]
    [InlineData(Severity.High, Severity.High, false)]
    public void Only_a_worse_severity_is_told(Severity from, Severity to, bool told)
    {
        var before = Fold((15, new IncidentEvent.SeverityChanged(First, from, "")));
        var changed = new IncidentEvent.SeverityChanged(First, to, "");

        Assert.Equal(told, Announcements.Of(changed, before, before.Apply(changed, At(16)), Plan).Count > 0);
    }

    [Fact]
    public void An_outflow_is_told_when_people_were_told_that_it_was_over()
    {
        var outflow = new IncidentEvent.OutflowSeen(First, Block(118), Hash(9), "vault", "DEMO", 5);
        var paused = Fold(Until<IncidentEvent.Contained>())[First]!;
        var contained = Fold(Until<IncidentEvent.ImpactAssessed>())[First]!;

        Assert.Empty(Announcements.Of(outflow, paused, paused.Apply(outflow, At(195)), Plan));
        Assert.Equal(Everyone, Names(Announcements.Of(outflow, contained, contained.Apply(outflow, At(195)), Plan)));
    }

    [Fact]
    public void A_severity_below_the_escalation_wakes_nobody()
    {
        var minor = Fold((15, new IncidentEvent.SeverityChanged(First, Severity.Elevated, "")));

        Assert.Equal("war-room (all)", Names(Announcements.Of(Opened(), minor, minor, Plan)));
    }

    [Fact]
    public void A_way_that_two_share_is_told_once_and_as_nobody()
    {
        var plan = WithWays("shared", "shared");

        Assert.Equal("war-room (all), shared (all)", Names(Announcements.Of(Opened(), Fold(), Fold(), plan)));
    }

    [Theory]
    [InlineData("cem-pager")]
    [InlineData("war-room")]
    [InlineData("spare-room")]
    public void A_way_on_which_someone_listens_who_is_not_told_now_is_nobodys_own(string way)
    {
        var announcements = Announcements.Of(Opened(), Fold(), Fold(), WithWays(way, "ben-pager"));

        Assert.Null(Assert.Single(announcements, announcement => announcement.Channel == way).Person);
    }

    [Fact]
    public void Somebody_without_a_way_is_not_told()
    {
        var plan = Plan with { People = [.. Plan.People.Select(person => person with { Ways = [] })] };

        Assert.Equal("war-room (all)", Names(Announcements.Of(Opened(), Fold(), Fold(), plan)));
    }

    [Fact]
    public void No_channel_is_told_twice_of_one_event() => Assert.All(Enumerable.Range(2, Whole.Count - 2), i =>
    {
        var channels = Of(Whole[i].Event, i).Select(announcement => announcement.Channel).ToList();
        Assert.Equal(channels.Distinct(), channels);
    });

    [Theory]
    [InlineData(AlertReason.Opened, true)]
    [InlineData(AlertReason.Worsened, true)]
    [InlineData(AlertReason.DecisionNeeded, true)]
    [InlineData(AlertReason.Paused, false)]
    [InlineData(AlertReason.Contained, false)]
    [InlineData(AlertReason.Retracted, false)]
    [InlineData(AlertReason.Resolved, false)]
    public void Only_a_persons_own_alert_that_asks_for_an_answer_has_the_link(AlertReason reason, bool asks)
    {
        Assert.Equal(asks, Write(new("ada-pager", "ada", reason)).Acknowledge is not null);
        Assert.Null(Write(new("war-room", null, reason)).Acknowledge);
    }

    [Fact]
    public void An_alert_says_what_happened_and_what_to_do()
    {
        var alert = Write(new("ada-pager", "ada", AlertReason.Opened));

        Assert.Equal("Flash-loan attack", alert.Title);
        Assert.Equal("Flash-loan attack (confidence 0.95): a loan of 5,000,000 dUSD moved the price by 40 %",
            alert.Threat);
        Assert.Equal("about 125,001 USD lost so far", alert.Impact);
        Assert.Equal(["market", $"transaction {Hash(1)}", $"transaction {Hash(2)}"], alert.Affected);
        Assert.Equal("Acknowledge, then step 1 of 'Pause the markets': Look at the transactions", alert.DoNow);
        Assert.Equal("Ada Commander (commander)", alert.Lead);
        Assert.Equal("7:head", alert.LogHead);
        Assert.Equal(At(0), alert.DetectedAt);
        Assert.False(alert.Exercise);
    }

    [Fact]
    public void A_pause_alone_is_not_called_contained() => Assert.Contains(
        "PAUSED, NOT YET CONTAINED",
        Write(new("war-room", null, AlertReason.Paused), Fold(Until<IncidentEvent.OutflowSeen>())[First]!).Title,
        StringComparison.Ordinal);

    private static IncidentEvent.AlertFailed Failed(string channel) =>
        new(First, $"INC-1/3/{channel}", channel, AlertReason.Opened, "the receiver answered 410");

    private static void AssertPauseDoesNotHold(IncidentEvent end, Incident before)
    {
        var after = before.Apply(end, At(130));
        var told = Announcements.Of(end, before, after, Plan);
        Assert.Equal(Everyone, Names(told));
        Assert.All(told, announcement => Assert.Equal(AlertReason.Worsened, announcement.Reason));
        var words = end is IncidentEvent.PauseEnded { Why: PauseEnd.Lifted } ? "the pause was lifted"
            : "THE PAUSE DOES NOT HOLD";
        Assert.EndsWith(words, Write(told[0], after).Title, StringComparison.Ordinal);
    }

    private static IReadOnlyList<Announcement> Of(LogEvent happened, int index)
    {
        var before = Fold(Whole.Take(index));
        var after = before.Apply(happened, At(Whole[index].At));
        return Announcements.Of(happened, before[First] ?? after[First]!, after[First]!, Plan);
    }

    private static Alert Write(Announcement announcement, Incident? incident = null) =>
        Announcements.Write(announcement, "key", incident ?? Fold(), Plan, Links, "7:head", At(15));

    private static Tocsin.Plans.Plan WithWays(string ada, string ben) => Plan with
    {
        People = [Plan.People[0] with { Ways = [ada] }, Plan.People[1] with { Ways = [ben] }, .. Plan.People.Skip(2)],
    };

    private static string Names(IEnumerable<Announcement> announcements) =>
        string.Join(", ",
            announcements.Select(announcement => $"{announcement.Channel} ({announcement.Person ?? "all"})"));
}
