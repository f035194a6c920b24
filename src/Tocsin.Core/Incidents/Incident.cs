using Tocsin.Autonomy;
using Tocsin.Chains;
using Tocsin.Communications;
using Tocsin.Deadlines;
using Tocsin.Decisions;
using Tocsin.Findings;
using Tocsin.Paging;
using Tocsin.People;
using Tocsin.Reports;
using Tocsin.Silences;

namespace Tocsin.Incidents;

/// <summary>How far the response is.</summary>
public enum IncidentPhase
{
    Detected,
    Triaged,
    Paused,
    Contained,

    /// <summary>Nothing that attacked is left in, as people say.</summary>
    Eradicated,

    /// <summary>All runs again, as people say.</summary>
    Recovered,
    Resolved,

    /// <summary>It was looked back on.</summary>
    Reviewed,
    FalseAlarm,

    /// <summary>It goes on in another incident.</summary>
    Merged,
}

/// <summary>
/// One incident as its events say it is. Immutable; <see cref="Apply"/> is its whole memory, so a restart that folds
/// the log again knows all that was known before.
/// </summary>
/// <param name="Plan">Content hash of the plan in force when it opened.</param>
/// <param name="FirstSeenAt">Time of the first block that showed the attack.</param>
/// <param name="SeveritySince">When it got its present severity: the time to answer counts from there.</param>
public sealed record Incident(
    IncidentId Id,
    Hash32 Plan,
    bool Exercise,
    string Issue,
    string Procedure,
    Severity Severity,
    DateTimeOffset OpenedAt,
    DateTimeOffset FirstSeenAt,
    ValueList<Finding> Findings,
    ValueList<Acknowledgement> Acknowledgements,
    ValueList<Delivery> Deliveries,
    DecisionProgress? Decision,
    ValueList<Outflow> Outflows,
    ContainedSince? Contained,
    Impact? Impact,
    ValueList<StepResult> Steps,
    DateTimeOffset? ResolvedAt,
    DateTimeOffset SeveritySince,
    bool IsDecisionRequested,
    EvidenceCheck? Evidence = null,
    PauseWarning? PauseWarning = null)
{
    /// <summary>Who was revoked while it was open, in order.</summary>
    public ValueList<StruckPerson> Struck { get; init; } = [];

    /// <summary>When a decision was taken by itself, here or in what it was split off or merged from; null where none
    /// was.</summary>
    public DateTimeOffset? ActedByItselfAt { get; init; }

    /// <summary>Why the system last went less far by itself than the plan says; null where it never did.</summary>
    public HeldBack? HeldBack { get; init; }

    /// <summary>The hooks that the server was asked to send, each by the last time that it was.</summary>
    public ValueList<HookProgress> Hooks { get; init; } = [];

    /// <summary>Who was woken, and what they said.</summary>
    public PageProgress Pages { get; init; } = PageProgress.None;

    /// <summary>What was told of its deadlines, in order.</summary>
    public ValueList<DeadlineNotice> Notices { get; init; } = [];

    /// <summary>When a person last said or did something in it; at first when it opened.</summary>
    public DateTimeOffset LastWordAt { get; init; } = OpenedAt;

    /// <summary>What people decided about it.</summary>
    public CommandProgress Command { get; init; } = CommandProgress.None;

    /// <summary>What was told of it to others.</summary>
    public UpdateProgress Updates { get; init; } = UpdateProgress.None;

    /// <summary>Its rooms in the chat.</summary>
    public RoomProgress Rooms { get; init; } = RoomProgress.None;

    /// <summary>What people found out about where funds went.</summary>
    public RecordProgress Records { get; init; } = RecordProgress.None;

    /// <summary>What people decided that no signer carries out, and what they said of any decision.</summary>
    public LedgerProgress Ledger { get; init; } = LedgerProgress.None;

    /// <summary>Since when an answer is asked for: it opened then, the last time.</summary>
    public DateTimeOffset AskedSince { get; init; } = OpenedAt;

    /// <summary>How many had acknowledged before that. Not by the instant: a clock may be set back.</summary>
    public int FormerAnswers { get; init; }

    /// <summary>Who has acknowledged since it was opened the last time, and did not say later that they cannot
    /// help.</summary>
    public IEnumerable<Acknowledgement> Answers => Acknowledgements.Skip(FormerAnswers)
        .Where(one => Pages.AnswerOf(one.Person) is not { Answer: PageAnswer.Unable });

    /// <summary>When it was first paused at its present severity; null where it never was. What is paused in time and
    /// ends by itself was in time.</summary>
    public DateTimeOffset? FirstPausedAt { get; init; }

    /// <summary>The decision that was over when it was opened again; null where there was none.</summary>
    public DecisionProgress? FormerDecision { get; init; }

    /// <summary>Every decision of calls before the present one, in order.</summary>
    public ValueList<DecisionProgress> PastDecisions { get; init; } = [];

    /// <summary>What receivers took over and have yet to bring to a person, or have brought since.</summary>
    public ValueList<AcceptedAlert> AcceptedAlerts { get; init; } = [];

    /// <summary>The keys of alerts for which the next way was taken while they are tried again.</summary>
    public ValueList<string> DelayedAlerts { get; init; } = [];

    /// <summary>What is kept back of it by silences.</summary>
    public SilenceProgress Silenced { get; init; } = SilenceProgress.None;

    /// <summary>The channels of which people heard in it last that they may be in wrong hands, or are ours again.
    /// </summary>
    public ChannelJudged? Judged { get; init; }

    /// <summary>Channels whose last word was that an alert did not arrive.</summary>
    public ValueList<string> Troubled { get; init; } = [];

    /// <summary>The worst that it ever had: nobody rates what they do into a silence.</summary>
    public Severity WorstSeverity { get; init; } = Severity;

    /// <summary>Since when the present decision is asked for: one that expired and was proposed anew, since it was
    /// first. Null where nobody was asked.</summary>
    public DateTimeOffset? DecisionAskedAt { get; init; }

    /// <summary>Who asked for the procedure's decision; null where nobody had to.</summary>
    public string? DecisionRequestedBy { get; init; }

    /// <summary>When a decision was first taken since it was opened the last time; null where none was.</summary>
    public DateTimeOffset? FirstTakenAt { get; init; }

    public bool IsOpen => Phase is not (IncidentPhase.Resolved or IncidentPhase.Reviewed or IncidentPhase.FalseAlarm
        or IncidentPhase.Merged);

    /// <summary>True where it was none: people say so, or all that it stood on was taken back.</summary>
    public bool IsFalse =>
        Command.DeclaredFalse is not null || Findings.All(finding => finding.Status == FindingStatus.Retracted);

    public bool IsPaused =>
        Decision is { } decision && decision.Calls.Any(call => call.IsPause)
        && decision.Calls.All(call => !call.IsPause || call.PausedUntil is not null);

    /// <summary>True where some of what was paused still is, and some is not.</summary>
    public bool IsHeldInPart => !IsPaused && Decision is { } decision
        && decision.Calls.Any(call => call.PausedUntil is not null)
        && decision.Calls.Any(call => call.Ended is not null);

    public IncidentPhase Phase
    {
        get
        {
            if (Command.Merged is not null)
                return IncidentPhase.Merged;
            if (ResolvedAt is not null)
                return Command.Reached is [.., { Phase: IncidentPhase.Reviewed }]
                    ? IncidentPhase.Reviewed
                    : IncidentPhase.Resolved;
            if (IsFalse)
                return IncidentPhase.FalseAlarm;
            if (Command.Reached is [.., var reached])
                return reached.Phase;
            if (Contained is not null)
                return IncidentPhase.Contained;
            if (IsPaused)
                return IncidentPhase.Paused;
            return Answers.Any() ? IncidentPhase.Triaged : IncidentPhase.Detected;
        }
    }

    /// <summary>True where all that is bad enough to have opened it was true and is true no more. People look at what
    /// it did, then resolve it; nobody else does.</summary>
    public bool IsOver =>
        Findings.Any(finding => finding.Status == FindingStatus.Over) && !Findings.Any(Lasts);

    /// <summary>The finding that says most: what is bad and lasts before what is over, then worst severity, then
    /// highest confidence, then of what is over the last to end.</summary>
    public Finding Main => Findings
        .OrderBy(finding => finding.Status == FindingStatus.Retracted)
        .ThenBy(finding => !Lasts(finding))
        .ThenBy(finding => finding.Severity)
        .ThenByDescending(finding => finding.Confidence)
        .ThenByDescending(finding => finding.Status == FindingStatus.Over ? finding.Time : default)
        .First();

    /// <summary>Every transaction of the attack that still stands, in chain order.</summary>
    public ValueList<Hash32> AttackTransactions => Findings
        .Where(finding => finding.Status != FindingStatus.Retracted && finding.Severity.IsAtLeast(Severity.High))
        .SelectMany(finding => finding.Transactions)
        .Distinct()
        .ToValueList();

    public ValueList<Address> Attackers => Findings
        .Where(finding => finding.Status != FindingStatus.Retracted)
        .SelectMany(finding => finding.Addresses)
        .Distinct()
        .ToValueList();

    /// <summary>
    /// The state that <paramref name="opened"/> begins, with the finding that was recorded just before it.
    /// </summary>
    public static Incident Open(IncidentEvent.Opened opened, Finding finding, DateTimeOffset at) => new(
        opened.Incident, opened.Plan, opened.Exercise, opened.Issue, opened.Procedure, opened.Severity, at,
        FirstBlockTime(finding), [finding], [], [], null, [], null, null, [], null, at, false);

    /// <summary>The state after one more event of this incident.</summary>
    /// <exception cref="InvalidOperationException">The event is of a kind that this version does not know.</exception>
    public Incident Apply(LogEvent happened, DateTimeOffset at)
    {
        var after = Fold(happened, at);
        if (Phases.IsTakenBackBy(happened, this))
            after = after with { Command = after.Command with { Reached = [] } };
        if (after.IsPaused && after.FirstPausedAt is null)
            after = after with { FirstPausedAt = at };
        if (happened is IncidentEvent.DecisionTaken && after.FirstTakenAt is null)
            after = after with { FirstTakenAt = at };
        return IsWord(happened) ? after with { LastWordAt = at } : after;
    }

    private static bool IsWord(LogEvent happened) => happened is IncidentEvent.Acknowledged or IncidentEvent.StepDone
        or IncidentEvent.NoteAdded or IncidentEvent.DecisionRequested or IncidentEvent.ApprovalAccepted
        or IncidentEvent.OwnerSigned or IncidentEvent.HookAsked { Person: not null } or PageEvent.Answered
        or UpdateEvent or RecordEvent or LedgerEvent.OfPerson or LedgerEvent.DecisionOpened { By: not null }
        || happened is CommandEvent and not (CommandEvent.RoleGiven { IsByPlan: true } or CommandEvent.RoleOffered);

    private Incident Fold(LogEvent happened, DateTimeOffset at) => happened switch
    {
        FindingRecorded recorded => With(recorded.Finding),
        IncidentEvent.Opened => throw new InvalidOperationException($"{Id} is open already"),
        // What did not take the lesser alerts is a way again for the worse.
        IncidentEvent.SeverityChanged changed => this with
        {
            Severity = changed.Severity,
            SeveritySince = at,
            WorstSeverity = changed.Severity < WorstSeverity ? changed.Severity : WorstSeverity,
            Troubled = changed.Severity < Severity ? [] : Troubled,
        },
        IncidentEvent.Acknowledged ack =>
            this with { Acknowledgements = Acknowledgements.Add(new(ack.Person, ack.Way, at)) },
        IncidentEvent.AlertDelivered or IncidentEvent.AlertAccepted or IncidentEvent.AlertDelayed
            or IncidentEvent.AlertFailed => WithAlert((IncidentEvent)happened, at),
        IncidentEvent.DecisionProposed proposed => this with
        {
            Decision = DecisionProgress.Begin(proposed, at),
            PastDecisions = Past(proposed, at),
            DecisionAskedAt = proposed.ByItself is not null ? null
                : Decision is { TakenAt: null } former && former.Rule == proposed.Rule ? DecisionAskedAt ?? at
                : at,
            ActedByItselfAt = proposed.ByItself is null ? ActedByItselfAt : at,
        },
        IncidentEvent.ActionHeldBack held =>
            this with { HeldBack = new(held.Action, held.Stage, held.Reason, at) },
        IncidentEvent.OutflowSeen seen => this with
        {
            Outflows = Outflows.Add(new(seen.Block, seen.Transaction, seen.Contract, seen.Asset, seen.Usd)),
            Contained = null,
        },
        IncidentEvent.Contained contained => this with { Contained = new(contained.Block, contained.QuietBlocks, at) },
        IncidentEvent.ImpactAssessed assessed => this with { Impact = assessed.Impact },
        IncidentEvent.StepDone done => this with { Steps = Steps.Add(new(done.Step, done.Person, done.Result, at)) },
        IncidentEvent.NoteAdded => this,
        IncidentEvent.EvidenceChecked check =>
            this with { Evidence = new(check.Block, check.Agreed, check.Words, at) },
        IncidentEvent.ApprovalRefused when Decision is null => this,
        IncidentEvent.Resolved => this with { ResolvedAt = at },
        IncidentEvent.PauseNearsEnd near => this with { PauseWarning = near.Warning },
        IncidentEvent.PersonStruck struck => this with
        {
            Struck = Struck.Add(new(struck.Person, struck.Name, struck.Wallets, struck.By, struck.Reason, at)),
            Decision = Decision?.Without(struck.Wallets),
            Updates = Updates.Without(struck.Name),
            Ledger = Ledger.Without(struck.Name),
            Hooks = Hooks.Select(hook =>
                hook.IsUnderWay && hook.AskedBy == struck.Name ? hook with { IsWithdrawn = true } : hook).ToValueList(),
        },
        IncidentEvent.DecisionRequested asked =>
            this with { IsDecisionRequested = true, DecisionRequestedBy = asked.Person },
        IncidentEvent.HookAsked or IncidentEvent.HookSent or IncidentEvent.HookFailed => WithHook(happened, at),
        SilenceEvent silence => this with { Silenced = Silenced.Apply(silence, at) },
        ChannelJudged judged => this with { Judged = judged },
        PageEvent page => this with { Pages = Pages.Apply(page, at, Acknowledgements.Count, FormerAnswers) },
        CommandEvent command => WithCommand(command, at),
        UpdateEvent update => this with { Updates = Updates.Apply(update, at) },
        RoomEvent room => this with { Rooms = Rooms.Apply(room, at) },
        RecordEvent record => this with { Records = Records.Apply(record, at) },
        LedgerEvent ledger => WithLedger(ledger, at),
        DeadlineEvent told => this with
        {
            Notices = Notices.Add(new(told.What, told.Due, told is DeadlineEvent.Missed, at)),
        },
        IncidentEvent.CallOrphaned or IncidentEvent.PauseEnded when Decision is not null =>
            this with { Decision = Decision.Apply((IncidentEvent)happened, at), Contained = null },
        // The rest concerns the decision alone; it throws on what it does not know.
        IncidentEvent other when Decision is not null => this with { Decision = Decision.Apply(other, at) },
        _ => throw new InvalidOperationException($"{Id} cannot take {happened.GetType().Name} now"),
    };

    private Incident WithAlert(IncidentEvent happened, DateTimeOffset at) => happened switch
    {
        IncidentEvent.AlertDelivered done => this with
        {
            Deliveries = Deliveries.Add(
                new(done.Key, done.Channel, done.Reason, done.Attempts, done.LatencyMs, at, null)
                {
                    Receipt = done.Receipt,
                }),
            Updates = Updates.Arrived(done.Update, null),
            Troubled = Except(Troubled, done.Channel),
        },
        IncidentEvent.AlertAccepted taken => this with
        {
            AcceptedAlerts = AcceptedAlerts.Add(
                new(taken.Key, taken.Channel, taken.Receipt, at) { Reason = taken.Reason }),
            Troubled = Except(Troubled, taken.Channel),
        },
        IncidentEvent.AlertDelayed delayed => this with
        {
            DelayedAlerts = DelayedAlerts.Add(delayed.Key),
            Troubled = Except(Troubled, delayed.Channel).Add(delayed.Channel),
        },
        IncidentEvent.AlertFailed failed => this with
        {
            Deliveries = Deliveries.Add(new(failed.Key, failed.Channel, failed.Reason, 0, 0, at, failed.Why)),
            Updates = Updates.Arrived(failed.Update, failed.Why),
            Troubled = Except(Troubled, failed.Channel).Add(failed.Channel),
        },
        _ => throw new InvalidOperationException($"{Id} cannot take {happened.GetType().Name} now"),
    };

    private static ValueList<string> Except(ValueList<string> channels, string channel) =>
        channels.Contains(channel) ? channels.Where(one => one != channel).ToValueList() : channels;

    /// <summary>How far the hook of an action is; null where the server was not asked to send it.</summary>
    public HookProgress? Hook(string action) => Hooks.FirstOrDefault(hook => hook.Action == action);

    // Made anew before anybody signed and before its time was over, it is the same one.
    private ValueList<DecisionProgress> Past(IncidentEvent.DecisionProposed proposed, DateTimeOffset at) =>
        Decision is null || (Decision.IsOnlyProposed && Decision.Decision.Id == proposed.Decision.Id
            && !Decision.HasEnded(at))
            ? PastDecisions
            : PastDecisions.Add(Decision);

    // Nothing of it touches the decision of calls.
    private Incident WithLedger(LedgerEvent happened, DateTimeOffset at) => this with
    {
        Ledger = Ledger.Apply(happened, at),
        Command = happened is LedgerEvent.Unratified late
            ? Command.Deviates(new($"decision '{late.Rule}'", late.By, late.Reason, at))
            : Command,
    };

    private Incident WithCommand(CommandEvent happened, DateTimeOffset at)
    {
        var after = this with { Command = Command.Apply(happened, at) };
        return happened switch
        {
            CommandEvent.Rated rated => after with
            {
                Severity = rated.Severity,
                SeveritySince = at,
                WorstSeverity = rated.Severity < WorstSeverity ? rated.Severity : WorstSeverity,
                Troubled = rated.Severity < Severity ? [] : Troubled,
            },
            // What was asked for was the decision of another procedure.
            CommandEvent.Reclassified other => after with
            {
                Issue = other.Issue,
                Procedure = other.Procedure,
                IsDecisionRequested = false,
            },
            CommandEvent.DecisionSetAside when Decision is { IsOnlyProposed: true } aside => after with
            {
                Decision = null,
                PastDecisions = PastDecisions.Add(aside with { SetAsideAt = at }),
                DecisionAskedAt = null,
                DecisionRequestedBy = null,
                IsDecisionRequested = false,
            },
            CommandEvent.Reopened => after.Begun(at),
            CommandEvent.SplitOff split => after.Without(split.Findings),
            _ => after,
        };
    }

    private Incident Without(ValueList<FindingId> gone)
    {
        var left = Findings.Where(finding => !gone.Contains(finding.Id)).ToValueList();
        return left.Count > 0
            ? this with { Findings = left }
            : throw new InvalidOperationException($"{Id} would be left without a finding");
    }

    // Whoever answered then may be asleep now, and a pause that was lifted stops nothing: a decision that is over is
    // asked for anew.
    private Incident Begun(DateTimeOffset at)
    {
        var isOver = Decision is { TakenAt: not null } decision && decision.Calls.All(call =>
            call.PausedUntil is null && (call.Included is not null || call.IsDead));
        return this with
        {
            ResolvedAt = null,
            Contained = null,
            Decision = isOver ? null : Decision,
            FormerDecision = isOver ? Decision : FormerDecision,
            PastDecisions = isOver ? PastDecisions.Add(Decision!) : PastDecisions,
            DecisionAskedAt = isOver ? null : DecisionAskedAt,
            DecisionRequestedBy = isOver ? null : DecisionRequestedBy,
            Ledger = Ledger.Begun(),
            IsDecisionRequested = !isOver && IsDecisionRequested,
            Pages = PageProgress.None,
            SeveritySince = at,
            AskedSince = at,
            FormerAnswers = Acknowledgements.Count,
            FirstPausedAt = null,
            FirstTakenAt = null,
        };
    }

    private Incident WithHook(LogEvent happened, DateTimeOffset at)
    {
        HookProgress Known(string action) => Hook(action) ?? new HookProgress(action, 0, null, at);
        var progress = happened switch
        {
            IncidentEvent.HookAsked asked =>
                new HookProgress(asked.Action, Known(asked.Action).Ask + 1, asked.Person, at),
            IncidentEvent.HookSent sent => Known(sent.Action) with { Status = sent.Status },
            IncidentEvent.HookFailed failed when Known(failed.Action) is var known =>
                known with { Failures = known.Failures.Add(new(failed.Reason, at)) },
            _ => throw new InvalidOperationException($"no hook can take {happened.GetType().Name}"),
        };
        return this with { Hooks = [.. Hooks.Where(hook => hook.Action != progress.Action), progress] };
    }

    private static bool Lasts(Finding finding) =>
        finding.Status is FindingStatus.Seen or FindingStatus.Confirmed && finding.Severity.IsAtLeast(Severity.High);

    private Incident With(Finding finding)
    {
        var findings = Findings.ToList();
        var known = findings.FindIndex(other => other.Id == finding.Id);
        if (known < 0)
            findings.Add(finding);
        else
            findings[known] = finding;
        return this with { Findings = findings.ToValueList() };
    }

    private static DateTimeOffset FirstBlockTime(Finding finding) =>
        finding.Indicators.Count == 0 ? finding.Time : finding.Indicators.Min(indicator => indicator.BlockTime);
}

