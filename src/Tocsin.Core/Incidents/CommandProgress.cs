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

    /// <summary>Who holds a role; null where nobody was given it.</summary>
    public string? Holder(string role) => Holders.FirstOrDefault(holder => holder.Role == role)?.Person;

    /// <exception cref="InvalidOperationException">The event is of a kind that this version does not know.</exception>
    public CommandProgress Apply(CommandEvent happened, DateTimeOffset at) => happened switch
    {
        CommandEvent.OpenedByPerson opened => this with { OpenedBy = new(opened.By, opened.Words, at) },
        CommandEvent.RoleGiven given => this with
        {
            Holders =
            [
                .. Holders.Where(holder => holder.Role != given.Role),
                new RoleHolder(given.Role, given.Person, at),
            ],
        },
        CommandEvent.Assessed assessed => this with { Assessed = new(assessed.By, assessed.Words, at) },
        CommandEvent.DeclaredFalse declared => this with { DeclaredFalse = new(declared.By, declared.Reason, at) },
        CommandEvent.Reopened => this with { DeclaredFalse = null, Assessed = null },
        CommandEvent.MergedInto merged => this with { Merged = new(merged.Into, merged.By, merged.Reason, at) },
        CommandEvent.Deviated deviated => this with
        {
            Deviations = Deviations.Add(new(deviated.From, deviated.By, deviated.Reason, at)),
        },
        CommandEvent.Rated => this with { IsRated = true },
        CommandEvent.Reclassified => this,
        _ => throw new InvalidOperationException($"no command can take {happened.GetType().Name}"),
    };
}

public sealed record RoleHolder(string Role, string Person, DateTimeOffset Since);

/// <summary>What a person said of an incident, and when.</summary>
public sealed record Said(string By, string Words, DateTimeOffset At);

public sealed record MergedAway(IncidentId Into, string By, string Reason, DateTimeOffset At);

public sealed record Deviation(string From, string By, string Reason, DateTimeOffset At);
