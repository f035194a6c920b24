using Tocsin.Audit;
using Tocsin.Autonomy;
using Tocsin.Chains;
using Tocsin.Communications;
using Tocsin.Deadlines;
using Tocsin.Decisions;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Paging;
using Tocsin.People;
using Tocsin.Plans;
using Tocsin.Reachability;
using Tocsin.Reports;
using Tocsin.Silences;
using Tocsin.Tests.Plans;

namespace Tocsin.Tests.Incidents;

/// <summary>An attack, told as findings and events. Instants are seconds after noon.</summary>
internal static class Story
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly IncidentId First = new(1);
    public static readonly Address Attacker = Address.Parse("0x000000000000000000000000000000000000bad1");
    public static readonly Address OtherAttacker = Address.Parse("0x000000000000000000000000000000000000bad2");

    public static Plan Plan => MinimalPlan.Plan;

    public static EmergencyDecision Decision { get; } = new(
        Hash(0xd0), false, Plan.DecisionsHash, Plan.Actions[0].Calls.Select(call => call.Call).ToValueList(), At(1800));

    public static DateTimeOffset At(double seconds) => Noon.AddSeconds(seconds);

    public static Hash32 Hash(byte number)
    {
        var bytes = new byte[Hash32.ByteCount];
        bytes[^1] = number;
        return new Hash32(bytes);
    }

    public static BlockRef Block(int number) => new((ulong)number, Hash((byte)number));

    public static Finding Finding(
        string id = "attack",
        int revision = 1,
        FindingStatus status = FindingStatus.Seen,
        Severity severity = Severity.Critical,
        decimal confidence = 0.95m,
        Address? by = null,
        double at = 0,
        Threat threat = Threat.FlashLoanAttack,
        string reason = "a loan of 5,000,000 dUSD moved the price by 40 %") => new(
        new FindingId(id), revision, status, At(at), new ChainId(31337), Block(100), [Hash(1), Hash(2)], threat,
            severity,
        confidence, "market", [by ?? Attacker], 125_000.5m,
        [
            new Indicator("large_loan", Block(100), At(at), Hash(1), by ?? Attacker, "market", 5_000_000m, 1_000_000m,
                0.9m, "a large loan"),
            new Indicator("price_deviation", Block(101), At(at + 12), Hash(2), by ?? Attacker, "DEMO", 0.4m, 0.1m,
                0.8m, "the price jumped"),
        ],
        "flash-loan", reason);

    public static FindingRecorded Recorded(Finding finding, IncidentId? incident) =>
        new(finding, finding.Time, incident);

    public static IncidentEvent.Opened Opened(Severity severity = Severity.Critical, bool exercise = false) => new(
        First, new FindingId("attack"), Plan.ContentHash, "flash-loan", "pause-markets", severity, exercise);

    public static IncidentEvent.DecisionProposed Proposed(EmergencyDecision? decision = null) =>
        new(First, "emergency-pause", decision ?? Decision, ["market", "vault"]);

    public static Approval Approval(Address signer, double at) =>
        new(Decision.Id, signer, "0x" + new string('1', 130), At(at));

    public static Impact Impact { get; } = new(125_000m, 3_875_000m, 42, 2, Block(116),
        "From the transfers of two transactions.");

    /// <summary>A whole incident: from the first block to the resolution, each event with its instant.</summary>
    public static IReadOnlyList<(double At, LogEvent Event)> Whole { get; } =
    [
        (0, new PlanAdopted(Plan.ContentHash, [new PlanFile("plan.yaml", "name: Example Markets\n")])),
        (14, Recorded(Finding(), First)),
        (14, Opened()),
        (14.5, new IncidentEvent.AlertDelivered(First, "INC-1/3/war-room", "war-room", AlertReason.Opened, 1, 480)),
        (15, new IncidentEvent.AlertFailed(First, "INC-1/3/ada-pager", "ada-pager", AlertReason.Opened,
            "the receiver answered 410")),
        (16, Proposed()),
        (17, new IncidentEvent.CallSimulated(First, Decision.Id, 0, false, "the node does not answer")),
        (20, new IncidentEvent.CallSimulated(First, Decision.Id, 0, true,
            "it would succeed now and use about 51000 gas")),
        (21, new IncidentEvent.CallSimulated(First, Decision.Id, 1, true,
            "it would succeed now and use about 51000 gas", ["pauses vault (vault)", "nothing else changes"])),
        (60, new IncidentEvent.Acknowledged(First, "ada", "link")),
        (70, new IncidentEvent.ApprovalRefused(First, Decision.Id, MinimalPlan.Stranger.Address,
            ApprovalRefusal.NotAnApprover, "no")),
        (80, new IncidentEvent.ApprovalAccepted(First, Approval(MinimalPlan.Commander.Address, 80), "ada")),
        (90, new IncidentEvent.ApprovalAccepted(First, Approval(MinimalPlan.Engineer.Address, 90), "ben")),
        (90, new IncidentEvent.DecisionTaken(First, Decision.Id)),
        (91, new IncidentEvent.SigningRefused(First, Decision.Id, 0, "the key's holder did not answer",
            RefusedBy.Signer)),
        (95, new IncidentEvent.CallSigned(First, Decision.Id, 0, 7, Hash(0x71), "0x02")),
        (95, new IncidentEvent.CallSigned(First, Decision.Id, 1, 8, Hash(0x72), "0x03")),
        (96, new IncidentEvent.CallBroadcast(First, Decision.Id, 0, Hash(0x71))),
        (96, new IncidentEvent.CallBroadcast(First, Decision.Id, 1, Hash(0x72))),
        (97, new IncidentEvent.SendingHindered(First, Decision.Id, 1, Hindrance.RelayFailed, "it answered 503")),
        (98, new IncidentEvent.CallReplaced(
            First, Decision.Id, 1, 8, Hash(0x73), "0x04", 45_000_000_000, 2_250_000_000)),
        (99, new IncidentEvent.CallBroadcast(First, Decision.Id, 1, Hash(0x73), 108)),
        (108, new IncidentEvent.CallIncluded(First, Decision.Id, 0, Hash(0x71), Block(109), true)),
        (109, new IncidentEvent.CallOrphaned(First, Decision.Id, 0, Block(109))),
        (110, new IncidentEvent.CallBroadcast(First, Decision.Id, 0, Hash(0x71))),
        (120, new IncidentEvent.CallIncluded(First, Decision.Id, 0, Hash(0x71), Block(110), true)),
        (120, new IncidentEvent.CallIncluded(First, Decision.Id, 1, Hash(0x72), Block(110), true)),
        (121, new IncidentEvent.ScopePaused(First, Decision.Id, 0, "market", At(86_520), Block(110))),
        (122, new IncidentEvent.ScopePaused(First, Decision.Id, 1, "vault", At(86_520), Block(110))),
        (132, new IncidentEvent.OutflowSeen(First, Block(111), Hash(3), "vault", "DEMO", 1_200m)),
        (190, new IncidentEvent.Contained(First, Block(116), 5)),
        (200, new IncidentEvent.ImpactAssessed(First, Impact)),
        (300, new IncidentEvent.StepDone(First, "look", "ben", "two transactions, one attacker")),
        (310, new IncidentEvent.NoteAdded(First, "ada", "users were told")),
        (320, Recorded(Finding(revision: 2, status: FindingStatus.Confirmed), First)),
        (330, new IncidentEvent.SeverityChanged(First, Severity.High, "the loss is bounded")),
        (340, new IncidentEvent.DecisionRequested(First, "ada")),
        (890, new IncidentEvent.CallSettled(First, Decision.Id, 0, Block(174))),
        (890, new IncidentEvent.CallSettled(First, Decision.Id, 1, Block(174))),
        (3000, new IncidentEvent.PauseEnded(First, Decision.Id, 0, PauseEnd.Lifted, Block(250))),
        (3000, new IncidentEvent.PauseEnded(First, Decision.Id, 1, PauseEnd.Lifted, Block(250))),
        (3100, new IncidentEvent.EvidenceChecked(First, Block(100), false, "only the node 'main' knows block 100")),
        (3110, new IncidentEvent.EvidenceChecked(First, Block(100), true, "'main' and 'backup' agree on block 100")),
        (3120, new IncidentEvent.PauseNearsEnd(First, new PauseWarning(50, At(86_520)))),
        (3130, new IncidentEvent.PersonStruck(First, "cem", "Cem Deputy", [MinimalPlan.Deputy.Address], "Ada Commander",
            "key seen elsewhere")),
        (3140, new IncidentEvent.ActionHeldBack(First, "pause-all", Stage.Narrow, "nobody has approved it ahead")),
        (3150, new IncidentEvent.OwnersAsked(First, Decision.Id, 0, MinimalPlan.Auditor.Address, 4, Hash(0x5a), 1,
            [MinimalPlan.Commander.Address, MinimalPlan.Deputy.Address])),
        (3160, new IncidentEvent.OwnerRefused(First, Decision.Id, 0, MinimalPlan.Stranger.Address,
            OwnerRefusal.NotAnOwner)),
        (3170, new IncidentEvent.OwnerSigned(First, Decision.Id, 0, MinimalPlan.Commander.Address,
            "0x" + new string('3', 130), "Ada Commander")),
        (3180, new IncidentEvent.HookAsked(First, "maintenance-page", "Ada Commander")),
        (3181, new IncidentEvent.HookFailed(First, "maintenance-page", 1, "it answered 503, not 204")),
        (3184, new IncidentEvent.HookSent(First, "maintenance-page", 204)),
        (3186, new IncidentEvent.AlertAccepted(
            First, "INC-1/3/ben-sms", "ben-sms", AlertReason.Opened, 1, "SM1")),
        (3187, new IncidentEvent.AlertDelayed(
            First, "INC-1/3/cem-pager", "cem-pager", AlertReason.Opened, "it answered 503", At(3210))),
        (3190, new PageEvent.LevelBegan(First, 0, 0, 0, ["Ada Commander", "Ben Engineer"])),
        (3191, new PageEvent.Paged(First, "Ben Engineer", "ben-pager", 0, PagePurpose.Respond, "Ada Commander")),
        (3192, new PageEvent.Answered(First, "Ben Engineer", PageAnswer.AbleToSign, "personal link")),
        (3193, new PageEvent.NobodyAnswered(First, 0, ["Cem Deputy"])),
        (3194, new DeadlineEvent.Neared(First, "acknowledge", "Ada Commander (commander)", At(3300))),
        (3195, new DeadlineEvent.Missed(First, "acknowledge", "Ada Commander (commander)", At(3300))),
        (3200, new CommandEvent.OpenedByPerson(First, "Ada Commander", "users write that the pool is empty")),
        (3210, new CommandEvent.RoleGiven(First, "scribe", "Ben Engineer", "Ada Commander", "")),
        (3220, new CommandEvent.Assessed(First, "Ben Engineer", "a flash loan moved the price of the pool")),
        (3230, new CommandEvent.Rated(First, Severity.Critical, "Ada Commander", "a second pool is hit")),
        (3240, new CommandEvent.Reclassified(First, "flash-loan", "pause-markets", "Ada Commander", "it is the loan")),
        (3245, new CommandEvent.DecisionSetAside(First, "emergency-pause", "Ada Commander", "it is the loan")),
        (3250, new CommandEvent.Deviated(First, "look", "Ben Engineer", "the explorer is down")),
        (3251, new LedgerEvent.DecisionOpened(First, "1", "emergency-pause", "Ada Commander", "it goes on", At(6851))),
        (3251, new LedgerEvent.Reviewed(First, "1", "Cem Deputy", "the right desk")),
        (3251, new LedgerEvent.ApprovalGiven(First, "1", "Ada Commander")),
        (3251, new LedgerEvent.Attested(First, "1", "Ben Engineer", "Dee Auditor", "phone", "yes")),
        (3251, new LedgerEvent.ApprovalGiven(First, "1", "Ben Engineer", ["Ada Commander", "Dee Auditor"])),
        (3251, new LedgerEvent.Taken(First, "1")),
        (3251, new LedgerEvent.Executed(First, "1", "Ben Engineer", "they have stopped it", Hash(0x77))),
        (3251, new LedgerEvent.DecisionOpened(First, "2", "call-the-exchange", null, "nobody was reached", At(6851))),
        (3251, new LedgerEvent.SubstitutePrepared(First, "1", "tell-the-board", "emergency-pause")),
        (3251, new LedgerEvent.Declined(First, "2", "Ben Engineer", "not ours")),
        (3251, new LedgerEvent.Refused(First, "2")),
        (3251, new LedgerEvent.DecisionOpened(First, "3", "call-the-exchange", "Ben Engineer", "", At(3251))),
        (3251, new LedgerEvent.Expired(First, "3")),
        (3251, new LedgerEvent.ActedFirst(
            First, "4", "emergency-pause", "Ben Engineer", "there was no time", At(6851))),
        (3251, new LedgerEvent.Unratified(
            First, "4", "emergency-pause", "Ben Engineer", "nobody ratified it in time")),
        (3251, new LedgerEvent.Ratified(First, "4")),
        (3252, new UpdateEvent.Drafted(
            First, "users", 1, "We are looking into it.", "status", true, "commander", At(7200), "Ben Engineer")),
        (3254, new UpdateEvent.Withdrawn(First, "users", 1, "Ada Commander", "it names the pool")),
        (3256, new UpdateEvent.Drafted(
            First, "users", 2, "We are looking.", "status", true, "commander", At(7200), "Ben Engineer")),
        (3257, new UpdateEvent.Approved(First, "users", 2, "Ada Commander")),
        (3258, new UpdateEvent.Skipped(First, "users", 3, "Ben Engineer", "nothing is new")),
        (3258, new RoomEvent.Made(First, "war-room", "C0NEW00002", new Uri("https://slack.example/C0NEW00002"))),
        (3258, new RoomEvent.Invited(First, "war-room", "C0NEW00002", "Ada Commander")),
        (3258, new RoomEvent.Closed(First, "war-room", "C0NEW00002")),
        (3259, new RecordEvent.AddressMarked(
            First, new ChainId(31337), Attacker, AddressStatus.Attacker, "it took the loan", "Ben Engineer")),
        (3259, new RecordEvent.FundsMoved(
            First, new ChainId(31337), Attacker, OtherAttacker, Hash(9), "DEMO", 1200.5m, FundsKind.Passed,
            FundsRecovery.Requested, "the exchange was called", "Ben Engineer")),
        (3259, new RecordEvent.TransactionNoted(
            First, new ChainId(31337), Hash(9), "it splits the loot", "Ben Engineer")),
        (3260, new CommandEvent.DeclaredFalse(First, "Ada Commander", "our own rebalancing")),
        (3270, new CommandEvent.Reopened(First, "Ada Commander", "it goes on")),
        (3280, new SilenceEvent.Withheld(
            First, "spare-room", null, AlertReason.Reopened, 1, "ben", "the chat is moved", At(3290))),
        (3290, new SilenceEvent.Lifted(First, 1)),
        (3295, new ChannelJudged(First, "slack", ["spare-room"], "Ada Commander", "a stranger wrote there", false)),
        (3600, new IncidentEvent.Resolved(First, "ada", "markets are open again")),
        (3610, Recorded(Finding("same-hands"), First)),
        (3611, new CommandEvent.SplitOff(
            First, [new FindingId("same-hands")], new IncidentId(2), "Ada Commander", "other hands")),
        (3620, new CommandEvent.PhaseReached(
            First, IncidentPhase.Reviewed, "Ada Commander", "we bound the price to a second source")),
        (3630, new CommandEvent.MergedInto(First, new IncidentId(2), "Ada Commander", "one attack")),
        (3640, new CommandEvent.RoleOffered(
            First, "commander", "Cem Deputy", RoleDuties.Tocsin, "Ada Commander", "primary")),
        (3640, new PlanProposed(1, Plan.ContentHash, [
            new PlanChange("plan.yaml", "name: Example Markets\n", "name: Example Markets One\n"),
            new PlanChange("procedures/restore.md", null, "---\ntitle: Restore\n---\n"),
        ], "ben", "the name has changed")),
        (3650, new PlanSettled(1, true, "ada", "read line by line")),
        (3652, new OperationAnnounced("vault-2", At(7200), At(10_800), Plan.Protected.Assets[0].Address,
            Plan.Protected.Contracts[0].Address, [Hash(0xca)], "ben", "the audited version")),
        (3654, new OperationWithdrawn("vault-2", "ada", "the audit is not over")),
        (3655, new SilenceProposed(
            1, "flash-loan", Severity.Elevated, "spare-room", At(7200), "ben", "the chat is moved")),
        (3656, new SilenceConfirmed(1, "ada")),
        (3657, new SilenceEnded(1, "cem", "it was moved")),
        (3658, new ChannelDistrusted("slack", ["spare-room"], "Ada Commander", "a stranger wrote there")),
        (3659, new ChannelTrusted("slack", ["spare-room"], "Ada Commander", "it has a new administrator")),
        (3660, new HeadCountersigned(new LogHead(41, Hash(0x41)), At(3660), "0x" + new string('2', 130))),
        (3700, new PersonRevoked("dee", "Dee Auditor", [MinimalPlan.Auditor.Address], "Ada Commander", "phone stolen")),
        (3800, new PersonRestored("dee", "Dee Auditor", "Ada Commander", "a new phone and a new wallet")),
        (3850, new CanaryEvent.Sent(new CanaryId(1), "war-room", null, Severity.Routine, null)),
        (3851, new CanaryEvent.Arrived(new CanaryId(1), 1, 480)),
        (3852, new CanaryEvent.Sent(new CanaryId(2), "ada-pager", "ada", Severity.Critical, "ben")),
        (3853, new CanaryEvent.Accepted(new CanaryId(2), "SM2", false)),
        (3854, new CanaryEvent.Confirmed(new CanaryId(2), "ada", "personal link")),
        (3855, new CanaryEvent.Sent(new CanaryId(3), "ben-sms", "ben", Severity.Routine, null)),
        (3856, new CanaryEvent.Lost(new CanaryId(3), "the receiver answered 410")),
        (3900, new ActionAuthorised("pause-all", Decision, Approval(MinimalPlan.Commander.Address, 3900),
            "Ada Commander")),
        (3910, new AuthorisationWithdrawn("pause-all", Decision.Id, "Ben Engineer", "a drill is coming")),
    ];

    /// <summary>What was proposed is taken at an instant, and both scopes are paused from then on.</summary>
    public static IReadOnlyList<IncidentEvent> PausedAt(DateTimeOffset now, DateTimeOffset until) =>
    [
        new IncidentEvent.CallSimulated(First, Decision.Id, 0, true, "it would succeed now"),
        new IncidentEvent.CallSimulated(First, Decision.Id, 1, true, "it would succeed now"),
        new IncidentEvent.ApprovalAccepted(
            First, Approval(MinimalPlan.Commander.Address, 0) with { ReceivedAt = now }, "ada"),
        new IncidentEvent.ApprovalAccepted(
            First, Approval(MinimalPlan.Engineer.Address, 0) with { ReceivedAt = now }, "ben"),
        new IncidentEvent.DecisionTaken(First, Decision.Id),
        new IncidentEvent.CallSigned(First, Decision.Id, 0, 7, Hash(0x71), "0x02"),
        new IncidentEvent.CallSigned(First, Decision.Id, 1, 8, Hash(0x72), "0x03"),
        new IncidentEvent.CallBroadcast(First, Decision.Id, 0, Hash(0x71)),
        new IncidentEvent.CallBroadcast(First, Decision.Id, 1, Hash(0x72)),
        new IncidentEvent.CallIncluded(First, Decision.Id, 0, Hash(0x71), Block(110), true),
        new IncidentEvent.CallIncluded(First, Decision.Id, 1, Hash(0x72), Block(110), true),
        new IncidentEvent.ScopePaused(First, Decision.Id, 0, "market", until, Block(110)),
        new IncidentEvent.ScopePaused(First, Decision.Id, 1, "vault", until, Block(110)),
    ];

    /// <summary>The whole story's beginning, up to but not including the first event that fits.</summary>
    public static IEnumerable<(double At, LogEvent Event)> Until<T>()
        where T : LogEvent => Whole.TakeWhile(step => step.Event is not T);

    public static IncidentBook Fold(IEnumerable<(double At, LogEvent Event)> events, IncidentBook? from = null) =>
        events.Aggregate(from ?? IncidentBook.Empty, (book, step) => book.Apply(step.Event, At(step.At)));

    public static Incident Fold(params (double At, LogEvent Event)[] more) =>
        Fold(Whole.Take(3).Concat(more))[First]!;

    public static IReadOnlyList<Happened> Timeline(IEnumerable<(double At, LogEvent Event)> events) =>
        [.. events.Select((step, i) => new Happened(i + 1, At(step.At), step.Event))
            .Where(h => h.Event is not (PlanAdopted or PlanProposed or PlanSettled or HeadCountersigned
                or OperationAnnounced or OperationWithdrawn or SilenceProposed or SilenceConfirmed or SilenceEnded
                or ChannelDistrusted or ChannelTrusted or CanaryEvent or PersonRevoked or PersonRestored
                or ActionAuthorised or AuthorisationWithdrawn))];
}
