using Tocsin.Chains;
using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Decisions;

/// <summary>
/// What people may say of the plan's decisions, as pure functions of the state of the moment. Nothing here approves a
/// call: a decision of calls is taken by the signatures of wallets alone.
/// </summary>
public static class Deciding
{
    private const int MaximumMeans = 200;

    /// <summary>Asks the approvers of a decision that people carry out.</summary>
    public static Ruling Open(
        Incident incident, Plan plan, string rule, string by, string words, DateTimeOffset now)
    {
        if (WhyNotBegun(incident, plan, rule, by, words, now) is { } refusal)
            return Ruling.Refuse(refusal);
        if (Present(incident, rule, now) is { } open)
            return Ruling.Refuse($"'{rule}' is asked for already: decision {open.Key}");
        return new LedgerEvent.DecisionOpened(
            incident.Id, incident.Ledger.NextKey, rule, Name(plan, by), words, now + plan.Decision(rule)!.ValidFor);
    }

    public static Ruling Approve(Incident incident, Plan plan, string key, string by, DateTimeOffset now)
    {
        if (Collecting(incident, plan, key, by, now, out var refusal) is not { } entry)
            return Ruling.Refuse(refusal);
        return entry.Acted is null
            ? Approve(incident, plan, entry, plan.Person(by)!, now)
            : Ruling.Refuse($"{entry.Acted.By} acted first: ratify it");
    }

    /// <summary>Approves what somebody did first.</summary>
    public static Ruling Ratify(Incident incident, Plan plan, string key, string by, DateTimeOffset now)
    {
        if (Collecting(incident, plan, key, by, now, out var refusal) is not { } entry)
            return Ruling.Refuse(refusal);
        return entry.Acted is null
            ? Ruling.Refuse($"nobody acted first on decision {entry.Key}: approve it")
            : Approve(incident, plan, entry, plan.Person(by)!, now);
    }

    /// <summary>
    /// One person says that they heard another approve. It counts once as many as the plan asks for say so, each in
    /// their own name: nobody names their witnesses.
    /// </summary>
    public static Ruling Attest(
        Incident incident, Plan plan, string key, string of, string by, string means, string words, DateTimeOffset now)
    {
        if (Collecting(incident, plan, key, by, now, out var refusal) is not { } entry)
            return Ruling.Refuse(refusal);
        var rule = plan.Decision(entry.Rule)!;
        if (rule.Attested is not { } attested)
            return Ruling.Refuse($"'{rule.Id}' counts nothing that was approved by voice");
        if (plan.Person(of) is not { } approver)
            return Ruling.Refuse(Rulings.NoPerson(of));
        var witness = Name(plan, by);
        if (WhyNotHeard(entry, approver, witness, means, words) is { } unheard)
            return Ruling.Refuse(unheard);
        if (WhyNoPlace(entry, plan, approver) is { } refused)
            return Ruling.Refuse(refused);
        if (entry.Approvals.Any(one => one.By == approver.Name) || entry.Witnesses(approver.Name).Contains(witness))
            return Ruling.Nothing;
        var heard = new LedgerEvent.Attested(incident.Id, key, approver.Name, witness, means, words);
        var after = entry.Apply(heard, now);
        var witnesses = after.Witnesses(approver.Name)
            .Where(name => plan.People.Any(person => person.Name == name))
            .ToValueList();
        return witnesses.Count < attested.By
            ? heard
            : With(incident, plan, after, heard,
                new LedgerEvent.ApprovalGiven(incident.Id, key, approver.Name, witnesses), now);
    }

