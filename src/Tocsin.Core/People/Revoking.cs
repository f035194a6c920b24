using Tocsin.Chains;
using Tocsin.Communications;
using Tocsin.Decisions;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Silences;

namespace Tocsin.People;

/// <param name="EvenIfUnfillable">True where a decision may be left that nobody can take any more.</param>
/// <param name="Exercise">True in an installation for drills.</param>
public sealed record RevocationRequest(string Person, string By, string Reason, bool EvenIfUnfillable, bool Exercise);

/// <summary>A decision after the revocation.</summary>
/// <param name="Incident">Null for the plan in force; an incident is judged by its own.</param>
/// <param name="CanBeTaken">False where there is a place that nobody fills, or not enough people for all.</param>
/// <param name="BecameUnfillable">True where this revocation is why.</param>
/// <param name="Places">Each place with those who can fill it.</param>
/// <param name="Indispensable">Without any one of these, nobody can take it.</param>
public sealed record DecisionAfter(
    string? Incident,
    string Decision,
    bool CanBeTaken,
    bool BecameUnfillable,
    ValueList<string> Places,
    ValueList<string> Indispensable);

/// <summary>Somebody who was told, or a channel of many.</summary>
public sealed record Told(string Incident, string Channel, string? Person);

/// <param name="Refusal">Null where the person is revoked by <paramref name="Events"/>.</param>
/// <param name="SharedWays">Channels on which the person still hears what the others are told.</param>
public sealed record RevocationOutcome(
    string? Refusal,
    bool IsUnfillable,
    ValueList<LogEvent> Events,
    ValueList<DecisionAfter> Decisions,
    ValueList<Told> Told,
    ValueList<string> SharedWays);

/// <summary>
/// What revoking a person means. Anyone whom the plan names may do it, also for themselves: it only tightens, it must
/// be quick, and everybody hears of it. Whoever uses it against honest people keeps the server from collecting their
/// approvals; it changes no policy of the signer, and <c>contain</c> does not ask for it.
/// </summary>
public static class Revoking
{
    private const int MaximumCharacters = 500;

    /// <param name="inForce">The plan in force as it is written, without regard to revocations.</param>
    /// <param name="planOf">The plan of an incident as it is written.</param>
    public static RevocationOutcome Decide(
        IncidentBook book, Plan inForce, Func<Incident, Plan> planOf, RevocationRequest request, DateTimeOffset now)
    {
        var plans = book.Incidents.Values.Where(incident => incident.ResolvedAt is null).Select(planOf)
            .Prepend(inForce).DistinctBy(plan => plan.ContentHash).ToList();
        var known = plans.Select(plan => plan.Person(request.Person)).OfType<Person>().ToList();
        if (Refuse(book, inForce, known, request) is { } refusal)
            return Refused(refusal, isUnfillable: false, []);
        var revoked = new PersonRevoked(
            request.Person,
            known[0].Name,
            known.Select(person => person.Wallet).OfType<Address>().Distinct().ToValueList(),
            book.Revocations.Bind(inForce).Person(request.By)!.Name,
            request.Reason);
        var after = book.Apply(revoked, now);
        var decisions = Decisions(book, after, inForce, planOf);
        if (!request.EvenIfUnfillable && decisions.Any(decision => decision.BecameUnfillable))
            return Refused(
                "a decision could no longer be taken by anybody: say that it is to be done all the same, or name "
                + "somebody else for the place in the plan first",
                isUnfillable: true,
                decisions);
        var events = new List<LogEvent> { revoked };
        if (!after.Open.Any())
        {
            events.AddRange(Wake(after, after.Revocations.Bind(inForce), revoked, request.Exercise, now));
            after = events.Skip(1).Aggregate(after, (folded, happened) => folded.Apply(happened, now));
        }
        events.AddRange(Silencing.LiftedWith(book, request.Person, now));
        var told = new List<Told>();
        foreach (var incident in after.Incidents.Values.Where(incident =>
            incident.ResolvedAt is null || incident.Ledger.Entries.Any(entry => entry.Collects)))
        {
            var struck = new IncidentEvent.PersonStruck(
                incident.Id, revoked.Person, revoked.Name, revoked.Wallets, revoked.By, revoked.Reason);
            events.Add(struck);
            var plan = after.Revocations.Bind(incident.Plan == inForce.ContentHash ? inForce : planOf(incident));
            told.AddRange(Announcements.Of(struck, incident, incident.Apply(struck, now), plan)
                .Select(a => new Told(incident.Id.ToString(), a.Channel, a.Person)));
        }
        return new RevocationOutcome(
            null, false, events.ToValueList(), decisions, told.ToValueList(), SharedWays(known, inForce));
    }

