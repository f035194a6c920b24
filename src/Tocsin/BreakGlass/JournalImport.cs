using System.Globalization;
using Tocsin.Decisions;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Recording;
using Tocsin.Reports;

namespace Tocsin.BreakGlass;

/// <summary>
/// Brings what was done without the server into its log. Each line is taken once, however often a journal comes and
/// however much of it; of what the server did itself meanwhile, only what is news is added.
/// </summary>
internal static class JournalImport
{
    /// <param name="ours">The plan beside the configuration; null where it cannot be used.</param>
    /// <returns>The incident, and how many events were added to the log.</returns>
    public static (IncidentId Incident, int Added) Into(Logbook logbook, ReadJournal journal, ReadPlan? ours = null)
    {
        if (Known(logbook, journal) is { } whole && whole.Lines == journal.Lines.Count)
            return (whole.Incident, 0);
        var plan = journal.Plan;
        // A bundle's plan names nobody's phone. Where the whole one decides the same, people are woken by that.
        if (PlanReader.IsCompiled(plan.Files) && ours?.Plan.DecisionsHash == plan.Plan.DecisionsHash)
            plan = ours;
        if (!logbook.Knows(plan.Plan.ContentHash))
            logbook.Adopt(plan);
        var into = Opening.Id;
        var added = logbook.Record((book, now) =>
        {
            var known = Known(logbook, journal);
            var joined = known is { } before ? book[before.Incident] : Joined(book, journal);
            into = joined?.Id ?? new IncidentId(book.Incidents.IsEmpty ? 1 : book.Incidents.Keys.Max() + 1);
            var from = known?.Lines ?? 0;
            var events = News(book, into, journal, plan.Plan, from, now);
            return [.. events, Note(into, journal, from)];
        });
        return (into, added.Count);
    }

    // The last line of this journal that the log has, by the hash that was noted then.
    private static (IncidentId Incident, int Lines)? Known(Logbook logbook, ReadJournal journal)
    {
        var places = journal.Lines.Select((line, index) => (line.Link, index + 1))
            .ToDictionary(one => one.Link, one => one.Item2);
        (IncidentId Incident, int Lines)? known = null;
        foreach (var id in logbook.Book.Incidents.Values.Select(incident => incident.Id))
        {
            foreach (var note in logbook.TimelineOf(id).Select(happened => happened.Event)
                .OfType<IncidentEvent.NoteAdded>().Where(note => note.Person == Opening.Person))
            {
                var link = note.Text[(note.Text.LastIndexOf(' ') + 1)..];
                if (places.TryGetValue(link, out var lines) && lines > (known?.Lines ?? 0))
                    known = (id, lines);
            }
        }
        return known;
    }

    /// <summary>An incident that has a decision of this journal, an open one first.</summary>
    private static Incident? Joined(IncidentBook book, ReadJournal journal)
    {
        var decisions = journal.Lines.SelectMany(line => line.Events).OfType<IncidentEvent.DecisionProposed>()
            .Select(proposed => proposed.Decision.Id).ToHashSet();
        return book.Incidents.Values
            .Where(incident => incident.Decision is { } decision && decisions.Contains(decision.Decision.Id))
            .OrderByDescending(incident => incident.IsOpen)
            .FirstOrDefault();
    }

    private static List<LogEvent> News(
        IncidentBook book, IncidentId into, ReadJournal journal, Plan plan, int from, DateTimeOffset now)
    {
        var all = journal.Lines.SelectMany((line, index) => line.Events.Select(happened => (happened, index))).ToList();
        var taken = all.Select(one => one.happened).OfType<IncidentEvent.DecisionTaken>()
            .Select(one => one.Decision).ToHashSet();
        var news = new List<LogEvent>();
        EmergencyDecision? current = null;
        foreach (var (happened, index) in all)
        {
            if (happened is IncidentEvent.DecisionProposed { Decision: var decision })
                current = decision;
            if (index < from || happened is PlanAdopted)
                continue;
            var mine = Renumbered(happened, into) is IncidentEvent.Opened opened
                ? Opening.Under(plan, opened, all.Select(one => one.happened))
                : Renumbered(happened, into);
            if (!IsNews(book[into], mine, current, taken))
                continue;
            news.Add(mine);
            book = book.Apply(mine, now);
        }
        return news;
    }

