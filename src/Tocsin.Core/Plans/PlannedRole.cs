namespace Tocsin.Plans;

/// <summary>A role of an incident: who takes it at first, who stands in, and what whoever holds it has to do.</summary>
/// <param name="What">What the role is for, in a sentence.</param>
/// <param name="Deputy">The role whose holder stands in; null for none.</param>
/// <param name="From">The schedule whose person on call takes it; null for the first holder in the team.</param>
public sealed record PlannedRole(
    string Id, string What, string? Deputy, string? From, ValueList<RoleAction> Actions, SourceLine At)
{
    /// <summary>By which an action of it is checked off.</summary>
    public string IdOf(RoleAction action) => $"{Id}/{action.Id}";
}

/// <summary>Something that the holder of a role must have done, checked off like a step.</summary>
/// <param name="Within">From the incident's opening; null for no promise.</param>
public sealed record RoleAction(string Id, string What, TimeSpan? Within);