    /// <summary>
    /// A no. That of somebody who holds a required role refuses it, whatever their substitutes would say; that of
    /// another once the places cannot be filled any more.
    /// </summary>
    public static Ruling Decline(
        Incident incident, Plan plan, string key, string by, string reason, DateTimeOffset now)
    {
        if (Rulings.WhyNotWords(plan, by, reason, needsReason: true) is { } unsaid)
            return Ruling.Refuse(unsaid);
        if (Collecting(incident, plan, key, by, now, out var refusal) is not { } entry)
            return Ruling.Refuse(refusal);
        var (person, rule) = (plan.Person(by)!, plan.Decision(entry.Rule)!);
        if (entry.Declined.Any(one => one.By == person.Name))
            return Ruling.Nothing;
        if (WhyNoPlace(entry, plan, person) is { } other)
            return Ruling.Refuse(other);
        var declined = new LedgerEvent.Declined(incident.Id, key, person.Name, reason);
        var after = entry.Apply(declined, now);
        if (!rule.Required.Any(required => person.Roles.Contains(required.Role)) && CanBeFilled(after, plan))
            return declined;
        var events = new List<LogEvent> { declined, new LedgerEvent.Refused(incident.Id, key) };
        if (entry is { IsToRatify: true, Acted: { } acted })
            events.Add(new LedgerEvent.Unratified(
                incident.Id, key, entry.Rule, acted.By, $"{person.Name} declined to ratify it"));
        return new Ruling(events.ToValueList(), null);
    }

    /// <summary>It is done, after it was approved. Also once the incident is closed: it is a record.</summary>
    public static Ruling Execute(
        Incident incident, Plan plan, string key, string by, string words, Hash32? transaction, DateTimeOffset now)
    {
        if (Rulings.WhyNotWords(plan, by, words, needsReason: true) is { } unsaid)
            return Ruling.Refuse(unsaid);
        if (Find(incident, key, out var refusal) is not { } entry)
            return Ruling.Refuse(refusal);
        return entry.StateAt(now) == LedgerState.Approved
            ? new LedgerEvent.Executed(incident.Id, key, Name(plan, by), words, transaction)
            : Ruling.Refuse($"decision {key} is not approved: it is {InWords(entry.StateAt(now))}");
    }

    /// <summary>One whom the plan lets act does it now; others approve it afterwards, or it is a deviation.</summary>
    public static Ruling ActFirst(
        Incident incident, Plan plan, string rule, string by, string reason, DateTimeOffset now)
    {
        if (WhyNotBegun(incident, plan, rule, by, reason, now) is { } refusal)
            return Ruling.Refuse(refusal);
        var (person, decision) = (plan.Person(by)!, plan.Decision(rule)!);
        if (string.IsNullOrWhiteSpace(reason))
            return Ruling.Refuse("a reason is needed");
        if (decision.Ratify is not { } ratify)
            return Ruling.Refuse($"nobody may act first on '{rule}'");
        if (!ratify.Roles.Any(person.Roles.Contains))
            return Ruling.Refuse($"{person.Name} may not act first on '{rule}': {string.Join(", ", ratify.Roles)} may");
        if (Against(incident, rule, now) is { } no)
            return Ruling.Refuse($"decision {no.Key} is {InWords(no.StateAt(now))}: have it decided anew");
        var present = Present(incident, rule, now);
        if (present is { IsOpen: false })
            return Ruling.Refuse($"decision {present.Key} is {InWords(present.StateAt(now))}");
        var acted = new LedgerEvent.ActedFirst(
            incident.Id, present?.Key ?? incident.Ledger.NextKey, rule, person.Name, reason, now + ratify.Within);
        var after = incident.Ledger.Apply(acted, now)[acted.Key]!;
        if (!CanBeFilled(after, plan))
            return Ruling.Refuse($"without {person.Name} nobody could ratify '{rule}'");
        // What others had approved before, they have approved.
        return IsFilled(after, plan)
            ? new Ruling([acted, new LedgerEvent.Ratified(incident.Id, acted.Key)], null)
            : acted;
    }

