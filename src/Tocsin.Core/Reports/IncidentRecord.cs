using Tocsin.Chains;
using Tocsin.Communications;
using Tocsin.Deadlines;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Paging;
using Tocsin.Plans;

namespace Tocsin.Reports;

/// <summary>
/// Everything that the log says of one incident, in one document: a pure function of its events and of the plan as it
/// was written. Whoever is revoked later stays in it. The names of the fields are kept (docs/evidence.md).
/// </summary>
/// <param name="AsOf">The instant of its last event: what is open in it was open then.</param>
/// <param name="Addresses">The accounts that its findings hold to act against us.</param>
/// <param name="Traced">Where funds went, as people found out: addresses, funds, transactions.</param>
/// <param name="Phases">Those that people said are reached, without what was taken back since.</param>
/// <param name="Levels">Which level of which escalation called whom.</param>
/// <param name="Reminders">What was told of deadlines.</param>
/// <param name="Decisions">Every decision of calls that was proposed, in order.</param>
/// <param name="Ledger">Every decision, of calls and of people, with each word that was said of it.</param>
/// <param name="Alerts">What became of each alert; one that is still to be sent is not in it.</param>
public sealed record IncidentRecord(
    int Version,
    IncidentId Incident,
    bool Exercise,
    DateTimeOffset AsOf,
    RecordedPlan Plan,
    RecordedFacts Facts,
    ValueList<RecordedFinding> Findings,
    ValueList<NamedTransaction> Transactions,
    ValueList<NamedAddress> Addresses,
    ValueList<Outflow> Outflows,
    RecordProgress Traced,
    ValueList<RecordedPerson> People,
    ValueList<RoleHolder> Roles,
    ValueList<ReachedPhase> Phases,
    ValueList<RecordedLevel> Levels,
    ValueList<RecordedPage> Pages,
    ValueList<RecordedAnswer> Answers,
    ValueList<RecordedDeadline> Deadlines,
    ValueList<DeadlineNotice> Reminders,
    ValueList<RecordedDecision> Decisions,
    ValueList<RecordedChoice> Ledger,
    ValueList<StepResult> Steps,
    ValueList<Deviation> Deviations,
    ValueList<Delivery> Alerts,
    ValueList<RecordedEvent> Timeline)
{
    /// <summary>Of the form of the document.</summary>
    public const int Form = 1;

    /// <param name="events">All of one incident, oldest first.</param>
    /// <param name="plan">The plan that was in force when it opened, as it was written.</param>
    /// <exception cref="InvalidOperationException">They are not the events of one incident.</exception>
    public static IncidentRecord Of(IReadOnlyList<Happened> events, Plan plan)
    {
        var states = IncidentStates.Of(events).ToList();
        var incident = states.Select(state => state.After).LastOrDefault()
            ?? throw new InvalidOperationException("these events open no incident");
        var asOf = events[^1].At;
        var calls = DecisionsOf(states);
        return new IncidentRecord(
            Form,
            incident.Id,
            incident.Exercise,
            asOf,
            new RecordedPlan(incident.Plan, plan.Name, plan.Fault),
            FactsOf(incident, plan, states),
            incident.Findings.Select(RecordedFinding.Of).ToValueList(),
            TransactionsOf(incident),
            AddressesOf(incident),
            incident.Outflows,
            incident.Records,
            plan.People.Select(person => RecordedPerson.Of(person, incident)).ToValueList(),
            incident.Command.Holders,
            incident.Command.Reached,
            events.Select(RecordedLevel.Of).OfType<RecordedLevel>().ToValueList(),
            events.Select(RecordedPage.Of).OfType<RecordedPage>().ToValueList(),
            events.Select(RecordedAnswer.Of).OfType<RecordedAnswer>().ToValueList(),
            IncidentDeadlines.Of(incident, plan).Select(one => RecordedDeadline.Of(one, asOf)).ToValueList(),
            incident.Notices,
            calls.Select(one => RecordedDecision.Of(one.Decision, plan)).ToValueList(),
            RecordedChoice.Of(events, incident, plan, calls),
            incident.Steps,
            incident.Command.Deviations,
            incident.Deliveries,
            events.Select(one => new RecordedEvent(one.Sequence, one.At, Reports.Timeline.Line(one.Event)))
                .ToValueList());
    }

    private static RecordedFacts FactsOf(
        Incident incident, Plan plan, IReadOnlyList<(Happened Happened, Incident? After)> states) => new(
        incident.Issue,
        plan.Issues.FirstOrDefault(issue => issue.Id == incident.Issue)?.Name,
        incident.Procedure,
        plan.Procedure(incident.Procedure)?.Title,
        incident.Severity,
        incident.Phase,
        incident.FirstSeenAt,
        incident.OpenedAt,
        incident.Command.OpenedBy,
        Commanding.Lead(incident, plan),
        incident.Command.Assessed,
        states.FirstOrDefault(state => state.After is { IsPaused: true }).Happened?.At,
        states.LastOrDefault(state => state.Happened.Event is IncidentEvent.Contained).Happened?.At,
        incident.Impact,
        Announcements.ImpactInWords(incident),
        states.LastOrDefault(state => state.Happened.Event is IncidentEvent.Resolved).Happened is
        { Event: IncidentEvent.Resolved resolved, At: var at } && incident.ResolvedAt is not null
            ? new Said(resolved.Person, resolved.Summary, at)
            : null,
        incident.Command.DeclaredFalse,
        incident.Command.Merged);

    private static ValueList<NamedTransaction> TransactionsOf(Incident incident) => incident.Findings
        .SelectMany(finding => finding.Transactions.Distinct().Select(hash => (finding.Chain, hash, finding)))
        .GroupBy(one => (one.Chain, one.hash), one => one.finding)
        .Select(named => new NamedTransaction(named.Key.Chain, named.Key.hash, Ids(named), Stands(named)))
        .ToValueList();

    private static ValueList<NamedAddress> AddressesOf(Incident incident) => incident.Findings
        .SelectMany(finding => finding.Addresses.Distinct().Select(address => (finding.Chain, address, finding)))
        .GroupBy(one => (one.Chain, one.address), one => one.finding)
        .Select(named => new NamedAddress(named.Key.Chain, named.Key.address, Ids(named), Stands(named)))
        .ToValueList();

    private static ValueList<FindingId> Ids(IEnumerable<Finding> findings) =>
        findings.Select(finding => finding.Id).ToValueList();

    private static bool Stands(IEnumerable<Finding> findings) =>
        findings.Any(finding => finding.Status != FindingStatus.Retracted);

    // Of one that was opened again, each decision as it was last: the incident keeps no more than two of them.
    private static List<(DecisionProgress Decision, string? AskedBy)> DecisionsOf(
        IEnumerable<(Happened Happened, Incident? After)> states)
    {
        var decisions = new List<(DecisionProgress Decision, string? AskedBy)>();
        foreach (var incident in states.Select(state => state.After).OfType<Incident>())
        {
            // What was set aside is past when that is said of it.
            foreach (var decision in incident.PastDecisions.Append(incident.Decision).OfType<DecisionProgress>())
            {
                var known = decisions.FindIndex(one => one.Decision.Decision.Id == decision.Decision.Id
                    && one.Decision.ProposedAt == decision.ProposedAt);
                if (known >= 0)
                    decisions[known] = (decision, decisions[known].AskedBy);
                else
                    decisions.Add((decision, incident.DecisionRequestedBy));
            }
        }
        return decisions;
    }
}

