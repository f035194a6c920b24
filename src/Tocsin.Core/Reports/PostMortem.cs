using System.Globalization;
using System.Text;
using Tocsin.Chains;
using Tocsin.Communications;
using Tocsin.Deadlines;
using Tocsin.Decisions;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Reports;

/// <summary>
/// The post-mortem draft, a pure function of the log: the same events give the same text. People add what only people
/// know; a part that does not apply says so.
/// </summary>
public static class PostMortem
{
    private const string Markup = "\\`*_[]|!#~@";

    /// <summary>The report as Markdown. Text from the chain is escaped: it cannot become markup.</summary>
    public static string Write(Incident incident, Plan plan, IReadOnlyList<Happened> events)
    {
        // Of one that was opened again: what was decided before is still what happened.
        incident = incident with { Decision = incident.Decision ?? incident.FormerDecision };
        var text = new StringBuilder();
        Head(text, incident, plan, events);
        Times(text, incident, plan, events);
        RootCause(text, incident);
        FinancialImpact(text, incident);
        Traces(text, incident.Records);
        Response(text, incident, plan, events);
        OfPeople(text, incident, plan, events[^1].At);
        Events(text, events);
        LessonsAndPrevention(text, incident);
        return text.ToString();
    }

    private static void Head(StringBuilder text, Incident incident, Plan plan, IReadOnlyList<Happened> events)
    {
        var issue = plan.Issues.FirstOrDefault(issue => issue.Id == incident.Issue)?.Name ?? incident.Issue;
        if (incident.Exercise)
            text.AppendLine("**EXERCISE. Nothing of this happened to real users.**").AppendLine();
        text.AppendLine($"# Post-mortem of {incident.Id}: {Escape(issue)}").AppendLine();
        text.Append($"Draft, written from the event log (entries {events[0].Sequence} to {events[^1].Sequence}). ")
            .AppendLine("All times are UTC.")
            .AppendLine();
        text.AppendLine("| | |").AppendLine("|---|---|");
        Row(text, "Severity", $"{(int)incident.Severity}");
        Row(text, "State", incident.Phase == IncidentPhase.Paused
            ? "PAUSED, NOT YET CONTAINED"
            : incident.Phase.ToString().ToLowerInvariant());
        Row(text, IsAttack(incident) ? "Attack first seen" : "First seen", Instant(incident.FirstSeenAt));
        Row(text, "Led by", Escape(Commanding.Lead(incident, plan)));
        Row(text, "Plan", $"{Escape(plan.Name)}, version {plan.ContentHash.ToShortString()}");
        Row(text, "Impact", Announcements.ImpactInWords(incident));
        text.AppendLine();
    }

    private static void Times(
        StringBuilder text, Incident incident, Plan plan, IReadOnlyList<Happened> events)
    {
        text.AppendLine("## Times against the goals").AppendLine();
        text.AppendLine("| what | took | goal | |").AppendLine("|---|---|---|---|");
        var first = IsAttack(incident) ? "the attack's first block" : "the first sign";
        Time(text, $"detect (from {first})", incident.OpenedAt - incident.FirstSeenAt, null);
        var alert = incident.Deliveries
            .Where(d => d.Reason is AlertReason.Opened or AlertReason.SilenceOver && d.Failure is null)
            .Select(d => (DateTimeOffset?)d.At)
            .Min();
        Time(text, "alert delivered", Since(incident, alert), IncidentDeadlines.AlertWithin);
        var answer = incident.Acknowledgements.Select(a => (DateTimeOffset?)a.At).Min();
        Time(text, "acknowledge", Since(incident, answer), incident.Severity.DefaultAnswerWithin());
        Time(text, "pause", Since(incident, incident.Decision?.PausedAt), IncidentDeadlines.PauseWithin);
        Time(text, "contain", Since(incident, Containment(events)?.At), null);
        foreach (var reached in incident.Command.Reached.Where(one => one.Phase != IncidentPhase.Reviewed))
            Time(text, Phases.Word(reached.Phase), Since(incident, reached.At), null);
        Time(text, "resolve", Since(incident, incident.ResolvedAt), null);
        text.AppendLine();
        var missed = IncidentDeadlines.Of(incident, plan)
            .Where(d => d.StateAt(incident.ResolvedAt ?? d.Due) is DeadlineState.MetLate or DeadlineState.Missed);
        foreach (var deadline in missed)
            text.AppendLine($"- Late: {Escape(deadline.What)} was due at {Instant(deadline.Due)}.");
    }