/// <summary>Why an action was not taken, or not even proposed, by itself.</summary>
public sealed record HeldBack(string Action, Stage Stage, string Reason, DateTimeOffset At);

public sealed record Acknowledgement(string Person, string Way, DateTimeOffset At);

/// <param name="Failure">Null where the receiver has it.</param>
public sealed record Delivery(
    string Key, string Channel, AlertReason Reason, int Attempts, long LatencyMs, DateTimeOffset At, string? Failure)
{
    /// <summary>By which the receiver knows it; null where it did not say.</summary>
    public string? Receipt { get; init; }
}

/// <param name="Receipt">By which the receiver's later word on it is known.</param>
public sealed record AcceptedAlert(string Key, string Channel, string Receipt, DateTimeOffset At)
{
    public AlertReason Reason { get; init; }
}

public sealed record Outflow(BlockRef Block, Hash32 Transaction, string Contract, string Asset, decimal Usd);

public sealed record ContainedSince(BlockRef Block, int QuietBlocks, DateTimeOffset At);

/// <summary>What other nodes say of the block on which an incident stands.</summary>
public sealed record EvidenceCheck(BlockRef Block, bool Agreed, string Words, DateTimeOffset At);

public sealed record StepResult(string Step, string Person, string Result, DateTimeOffset At);
