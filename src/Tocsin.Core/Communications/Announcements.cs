using Tocsin.Chains;
using Tocsin.Deadlines;
using Tocsin.Decisions;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Paging;
using Tocsin.Plans;
using Tocsin.Silences;

namespace Tocsin.Communications;

/// <summary>Someone must be told something: on which channel, as whom, and why.</summary>
/// <param name="Person">The one person whose own way this is; null for a channel of many.</param>
/// <param name="Update">The update that goes out, or waits; null where it is about something else.</param>
public sealed record Announcement(string Channel, string? Person, AlertReason Reason, Update? Update = null);

/// <summary>The addresses of our own pages, as alerts carry them.</summary>
/// <param name="WarRoom">The page of an incident, to read.</param>
/// <param name="Acknowledge">A link by which one person acknowledges what the identifier names; it expires and names
/// nobody else.</param>
/// <param name="Channels">The page of the ways to people.</param>
public sealed record Links(
    Func<IncidentId, Uri> WarRoom, Func<string, string, DateTimeOffset, Uri> Acknowledge, Uri Channels);

/// <summary>
/// Who is told what when something happens: a pure function of the event, the incident after it, and its plan.
/// </summary>
public static class Announcements
{
    /// <summary>Everyone who must hear of an event.</summary>
    public static IReadOnlyList<Announcement> Of(
        LogEvent happened, Incident before, Incident after, Plan plan) => happened switch
        {
            IncidentEvent.Opened => ToAll(after, plan, AlertReason.Opened),
            IncidentEvent.SeverityChanged when after.Severity < before.Severity =>
                ToAll(after, plan, AlertReason.Worsened),
            IncidentEvent.AlertFailed { Reason: AlertReason.Update } failed =>
                UpdateAnnouncements.After(failed, after, plan),
            IncidentEvent.AlertFailed failed when Failover.IsOwedAfter(failed, before) =>
                Failover.NextWays(failed.Channel, failed.Reason, after, plan),
            IncidentEvent.AlertDelayed delayed => Failover.NextWays(delayed.Channel, delayed.Reason, after, plan),
            IncidentEvent.DecisionTaken => ToNewlyCalled(before, after, plan),
            IncidentEvent.DecisionProposed { ByItself: not null } => ToTeam(after, plan, AlertReason.Automatic),
            IncidentEvent.DecisionProposed proposed => ToApprovers(proposed.Rule, after, plan),
            IncidentEvent.OwnersAsked asked when IsNews(asked, before) => ToOwners(asked.Owners, after, plan),
            IncidentEvent.ScopePaused when after.IsPaused && !before.IsPaused => ToAll(after, plan, AlertReason.Paused),
            IncidentEvent.Contained => ToAll(after, plan, AlertReason.Contained),
            IncidentEvent.SigningRefused refused when IsNews(refused, before) =>
                ToAll(after, plan, AlertReason.Worsened),
            // The whole team was told that it is being paused by itself.
            IncidentEvent.CallSimulated { Succeeded: false }
                when AlertWords.NotPaused(after) is not null && AlertWords.NotPaused(before) is null =>
                ToTeam(after, plan, AlertReason.Worsened),
            IncidentEvent.SendingHindered hindered when IsNews(hindered, before) =>
                ToAll(after, plan, AlertReason.Worsened),
            IncidentEvent.CallIncluded { Succeeded: false } => ToAll(after, plan, AlertReason.Worsened),
            IncidentEvent.CallOrphaned when before.IsPaused => ToAll(after, plan, AlertReason.Worsened),
            IncidentEvent.PauseNearsEnd => ToAll(after, plan, AlertReason.PauseNearsEnd),
            IncidentEvent.PauseEnded when before.IsPaused => ToAll(after, plan, AlertReason.Worsened),
            IncidentEvent.OutflowSeen when before.Contained is not null => ToAll(after, plan, AlertReason.Worsened),
            IncidentEvent.HookFailed failed when after.Hook(failed.Action) is { HasFailed: true } =>
                ToAll(after, plan, AlertReason.HookFailed),
            IncidentEvent.PersonStruck when after.IsOpen => ToTeam(after, plan, AlertReason.Revoked),
            ChannelJudged judged when after.IsOpen => Distrusting.ToEverybody(plan, judged.IsTrusted),
            SilenceEvent.Lifted lifted when after.IsOpen => SilenceProgress.Told(lifted, before, plan),
            PageEvent page => ToPaged(page, after, plan),
            CommandEvent command => OfCommand(command, before, after, plan),
            DeadlineEvent.Neared near => ToOwner(near, after, plan, AlertReason.DeadlineNears),
            DeadlineEvent.Missed late when Insisting.IsReminder(late.What) || IsOfRole(late)
                || late.What == ReviewDeadline.What =>
                ToOwner(late, after, plan, AlertReason.DeadlineMissed),
            DeadlineEvent.Missed late when LedgerDues.Of(after, late.What) is not null => Both(
                ToAll(after, plan, AlertReason.DeadlineMissed), ToOwner(late, after, plan, AlertReason.DeadlineMissed)),
            DeadlineEvent.Missed => ToAll(after, plan, AlertReason.DeadlineMissed),
            UpdateEvent update => UpdateAnnouncements.Of(update, after, plan),
            LedgerEvent ledger => OfLedger(ledger, after, plan),
            IncidentEvent.Resolved => ToAll(after, plan, AlertReason.Resolved),
            // Whoever was told is told that the chain took it back, be it one finding of several.
            FindingRecorded recorded when recorded.Finding.Status == FindingStatus.Retracted && Stood(recorded, before)
                => ToAll(after, plan, AlertReason.Retracted),
            // Told once, when the last of it is over; and told again if any of it comes back.
            FindingRecorded when after.IsOver && !before.IsOver => ToAll(after, plan, AlertReason.Over),
            FindingRecorded when before.IsOver && !after.IsOver => ToAll(after, plan, AlertReason.Worsened),
            // After a false alarm was told, the attack's return must be told too.
            FindingRecorded when before.Phase == IncidentPhase.FalseAlarm && after.Phase != IncidentPhase.FalseAlarm
                => ToAll(after, plan, AlertReason.Worsened),
            _ => [],
        };

