using Tocsin.Findings;

namespace Tocsin.Incidents;

/// <summary>What people decided about an incident: the memory of its command.</summary>
/// <param name="Holders">Who holds which role now, by name.</param>
public sealed record CommandProgress(
    ValueList<RoleHolder> Holders,
    Said? OpenedBy,
    Said? Assessed,
    Said? DeclaredFalse,
    MergedAway? Merged,
    ValueList<Deviation> Deviations)
{
    public static CommandProgress None { get; } = new([], null, null, null, null, []);

    /// <summary>True where a person set the severity: a finding that says no more than before does not undo it.
    /// </summary>
    public bool IsRated { get; init; }

    /// <summary>Roles that a person holds by a person's word, and that whoever came on call since may take over.
    /// </summary>
    public ValueList<OfferedRole> Offers { get; init; } = [];

    /// <summary>The phases that people said are reached, in order; none of them once it shows that it goes on.
    /// </summary>
    public ValueList<ReachedPhase> Reached { get; init; } = [];

    /// <summary>When people opened it again, the last time; null where they never did.</summary>
    public DateTimeOffset? ReopenedAt { get; init; }

    /// <summary>What was split off it, in order.</summary>
    public ValueList<SplitAway> SplitOffs { get; init; } = [];

    /// <summary>The incident off which it was split; null for one of its own.</summary>
    public IncidentId? SplitFrom { get; init; }

    /// <summary>True where people took it apart from another, or another from it.</summary>
    public bool IsPartOfSplit => SplitFrom is not null || SplitOffs.Count > 0;

    public CommandProgress Deviates(Deviation deviation) => this with { Deviations = Deviations.Add(deviation) };

    /// <summary>Who holds a role; null where nobody was given it.</summary>
    public string? Holder(string role) => Given(role)?.Person;

    /// <inheritdoc cref="Holder"/>
    public RoleHolder? Given(string role) => Holders.FirstOrDefault(holder => holder.Role == role);

    /// <summary>To whom a role was offered since it was given; null for nobody.</summary>
    public OfferedRole? Offer(string role) => Offers.FirstOrDefault(offer => offer.Role == role);

    /// <exception cref="InvalidOperationException">The event is of a kind that this version does not know.</exception>
    public CommandProgress Apply(CommandEvent happened, DateTimeOffset at) => happened switch
    {
        CommandEvent.OpenedByPerson opened => this with
        {
            OpenedBy = new(opened.By, opened.Words, at),
            SplitFrom = opened.SplitFrom,
        },
        CommandEvent.SplitOff split => this with
        {
            SplitOffs = SplitOffs.Add(new(split.Findings, split.Into, split.By, split.Reason, at)),
        },
        CommandEvent.RoleGiven given => this with
        {
            Holders =
            [
                .. Holders.Where(holder => holder.Role != given.Role),
                new RoleHolder(given.Role, given.Person, at) { From = given.From, IsByPlan = given.IsByPlan == true },
            ],
            Offers = Offers.Where(offer => offer.Role != given.Role).ToValueList(),
        },
        CommandEvent.RoleOffered offered => this with
        {
            Offers =
            [
                .. Offers.Where(offer => offer.Role != offered.Role),
                new OfferedRole(offered.Role, offered.Person, offered.From, offered.Schedule, at),
            ],
        },
        CommandEvent.Assessed assessed => this with { Assessed = new(assessed.By, assessed.Words, at) },
        CommandEvent.DeclaredFalse declared => this with { DeclaredFalse = new(declared.By, declared.Reason, at) },
        CommandEvent.Reopened => this with
        {
            DeclaredFalse = null,
            Assessed = null,
            Reached = [],
            ReopenedAt = at,
        },
        CommandEvent.PhaseReached reached => this with
        {
            Reached = Reached.Add(new(reached.Phase, reached.By, reached.Words, at)),
        },
        CommandEvent.MergedInto merged => this with { Merged = new(merged.Into, merged.By, merged.Reason, at) },
        CommandEvent.Deviated deviated => Deviates(new(deviated.From, deviated.By, deviated.Reason, at)),
        CommandEvent.Rated => this with { IsRated = true },
        CommandEvent.Reclassified or CommandEvent.DecisionSetAside => this,
        _ => throw new InvalidOperationException($"no command can take {happened.GetType().Name}"),
    };
}

/// <param name="Since">When it was given to them.</param>
public sealed record RoleHolder(string Role, string Person, DateTimeOffset Since)
{
    /// <summary>Who had it before; null where nobody had.</summary>
    public string? From { get; init; }

    /// <summary>True where no person gave it.</summary>
    public bool IsByPlan { get; init; }
}

/// <param name="Person">Who may take it.</param>
/// <param name="From">Who holds it.</param>
public sealed record OfferedRole(string Role, string Person, string From, string Schedule, DateTimeOffset At);

/// <summary>What a person said of an incident, and when.</summary>
public sealed record Said(string By, string Words, DateTimeOffset At);

public sealed record MergedAway(IncidentId Into, string By, string Reason, DateTimeOffset At);

public sealed record ReachedPhase(IncidentPhase Phase, string By, string Words, DateTimeOffset At);

public sealed record SplitAway(
    ValueList<FindingId> Findings, IncidentId Into, string By, string Reason, DateTimeOffset At);

public sealed record Deviation(string From, string By, string Reason, DateTimeOffset At);
