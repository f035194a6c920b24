using Tocsin.Findings;
using Tocsin.Plans;

namespace Tocsin.Incidents;

/// <summary>A phase that people say is reached.</summary>
/// <param name="After">The phases from which it is reached.</param>
/// <param name="Roles">Whose holders say so; anybody of the plan where the plan names nobody for any of them.</param>
public sealed record PhaseRule(IncidentPhase Phase, ValueList<IncidentPhase> After, ValueList<string> Roles);

/// <summary>
/// What comes after containment, as people say it: nothing that attacked is left in, all runs again, and, once it is
/// closed, that it was looked back on. Pure functions of the state of the moment.
/// </summary>
public static class Phases
{
    /// <summary>In their order. An incident may be closed without any of them.</summary>
    public static ValueList<PhaseRule> Table { get; } =
    [
        new(
            IncidentPhase.Eradicated, [IncidentPhase.Triaged, IncidentPhase.Contained],
            [Commanding.Commander, "technical-lead", "operations", "security"]),
        new(
            IncidentPhase.Recovered, [IncidentPhase.Eradicated],
            [Commanding.Commander, "technical-lead", "operations"]),
        new(
            IncidentPhase.Reviewed, [IncidentPhase.Resolved],
            [Commanding.Commander, "analyst", "scribe"]),
    ];

    /// <summary>What may be said next; null where nothing may.</summary>
    public static PhaseRule? Next(Incident incident) => Table.FirstOrDefault(rule => WhyNotNow(incident, rule) is null);

    public static Ruling Reach(Incident incident, Plan plan, IncidentPhase phase, string by, string words)
    {
        if (plan.Person(by) is not { } person)
            return Ruling.Refuse(Rulings.NoPerson(by));
        if (Table.FirstOrDefault(rule => rule.Phase == phase) is not { } rule)
            return Ruling.Refuse("people say eradicated, recovered or reviewed; the rest follows from what happens");
        if (WhyNotNow(incident, rule) is { } early)
            return Ruling.Refuse(early);
        if (WhyNotTheirs(incident, plan, rule, person) is { } other)
            return Ruling.Refuse(other);
        if (string.IsNullOrWhiteSpace(words))
            return Ruling.Refuse("say in a sentence what was done");
        return Rulings.WhyNotWords(plan, by, words, needsReason: false) is { } refusal
            ? Ruling.Refuse(refusal)
            : new CommandEvent.PhaseReached(incident.Id, phase, person.Name, words);
    }

    /// <summary>True for what shows that an attack goes on after people said that nothing of it is left, and for what
    /// makes how far it is a matter of the chain again.</summary>
    internal static bool IsTakenBackBy(LogEvent happened, Incident incident) => incident.ResolvedAt is null
        && incident.Command.Reached.Count > 0
        && happened switch
        {
            IncidentEvent.OutflowSeen or IncidentEvent.DecisionTaken or IncidentEvent.CallOrphaned => true,
            FindingRecorded { Finding: var finding } => Lasts(finding) && IsNew(finding, incident),
            _ => false,
        };

    private static bool Lasts(Finding finding) =>
        finding.Status is FindingStatus.Seen or FindingStatus.Confirmed && finding.Severity.IsAtLeast(Severity.High);

    private static bool IsNew(Finding finding, Incident incident) =>
        incident.Findings.FirstOrDefault(other => other.Id == finding.Id) is not { } known
        || !Lasts(known)
        || finding.Transactions.Any(transaction => !known.Transactions.Contains(transaction));

    private static string? WhyNotNow(Incident incident, PhaseRule rule)
    {
        if (incident.Command.Merged is { } merged)
            return $"{incident.Id} goes on in {merged.Into}";
        var now = incident.Phase;
        if (now == rule.Phase)
            return $"{incident.Id} is {Word(now)} already";
        if (!rule.After.Contains(now))
            return $"{incident.Id} is {Word(now)}: {Word(rule.Phase)} comes after "
                + string.Join(" or ", rule.After.Select(Word));
        var isPaused = incident.Decision?.Calls.Any(call => call.PausedUntil is not null) == true;
        return rule.Phase == IncidentPhase.Recovered && isPaused
            ? "something is paused still: it is recovered when that runs again"
            : null;
    }

    private static string? WhyNotTheirs(Incident incident, Plan plan, PhaseRule rule, Person person)
    {
        var holders = rule.Roles
            .SelectMany(role => plan.Holders(role).Append(Commanding.Holder(incident, plan, role)))
            .OfType<Person>()
            .ToList();
        return holders.Count == 0 || holders.Contains(person)
            ? null
            : $"{person.Name} holds none of the roles that say so: {string.Join(", ", rule.Roles)}";
    }

    /// <summary>A phase in a sentence.</summary>
    public static string Word(IncidentPhase phase) => phase switch
    {
        IncidentPhase.Detected => "detected",
        IncidentPhase.Triaged => "acknowledged",
        IncidentPhase.Paused => "paused",
        IncidentPhase.Contained => "contained",
        IncidentPhase.Eradicated => "eradicated",
        IncidentPhase.Recovered => "recovered",
        IncidentPhase.Resolved => "resolved",
        IncidentPhase.Reviewed => "reviewed",
        IncidentPhase.FalseAlarm => "a false alarm",
        IncidentPhase.Merged => "merged",
    };
}