    /// <summary>What the announcement says, with the facts as they stand in <paramref name="incident"/>.</summary>
    /// <param name="logHead">The log's head that the alert carries.</param>
    public static Alert Write(
        Announcement announcement,
        string key,
        Incident incident,
        Plan plan,
        Links links,
        string logHead,
        DateTimeOffset now)
    {
        var issue = plan.Issues.FirstOrDefault(issue => issue.Id == incident.Issue);
        var main = incident.Main;
        var asksForAnswer = announcement.Person is not null
            && announcement.Reason is AlertReason.Opened or AlertReason.Worsened or AlertReason.Unanswered
                or AlertReason.Reopened or AlertReason.DecisionNeeded or AlertReason.DeadlineNears
                or AlertReason.DeadlineMissed or AlertReason.Changed or AlertReason.ChannelDistrusted
                or AlertReason.SilenceOver;
        return new Alert(
            key,
            incident.Id.ToString(),
            announcement.Reason,
            incident.Severity,
            incident.FirstSeenAt,
            AlertWords.Title(announcement.Reason, incident, issue?.Name ?? incident.Issue),
            $"{issue?.Name ?? main.Threat.ToName()} (confidence {main.Confidence:0.00}): {main.Reason}",
            ImpactInWords(incident),
            Affected(incident),
            AlertWords.DoNow(announcement.Reason, incident, plan),
            Commanding.Lead(incident, plan),
            links.WarRoom(incident.Id),
            asksForAnswer && announcement.Person is { } person
                ? links.Acknowledge(incident.Id.ToString(), person, now)
                : null,
            logHead,
            incident.Exercise,
            announcement.Update is { } update
                ? new Statement(update.Text, IsPublic(announcement, update), update.Name)
                : null);
    }

    // To its approver it goes with everything that is known beside it.
    private static bool IsPublic(Announcement announcement, Update update) =>
        announcement.Reason == AlertReason.Update && update.IsPublic;

