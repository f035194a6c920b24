using Tocsin.Findings;
using Tocsin.Plans;

namespace Tocsin.Incidents;

/// <summary>
/// What follows from an alert of an outside system: a finding like every other, and an incident where it is bad enough.
/// What comes from outside calls our people; it never answers in their place, and never ends what they have begun.
/// </summary>
public static class OpeningFromOutside
{
    /// <summary>Of the findings that stand for such alerts.</summary>
    public const string Detector = "outside";

    /// <summary>So many incidents of one source may be open: what comes then joins the newest. A tool that runs wild
    /// must not wake people once more for each.</summary>
    public const int MaximumOpen = 10;

    // So long what a source opened counts, also where it took it back.
    private static readonly TimeSpan Lately = TimeSpan.FromHours(1);

    /// <summary>For so long a firing that people closed is not taken for one that goes on.</summary>
    public static readonly TimeSpan StaysClosed = TimeSpan.FromHours(1);

    /// <summary>So many findings an incident takes from outside; what comes then and is not worse says nothing new.
    /// </summary>
    public const int MaximumFindings = 200;

    // An alert that comes and goes is believed to be over only after a time that grows by this with each return.
    private static readonly TimeSpan CalmFor = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan LongestCalm = TimeSpan.FromHours(1);

    private const string Seen = "Acknowledged outside, which is no answer of ours: ";

    /// <summary>The events that follow; none where nothing new was said, so repeating is harmless.</summary>
    public static IReadOnlyList<LogEvent> Take(
        IncidentBook book, Plan plan, OutsideAlert alert, DetectionLimits limits, DateTimeOffset now)
    {
        var known = book.Findings.GetValueOrDefault(alert.Finding);
        var incident = known?.Incident is { } id ? book.Present(id) : null;
        return alert.News switch
        {
            OutsideNews.Firing when IsKnown(alert, known?.Finding, incident, now) => [],
            OutsideNews.Firing => Fire(book, plan, alert, known?.Finding, incident, limits, now),
            OutsideNews.Acknowledged => Acknowledge(known?.Finding, incident, now),
            OutsideNews.Ended => End(book, alert, known, incident, now),
        };
    }

    /// <summary>True where it stands on nothing but what came from outside.</summary>
    public static bool Is(Incident incident) => incident.Findings.All(finding => finding.Detector == Detector);

    /// <summary>True where no person has said or done anything in it, and nothing was done by itself.</summary>
    public static bool IsUntouched(Incident incident) =>
        incident.LastWordAt <= incident.OpenedAt
        && incident.Acknowledgements.Count == 0
        && incident.Steps.Count == 0
        && incident.Command == CommandProgress.None
        && !incident.IsDecisionRequested
        && incident.Decision is not { TakenAt: not null };

    private static bool IsKnown(OutsideAlert alert, Finding? known, Incident? incident, DateTimeOffset now)
    {
        if (known is null)
            return false;
        var isSame = alert.Since is { } since && since == known.Time;
        if (known.Status != FindingStatus.Seen)
            return isSame;
        var isWorse = alert.Severity < known.Severity;
        if (incident is null || incident.IsOpen)
            return alert.Severity == known.Severity;
        // People closed it while it fired. A sender that repeats itself says so again before it can know that.
        return alert.IsRepeated && isSame && !isWorse && now - ClosedAt(incident) < StaysClosed;
    }

    private static DateTimeOffset ClosedAt(Incident incident) =>
        incident.ResolvedAt ?? incident.Command.DeclaredFalse?.At ?? incident.LastWordAt;

    private static List<LogEvent> Fire(
        IncidentBook book,
        Plan plan,
        OutsideAlert alert,
        Finding? known,
        Incident? incident,
        DetectionLimits limits,
        DateTimeOffset now)
    {
        // A plan that was changed since may not have it any more; the alert is not lost by that.
        var issue = plan.Issues.FirstOrDefault(one => one.Id == alert.Issue)
            ?? plan.IssueFor(Threat.UserReports) ?? plan.Issues.MinBy(one => one.Severity);
        var finding = new Finding(
            alert.Finding, (known?.Revision ?? 0) + 1, FindingStatus.Seen, alert.Since ?? now, plan.Protected.Chain,
            default, [], Threat.UserReports, alert.Severity, 1, issue?.Id ?? alert.Issue, [], 0, [], Detector,
            alert.Words);
        if (incident is { IsOpen: true })
            return Join(incident, finding, limits, now);
        if (OfGroup(book, alert, finding) is { } same)
            return Join(same, finding, limits, now);
        if (issue is null || !limits.OpensIncident(finding))
            return [new FindingRecorded(finding, now, null)];
        if (Newest(book, alert.Source) is { } newest)
            return Join(newest, finding, limits, now);
        var id = book.NextId;
        return
        [
            new FindingRecorded(finding, now, id),
            new IncidentEvent.Opened(
                id, finding.Id, plan.ContentHash, issue.Id, issue.Procedure, finding.Severity, limits.Exercise),
        ];
    }

