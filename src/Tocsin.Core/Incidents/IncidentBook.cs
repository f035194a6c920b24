using System.Collections.Immutable;
using Tocsin.Audit;
using Tocsin.Autonomy;
using Tocsin.Chains;
using Tocsin.Communications;
using Tocsin.Deadlines;
using Tocsin.Findings;
using Tocsin.People;
using Tocsin.Plans;
using Tocsin.Reachability;
using Tocsin.Silences;

namespace Tocsin.Incidents;

/// <summary>Everything the log has said so far, folded: the incidents, and the findings that belong to none.</summary>
public sealed record IncidentBook(
    ImmutableSortedDictionary<int, Incident> Incidents,
    ImmutableDictionary<FindingId, FindingRecorded> Findings,
    Hash32? Plan)
{
    // A plan has a year for what it tells after the end, and a miss is news for a while.
    private static readonly TimeSpan LongestToldAfter = TimeSpan.FromDays(365) + DeadlineNotices.ToldLateWithin;

    private static readonly TimeSpan SameAttackWithin = TimeSpan.FromHours(1);

    public static IncidentBook Empty { get; } = new(
        ImmutableSortedDictionary<int, Incident>.Empty, ImmutableDictionary<FindingId, FindingRecorded>.Empty, null);

    /// <summary>When the plan in force came into force; null before the first one.</summary>
    public DateTimeOffset? PlanSince { get; init; }

    /// <summary>The last countersignature of the log, and when it was recorded; null for none.</summary>
    public (HeadCountersigned Event, DateTimeOffset At)? Countersigned { get; init; }

    /// <summary>Who may not act any more.</summary>
    public Revocations Revocations { get; init; } = Revocations.None;

    /// <summary>What people have approved ahead, and what was done by it.</summary>
    public Mandate Mandate { get; init; } = Mandate.None;

    /// <summary>The changes of the plan that people asked for.</summary>
    public PlanProposals Proposals { get; init; } = PlanProposals.None;

    /// <summary>The operations of ours that people announced while the server ran.</summary>
    public AnnouncedOperations Operations { get; init; } = AnnouncedOperations.None;

    /// <summary>The alerts of late that only prove that alerts arrive.</summary>
    public Canaries Canaries { get; init; } = Canaries.None;

    /// <summary>The silences that people asked for.</summary>
    public KnownSilences Silences { get; init; } = KnownSilences.None;

    /// <summary>The channels that may be in wrong hands.</summary>
    public Distrusts Distrusts { get; init; } = Distrusts.None;

    /// <summary>A plan as it holds now: without those who are revoked, and without what is distrusted.</summary>
    public Plan Bind(Plan plan) => Distrusts.Bind(Revocations.Bind(plan));

    public IEnumerable<Incident> Open => Incidents.Values.Where(incident => incident.IsOpen);

    /// <summary>Those of which people may have to hear something: open ones, those whose end is to be told, and false
    /// alarms that still hold something paused.</summary>
    public IEnumerable<Incident> Owing(DateTimeOffset now) => Incidents.Values.Where(incident =>
        incident.ResolvedAt is { } end
            ? now - end < LongestToldAfter || incident.Ledger.IsToRatify
            : incident.IsOpen || incident.Ledger.IsToRatify || PauseExpiry.EndsAt(incident) > now);

    /// <summary>The name of the incident that is opened next.</summary>
    public IncidentId NextId => new(Incidents.IsEmpty ? 1 : Incidents.Keys.Max() + 1);

    public Incident? this[IncidentId id] => Incidents.GetValueOrDefault(id.Number);

    public IncidentBook Apply(LogEvent happened, DateTimeOffset at)
    {
        switch (happened)
        {
            case PlanAdopted adopted:
                return this with { Plan = adopted.Plan, PlanSince = at };
            case PlanProposed proposed:
                return this with { Proposals = Proposals.Apply(proposed, at) };
            case PlanSettled settled:
                return this with { Proposals = Proposals.Apply(settled, at) };
            case OperationAnnounced announced:
                return this with { Operations = Operations.Apply(announced, at) };
            case OperationWithdrawn withdrawn:
                return this with { Operations = Operations.Apply(withdrawn, at) };
            case CanaryEvent canary:
                return this with { Canaries = Canaries.Apply(canary, at) };
            case HeadCountersigned countersigned:
                return this with { Countersigned = (countersigned, at) };
            case PersonRevoked revoked:
                return this with
                {
                    Revocations = Revocations.Apply(revoked, at),
                    Mandate = Mandate.Without(revoked.Wallets),
                    Proposals = Proposals.Without(revoked.Person, at),
                    Operations = Operations.Without(revoked.Person, at),
                    Silences = Silences.Without(revoked.Person, at),
                };
            case SilenceProposed or SilenceConfirmed or SilenceEnded:
                return this with { Silences = Silenced(happened, at) };
            case ChannelDistrusted distrusted:
                return this with { Distrusts = Distrusts.Apply(distrusted, at) };
            case ChannelTrusted trusted:
                return this with { Distrusts = Distrusts.Apply(trusted, at) };
            case PersonRestored restored:
                return this with { Revocations = Revocations.Apply(restored, at) };
            case ActionAuthorised authorised:
                return this with { Mandate = Mandate.Apply(authorised) };
            case AuthorisationWithdrawn taken:
                return this with { Mandate = Mandate.Without(taken.Decision) };
            case FindingRecorded recorded:
                var book = this with { Findings = Findings.SetItem(recorded.Finding.Id, recorded) };
                return recorded.Incident is { } known && book[known] is { } joined
                    ? book.With(joined.Apply(recorded, at)) : book;
            case IncidentEvent.Opened opened:
                return With(Incident.Open(opened, Findings[opened.Finding].Finding, at));
            case IncidentEvent other:
                var incident = this[other.Incident]
                    ?? throw new InvalidOperationException($"{other.Incident} was never opened");
                return With(incident.Apply(other, at)).Carried(other) with { Mandate = After(other, at) };
            default:
                throw new InvalidOperationException(
                    $"the log holds {happened.GetType().Name}, which this version does not know");
        }
    }

    /// <summary>
    /// What follows from a finding: it joins the incident of the same attack, opens a new one if it is bad and sure
    /// enough, or is only recorded. Nothing follows from a revision that is known already, so repeating is harmless.
    /// </summary>
    public IReadOnlyList<LogEvent> Take(Finding finding, DateTimeOffset arrivedAt, Plan plan, DetectionLimits limits)
    {
        if (Findings.TryGetValue(finding.Id, out var known) && known.Finding.Revision >= finding.Revision)
            return [];
        if (IncidentOf(finding) is { } incident)
            return Join(incident, finding, arrivedAt, limits);
        var issue = plan.IssueFor(finding.Threat);
        if (IsGone(finding) || issue is null || !limits.OpensIncident(finding))
            return [new FindingRecorded(finding, arrivedAt, null)];
        var id = NextId;
        var events = new List<LogEvent>
        {
            new FindingRecorded(finding, arrivedAt, id),
            new IncidentEvent.Opened(
                id, finding.Id, plan.ContentHash, issue.Id, issue.Procedure, finding.Severity, limits.Exercise),
        };
        // An earlier revision of this very finding must not come after it; the order must not be that of hash codes.
        var earlier = Findings.Values.Where(
            r => r.Incident is null && r.Finding.Id != finding.Id && SameAttack(r.Finding, finding));
        var inOrder = earlier.OrderBy(r => r.ArrivedAt).ThenBy(r => r.Finding.Id.Value, StringComparer.Ordinal);
        foreach (var recorded in inOrder)
            events.Add(recorded with { Incident = id });
        return events;
    }

    private static List<LogEvent> Join(
        Incident incident, Finding finding, DateTimeOffset arrivedAt, DetectionLimits limits)
    {
        var events = new List<LogEvent> { new FindingRecorded(finding, arrivedAt, incident.Id) };
        // Not IsOpen: a finding that returns after a retraction opens the false alarm again.
        var counts = incident.ResolvedAt is null && incident.Command.DeclaredFalse is null && !IsGone(finding)
            && limits.OpensIncident(finding);
        var isNews = !incident.Command.IsRated || incident.Findings.All(known => finding.Severity < known.Severity);
        if (counts && isNews && finding.Severity < incident.Severity)
            events.Add(new IncidentEvent.SeverityChanged(incident.Id, finding.Severity, finding.Reason));
        return events;
    }

    private Incident? IncidentOf(Finding finding)
    {
        if (Findings.TryGetValue(finding.Id, out var known) && known.Incident is { } id
            && !GoesOnAfterItsEnd(finding, known))
            return Present(id);
        var fitting = Open.Where(incident => incident.Findings.Any(other =>
            SameAttack(other, finding) || IsSameGap(other, finding))).ToList();
        // What people took apart is told apart by what it is done to, where the hands are the same.
        return fitting.Count > 1 && fitting.Any(incident => incident.Command.IsPartOfSplit)
            ? fitting.MaxBy(incident => incident.Findings.Max(other => Nearness(other, finding)))
            : fitting.FirstOrDefault();
    }

    private static int Nearness(Finding one, Finding other) =>
        (one.Transactions.Any(other.Transactions.Contains) ? 4 : 0)
        + (one.Subject == other.Subject ? 2 : 0)
        + (one.Threat == other.Threat ? 1 : 0);

    /// <summary>The incident in which that one goes on, be it itself; null where there is none.</summary>
    // Only an open one is merged into, so a circle stands in no log of ours; one that does must not hold everything up.
    public Incident? Present(IncidentId id)
    {
        var incident = this[id];
        for (var steps = 0; incident?.Command.Merged is { } merged && steps < Incidents.Count; steps++)
            incident = this[merged.Into];
        return incident;
    }

    private static bool IsGone(Finding finding) => finding.Status is FindingStatus.Retracted or FindingStatus.Over;

    // What goes on or grows worse after its incident was closed is not over, and was no false alarm, whatever was
    // written down.
    private bool GoesOnAfterItsEnd(Finding finding, FindingRecorded known) =>
        Present(known.Incident!.Value) is { ResolvedAt: not null } or { Command.DeclaredFalse: not null }
        && finding.Status == FindingStatus.Seen
        && (finding.Transactions.Any(transaction => !known.Finding.Transactions.Contains(transaction))
            || (!finding.Threat.IsAttack() && finding.Severity < known.Finding.Severity));

    // The same hands within an hour are the same attack; another attacker on the same contract is another incident.
    // What the watch says of itself has no hands: there the same trouble with the same thing is the same incident. It
    // never joins an attack, nor an attack it: a stalled chain must not be filed under yesterday's thief.
    private static bool SameAttack(Finding one, Finding other) =>
        one.Chain == other.Chain
        && one.Status != FindingStatus.Retracted
        && (one.Time - other.Time).Duration() <= SameAttackWithin
        && one.Threat.IsAttack() == other.Threat.IsAttack()
        && (one.Threat.IsAttack()
            ? one.Addresses.Any(other.Addresses.Contains) || one.Transactions.Any(other.Transactions.Contains)
                || IsCrowdsAt(one, other)
            : one.Threat == other.Threat && one.Subject == other.Subject);

    // A crowd has no hands that are named: what it does to a contract is what is being done to it. What would open no
    // incident of its own is not drawn in by that: its account may be an honest one.
    private static bool IsCrowdsAt(Finding one, Finding other) =>
        (one.Addresses.Count == 0 || other.Addresses.Count == 0)
        && one.Subject == other.Subject
        && DetectionLimits.Default.OpensIncident(one)
        && DetectionLimits.Default.OpensIncident(other);

    // A gap in what stands behind an asset lasts: it is the same one until people have closed its incident, also where
    // nothing was read for a while.
    private static bool IsSameGap(Finding one, Finding other) =>
        one.Threat == Threat.UnbackedMint
        && other.Threat == Threat.UnbackedMint
        && one.Chain == other.Chain
        && one.Subject == other.Subject
        && one.Status != FindingStatus.Retracted
        && one.Addresses.Count == 0
        && other.Addresses.Count == 0;

    private KnownSilences Silenced(LogEvent happened, DateTimeOffset at) => happened switch
    {
        SilenceProposed asked => Silences.Apply(asked, at),
        SilenceConfirmed confirmed => Silences.Apply(confirmed),
        SilenceEnded ended => Silences.Apply(ended, at),
        _ => Silences,
    };

    private Mandate After(IncidentEvent happened, DateTimeOffset at) => happened switch
    {
        IncidentEvent.DecisionProposed { ByItself: { } taken } proposed =>
            Mandate.With(new AutomaticAct(proposed.Incident, taken.Action, at), proposed.Decision.Id),
        // The signer closes a use with its first signature.
        IncidentEvent.CallSigned signed => Mandate.Without(signed.Decision),
        _ => Mandate,
    };

    // What was done by itself is not done once more on what people took apart, or put together.
    private IncidentBook Carried(IncidentEvent happened) => happened switch
    {
        CommandEvent.OpenedByPerson { SplitFrom: { } from } split => Carried(from, split.Incident),
        CommandEvent.MergedInto merged => Carried(merged.Incident, merged.Into),
        _ => this,
    };

    private IncidentBook Carried(IncidentId from, IncidentId into) =>
        this[from]?.ActedByItselfAt is { } at && this[into] is { ActedByItselfAt: null } other
            ? With(other with { ActedByItselfAt = at })
            : this;

    private IncidentBook With(Incident incident) =>
        this with { Incidents = Incidents.SetItem(incident.Id.Number, incident) };
}

/// <summary>When a finding is bad and sure enough to open an incident.</summary>
/// <param name="Exercise">True where everything that opens is a drill.</param>
public sealed record DetectionLimits(Severity Severity, decimal Confidence, bool Exercise)
{
    public static DetectionLimits Default { get; } = new(Severity.High, 0.7m, false);

    public bool OpensIncident(Finding finding) =>
        finding.Severity.IsAtLeast(Severity) && finding.Confidence >= Confidence;
}