/// <param name="Hash">The content hash of the version that was in force when the incident opened.</param>
/// <param name="Fault">Why no more of it is known than its hash; null for a plan that could be read.</param>
public sealed record RecordedPlan(Hash32 Hash, string Name, string? Fault);

/// <param name="Lead">Who led it at the end.</param>
/// <param name="FirstPausedAt">When all that its decision pauses was first paused; null for never.</param>
/// <param name="ContainedAt">When it was last said to be contained; null for never.</param>
/// <param name="Loss">What it cost as far as that is known, in words.</param>
public sealed record RecordedFacts(
    string Issue,
    string? IssueName,
    string Procedure,
    string? ProcedureTitle,
    Severity Severity,
    IncidentPhase Phase,
    DateTimeOffset FirstSeenAt,
    DateTimeOffset OpenedAt,
    Said? OpenedBy,
    string Lead,
    Said? Assessed,
    DateTimeOffset? FirstPausedAt,
    DateTimeOffset? ContainedAt,
    Impact? Impact,
    string Loss,
    Said? Resolved,
    Said? DeclaredFalse,
    MergedAway? Merged);

/// <summary>A finding as it was last told; each revision stands in the timeline.</summary>
public sealed record RecordedFinding(
    FindingId Id,
    int Revision,
    FindingStatus Status,
    Threat Threat,
    Severity Severity,
    decimal Confidence,
    string Subject,
    ChainId Chain,
    BlockRef Block,
    DateTimeOffset Time,
    decimal ImpactUsd,
    string Detector,
    string Reason)
{
    public static RecordedFinding Of(Finding finding) => new(
        finding.Id, finding.Revision, finding.Status, finding.Threat, finding.Severity, finding.Confidence,
        finding.Subject, finding.Chain, finding.Block, finding.Time, finding.ImpactUsd, finding.Detector,
        finding.Reason);
}

