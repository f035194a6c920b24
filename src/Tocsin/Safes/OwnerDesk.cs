using Tocsin.Chains;
using Tocsin.Decisions;
using Tocsin.Evm;
using Tocsin.Evm.Eip712;
using Tocsin.Evm.Safes;
using Tocsin.Incidents;
using Tocsin.Recording;

namespace Tocsin.Safes;

/// <summary>What became of a signature that an owner handed in.</summary>
/// <param name="Refusal">Null where it counts.</param>
internal sealed record OwnerOutcome(OwnerRefusal? Refusal, string Message);

/// <summary>Takes what owners of a Safe sign: checks it, and records it either way before anyone is told.</summary>
internal sealed class OwnerDesk(IIncidentLog logbook)
{
    // Enough to see what was tried; more would only let anybody fill the log.
    private const int RefusalsKept = 100;

    /// <param name="call">The number of the call in the decision, from 0.</param>
    public OwnerOutcome Submit(IncidentId id, int call, string signature)
    {
        OwnerOutcome? outcome = null;
        logbook.Record((book, now) =>
        {
            var incident = book[id];
            if (incident?.Decision is not { } decision || call < 0 || call >= decision.Calls.Count
                || decision.Calls[call].Consent is not { } consent)
            {
                outcome = Refused(OwnerRefusal.NotAsked);
                return [];
            }
            (var happened, outcome) = Judge(book, incident, call, consent, signature.Trim(), now);
            return happened is null ? [] : [happened];
        });
        return outcome!;
    }

    /// <summary>What the owners sign for a call; null where none are asked.</summary>
    public static TypedData? ToSign(Incident incident, int call) =>
        incident.Decision is { } decision && call >= 0 && call < decision.Calls.Count
        && decision.Calls[call].Consent is { } consent
        && decision.Decision.Calls[call] is var outer
        && SafeTransaction.Read(outer.Chain, outer.Target, outer.Data.AsSpan()) is { } transaction
            ? transaction.ToSign(consent.Nonce)
            : null;

    private (IncidentEvent? Event, OwnerOutcome Outcome) Judge(
        IncidentBook book, Incident incident, int call, SafeConsent consent, string signature, DateTimeOffset now)
    {
        var decision = incident.Decision!;
        var given = OwnerSignature.Find(consent.Hash, signature, consent.Owners);
        var refusal = decision.Calls[call].Signed is not null ? OwnerRefusal.AlreadySigned
            : !incident.IsOpen && decision.TakenAt is null ? OwnerRefusal.NotAsked
            : now >= decision.Decision.ExpiresAt ? OwnerRefusal.Expired
            : given is { } signed ? Refuse(book, consent, signed.Owner)
            : IsSignature(signature) ? OwnerRefusal.NotAnOwner
            : OwnerRefusal.Malformed;
        if (refusal is { } why)
            return (
                consent.Refused.Count >= RefusalsKept
                    ? null
                    : new IncidentEvent.OwnerRefused(incident.Id, decision.Decision.Id, call, given?.Owner, why),
                Refused(why));
        var owner = given!.Value.Owner;
        var name = logbook.PlanOf(incident).People.FirstOrDefault(person => person.Wallet == owner)?.Name
            ?? ChecksumAddress.Format(owner);
        var more = consent.Threshold - consent.Given.Count - 1;
        return (
            new IncidentEvent.OwnerSigned(
                incident.Id, decision.Decision.Id, call, owner, given.Value.ToString(), name),
            new OwnerOutcome(null, $"signed by {name}; " + (more > 0 ? $"{more} more needed" : "enough have signed")));
    }

    private static OwnerRefusal? Refuse(IncidentBook book, SafeConsent consent, Address owner)
    {
        if (book.Revocations.IsRevoked(owner))
            return OwnerRefusal.Revoked;
        return consent.HasSigned(owner) ? OwnerRefusal.AlreadyGiven : null;
    }

    private static bool IsSignature(string text) =>
        Signature.TryParse(text, out _) || OwnerSignature.TryRead(Hash32.Zero, text, out _);

    private static OwnerOutcome Refused(OwnerRefusal refusal) => new(refusal, refusal.InWords());
}
