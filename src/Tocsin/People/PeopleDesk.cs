using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Recording;

namespace Tocsin.People;

/// <summary>A person of the plan as <c>person list</c> tells them.</summary>
/// <param name="Wallets">That of the plan, and those that were revoked.</param>
internal sealed record PersonRow(
    string Person,
    string Name,
    bool Core,
    ValueList<string> Roles,
    ValueList<string> Wallets,
    bool Revoked,
    DateTimeOffset? RevokedAt,
    string? By,
    string? Reason,
    DateTimeOffset? RestoredAt);

/// <summary>What somebody asks for over the API.</summary>
internal sealed record SubmittedRevocation(string By, string Reason, bool EvenIfUnfillable = false);

/// <summary>What a revocation did, and what it could not do.</summary>
/// <param name="Error">Null where the person is revoked now.</param>
/// <param name="Elsewhere">What people must do themselves, because nothing here has the power.</param>
/// <param name="Deeds">What the person had approved, acknowledged and done.</param>
internal sealed record RevocationReport(
    string? Error,
    bool IsUnfillable,
    string Person,
    string Name,
    ValueList<DecisionAfter> Decisions,
    ValueList<Told> Told,
    ValueList<string> SharedWays,
    ValueList<string> Elsewhere,
    ValueList<Deed> Deeds);

/// <summary>Revokes people and tells what they did: the same for the API and for a command without a server.</summary>
internal sealed class PeopleDesk(Logbook logbook, bool exercise)
{
    private const string NoPlan =
        "no plan was ever in force here: take the person out of the plan before the first start";

    /// <summary>Takes effect with the transaction that records it.</summary>
    public RevocationReport Revoke(string person, SubmittedRevocation submitted)
    {
        var request = new RevocationRequest(
            person, submitted.By.Trim(), submitted.Reason.Trim(), submitted.EvenIfUnfillable, exercise);
        RevocationOutcome? outcome = null;
        logbook.Record((book, now) =>
        {
            if (book.Plan is not { } plan)
                return [];
            outcome = Revoking.Decide(
                book, logbook.AsWritten(plan), incident => logbook.AsWritten(incident.Plan), request, now);
            return outcome.Events;
        });
        if (outcome is null)
            return new RevocationReport(NoPlan, false, person, person, [], [], [], [], []);
        var wallets = outcome.Events.OfType<PersonRevoked>().FirstOrDefault()?.Wallets ?? [];
        return new RevocationReport(
            outcome.Refusal,
            outcome.IsUnfillable,
            person,
            Find(person)?.Name ?? person,
            outcome.Decisions,
            outcome.Told,
            outcome.SharedWays,
            outcome.Refusal is null ? Elsewhere(wallets) : [],
            outcome.Refusal is null ? Review(person)! : []);
    }

    /// <summary>Null, or why not. Only a command on the host asks for it, and only while no server runs.</summary>
    public string? Restore(string person, string by, string reason)
    {
        string? refusal = null;
        logbook.Record((book, _) =>
        {
            refusal = WhyNotRestored(book, person, by, reason);
            return refusal is null
                ? [new PersonRestored(person, Find(person)!.Name, logbook.InForce!.Person(by)!.Name, reason)]
                : [];
        });
        return refusal;
    }

    /// <summary>Everybody whom the plan in force names, and who was ever revoked.</summary>
    public IReadOnlyList<PersonRow> List()
    {
        var revocations = logbook.Book.Revocations.ByPerson;
        var people = logbook.Book.Plan is { } plan ? logbook.AsWritten(plan).People : [];
        var gone = revocations.Values.Where(known => !people.Any(person => person.Id == known.Person));
        return
        [
            .. people.Select(person => Row(person, revocations.GetValueOrDefault(person.Id))),
            .. gone.Select(known => Row(
                new Person(known.Person, known.Name, false, [], null, null, null, null, [], default), known)),
        ];
    }

    /// <summary>What a person did, in all incidents; null where nobody of that name was ever in a plan here.</summary>
    public ValueList<Deed>? Review(string person)
    {
        var stories = logbook.Book.Incidents.Values.Select(incident => new IncidentStory(
            incident, logbook.AsWritten(incident.Plan), logbook.TimelineOf(incident.Id))).ToList();
        return Find(person) is null && !stories.Any(story => story.Plan.Person(person) is not null)
            ? null
            : PersonReview.Of(
                person, stories, logbook.Book.Revocations, logbook.Book.Mandate.EverGiven);
    }

    private string? WhyNotRestored(IncidentBook book, string person, string by, string reason)
    {
        if (!book.Revocations.IsRevoked(person))
            return $"'{person}' is not revoked";
        if (logbook.InForce?.Person(by) is null)
            return $"the plan names no person '{by}' who may say so";
        if (reason.Length is 0 or > 500)
            return "a reason is needed, of at most 500 characters";
        if (logbook.AsWritten(book.Plan!.Value).Person(person) is not { } named)
            return $"the plan does not name '{person}'";
        return named.Wallet is { } wallet && book.Revocations.IsRevoked(wallet)
            ? $"the plan still gives '{person}' the wallet {ChecksumAddress.Format(wallet)}, which stays revoked: "
                + "write their new one, or none, into the plan first"
            : null;
    }

    private Person? Find(string person)
    {
        var book = logbook.Book;
        if (book.Plan is { } plan && logbook.AsWritten(plan).Person(person) is { } known)
            return known;
        return book.Incidents.Values.Select(incident => logbook.AsWritten(incident.Plan).Person(person))
            .FirstOrDefault(named => named is not null);
    }

    private static PersonRow Row(Person person, Revocation? revocation) => new(
        person.Id,
        person.Name,
        person.Core,
        person.Roles,
        new[] { person.Wallet }.OfType<Address>().Concat(revocation?.Wallets ?? []).Distinct()
            .Select(ChecksumAddress.Format).ToValueList(),
        revocation is { RestoredAt: null },
        revocation?.RevokedAt,
        revocation?.By,
        revocation?.Reason,
        revocation?.RestoredAt);

    // The signer, the chain and other people's systems do not take the server's word.
    private ValueList<string> Elsewhere(ValueList<Address> wallets)
    {
        var plan = logbook.AsWritten(logbook.Book.Plan!.Value);
        var todo = new List<string>();
        foreach (var wallet in wallets)
        {
            var account = ChecksumAddress.Format(wallet);
            todo.Add($"signer: tocsin signer revoke {account}, signed by the quorum of its policy");
            todo.AddRange(plan.Actions.Select(action => action.Safe).OfType<PlannedSafe>()
                .Where(safe => safe.Owners.Contains(wallet)).DistinctBy(safe => safe.Address)
                .Select(safe => $"Safe '{safe.Name}' {ChecksumAddress.Format(safe.Address)}: its owners send "
                    + $"swapOwner or removeOwner for {account}"));
            todo.AddRange(plan.Protected.Controls.Select(control =>
                $"'{control.Name}' {ChecksumAddress.Format(control.Address)}: whoever administers its roles takes "
                + $"from {account} what it holds (revokeRole, transferOwnership, removeOwner)"));
        }
        todo.Add("sign-ins: this host, the proxy or VPN before it, chat, the repository of the plan");
        return todo.ToValueList();
    }
}
