using Tocsin.Findings;

namespace Tocsin.Incidents;

/// <summary>What people decide about the incident itself: who leads, what it is, whether it is one.</summary>
/// <param name="By">The person's name.</param>
public abstract record CommandEvent(IncidentId Incident, string By) : IncidentEvent(Incident)
{
    /// <summary>A person opened it; recorded right after the opening.</summary>
    /// <param name="Words">What they saw.</param>
    /// <param name="SplitFrom">The incident in which its findings were before; null for one of its own.</param>
    public sealed record OpenedByPerson(
        IncidentId Incident, string By, string Words, IncidentId? SplitFrom = null) : CommandEvent(Incident, By);

    /// <summary>A role has a holder, until it is given to another.</summary>
    /// <param name="Person">The holder's name.</param>
    /// <param name="Reason">Why it was handed over; empty where nobody had it.</param>
    /// <param name="From">Who had it; null where nobody had, or nobody else.</param>
    /// <param name="IsByPlan">True where no person gave it: a shift ended, or its holder could not help. Null where one
    /// did.</param>
    public sealed record RoleGiven(
        IncidentId Incident,
        string Role,
        string Person,
        string By,
        string Reason,
        string? From = null,
        bool? IsByPlan = null) : CommandEvent(Incident, By);

    /// <summary>Whoever came on call may take a role over that a person gave to somebody. Nobody loses it by that.
    /// </summary>
    /// <param name="Person">Who is on call now.</param>
    /// <param name="From">Who holds it.</param>
    public sealed record RoleOffered(
        IncidentId Incident, string Role, string Person, string By, string From, string Schedule)
        : CommandEvent(Incident, By);

    /// <summary>Somebody looked, and says that it is real and what it is.</summary>
    public sealed record Assessed(IncidentId Incident, string By, string Words) : CommandEvent(Incident, By);

    /// <summary>A person holds it to be worse or less bad than it was; all its times count from here.</summary>
    public sealed record Rated(IncidentId Incident, Severity Severity, string By, string Reason)
        : CommandEvent(Incident, By);

    /// <summary>It is another issue of the plan than it seemed, so another procedure answers it.</summary>
    public sealed record Reclassified(
        IncidentId Incident, string Issue, string Procedure, string By, string Reason) : CommandEvent(Incident, By);

    /// <summary>It was none.</summary>
    public sealed record DeclaredFalse(IncidentId Incident, string By, string Reason) : CommandEvent(Incident, By);

    /// <summary>It was closed and is not over: people answer anew.</summary>
    public sealed record Reopened(IncidentId Incident, string By, string Reason) : CommandEvent(Incident, By);

    /// <summary>It is the same attack as another incident, in which it goes on.</summary>
    public sealed record MergedInto(IncidentId Incident, IncidentId Into, string By, string Reason)
        : CommandEvent(Incident, By);

    /// <summary>Some of its findings are another attack, which goes on in an incident of its own.</summary>
    /// <param name="Into">That one, which opens right after it.</param>
    public sealed record SplitOff(
        IncidentId Incident, ValueList<FindingId> Findings, IncidentId Into, string By, string Reason)
        : CommandEvent(Incident, By);

    /// <summary>People say that it is as far as that.</summary>
    /// <param name="Words">What was done for it.</param>
    public sealed record PhaseReached(IncidentId Incident, IncidentPhase Phase, string By, string Words)
        : CommandEvent(Incident, By);

    /// <summary>Nothing more is done of the decision that waits for approvals: it is another matter, or another
    /// incident's.</summary>
    /// <param name="Rule">The decision's name in the plan.</param>
    public sealed record DecisionSetAside(IncidentId Incident, string Rule, string By, string Reason)
        : CommandEvent(Incident, By);

    /// <summary>Something was done otherwise than the plan says.</summary>
    /// <param name="From">What of the plan, for example a step.</param>
    public sealed record Deviated(IncidentId Incident, string From, string By, string Reason)
        : CommandEvent(Incident, By);
}
