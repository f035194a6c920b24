namespace Tocsin.Plans;

/// <summary>Who decides an emergency action.</summary>
/// <param name="ValidFor">How long approvals may be collected.</param>
public sealed record DecisionRule(
    string Id,
    string Name,
    string Action,
    ValueList<RequiredRole> Required,
    ValueList<AdditionalGroup> Additional,
    TimeSpan ValidFor,
    SourceLine At)
{
    /// <summary>The action by which people prolong its pause; null where none is prepared.</summary>
    public string? Extend { get; init; }

    /// <summary>The action by which people end its pause early; null where none is prepared.</summary>
    public string? Reopen { get; init; }

    /// <summary>Who decides what follows the pause, a role or a person; null for whoever leads.</summary>
    public string? Owner { get; init; }

    /// <summary>The role whose holder reads the calldata, and is not who proposed it; null for nobody in particular.
    /// </summary>
    public string? Reviewer { get; init; }

    /// <summary>Whether what was approved by voice counts; null where it does not.</summary>
    public AttestedApproval? Attested { get; init; }

    /// <summary>Who may act first and be approved later; null where nobody may.</summary>
    public RatifyLater? Ratify { get; init; }

    /// <summary>What is prepared for when those who decide cannot be reached; null for nothing.</summary>
    public UnreachableQuorum? Unreachable { get; init; }

    /// <summary>What is prepared for after the pause.</summary>
    public IEnumerable<string> AfterPause => new[] { Extend, Reopen }.OfType<string>();
}

public sealed record RequiredRole(string Role, ValueList<string> Substitutes);

public sealed record AdditionalGroup(string Group, int AtLeast);