    /// <summary>
    /// The plan's reviewer has read it. It is told, as its absence is, and nothing waits for it: an emergency pause
    /// least of all.
    /// </summary>
    public static Ruling Review(
        Incident incident, Plan plan, string key, string by, string words)
    {
        if (Rulings.WhyNotWords(plan, by, words, needsReason: true) is { } unsaid)
            return Ruling.Refuse(unsaid);
        var calls = incident.Decision is { } present && Ledger.KeyOf(present) == key ? present : null;
        var entry = incident.Ledger[key];
        if (calls is null && entry is null)
            return Ruling.Refuse(NoDecision(key));
        if (!incident.IsOpen && entry?.Acted is null)
            return Ruling.Refuse($"{incident.Id} is not open");
        var (person, rule) = (plan.Person(by)!, calls?.Rule ?? entry!.Rule);
        if (plan.Decision(rule)?.Reviewer is not { } reviewer)
            return Ruling.Refuse($"the plan names nobody who reads '{rule}'");
        if (!person.Roles.Contains(reviewer))
            return Ruling.Refuse($"{person.Name} does not hold the role '{reviewer}'");
        if ((calls is null ? entry!.By : incident.DecisionRequestedBy) == person.Name
            || entry?.Acted?.By == person.Name)
            return Ruling.Refuse("whoever proposed it does not review it");
        return incident.Ledger.Reviews.Any(review => review.Key == key && review.By == person.Name)
            ? Ruling.Nothing
            : new LedgerEvent.Reviewed(incident.Id, key, person.Name, words);
    }

    /// <summary>True for a decision that people carry out: its action makes no call on any chain.</summary>
    public static bool IsOfPeople(Plan plan, DecisionRule rule) => plan.Action(rule.Action) is { Calls.Count: 0 };

    /// <summary>A state in the words that people see.</summary>
    public static string InWords(LedgerState state) => state switch
    {
        LedgerState.ToRatify => "to be ratified",
        _ => state.ToString().ToLowerInvariant(),
    };

    /// <summary>True where every place is filled by somebody who approved.</summary>
    internal static bool IsFilled(LedgerEntry entry, Plan plan) =>
        IsFilledBy(entry, plan, person => entry.Approvals.Any(one => one.By == person.Name));

    // By everybody who has not said no, and did not do it themselves.
    private static bool CanBeFilled(LedgerEntry entry, Plan plan) => IsFilledBy(
        entry, plan,
        person => entry.Acted?.By != person.Name && entry.Declined.All(one => one.By != person.Name));

    private static bool IsFilledBy(LedgerEntry entry, Plan plan, Func<Person, bool> counts) =>
        plan.Decision(entry.Rule) is { } rule && plan.ApprovalRule(rule).IsMetBy(
            [.. plan.People.Where(counts).Select(person => person.Wallet).OfType<Address>()]);

    private static Ruling Approve(
        Incident incident, Plan plan, LedgerEntry entry, Person person, DateTimeOffset now)
    {
        if (WhyNoPlace(entry, plan, person) is { } refusal)
            return Ruling.Refuse(refusal);
        return entry.Approvals.Any(one => one.By == person.Name)
            ? Ruling.Nothing
            : With(
                incident, plan, entry, null, new LedgerEvent.ApprovalGiven(incident.Id, entry.Key, person.Name), now);
    }

    // With an approval, and with what follows where it was the last.
    private static Ruling With(
        Incident incident, Plan plan, LedgerEntry entry, LogEvent? before, LedgerEvent.ApprovalGiven approved,
        DateTimeOffset now)
    {
        var events = new List<LogEvent>();
        if (before is not null)
            events.Add(before);
        events.Add(approved);
        if (IsFilled(entry.Apply(approved, now), plan))
            events.Add(entry.Acted is null
                ? new LedgerEvent.Taken(incident.Id, entry.Key)
                : new LedgerEvent.Ratified(incident.Id, entry.Key));
        return new Ruling(events.ToValueList(), null);
    }