    private static void RootCause(StringBuilder text, Incident incident)
    {
        text.AppendLine("## Root cause").AppendLine();
        if (incident.Command.Assessed is { } assessed)
            text.AppendLine(Escape($"{assessed.By} looked at it: {assessed.Words}")).AppendLine();
        foreach (var finding in incident.Findings.Where(finding => finding.Status != FindingStatus.Retracted))
        {
            text.Append($"### {finding.Threat.ToName()} on {Escape(finding.Subject)}, ")
                .AppendLine($"confidence {finding.Confidence:0.00}")
                .AppendLine();
            text.AppendLine(Escape(finding.Reason)).AppendLine();
            var indicators = finding.Indicators.GroupBy(indicator => indicator.Name).Select(group => group.First());
            foreach (var indicator in indicators)
                text.AppendLine($"- `{indicator.Name}` in block {indicator.Block.Number}: {Escape(indicator.Reason)}");
            text.AppendLine();
        }
        if (!IsAttack(incident))
            return;
        text.AppendLine("Transactions of the attack:").AppendLine();
        foreach (var transaction in incident.AttackTransactions)
            text.AppendLine($"- `{transaction}`{Called(incident, transaction)}");
        text.AppendLine().AppendLine("Accounts that acted against us:").AppendLine();
        foreach (var address in incident.Attackers)
            text.AppendLine($"- `{address}`");
        text.AppendLine();
    }

    private static bool IsAttack(Incident incident) => incident.Findings.Any(finding => finding.Threat.IsAttack());

    private static string Called(Incident incident, Hash32 transaction) =>
        incident.Impact?.Calls?.FirstOrDefault(call => call.Transaction == transaction) switch
        {
            null => "",
            { To: { } target } call => $": `{call.From}` called `{call.Selector}` on `{target}`",
            { } call => $": `{call.From}` created a contract",
        };

    private static void FinancialImpact(StringBuilder text, Incident incident)
    {
        text.AppendLine("## Financial impact").AppendLine();
        if (!IsAttack(incident))
        {
            text.AppendLine(incident.Records.Funds.Count > 0
                ? "Nothing was measured on the chain. What people recorded stands below, under \"Where it went\"."
                : "Nothing was measured: no detector saw anybody act against the contracts.").AppendLine();
            return;
        }
        if (incident.Impact is not { } impact)
        {
            text.AppendLine("Not assessed yet: it is assessed once the incident is contained or resolved.")
                .AppendLine();
            return;
        }
        text.AppendLine("| | |").AppendLine("|---|---|");
        var word = LossWords.Of(incident, "taken");
        Row(text, char.ToUpperInvariant(word[0]) + word[1..], $"{impact.TakenUsd:N0} USD");
        Row(text, "Saved by the pause", $"{impact.SavedUsd:N0} USD");
        Row(text, "Users affected", $"{impact.UsersAffected}");
        Row(text, "Attempts stopped after the pause", $"{impact.AttemptsStopped}");
        text.AppendLine().AppendLine(Escape(impact.Basis)).AppendLine();
    }

    private static void Traces(StringBuilder text, RecordProgress records)
    {
        if (records.Made == 0)
            return;
        text.AppendLine("## Where it went").AppendLine();
        foreach (var marked in records.Addresses)
            text.AppendLine($"- `{marked.Address}`, chain {marked.Chain}: {RecordTimeline.Word(marked.Status)}. "
                + $"{Escape(marked.Words)}");
        foreach (var moved in records.Funds)
            text.AppendLine($"- {moved.Units.ToString(CultureInfo.InvariantCulture)} {Escape(moved.Asset)} "
                + $"{RecordTimeline.Word(moved.Kind)} from `{moved.From}`"
                + (moved.To is { } to ? $" to `{to}`" : "")
                + (moved.Transaction is { } transaction ? $" in `{transaction}`" : "")
                + $", chain {moved.Chain}, recovery {RecordTimeline.Word(moved.Recovery)}. {Escape(moved.Words)}");
        foreach (var noted in records.Transactions)
            text.AppendLine($"- `{noted.Transaction}`, chain {noted.Chain}: {Escape(noted.Words)}");
        text.AppendLine();
    }

