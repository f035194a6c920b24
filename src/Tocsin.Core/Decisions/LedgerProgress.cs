using System.Globalization;
using Tocsin.Chains;
using Tocsin.Incidents;

namespace Tocsin.Decisions;

/// <summary>What people decided in an incident that no signer carries out, and what they said of any decision.
/// </summary>
/// <param name="Entries">In the order in which they were opened.</param>
/// <param name="Reviews">Of these and of decisions of calls.</param>
/// <param name="Substitutes">Since it was opened the last time.</param>
public sealed record LedgerProgress(
    ValueList<LedgerEntry> Entries, ValueList<DataReview> Reviews, ValueList<PreparedSubstitute> Substitutes)
{
    public static LedgerProgress None { get; } = new([], [], []);

    public LedgerEntry? this[string key] => Entries.FirstOrDefault(entry => entry.Key == key);

    /// <summary>That of which something was said last; null while there is none.</summary>
    public LedgerEntry? Last => LastKey is { } key ? this[key] : null;

    /// <inheritdoc cref="Last"/>
    public string? LastKey { get; init; }

    /// <summary>The key that the next one gets.</summary>
    public string NextKey => KeyAfter(0);

    /// <summary>The key that the next one gets once so many more were opened.</summary>
    public string KeyAfter(int more) => (Entries.Count + 1 + more).ToString(CultureInfo.InvariantCulture);

    /// <summary>True where something was done that others still have to approve, also after the end.</summary>
    public bool IsToRatify => Entries.Any(entry => entry.IsToRatify);

    /// <exception cref="InvalidOperationException">The event is of a kind that this version does not know.</exception>
    public LedgerProgress Apply(LedgerEvent happened, DateTimeOffset at) => happened switch
    {
        LedgerEvent.DecisionOpened opened => this with
        {
            Entries = Entries.Add(new(opened.Key, opened.Rule, opened.By, opened.Words, at, opened.Expires)),
            LastKey = opened.Key,
        },
        LedgerEvent.ActedFirst acted when this[acted.Key] is null => (this with
        {
            Entries = Entries.Add(new(acted.Key, acted.Rule, acted.By, acted.Reason, at, acted.RatifyBy)),
        }).With(acted, at),
        LedgerEvent.Reviewed reviewed => this with
        {
            Reviews = Reviews.Add(new(reviewed.Key, reviewed.By, reviewed.Words, at)),
        },
        LedgerEvent.SubstitutePrepared prepared => this with
        {
            Substitutes = Substitutes.Add(new(prepared.Key, prepared.Rule, prepared.Instead, at)),
        },
        _ => With(happened, at),
    };

    /// <summary>What a revoked person said counts no more, where it is not decided yet.</summary>
    public LedgerProgress Without(string revoked) => this with
    {
        Entries = Entries.Select(entry => entry.Collects ? entry.Without(revoked) : entry).ToValueList(),
        Reviews = Reviews.Where(review => review.By != revoked).ToValueList(),
    };

    /// <summary>When it begins again, whoever could not be reached then may be now.</summary>
    public LedgerProgress Begun() => this with { Substitutes = [] };

    private LedgerProgress With(LedgerEvent happened, DateTimeOffset at) => this with
    {
        LastKey = happened.Key,
        Entries = Entries.Select(entry => entry.Key == happened.Key ? entry.Apply(happened, at) : entry).ToValueList(),
    };
}