/// <param name="Stands">False where each finding that names it was taken back.</param>
public sealed record NamedTransaction(ChainId Chain, Hash32 Hash, ValueList<FindingId> Findings, bool Stands);

/// <inheritdoc cref="NamedTransaction"/>
public sealed record NamedAddress(ChainId Chain, Address Address, ValueList<FindingId> Findings, bool Stands);

/// <summary>Somebody of the plan's team, without the ways to reach them.</summary>
/// <param name="Revoked">True where their say was taken away while it was open.</param>
public sealed record RecordedPerson(
    string Id, string Name, bool Core, ValueList<string> Roles, Address? Wallet, bool Revoked)
{
    public static RecordedPerson Of(Person person, Incident incident) => new(
        person.Id, person.Name, person.Core, person.Roles, person.Wallet,
        incident.Struck.Any(struck => struck.Person == person.Id));
}

/// <param name="Level">0 for those who are told at once; null for whoever is called where nobody answered.</param>
public sealed record RecordedLevel(
    int Escalation, int? Level, int Round, ValueList<string> People, DateTimeOffset At)
{
    public static RecordedLevel? Of(Happened happened) => happened.Event switch
    {
        PageEvent.LevelBegan began => new(began.Escalation, began.Level, began.Round, began.People, happened.At),
        PageEvent.NobodyAnswered nobody => new(nobody.Escalation, null, 0, nobody.People, happened.At),
        _ => null,
    };
}

/// <param name="Channel">By its name in the configuration.</param>
public sealed record RecordedPage(
    string Person, string Channel, int Way, PagePurpose Purpose, string? InPlaceOf, DateTimeOffset At)
{
    public static RecordedPage? Of(Happened happened) => happened.Event is PageEvent.Paged paged
        ? new(paged.Person, paged.Channel, paged.Way, paged.Purpose, paged.InPlaceOf, happened.At)
        : null;
}

/// <param name="Means">How they said it, for example <c>personal link</c>.</param>
public sealed record RecordedAnswer(string Person, PageAnswer Answer, string Means, DateTimeOffset At)
{
    public static RecordedAnswer? Of(Happened happened) => happened.Event switch
    {
        IncidentEvent.Acknowledged ack => new(ack.Person, PageAnswer.Informed, ack.Way, happened.At),
        PageEvent.Answered answered => new(answered.Person, answered.Answer, answered.Means, happened.At),
        _ => null,
    };
}

public sealed record RecordedDeadline(
    string What, string Owner, DateTimeOffset Due, DateTimeOffset? MetAt, DeadlineState State)
{
    public static RecordedDeadline Of(Deadline deadline, DateTimeOffset asOf) =>
        new(deadline.What, deadline.Owner, deadline.Due, deadline.MetAt, deadline.StateAt(asOf));
}

/// <summary>An event in words; whoever writes the document adds its kind and what was recorded.</summary>
public sealed record RecordedEvent(long Sequence, DateTimeOffset At, string Words);