    private static LogEvent Renumbered(LogEvent happened, IncidentId into) => happened switch
    {
        FindingRecorded recorded => recorded with { Incident = into },
        IncidentEvent of => of with { Incident = into },
        _ => happened,
    };

    private static bool IsNews(
        Incident? incident, LogEvent happened, EmergencyDecision? current, HashSet<Chains.Hash32> taken)
    {
        if (incident is null)
            return happened is FindingRecorded or IncidentEvent.Opened;
        var mine = incident.Decision;
        // Approvals of another expiry are of another text: they count for nothing in what the server proposed.
        var isSame = mine is not null && mine.Decision == current;
        return happened switch
        {
            FindingRecorded or IncidentEvent.Opened => false,
            IncidentEvent.DecisionRequested => mine is null && !incident.IsDecisionRequested,
            IncidentEvent.DecisionProposed proposed => mine is null || (mine.Decision != proposed.Decision
                && mine.Calls.All(call => call.Signed is null)
                && (mine.Decision.Id != proposed.Decision.Id
                    || taken.Contains(proposed.Decision.Id))),
            IncidentEvent.ApprovalAccepted accepted =>
                isSame && mine!.TakenAt is null && !mine.Approvers.Contains(accepted.Approval.Signer),
            IncidentEvent.ApprovalRefused or IncidentEvent.SigningRefused or IncidentEvent.CallSimulated
                when !isSame => false,
            IncidentEvent.ApprovalRefused refused => !mine!.Refused.Any(
                known => known.Signer == refused.Signer && known.Refusal == refused.Refusal),
            IncidentEvent.DecisionTaken => isSame && mine!.TakenAt is null,
            IncidentEvent other => mine?.Decision.Id == current?.Id && mine is not null && IsNews(mine, other),
            _ => false,
        };
    }

    // The same decision and call are the same bytes, whoever had them signed.
    private static bool IsNews(DecisionProgress mine, IncidentEvent happened) => happened switch
    {
        IncidentEvent.CallSimulated one => mine.Calls[one.Call] is { Signed: null } call
            && (call.Simulation?.Succeeded != one.Succeeded || call.Simulation.Detail != one.Detail),
        IncidentEvent.SigningRefused one =>
            mine.Calls[one.Call] is { Signed: null } call && call.Refusal?.Reason != one.Reason,
        IncidentEvent.CallSigned one => mine.Calls[one.Call].Signed is null,
        IncidentEvent.CallReplaced one => mine.Calls[one.Call] is { Signed: not null, Included: null } call
            && call.Versions.All(version => version.Transaction != one.Transaction),
        IncidentEvent.CallBroadcast one =>
            mine.Calls[one.Call] is { Signed: not null, BroadcastAt: null, Included: null },
        IncidentEvent.SendingHindered one =>
            mine.Calls[one.Call] is { Signed: not null } call && !call.Has(one.Why),
        IncidentEvent.CallIncluded one => mine.Calls[one.Call] is { Included: null } call
            && call.Versions.Any(version => version.Transaction == one.Transaction),
        IncidentEvent.CallSettled one =>
            !mine.Calls[one.Call].IsSettled && mine.Calls[one.Call].Included?.Block == one.Block,
        IncidentEvent.CallOrphaned one => mine.Calls[one.Call].Included?.Block == one.Block,
        IncidentEvent.ScopePaused one =>
            mine.Calls[one.Call] is { Included: not null, PausedUntil: null, Ended: null },
        IncidentEvent.PauseEnded one => mine.Calls[one.Call] is { Included: not null, Ended: null },
        _ => false,
    };

    // The log's own instants are those of the import, so the true ones are in words.
    private static IncidentEvent.NoteAdded Note(IncidentId into, ReadJournal journal, int from)
    {
        var words = journal.Lines.Skip(from)
            .SelectMany(line => line.Events.Where(happened => happened is IncidentEvent
                    and not IncidentEvent.Opened and not IncidentEvent.DecisionRequested)
                .Select(happened => string.Create(
                    CultureInfo.InvariantCulture, $"{line.At:yyyy-MM-dd HH:mm:ss} {Timeline.Line(happened)}")));
        return new IncidentEvent.NoteAdded(
            into, Opening.Person,
            $"acted without the server, times in UTC: {string.Join(" ", words)} "
                + $"Imported up to line {journal.Lines.Count} of the journal, {journal.Head}");
    }
}
