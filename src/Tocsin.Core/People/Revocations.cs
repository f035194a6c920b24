using System.Collections.Immutable;
using Tocsin.Chains;
using Tocsin.Plans;

namespace Tocsin.People;

/// <summary>A person who is revoked, or was.</summary>
/// <param name="Wallets">Every wallet that was ever revoked with them.</param>
/// <param name="RestoredAt">Null while they are revoked.</param>
public sealed record Revocation(
    string Person,
    string Name,
    ValueList<Address> Wallets,
    string By,
    string Reason,
    DateTimeOffset RevokedAt,
    DateTimeOffset? RestoredAt = null,
    string? RestoredBy = null);

/// <summary>Who is revoked, as the log says it; a plan holds only as far as this lets it.</summary>
public sealed record Revocations(ImmutableSortedDictionary<string, Revocation> ByPerson)
{
    public static Revocations None { get; } =
        new(ImmutableSortedDictionary.Create<string, Revocation>(StringComparer.Ordinal));

    public bool IsRevoked(string person) => ByPerson.GetValueOrDefault(person) is { RestoredAt: null };

    /// <summary>For ever: also where its holder was restored.</summary>
    public bool IsRevoked(Address wallet) => ByPerson.Values.Any(revocation => revocation.Wallets.Contains(wallet));

    /// <summary>What was given to the person before may be in other hands.</summary>
    public bool IsVoid(string person, DateTimeOffset givenAt) =>
        ByPerson.GetValueOrDefault(person) is { } revocation
        && (revocation.RestoredAt is not { } restored || givenAt < restored);

    public Revocations Apply(PersonRevoked revoked, DateTimeOffset at)
    {
        var before = ByPerson.GetValueOrDefault(revoked.Person)?.Wallets ?? [];
        var wallets = before.Concat(revoked.Wallets).Distinct().ToValueList();
        return new(ByPerson.SetItem(
            revoked.Person, new(revoked.Person, revoked.Name, wallets, revoked.By, revoked.Reason, at)));
    }

    /// <exception cref="InvalidOperationException">The person was never revoked.</exception>
    public Revocations Apply(PersonRestored restored, DateTimeOffset at) =>
        ByPerson.TryGetValue(restored.Person, out var known)
            ? new(ByPerson.SetItem(restored.Person, known with { RestoredAt = at, RestoredBy = restored.By }))
            : throw new InvalidOperationException($"'{restored.Person}' was never revoked");

    /// <summary>
    /// The plan as it holds now: the same decisions with the same places, but nobody who is revoked fills one, leads,
    /// is told, is on call, or can be named. No quorum becomes smaller by it.
    /// </summary>
    public Plan Bind(Plan plan)
    {
        if (ByPerson.IsEmpty)
            return plan;
        return plan with
        {
            People = plan.People
                .Where(person => !IsRevoked(person.Id))
                .Select(person => person.Wallet is { } wallet && IsRevoked(wallet)
                    ? person with { Wallet = null }
                    : person)
                .ToValueList(),
            Struck = plan.People.Where(person => IsRevoked(person.Id)).ToValueList(),
            Schedules = plan.Schedules.Select(schedule => schedule.Without(IsRevoked)).ToValueList(),
        };
    }
}