    private static string? Refuse(
        IncidentBook book, Plan inForce, List<Person> known, RevocationRequest request)
    {
        if (known.Count == 0)
            return $"the plan names no person '{Short(request.Person)}'";
        if (book.Revocations.IsRevoked(request.By))
            return $"'{Short(request.By)}' is revoked";
        if (inForce.Person(request.By) is null)
            return $"the plan names no person '{Short(request.By)}' who could say so";
        if (request.Reason.Length is 0 or > MaximumCharacters)
            return $"a reason is needed, of at most {MaximumCharacters} characters";
        return book.Revocations.ByPerson.GetValueOrDefault(request.Person) is { RestoredAt: null } already
            ? $"'{request.Person}' was revoked by {already.By} at {already.RevokedAt:yyyy-MM-dd HH:mm:ss} UTC"
            : null;
    }

    private static ValueList<DecisionAfter> Decisions(
        IncidentBook before, IncidentBook after, Plan inForce, Func<Incident, Plan> planOf)
    {
        var pending = after.Open
            .Where(incident => incident.Decision is { TakenAt: null })
            .Select(incident => (Incident: (string?)incident.Id.ToString(), Plan: planOf(incident),
                Rule: planOf(incident).Decision(incident.Decision!.Rule)));
        return inForce.Decisions
            .Select(rule => (Incident: (string?)null, Plan: inForce, Rule: (DecisionRule?)rule))
            .Concat(pending)
            .Where(row => row.Rule is not null)
            .Select(row => After(
                row.Incident, row.Rule!, before.Revocations.Bind(row.Plan), after.Revocations.Bind(row.Plan)))
            .ToValueList();
    }

    private static DecisionAfter After(string? incident, DecisionRule rule, Plan before, Plan after)
    {
        var left = after.ApprovalRule(rule);
        var everyone = Everyone(left);
        var canBeTaken = left.IsMetBy(everyone);
        var had = before.ApprovalRule(rule);
        return new DecisionAfter(
            incident,
            rule.Id,
            canBeTaken,
            !canBeTaken && had.IsMetBy(Everyone(had)),
            left.Places.Select(place => place.Wallets.Count == 0
                ? $"{place.Role}: nobody"
                : $"{place.Role}: {string.Join(" or ", place.Wallets.Select(wallet => Holder(after, wallet)))}")
                .ToValueList(),
            canBeTaken
                ? everyone.Where(one => !left.IsMetBy([.. everyone.Where(other => other != one)]))
                    .Select(wallet => Holder(after, wallet)).ToValueList()
                : []);
    }

    private static List<Address> Everyone(ApprovalRule rule) =>
        rule.Places.SelectMany(place => place.Wallets).Distinct().ToList();

    private static string Holder(Plan plan, Address wallet) =>
        plan.People.First(person => person.Wallet == wallet).Name;

    // Nothing else is open in which people would hear of it.
    private static IReadOnlyList<LogEvent> Wake(
        IncidentBook book, Plan plan, PersonRevoked revoked, bool exercise, DateTimeOffset now)
    {
        var finding = new Finding(
            new FindingId($"person-revoked/{revoked.Person}/{now:yyyyMMddTHHmmssZ}"), 1, FindingStatus.Seen, now,
            plan.Protected.Chain, default, [], Threat.MonitoringImpaired, Severity.High, 1, "team", [], 0, [], "team",
            $"{revoked.By} revoked {revoked.Name}: {revoked.Reason}");
        return book.Take(finding, now, plan, DetectionLimits.Default with { Exercise = exercise });
    }

    private static ValueList<string> SharedWays(List<Person> known, Plan plan) => known
        .SelectMany(person => person.Ways)
        .Distinct()
        .Where(way => plan.People.Any(other => other.Id != known[0].Id && other.Ways.Contains(way))
            || plan.Communications.Any(communication => communication.Channel == way || communication.Backup == way))
        .ToValueList();

    private static RevocationOutcome Refused(
        string refusal, bool isUnfillable, ValueList<DecisionAfter> decisions) =>
        new(refusal, isUnfillable, [], decisions, [], []);

    private static string Short(string text) => text.Length > 40 ? text[..40] + "…" : text;
}