    // Another issue is another procedure: one must not be filed under the other.
    private static Incident? OfGroup(IncidentBook book, OutsideAlert alert, Finding finding)
    {
        var prefix = alert.GroupPrefix;
        return book.Open.FirstOrDefault(incident => incident.Findings.Any(other =>
            other.Subject == finding.Subject && other.Id.Value.StartsWith(prefix, StringComparison.Ordinal)));
    }

    private static Incident? Newest(IncidentBook book, string source)
    {
        var open = book.Open.Where(incident => IsOf(incident, source)).ToList();
        return open.Count < MaximumOpen ? null : open[^1];
    }

    private static int OpenedLately(IncidentBook book, string source, DateTimeOffset now) =>
        book.Incidents.Values.Count(incident => now - incident.OpenedAt < Lately && IsOf(incident, source));

    private static bool IsOf(Incident incident, string source)
    {
        var prefix = OutsideAlert.PrefixOf(source);
        return incident.Findings.Any(finding => finding.Id.Value.StartsWith(prefix, StringComparison.Ordinal));
    }

    private static List<LogEvent> Join(
        Incident incident, Finding finding, DetectionLimits limits, DateTimeOffset now)
    {
        if (incident.Findings.Count >= MaximumFindings && finding.Severity >= incident.Severity
            && incident.Findings.All(other => other.Id != finding.Id))
            return [];
        var events = new List<LogEvent> { new FindingRecorded(finding, now, incident.Id) };
        // What a person rated stays so, unless it is worse than all that they knew.
        var isNews = !incident.Command.IsRated || incident.Findings.All(other => finding.Severity < other.Severity);
        if (isNews && limits.OpensIncident(finding) && finding.Severity < incident.Severity)
            events.Add(new IncidentEvent.SeverityChanged(incident.Id, finding.Severity, finding.Reason));
        return events;
    }

    // A revision and no note: a note is a person's word, which keeps an incident from being taken for forgotten.
    private static List<LogEvent> Acknowledge(Finding? known, Incident? incident, DateTimeOffset now) =>
        known is { Status: FindingStatus.Seen } && incident is { IsOpen: true }
        && !known.Reason.StartsWith(Seen, StringComparison.Ordinal)
            ? [Revised(known, FindingStatus.Seen, Seen + known.Reason, incident.Id, now)]
            : [];

    private static List<LogEvent> End(
        IncidentBook book, OutsideAlert alert, FindingRecorded? recorded, Incident? incident, DateTimeOffset now)
    {
        // The end of a firing before this one says nothing of this one.
        if (recorded?.Finding is not { Status: FindingStatus.Seen } known || alert.Since < known.Time)
            return [];
        // Else one that flaps would call everybody off and wake them anew, as often as it likes. What stays is closed
        // by people.
        var calm = CalmFor * ((known.Revision - 1) / 2);
        if (now - recorded.ArrivedAt < (calm < LongestCalm ? calm : LongestCalm))
            return [];
        var reason = $"{alert.Source} says that it is over. {known.Reason}";
        if (incident is not { IsOpen: true })
            return [Revised(known, FindingStatus.Over, reason, null, now)];
        // Else it could wake people for nothing as often as it likes, each time under another key.
        var isBelieved = IsUntouched(incident) && OpenedLately(book, alert.Source, now) <= MaximumOpen;
        var status = isBelieved ? FindingStatus.Retracted : FindingStatus.Over;
        return [Revised(known, status, reason, incident.Id, now)];
    }

    // The time stays that at which the firing began: a late copy of it is known by that.
    private static FindingRecorded Revised(
        Finding known, FindingStatus status, string reason, IncidentId? incident, DateTimeOffset now) =>
        new(known with { Revision = known.Revision + 1, Status = status, Reason = reason }, now, incident);
}
