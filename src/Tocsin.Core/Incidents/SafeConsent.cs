using Tocsin.Chains;
using Tocsin.Decisions;

namespace Tocsin.Incidents;

/// <summary>What the owners of a Safe are asked to sign so that it makes a call of a decision, and who did.</summary>
/// <param name="Nonce">Of the Safe: any other transaction of it voids what was signed.</param>
/// <param name="Hash">The Safe's transaction hash (<c>safeTxHash</c>), as hardware wallets show it.</param>
/// <param name="Threshold">How many owners must sign.</param>
/// <param name="Former">The nonce for which they were asked before; null where they are asked for the first time.
/// </param>
public sealed record SafeConsent(
    Address Safe,
    ulong Nonce,
    Hash32 Hash,
    int Threshold,
    ValueList<Address> Owners,
    DateTimeOffset AskedAt,
    ulong? Former = null)
{
    /// <summary>Each by another owner, in the order in which they came.</summary>
    public ValueList<OwnerConsent> Given { get; init; } = [];

    /// <summary>What was refused for this call, for whichever nonce.</summary>
    public ValueList<RefusedOwner> Refused { get; init; } = [];

    /// <summary>True where as many have signed as the Safe asks for.</summary>
    public bool IsEnough => Given.Count >= Threshold;

    /// <summary>Since when as many have signed as the Safe asks for.</summary>
    public DateTimeOffset? EnoughAt => IsEnough ? Given[Threshold - 1].At : null;

    public IEnumerable<Address> Missing => Owners.Where(owner => Given.All(given => given.Owner != owner));

    public bool HasSigned(Address owner) => Given.Any(given => given.Owner == owner);
}

/// <param name="Signature">65 bytes as the Safe reads them, 0x hexadecimal.</param>
public sealed record OwnerConsent(Address Owner, string Signature, DateTimeOffset At);

/// <param name="Owner">Who signed, as far as that is known.</param>
public sealed record RefusedOwner(Address? Owner, OwnerRefusal Refusal, DateTimeOffset At);