/// <summary>One decision of people.</summary>
/// <param name="Rule">By its id in the plan.</param>
/// <param name="By">Who asked for it, or acted; null where the plan had it prepared.</param>
/// <param name="Expires">From this instant on approvals count no more, unless somebody has acted first.</param>
public sealed record LedgerEntry(
    string Key, string Rule, string? By, string Words, DateTimeOffset At, DateTimeOffset Expires)
{
    public ValueList<GivenApproval> Approvals { get; init; } = [];

    /// <summary>What was heard elsewhere.</summary>
    public ValueList<HeardApproval> Heard { get; init; } = [];

    /// <summary>What was heard elsewhere last; null where nothing was, since somebody acted first.</summary>
    public HeardApproval? LastHeard =>
        Heard is [.., var last] && (Acted is null || last.At > Acted.At) ? last : null;

    public ValueList<Said> Declined { get; init; } = [];

    public DateTimeOffset? TakenAt { get; init; }

    public DateTimeOffset? RefusedAt { get; init; }

    public DateTimeOffset? ExpiredAt { get; init; }

    public Said? Executed { get; init; }

    public Hash32? Transaction { get; init; }

    /// <summary>Who did it before it was approved.</summary>
    public Said? Acted { get; init; }

    public DateTimeOffset? RatifyBy { get; init; }

    public DateTimeOffset? RatifiedAt { get; init; }

    public DateTimeOffset? UnratifiedAt { get; init; }

    /// <summary>True while it waits for approvals and nobody has acted.</summary>
    public bool IsOpen => TakenAt is null && RefusedAt is null && ExpiredAt is null && Acted is null;

    /// <summary>True while it was done, and others may still approve it in time.</summary>
    public bool IsToRatify => Acted is not null && RatifiedAt is null && RefusedAt is null && UnratifiedAt is null;

    /// <summary>True while approvals count, be it too late.</summary>
    public bool Collects => IsOpen || (Acted is not null && RatifiedAt is null && RefusedAt is null);

    public LedgerState StateAt(DateTimeOffset now) => this switch
    {
        { RefusedAt: not null } => LedgerState.Refused,
        { RatifiedAt: not null } => LedgerState.Ratified,
        { Acted: not null } => UnratifiedAt is null && now < RatifyBy ? LedgerState.ToRatify : LedgerState.Overdue,
        { Executed: not null } => LedgerState.Executed,
        { TakenAt: not null } => LedgerState.Approved,
        _ => ExpiredAt is null && now < Expires ? LedgerState.Proposed : LedgerState.Expired,
    };

    /// <summary>Who has heard a person approve it.</summary>
    public ValueList<string> Witnesses(string of) =>
        Heard.Where(one => one.Of == of).Select(one => one.By).Distinct().ToValueList();

    /// <exception cref="InvalidOperationException">The event is of a kind that this version does not know.</exception>
    public LedgerEntry Apply(LedgerEvent happened, DateTimeOffset at) => happened switch
    {
        LedgerEvent.ApprovalGiven approved => this with
        {
            Approvals = Approvals.Add(new(approved.By, approved.HeardBy ?? [], at)),
        },
        LedgerEvent.Attested attested => this with
        {
            Heard = Heard.Add(new(attested.Of, attested.By, attested.Means, attested.Words, at)),
        },
        // What they have heard of others stays.
        LedgerEvent.Declined declined => this with
        {
            Approvals = Approvals.Where(one => one.By != declined.By).ToValueList(),
            Heard = Heard.Where(one => one.Of != declined.By).ToValueList(),
            Declined = Declined.Add(new(declined.By, declined.Reason, at)),
        },
        LedgerEvent.Taken => this with { TakenAt = at },
        LedgerEvent.Refused => this with { RefusedAt = at },
        LedgerEvent.Expired => this with { ExpiredAt = at },
        LedgerEvent.Executed executed => this with
        {
            Executed = new(executed.By, executed.Words, at),
            Transaction = executed.Transaction,
        },
        // Nobody approves what they did themselves.
        LedgerEvent.ActedFirst acted => Without(acted.By) with
        {
            Acted = new(acted.By, acted.Reason, at),
            RatifyBy = acted.RatifyBy,
        },
        LedgerEvent.Ratified => this with { RatifiedAt = at },
        LedgerEvent.Unratified => this with { UnratifiedAt = at },
        _ => throw new InvalidOperationException($"no decision of people can take {happened.GetType().Name}"),
    };

    /// <summary>Without what a person said, approved or heard.</summary>
    public LedgerEntry Without(string person) => this with
    {
        Approvals = Approvals.Where(one => one.By != person && !one.HeardBy.Contains(person)).ToValueList(),
        Heard = Heard.Where(one => one.Of != person && one.By != person).ToValueList(),
        Declined = Declined.Where(one => one.By != person).ToValueList(),
    };
}

/// <summary>How far a decision is, be it of people or of calls.</summary>
public enum LedgerState
{
    Proposed,
    Approved,
    Refused,
    Expired,
    Executed,

    /// <summary>It was done first, and others have still to approve it.</summary>
    ToRatify,
    Ratified,

    /// <summary>It was done first, and nobody has approved it in time.</summary>
    Overdue,
}

/// <param name="HeardBy">Who heard it; empty where the person said it here.</param>
public sealed record GivenApproval(string By, ValueList<string> HeardBy, DateTimeOffset At);

/// <param name="Of">Who approved.</param>
/// <param name="By">Who heard it.</param>
public sealed record HeardApproval(string Of, string By, string Means, string Words, DateTimeOffset At);

public sealed record DataReview(string Key, string By, string Words, DateTimeOffset At);

public sealed record PreparedSubstitute(string Key, string Rule, string Instead, DateTimeOffset At);
