using Tocsin.Chains;
using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Decisions;

/// <summary>Every decision of an incident in one list, of calls and of people: a pure function of its events.</summary>
public static class Ledger
{
    public static ValueList<LedgerRow> Rows(Incident incident, Plan plan, DateTimeOffset now) => incident.PastDecisions
        .Append(incident.Decision)
        .OfType<DecisionProgress>()
        .Select(decision => OfCalls(incident, plan, decision, now))
        .Concat(incident.Ledger.Entries.Select(entry => OfPeople(incident, plan, entry, now)))
        .OrderBy(row => row.At)
        .ToValueList();

    /// <summary>By which people name a decision of calls.</summary>
    public static string KeyOf(DecisionProgress decision) => decision.Decision.Id.ToString();

    /// <param name="isPresent">False where another one was proposed since, or the incident began again.</param>
    internal static LedgerState StateOf(DecisionProgress decision, bool isPresent, DateTimeOffset now) =>
        decision switch
        {
            { TakenAt: not null } => decision.Calls.All(call => call.Included is { Succeeded: true })
                ? LedgerState.Executed
                : LedgerState.Approved,
            { SetAsideAt: not null } => LedgerState.Refused,
            _ => !isPresent || decision.HasEnded(now) ? LedgerState.Expired : LedgerState.Proposed,
        };

    private static LedgerRow OfCalls(Incident incident, Plan plan, DecisionProgress decision, DateTimeOffset now)
    {
        var rule = plan.Decision(decision.Rule);
        var seats = rule is null ? null
            : decision.TakenAt is null ? plan.ApprovalRule(rule) : plan.ApprovalRuleWithStruck(rule);
        var state = StateOf(decision, decision == incident.Decision, now);
        return Row(incident, plan, KeyOf(decision), decision.Rule, state) with
        {
            IsOfCalls = true,
            At = decision.ProposedAt,
            Until = decision.Decision.ExpiresAt,
            By = decision.ByItself is null ? incident.DecisionRequestedBy : null,
            Places = Seated(seats, decision.Approvers, wallet => NameOf(plan, wallet) ?? wallet.ToShortString(),
                _ => decision.ByItself is null ? "signed" : "signed ahead"),
        };
    }

    private static LedgerRow OfPeople(Incident incident, Plan plan, LedgerEntry entry, DateTimeOffset now)
    {
        var rule = plan.Decision(entry.Rule);
        var isOver = entry.TakenAt is not null || entry.RatifiedAt is not null;
        var seats = rule is null ? null : isOver ? plan.ApprovalRuleWithStruck(rule) : plan.ApprovalRule(rule);
        var people = plan.People.Concat(isOver ? plan.Struck : []).ToList();
        var given = entry.Approvals
            .Select(one => (one, people.FirstOrDefault(person => person.Name == one.By)?.Wallet))
            .Where(one => one.Wallet is not null)
            .DistinctBy(one => one.Wallet)
            .ToDictionary(one => one.Wallet!.Value, one => one.one);
        return Row(incident, plan, entry.Key, entry.Rule, entry.StateAt(now)) with
        {
            At = entry.At,
            Until = entry.RatifyBy ?? entry.Expires,
            By = entry.By,
            Words = entry.Words,
            Places = Seated(seats, [.. given.Keys], wallet => given[wallet].By, wallet => HowGiven(given[wallet])),
            Heard = entry.Heard,
            Declined = entry.Declined,
            Acted = entry.Acted,
            Executed = entry.Executed,
            Transaction = entry.Transaction,
        };
    }

    private static LedgerRow Row(Incident incident, Plan plan, string key, string id, LedgerState state)
    {
        var rule = plan.Decision(id);
        return new LedgerRow(key, id, rule?.Name ?? id, state)
        {
            What = rule is null ? null : plan.Action(rule.Action)?.What,
            Reviewer = rule?.Reviewer,
            Reviews = incident.Ledger.Reviews.Where(review => review.Key == key).ToValueList(),
            Instead = incident.Ledger.Substitutes.LastOrDefault(one => one.Key == key)?.Instead,
        };
    }

    private static ValueList<LedgerPlace> Seated(
        ApprovalRule? rule, IReadOnlyCollection<Address> approvers, Func<Address, string> name,
        Func<Address, string> how)
    {
        if (rule is null)
            return [];
        var seated = rule.Seat(approvers);
        return rule.Places
            .Select((place, i) => seated[i] is { } wallet
                ? new LedgerPlace(place.Role, name(wallet), how(wallet))
                : new LedgerPlace(place.Role, null, null))
            .ToValueList();
    }

    private static string HowGiven(GivenApproval given) =>
        given.HeardBy.Count == 0 ? "said here" : $"by voice, heard by {string.Join(" and ", given.HeardBy)}";

    private static string? NameOf(Plan plan, Address wallet) =>
        plan.People.Concat(plan.Struck).FirstOrDefault(person => person.Wallet == wallet)?.Name;
}

/// <summary>One decision, and how far it is.</summary>
/// <param name="Key">By which people name it.</param>
/// <param name="Rule">By its id in the plan.</param>
/// <param name="Name">As the plan calls it.</param>
public sealed record LedgerRow(string Key, string Rule, string Name, LedgerState State)
{
    /// <summary>True where wallets alone decide it, and the signer carries it out.</summary>
    public bool IsOfCalls { get; init; }

    /// <summary>What is done by it; null where the plan does not know it any more.</summary>
    public string? What { get; init; }

    /// <summary>Who asked for it, or acted; null where nobody did.</summary>
    public string? By { get; init; }

    public string? Words { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>Until when approvals count; of what was done first, until when they are in time.</summary>
    public DateTimeOffset Until { get; init; }

    public ValueList<LedgerPlace> Places { get; init; } = [];

    /// <summary>The roles for which an approval is still needed.</summary>
    public ValueList<string> Missing =>
        Places.Where(place => place.FilledBy is null).Select(place => place.Role).ToValueList();

    public ValueList<HeardApproval> Heard { get; init; } = [];

    public ValueList<Said> Declined { get; init; } = [];

    public Said? Acted { get; init; }

    public Said? Executed { get; init; }

    public Hash32? Transaction { get; init; }

    /// <summary>The role whose holder is to read it; null where the plan names none.</summary>
    public string? Reviewer { get; init; }

    public ValueList<DataReview> Reviews { get; init; } = [];

    /// <summary>True where the plan has somebody read it and nobody has. Nothing waits for it.</summary>
    public bool IsUnreviewed => Reviewer is not null && Reviews.Count == 0;

    /// <summary>The decision that was prepared in its place; null for none.</summary>
    public string? Instead { get; init; }
}

/// <param name="Role">As the plan calls the place.</param>
/// <param name="FilledBy">By name; null while it is empty.</param>
public sealed record LedgerPlace(string Role, string? FilledBy, string? How);