    private static void Response(
        StringBuilder text, Incident incident, Plan plan, IReadOnlyList<Happened> events)
    {
        text.AppendLine("## Decision and containment").AppendLine();
        if (incident.Decision is not { } decision)
        {
            text.AppendLine(plan.Procedure(incident.Procedure)?.Decision is { } name
                ? $"Decision '{Escape(name)}' of the procedure was not proposed."
                : "Does not apply: the procedure has no emergency decision.").AppendLine();
            return;
        }
        text.Append($"Decision `{decision.Rule}`, `{decision.Decision.Id}`: ")
            .AppendLine($"{decision.Approvals.Count} approvals, {decision.Refused.Count} refused.")
            .AppendLine();
        foreach (var call in decision.Calls)
        {
            var included = call.Included is { } inclusion
                ? $"in block {inclusion.Block.Number} by `{inclusion.Transaction}`"
                : "not on the chain";
            var until = call.PausedUntil is { } expiry ? $", paused until {Instant(expiry)}"
                : call.Ended is PauseEnd.Lifted ? ", paused until it was lifted" : "";
            text.AppendLine($"- {Escape(call.InWords)}: {included}{until}");
        }
        text.AppendLine();
        text.AppendLine(Containment(events) is { Event: IncidentEvent.Contained contained } happened
            ? $"Contained at {Instant(happened.At)}: nothing unexplained left the paused contracts "
                + $"for {contained.QuietBlocks} blocks up to block {contained.Block.Number}."
            : "PAUSED or not, it is NOT YET CONTAINED.");
        foreach (var outflow in incident.Outflows)
        {
            text.Append($"- Unexplained outflow: {outflow.Usd:N0} USD of {Escape(outflow.Asset)} ")
                .AppendLine($"from {Escape(outflow.Contract)} in `{outflow.Transaction}`");
        }
        text.AppendLine();
    }

    private static void OfPeople(StringBuilder text, Incident incident, Plan plan, DateTimeOffset asOf)
    {
        var rows = Ledger.Rows(incident, plan, asOf).Where(row => !row.IsOfCalls || row.Reviewer is not null).ToList();
        if (rows.Count == 0)
            return;
        text.AppendLine("## Decisions of people").AppendLine();
        foreach (var row in rows)
        {
            var filled = row.Places.Where(place => place.FilledBy is not null)
                .Select(place => $"{place.Role}: {place.FilledBy} ({place.How})");
            var read = row.IsUnreviewed ? $"; not read by {row.Reviewer}"
                : string.Concat(row.Reviews.Select(review => $"; read by {review.By}"));
            var who = row.Acted is { } acted ? $"; {acted.By} acted first"
                : row.Executed is { } done ? $"; carried out by {done.By}" : "";
            var against = string.Concat(row.Declined.Select(no => $"; {no.By} said no: {no.Words}"));
            text.Append($"- {(row.IsOfCalls ? "Calls" : row.Key)}, `{row.Rule}`, {Deciding.InWords(row.State)}. ")
                .AppendLine(Escape(
                    $"{string.Join(", ", filled.DefaultIfEmpty("Nobody approved"))}{who}{against}{read}."));
        }
        text.AppendLine();
    }

    // A pause that was lifted when the work was done does not make undone what it had contained.
    private static Happened? Containment(IReadOnlyList<Happened> events)
    {
        Happened? contained = null;
        foreach (var happened in events)
        {
            contained = happened.Event switch
            {
                IncidentEvent.Contained => happened,
                IncidentEvent.OutflowSeen or IncidentEvent.CallOrphaned => null,
                IncidentEvent.PauseEnded { Why: not PauseEnd.Lifted } => null,
                _ => contained,
            };
        }
        return contained;
    }