    private static string? WhyNotBegun(
        Incident incident, Plan plan, string rule, string by, string words, DateTimeOffset now)
    {
        if (Rulings.WhyNotWords(plan, by, words, needsReason: false) is { } unsaid)
            return unsaid;
        if (!incident.IsOpen)
            return $"{incident.Id} is not open";
        if (plan.Decision(rule) is not { } known)
            return $"the plan has no decision '{Rulings.Short(rule)}'"
                + PlanCheck.Near(rule, plan.Decisions.Select(one => one.Id));
        return IsOfPeople(plan, known)
            ? null
            : $"'{rule}' is one of calls: it is taken by the signatures of its approvers' wallets alone";
    }

    // What stands in the way of another of the same kind.
    internal static LedgerEntry? Present(Incident incident, string rule, DateTimeOffset now) =>
        incident.Ledger.Entries.LastOrDefault(entry => entry.Rule == rule
            && entry.StateAt(now) is LedgerState.Proposed or LedgerState.Approved or LedgerState.ToRatify);

    // A no, or what nobody ratified, is got around by no asking anew: only by a yes.
    private static LedgerEntry? Against(Incident incident, string rule, DateTimeOffset now) => incident.Ledger.Entries
        .Where(entry => entry.Rule == rule)
        .Reverse()
        .TakeWhile(entry =>
            entry.StateAt(now) is not (LedgerState.Approved or LedgerState.Executed or LedgerState.Ratified))
        .FirstOrDefault(entry => entry.StateAt(now) is LedgerState.Refused or LedgerState.Overdue);

    private static LedgerEntry? Collecting(
        Incident incident, Plan plan, string key, string by, DateTimeOffset now, out string refusal)
    {
        var entry = Find(incident, key, out refusal);
        if (entry is null)
            return null;
        var state = entry.StateAt(now);
        refusal = plan.Person(by) is null ? Rulings.NoPerson(by)
            : !entry.Collects || state == LedgerState.Expired ? $"decision {key} is {InWords(state)}"
            : !incident.IsOpen && entry.Acted is null ? $"{incident.Id} is not open"
            : plan.Decision(entry.Rule) is null ? $"the plan has no decision '{entry.Rule}' any more"
            : "";
        return refusal.Length == 0 ? entry : null;
    }

    private static LedgerEntry? Find(Incident incident, string key, out string refusal)
    {
        var entry = incident.Ledger[key];
        var isOfCalls = incident.PastDecisions.Append(incident.Decision).OfType<DecisionProgress>()
            .Any(decision => Ledger.KeyOf(decision) == key);
        refusal = entry is not null ? ""
            : isOfCalls ? "it is a decision of calls: the signatures of its approvers' wallets alone count"
            : NoDecision(key);
        return entry;
    }

    private static string? WhyNoPlace(LedgerEntry entry, Plan plan, Person person)
    {
        if (entry.Acted?.By == person.Name)
            return "whoever acted first does not ratify it";
        if (entry.Declined.Any(one => one.By == person.Name))
            return $"{person.Name} has declined it";
        return person.Wallet is { } wallet && plan.ApprovalRule(plan.Decision(entry.Rule)!).IsApprover(wallet)
            ? null
            : $"{person.Name} fills no place of '{entry.Rule}'";
    }

    private static string? WhyNotHeard(
        LedgerEntry entry, Person approver, string witness, string means, string words)
    {
        if (approver.Name == witness)
            return "whoever approved is not who heard it: approve it yourself";
        if (entry.Acted?.By == witness)
            return "whoever acted first attests nothing of it";
        if (string.IsNullOrWhiteSpace(means) || means.Length > MaximumMeans)
            return $"say by what means it was heard, in at most {MaximumMeans} characters";
        return string.IsNullOrWhiteSpace(words) || words.Length > Rulings.MaximumCharacters
            ? $"say what was heard, in at most {Rulings.MaximumCharacters} characters"
            : null;
    }

    private static string NoDecision(string key) => $"there is no decision '{Rulings.Short(key)}' here";

    private static string Name(Plan plan, string by) => plan.Person(by)!.Name;
}
