using Tocsin.Chains;
using Tocsin.Incidents;

namespace Tocsin.Decisions;

/// <summary>
/// What people decide that no signer carries out, and what they say of any decision. Nothing of it is an approval of a
/// call: those are signatures of wallets alone.
/// </summary>
/// <param name="Key">The decision: its number in the incident, or the identifier of one of calls.</param>
public abstract record LedgerEvent(IncidentId Incident, string Key) : IncidentEvent(Incident)
{
    /// <summary>What a person said or did, by their name.</summary>
    public abstract record OfPerson(IncidentId Incident, string Key, string By) : LedgerEvent(Incident, Key);

    /// <summary>Its approvers are asked.</summary>
    /// <param name="Rule">By its id in the plan.</param>
    /// <param name="By">Who asks for it; null where the plan has it prepared.</param>
    /// <param name="Words">Why it is asked for.</param>
    public sealed record DecisionOpened(
        IncidentId Incident, string Key, string Rule, string? By, string Words, DateTimeOffset Expires)
        : LedgerEvent(Incident, Key);

    /// <param name="HeardBy">Who heard it, where it was said by voice; null where the person said it here.</param>
    public sealed record ApprovalGiven(IncidentId Incident, string Key, string By, ValueList<string>? HeardBy = null)
        : OfPerson(Incident, Key, By);

    /// <summary>Somebody heard an approval elsewhere. It counts once enough others say the same.</summary>
    /// <param name="Of">Who approved.</param>
    /// <param name="By">Who heard it.</param>
    /// <param name="Means">How, for example by phone.</param>
    public sealed record Attested(
        IncidentId Incident, string Key, string Of, string By, string Means, string Words)
        : OfPerson(Incident, Key, By);

    public sealed record Declined(IncidentId Incident, string Key, string By, string Reason)
        : OfPerson(Incident, Key, By);

    /// <summary>Every place is filled: it may be carried out.</summary>
    public sealed record Taken(IncidentId Incident, string Key) : LedgerEvent(Incident, Key);

    /// <summary>After a no its places are not filled any more.</summary>
    public sealed record Refused(IncidentId Incident, string Key) : LedgerEvent(Incident, Key);

    public sealed record Expired(IncidentId Incident, string Key) : LedgerEvent(Incident, Key);

    /// <summary>What was decided is done.</summary>
    /// <param name="Transaction">By which it was done; null where by none.</param>
    public sealed record Executed(
        IncidentId Incident, string Key, string By, string Words, Hash32? Transaction = null)
        : OfPerson(Incident, Key, By);

    /// <summary>It was done before it was approved, as the plan lets this person.</summary>
    /// <param name="RatifyBy">Until when others must have approved it.</param>
    public sealed record ActedFirst(
        IncidentId Incident, string Key, string Rule, string By, string Reason, DateTimeOffset RatifyBy)
        : OfPerson(Incident, Key, By);

    /// <summary>Others have approved what was done first.</summary>
    public sealed record Ratified(IncidentId Incident, string Key) : LedgerEvent(Incident, Key);

    /// <summary>Nobody has, in time: it was done otherwise than the plan says.</summary>
    /// <param name="By">Who acted first.</param>
    public sealed record Unratified(IncidentId Incident, string Key, string Rule, string By, string Reason)
        : LedgerEvent(Incident, Key);

    /// <summary>The plan's reviewer has read what is decided about, to the last byte where it is calls.</summary>
    public sealed record Reviewed(IncidentId Incident, string Key, string By, string Words)
        : OfPerson(Incident, Key, By);

    /// <summary>Those who decide could not be reached: others are asked for another decision.</summary>
    /// <param name="Rule">The decision that has not all its approvals.</param>
    /// <param name="Instead">The other one.</param>
    public sealed record SubstitutePrepared(IncidentId Incident, string Key, string Rule, string Instead)
        : LedgerEvent(Incident, Key);
}