    /// <summary>What the attack has cost so far, said as carefully as it is known.</summary>
    public static string ImpactInWords(Incident incident)
    {
        if (incident.Impact is { } impact)
            return $"{impact.TakenUsd:N0} USD {LossWords.Of(incident, "taken")}, "
                + $"{impact.SavedUsd:N0} USD kept by the pause, {impact.UsersAffected} users affected";
        // One transaction can stand in several findings, so the largest single account is the honest lower bound.
        var lost = incident.Findings
            .Where(f => f.Status != FindingStatus.Retracted)
            .Select(f => f.ImpactUsd)
            .DefaultIfEmpty()
            .Max();
        return lost > 0 ? $"about {lost:N0} USD {LossWords.Of(incident, "lost")} so far" : "no loss known yet";
    }

    private static List<Announcement> ToAll(Incident incident, Plan plan, AlertReason reason)
    {
        var told = ToShared(plan, reason);
        var names = Escalating.Of(incident, plan).SelectMany(one => one.Escalation.Notify);
        // Whom a schedule named is who was on call when it opened the last time, and whoever was called since.
        var called = Called.People(plan, names, incident.AskedSince).Select(person => person.Name)
            .Concat(incident.Pages.Called)
            .ToHashSet(StringComparer.Ordinal);
        AddFirstWays(told, plan.People.Where(person => called.Contains(person.Name)), plan, reason);
        return told;
    }

    private static List<Announcement> ToShared(Plan plan, AlertReason reason)
    {
        var told = new List<Announcement>();
        foreach (var communication in plan.Communications.Where(c => c.Audience == "responders" && c.When == "at-once"))
            Add(told, new Announcement(communication.Channel, null, reason));
        return told;
    }

    internal static void AddFirstWays(
        List<Announcement> told, IEnumerable<Person> people, Plan plan, AlertReason reason)
    {
        foreach (var person in people.Where(person => person.Ways.Count > 0))
            Add(told, new Announcement(person.Ways[0], Owner(person, person.Ways[0], plan), reason));
    }

    // Who is told at once heard of it when it opened, or grew worse.
    private static List<Announcement> ToPaged(PageEvent happened, Incident incident, Plan plan)
    {
        var told = new List<Announcement>();
        if (happened is PageEvent.LevelBegan { Level: > 0 } or PageEvent.LevelBegan { Round: > 0 })
            AddFirstWays(told, Named(((PageEvent.LevelBegan)happened).People), plan, AlertReason.Unanswered);
        if (happened is PageEvent.Paged paged)
            foreach (var person in Named([paged.Person]))
                Add(told, new Announcement(paged.Channel, Owner(person, paged.Channel, plan),
                    paged.Purpose == PagePurpose.Approve ? AlertReason.DecisionNeeded : AlertReason.Unanswered));
        if (happened is PageEvent.NobodyAnswered nobody)
        {
            foreach (var person in Named(nobody.People))
                foreach (var way in person.Ways)
                    Add(told, new Announcement(way, Owner(person, way, plan), AlertReason.Unanswered));
            told.AddRange(ToShared(plan, AlertReason.Unanswered).Where(one => told.All(t => t.Channel != one.Channel)));
        }
        return told;

        IEnumerable<Person> Named(ValueList<string> names) => plan.People.Where(person => names.Contains(person.Name)
            && incident.Pages.AnswerOf(person.Name)?.Answer != PageAnswer.Unable
            && (happened is PageEvent.Paged || incident.Answers.All(one => one.Person != person.Name)));
    }

    private static List<Announcement> OfCommand(
        CommandEvent happened, Incident before, Incident after, Plan plan) => happened switch
        {
            CommandEvent.RoleGiven { IsByPlan: true } passed when !IsWorthWaking(passed.Role, after, plan) =>
                ToShared(plan, AlertReason.RoleGiven),
            CommandEvent.RoleOffered offered when !IsWorthWaking(offered.Role, after, plan) =>
                ToShared(plan, AlertReason.RoleOffered),
            CommandEvent.RoleGiven given => ToHolders(given.Person, given.From, plan, AlertReason.RoleGiven),
            CommandEvent.RoleOffered offered =>
                ToHolders(offered.Person, offered.From, plan, AlertReason.RoleOffered),
            CommandEvent.Rated when after.Severity < before.Severity => ToAll(after, plan, AlertReason.Worsened),
            // Whoever was called hears that they are no more, and whoever is called from now on.
            CommandEvent.Rated or CommandEvent.Reclassified => Both(
                ToAll(before, plan, AlertReason.Changed), ToAll(after, plan, AlertReason.Changed)),
            CommandEvent.Assessed => ToNewlyCalled(before, after, plan),
            CommandEvent.DeclaredFalse => ToAll(after, plan, AlertReason.FalseAlarm),
            CommandEvent.Reopened => ToAll(after, plan, AlertReason.Reopened),
            CommandEvent.PhaseReached => ToShared(plan, AlertReason.PhaseReached),
            CommandEvent.MergedInto => ToAll(before, plan, AlertReason.Merged),
            _ => [],
        };

