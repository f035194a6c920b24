using Tocsin.Chains;
using Tocsin.Decisions;
using Tocsin.Incidents;
using Tocsin.Plans;

namespace Tocsin.Reports;

/// <summary>What was said of a decision, or became of it.</summary>
public enum DecisionWord
{
    Asked,
    Approved,

    /// <summary>Somebody heard somebody else approve it.</summary>
    Heard,
    Declined,

    /// <summary>It has all its approvals.</summary>
    Taken,
    Refused,
    Expired,
    Executed,
    ActedFirst,
    Ratified,

    /// <summary>It was done first and not ratified, or not in time: a deviation from the plan.</summary>
    Unratified,
    Reviewed,

    /// <summary>Those who decide could not be reached: another decision was prepared.</summary>
    Substituted,
}

/// <summary>A decision of people or of calls, with each word that was said of it. What somebody said who was revoked
/// since stays in it, and does not count for its state.</summary>
/// <param name="Key">By which people name it; of one of calls, its id in <c>decisions</c>.</param>
/// <param name="Rule">By its id in the plan.</param>
/// <param name="Until">Until when approvals count; of what was done first, until when they are in time.</param>
public sealed record RecordedChoice(
    string Key,
    string Rule,
    string Name,
    bool OfCalls,
    LedgerState State,
    string? AskedBy,
    DateTimeOffset At,
    DateTimeOffset Until,
    ValueList<RecordedWord> Said)
{
    /// <param name="events">All of the incident, oldest first.</param>
    /// <param name="calls">Every decision of calls as it was last, with who had asked for it.</param>
    public static ValueList<RecordedChoice> Of(
        IReadOnlyList<Happened> events,
        Incident incident,
        Plan plan,
        IEnumerable<(DecisionProgress Decision, string? AskedBy)> calls)
    {
        var asOf = events[^1].At;
        var said = events
            .Where(one => one.Event is LedgerEvent)
            .ToLookup(one => ((LedgerEvent)one.Event).Key, one => RecordedWord.Said((LedgerEvent)one.Event, one.At));
        return calls
            .Select(one => OfWallets(one.Decision, one.AskedBy, said, incident, plan, asOf))
            .Concat(incident.Ledger.Entries.Select(entry => new RecordedChoice(
                entry.Key, entry.Rule, NameOf(entry.Rule, plan), false, entry.StateAt(asOf), entry.By, entry.At,
                entry.RatifyBy ?? entry.Expires, said[entry.Key].ToValueList())))
            .OrderBy(choice => choice.At)
            .ToValueList();
    }

    private static RecordedChoice OfWallets(
        DecisionProgress decision, string? askedBy, ILookup<string, RecordedWord> said, Incident incident, Plan plan,
        DateTimeOffset asOf)
    {
        var key = Ledger.KeyOf(decision);
        var isPresent = decision.Decision.Id == incident.Decision?.Decision.Id;
        var state = Ledger.StateOf(decision, isPresent, asOf);
        var by = decision.ByItself is null ? askedBy : null;
        return new RecordedChoice(
            key, decision.Rule, NameOf(decision.Rule, plan), true, state, by, decision.ProposedAt,
            decision.Decision.ExpiresAt,
            WordsOf(decision, by, state, plan, asOf).Concat(said[key]).OrderBy(word => word.At).ToValueList());
    }

    private static IEnumerable<RecordedWord> WordsOf(
        DecisionProgress decision, string? askedBy, LedgerState state, Plan plan, DateTimeOffset asOf)
    {
        yield return new RecordedWord(DecisionWord.Asked, askedBy, decision.ProposedAt);
        foreach (var approval in decision.Approvals.Concat(decision.Withdrawn))
            yield return new RecordedWord(
                DecisionWord.Approved, NameOf(approval.Signer, plan), approval.ReceivedAt)
            {
                Means = decision.ByItself is null ? "signature" : "signature, ahead",
            };
        if (decision.TakenAt is { } taken)
            yield return new RecordedWord(DecisionWord.Taken, null, taken);
        if (decision.SetAsideAt is { } aside)
            yield return new RecordedWord(DecisionWord.Refused, null, aside) { Words = "set aside" };
        if (state == LedgerState.Executed && decision.Calls.Max(call => call.Included?.At) is { } done)
            yield return new RecordedWord(DecisionWord.Executed, null, done);
        if (state == LedgerState.Expired && decision.ActUntil <= asOf)
            yield return new RecordedWord(DecisionWord.Expired, null, decision.ActUntil);
    }

    private static string NameOf(Address wallet, Plan plan) =>
        plan.People.FirstOrDefault(person => person.Wallet == wallet)?.Name ?? wallet.ToString();

    private static string NameOf(string rule, Plan plan) => plan.Decision(rule)?.Name ?? rule;
}

/// <param name="By">Who said it, by name; null where it follows from what was said.</param>
public sealed record RecordedWord(DecisionWord Says, string? By, DateTimeOffset At)
{
    /// <summary>How it was said, for example <c>signature</c>, <c>said here</c>, <c>phone</c>.</summary>
    public string? Means { get; init; }

    /// <summary>Who was heard.</summary>
    public string? Of { get; init; }

    /// <summary>Who heard it; null where nobody had to.</summary>
    public ValueList<string>? HeardBy { get; init; }

    public string? Words { get; init; }

    public Hash32? Transaction { get; init; }

    /// <summary>What was prepared in its place.</summary>
    public string? Instead { get; init; }

    /// <exception cref="InvalidOperationException">The event is of a kind that this version does not know.</exception>
    public static RecordedWord Said(LedgerEvent happened, DateTimeOffset at) => happened switch
    {
        LedgerEvent.DecisionOpened opened => new(DecisionWord.Asked, opened.By, at) { Words = opened.Words },
        LedgerEvent.ApprovalGiven { HeardBy: { Count: > 0 } heardBy } approved =>
            new(DecisionWord.Approved, approved.By, at) { Means = "by voice", HeardBy = heardBy },
        LedgerEvent.ApprovalGiven approved => new(DecisionWord.Approved, approved.By, at) { Means = "said here" },
        LedgerEvent.Attested heard => new(DecisionWord.Heard, heard.By, at)
        {
            Of = heard.Of,
            Means = heard.Means,
            Words = heard.Words,
        },
        LedgerEvent.Declined declined => new(DecisionWord.Declined, declined.By, at) { Words = declined.Reason },
        LedgerEvent.Taken => new(DecisionWord.Taken, null, at),
        LedgerEvent.Refused => new(DecisionWord.Refused, null, at),
        LedgerEvent.Expired => new(DecisionWord.Expired, null, at),
        LedgerEvent.Executed done => new(DecisionWord.Executed, done.By, at)
        {
            Words = done.Words,
            Transaction = done.Transaction,
        },
        LedgerEvent.ActedFirst acted => new(DecisionWord.ActedFirst, acted.By, at) { Words = acted.Reason },
        LedgerEvent.Ratified => new(DecisionWord.Ratified, null, at),
        LedgerEvent.Unratified late => new(DecisionWord.Unratified, null, at) { Of = late.By, Words = late.Reason },
        LedgerEvent.Reviewed read => new(DecisionWord.Reviewed, read.By, at) { Words = read.Words },
        LedgerEvent.SubstitutePrepared prepared =>
            new(DecisionWord.Substituted, null, at) { Instead = prepared.Instead },
        _ => throw new InvalidOperationException($"no decision can take {happened.GetType().Name}"),
    };
}
