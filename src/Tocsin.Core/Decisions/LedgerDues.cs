using Tocsin.Deadlines;
using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Decisions;

/// <summary>What falls due of decisions by itself, and when: a pure function of incident, plan and instant.</summary>
public static class LedgerDues
{
    /// <summary>How the deadline of an approval begins; that of a ratification begins with
    /// <see cref="Ratification"/>.</summary>
    internal const string Decision = "decision ";

    /// <inheritdoc cref="Decision"/>
    internal const string Ratification = "ratification ";

    public static IReadOnlyList<LedgerEvent> Owed(Incident incident, Plan plan, DateTimeOffset now)
    {
        var owed = new List<LedgerEvent>();
        foreach (var entry in incident.Ledger.Entries)
        {
            if (incident.IsOpen && entry.IsOpen && now >= entry.Expires)
                owed.Add(new LedgerEvent.Expired(incident.Id, entry.Key));
            if (entry.IsToRatify && now >= entry.RatifyBy)
                owed.Add(new LedgerEvent.Unratified(
                    incident.Id, entry.Key, entry.Rule, entry.Acted!.By, "nobody ratified it in time"));
        }
        foreach (var waiting in Waiting(incident, plan).Where(one => now >= one.Due))
            owed.AddRange(Prepare(incident, plan, waiting, [.. owed.OfType<LedgerEvent.DecisionOpened>()], now));
        return owed;
    }

    /// <summary>When something is owed next, if nothing happens before; null for never.</summary>
    public static DateTimeOffset? NextDue(Incident incident, Plan plan, DateTimeOffset now) => incident.Ledger.Entries
        .Where(entry => entry.IsToRatify || (incident.IsOpen && entry.IsOpen))
        .Select(entry => entry.RatifyBy ?? entry.Expires)
        .Concat(Waiting(incident, plan).Select(one => one.Due))
        .Where(due => due > now)
        .Select(due => (DateTimeOffset?)due)
        .Min();

    /// <summary>Until when approvals and ratifications must be there, and whether they were.</summary>
    public static IEnumerable<Deadline> Deadlines(Incident incident, Plan plan) =>
        incident.Ledger.Entries.SelectMany(entry => Deadlines(entry, plan));

    /// <summary>Of those only what is owed after the end too.</summary>
    public static IEnumerable<Deadline> Ratifications(Incident incident, Plan plan) => Deadlines(incident, plan)
        .Where(deadline => deadline.What.StartsWith(Ratification, StringComparison.Ordinal));

    /// <summary>The decision of people that a deadline is of; null where it is of something else.</summary>
    public static LedgerEntry? Of(Incident incident, string deadline) => incident.Ledger.Entries.FirstOrDefault(entry =>
        deadline == Name(Decision, entry) || deadline == Name(Ratification, entry));

    private static string Name(string kind, LedgerEntry entry) => $"{kind}{entry.Key} ({entry.Rule})";

    private static IEnumerable<Deadline> Deadlines(LedgerEntry entry, Plan plan)
    {
        var owner = plan.Decision(entry.Rule) is { } rule
            ? string.Join(", ", plan.ApprovalRule(rule).Places.Select(place => place.Role).Distinct())
            : IncidentDeadlines.Approvers;
        if (entry is { Acted: { } acted, RatifyBy: { } until })
            yield return Deadline.Told(
                Name(Ratification, entry), owner, acted.At, until, entry.RatifiedAt ?? entry.RefusedAt);
        else
            yield return Deadline.Told(
                Name(Decision, entry), owner, entry.At, entry.Expires, entry.TakenAt ?? entry.RefusedAt);
    }

    // What is asked for and not taken, where the plan has another decision for that, from when it was asked for.
    private static IEnumerable<Unfilled> Waiting(Incident incident, Plan plan)
    {
        if (!incident.IsOpen)
            yield break;
        var prepared = incident.Ledger.Substitutes;
        // A proposal that expired and is made anew is asked for since the first.
        if (incident is { Decision: { TakenAt: null } decision, DecisionAskedAt: { } asked }
            && plan.Decision(decision.Rule)?.Unreachable is { } other
            && prepared.All(one => one.Rule != decision.Rule))
            yield return new(Ledger.KeyOf(decision), decision.Rule, other.Then, asked + other.After);
        foreach (var entry in incident.Ledger.Entries.Where(entry => entry.IsOpen))
            if (plan.Decision(entry.Rule)?.Unreachable is { } then && prepared.All(one => one.Key != entry.Key)
                && entry.At + then.After < entry.Expires)
                yield return new(entry.Key, entry.Rule, then.Then, entry.At + then.After);
    }

    private static IEnumerable<LedgerEvent> Prepare(
        Incident incident, Plan plan, Unfilled unfilled, IReadOnlyList<LedgerEvent.DecisionOpened> opened,
        DateTimeOffset now)
    {
        if (plan.Decision(unfilled.Instead) is not { } rule)
            yield break;
        if (Deciding.IsOfPeople(plan, rule) && Deciding.Present(incident, rule.Id, now) is null
            && opened.All(one => one.Rule != rule.Id))
            yield return new LedgerEvent.DecisionOpened(
                incident.Id, incident.Ledger.KeyAfter(opened.Count), rule.Id, null,
                $"'{unfilled.Rule}' has not all its approvals", now + rule.ValidFor);
        yield return new LedgerEvent.SubstitutePrepared(incident.Id, unfilled.Key, unfilled.Rule, rule.Id);
    }

    private sealed record Unfilled(string Key, string Rule, string Instead, DateTimeOffset Due);
}