    private static List<Announcement> ToHolders(string now, string? before, Plan plan, AlertReason reason)
    {
        var told = ToShared(plan, reason);
        AddFirstWays(
            told, plan.People.Where(person => person.Name == now || person.Name == before), plan, reason);
        return told;
    }

    // A large team has many roles and hands them all over at nine: woken is who leads, or still has something to do.
    private static bool IsWorthWaking(string role, Incident incident, Plan plan) =>
        incident.Severity.IsAtLeast(Severity.High)
        && (role == Commanding.Commander || (plan.Role(role) is { } planned
            && planned.Actions.Any(action => RoleActions.Done(incident, planned.IdOf(action)) is null)));

    private static bool IsOfRole(DeadlineEvent due) =>
        due.What.StartsWith(RoleActions.Prefix, StringComparison.Ordinal);

    private static List<Announcement> Both(List<Announcement> one, List<Announcement> other)
    {
        foreach (var announcement in other)
            Add(one, announcement);
        return one;
    }

    // An escalation that begins later than the incident: whom it calls has heard nothing yet.
    private static List<Announcement> ToNewlyCalled(Incident before, Incident after, Plan plan)
    {
        var known = Escalating.Of(before, plan).Select(one => one.Place).ToHashSet();
        var names = Escalating.Of(after, plan).Where(one => !known.Contains(one.Place))
            .SelectMany(one => one.Escalation.Notify);
        var told = new List<Announcement>();
        AddFirstWays(told, Called.People(plan, names, after.LastWordAt), plan, AlertReason.Opened);
        return told;
    }

    private static List<Announcement> ToOwner(
        DeadlineEvent near, Incident incident, Plan plan, AlertReason reason)
    {
        var told = ToShared(plan, reason);
        if (LedgerDues.Of(incident, near.What) is { } entry && plan.Decision(entry.Rule) is { } decided)
            told = Both(told, ToWallets(plan.ApprovalRule(decided).IsApprover, incident, plan, reason));
        else if (near.Owner == IncidentDeadlines.Approvers && incident.Decision is { } decision
            && plan.Decision(decision.Rule) is { } rule)
            told = Both(told, ToWallets(plan.ApprovalRule(rule).IsApprover, incident, plan, reason));
        // Who stands in hears of what is late, and is not woken for what may still be in time.
        var deputy = near is DeadlineEvent.Missed && IsOfRole(near) ? plan.Role(near.Owner)?.Deputy : null;
        foreach (var role in new[] { near.Owner, Commanding.Commander, deputy }.OfType<string>())
            if (Commanding.Holder(incident, plan, role) is { } holder)
                AddFirstWays(told, [holder], plan, reason);
        return told;
    }

    // Of the core team everybody, also whom the escalation would not wake.
    private static List<Announcement> ToTeam(Incident incident, Plan plan, AlertReason reason)
    {
        var told = ToAll(incident, plan, reason);
        foreach (var person in plan.People.Where(person => person.Core && person.Ways.Count > 0))
            Add(told, new Announcement(person.Ways[0], Owner(person, person.Ways[0], plan), reason));
        return told;
    }

    private static List<Announcement> ToApprovers(string rule, Incident incident, Plan plan)
    {
        if (plan.Decision(rule) is not { } decision)
            return [];
        return ToWallets(plan.ApprovalRule(decision).IsApprover, incident, plan, AlertReason.DecisionNeeded);
    }