    private static void Events(StringBuilder text, IReadOnlyList<Happened> events)
    {
        text.AppendLine("## Timeline").AppendLine();
        foreach (var happened in events)
            text.AppendLine($"- {happened.At:yyyy-MM-dd HH:mm:ss.fff} · {Escape(Timeline.Line(happened.Event))}");
        text.AppendLine();
    }

    private static void LessonsAndPrevention(StringBuilder text, Incident incident)
    {
        text.AppendLine("## Lessons").AppendLine();
        foreach (var question in Lessons.Questions)
            text.AppendLine($"- {question}");
        text.AppendLine().AppendLine("## Prevention").AppendLine();
        foreach (var threat in incident.Findings.Select(finding => finding.Threat).Distinct())
        {
            text.AppendLine($"Against {threat.ToName()}:").AppendLine();
            foreach (var measure in Lessons.Prevention(threat))
                text.AppendLine($"- [ ] {measure}");
            text.AppendLine();
        }
    }

    private static void Row(StringBuilder text, string name, string value) => text.AppendLine($"| {name} | {value} |");

    private static void Time(StringBuilder text, string what, TimeSpan? took, TimeSpan? goal)
    {
        var verdict = (took, goal) switch
        {
            (null, _) => "has not happened",
            (_, null) => "",
            ({ } time, { } limit) => time <= limit ? "met" : "missed",
        };
        var inTime = took is { } t ? Duration(t) : "—";
        var atMost = goal is { } g ? Duration(g) : "none set";
        text.AppendLine($"| {what} | {inTime} | {atMost} | {verdict} |");
    }

    private static TimeSpan? Since(Incident incident, DateTimeOffset? at) =>
        at is { } instant ? instant - incident.OpenedAt : null;

    private static string Duration(TimeSpan span) =>
        span.TotalMinutes < 2 ? $"{span.TotalSeconds:0.0} s"
        : span.TotalHours < 3 ? $"{span.TotalMinutes:0} min"
        : $"{span.TotalHours:0.0} h";

    private static string Instant(DateTimeOffset instant) => $"{instant.UtcDateTime:yyyy-MM-dd HH:mm:ss}";

    /// <summary>
    /// Takes every meaning away from characters that Markdown or HTML would read as markup, also at the beginning of a
    /// line, and from addresses that a viewer would turn into links. Control and direction characters become spaces.
    /// </summary>
    public static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        var begins = text.AsSpan().TrimStart();
        for (var i = 0; i < begins.Length; i++)
        {
            var character = begins[i];
            if (char.IsControl(character)
                || char.GetUnicodeCategory(character) is UnicodeCategory.Format or UnicodeCategory.LineSeparator)
                escaped.Append(' ');
            else if (character is '<')
                escaped.Append("&lt;");
            else if (character is '>')
                escaped.Append("&gt;");
            else if (character is '&')
                escaped.Append("&amp;");
            else if (Markup.Contains(character) || IsListMark(begins, i) || IsInAddress(begins, i))
                escaped.Append('\\').Append(character);
            else
                escaped.Append(character);
        }
        return escaped.ToString();
    }

    // "- ", "+ ", "===" and "1. " mean something only where a line begins.
    private static bool IsListMark(ReadOnlySpan<char> text, int at) =>
        at == 0 ? text[0] is '-' or '+' or '='
        : text[at] is '.' or ')' && !text[..at].ContainsAnyExceptInRange('0', '9');

    private static bool IsInAddress(ReadOnlySpan<char> text, int at) =>
        (text[at] == ':'
            && (text[(at + 1)..].StartsWith("//") || EndsWith(text[..at], "mailto") || EndsWith(text[..at], "tel")))
        || (text[at] == '.' && EndsWith(text[..at], "www"));

    private static bool EndsWith(ReadOnlySpan<char> text, string end) =>
        text.EndsWith(end, StringComparison.OrdinalIgnoreCase);
}