    // What is prepared in the place of another is told with that.
    private static List<Announcement> OfLedger(LedgerEvent happened, Incident after, Plan plan)
    {
        // In whose name others speak must hear of it while a no still counts.
        if (happened is LedgerEvent.Attested heard)
            return ToWallets(
                wallet => plan.People.Any(person => person.Name == heard.Of && person.Wallet == wallet), after, plan,
                AlertReason.LedgerDecision);
        var (rule, reason) = happened switch
        {
            LedgerEvent.DecisionOpened { By: not null } opened => (opened.Rule, AlertReason.LedgerDecision),
            LedgerEvent.ActedFirst acted => (acted.Rule, AlertReason.LedgerDecision),
            LedgerEvent.SubstitutePrepared prepared => (prepared.Instead, AlertReason.SubstitutePrepared),
            _ => ("", AlertReason.LedgerDecision),
        };
        return plan.Decision(rule) is { } decision
            ? ToWallets(plan.ApprovalRule(decision).IsApprover, after, plan, reason)
            : [];
    }

    private static List<Announcement> ToOwners(ValueList<Address> owners, Incident incident, Plan plan) =>
        ToWallets(owners.Contains, incident, plan, AlertReason.OwnersNeeded);

    private static List<Announcement> ToWallets(
        Func<Address, bool> isMeant, Incident incident, Plan plan, AlertReason reason)
    {
        var told = new List<Announcement>();
        foreach (var person in plan.People)
        {
            if (person.Wallet is not { } wallet || !isMeant(wallet) || person.Ways.Count == 0)
                continue;
            var way = person.Ways[0];
            Add(told, new Announcement(way, Owner(person, way, plan), reason));
        }
        foreach (var all in ToAll(incident, plan, reason).Where(a => a.Person is null))
            Add(told, all);
        return told;
    }

    // Two calls of one decision are usually refused for one reason, and a refusal stays one after the expiry. What
    // follows a refusal for good was told with it. That nothing is paused by itself for a false alarm is as it should
    // be.
    private static bool IsNews(IncidentEvent.SigningRefused refused, Incident before) =>
        before.Decision is not { } decision
        || (decision.Calls.All(call => call.Refusal?.Reason != refused.Reason)
            && !decision.IsRefusedForGood
            && (decision.ByItself is null || before.IsOpen));

    // Fees are the same for every call of a chain: the first that meets the ceiling tells it.
    private static bool IsNews(IncidentEvent.SendingHindered hindered, Incident before) =>
        Hindered.IsToldOf(hindered.Why)
        && before.Decision?.Calls.Any(call => call.Included is null && call.Has(hindered.Why)) != true;

    // One message for all calls of a decision; again where what was signed is void.
    private static bool IsNews(IncidentEvent.OwnersAsked asked, Incident before) =>
        before.Decision is { } decision
        && (decision.Calls[asked.Call].Consent is null
            ? decision.Calls.All(call => call.Consent is null)
            : decision.Calls.Take(asked.Call).All(earlier => earlier.Signed is not null));

    private static bool Stood(FindingRecorded recorded, Incident before) =>
        before.Findings.Any(known => known.Id == recorded.Finding.Id && known.Status != FindingStatus.Retracted);

    // A channel on which anyone else listens is nobody's own: a link to acknowledge would let them act as this person.
    internal static string? Owner(Person person, string way, Plan plan) =>
        OwnWay.PersonOf(plan, way)?.Id == person.Id ? person.Id : null;

    // A channel that several share is told once, and then as nobody's own.
    internal static void Add(List<Announcement> told, Announcement announcement)
    {
        var same = told.FindIndex(other => other.Channel == announcement.Channel);
        if (same < 0)
            told.Add(announcement);
        else if (told[same].Person != announcement.Person)
            told[same] = told[same] with { Person = null };
    }

    private static ValueList<string> Affected(Incident incident)
    {
        var subjects = incident.Findings.Select(finding => finding.Subject).Distinct();
        var transactions = incident.AttackTransactions;
        var newest = transactions.Skip(Math.Max(0, transactions.Count - 5)).Select(hash => $"transaction {hash}");
        var hidden = transactions.Count > 5
            ? [$"{transactions.Count - 5} earlier transactions: see the war room"]
            : Array.Empty<string>();
        return [.. subjects, .. hidden, .. newest];
    }
}
