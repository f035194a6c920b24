namespace Tocsin.Plans;

/// <summary>A response procedure: ordered steps, and the whole text for people.</summary>
public sealed record Procedure(
    string Id,
    string Title,
    ValueList<ProcedureStep> Steps,
    string? Decision,
    string Markdown,
    SourceLine At)
{
    /// <summary>When it was last read through; null for never.</summary>
    public DateOnly? Reviewed { get; init; }

    /// <summary>Its text without the steps, where they stand in it as a list; else the whole text.</summary>
    public string Prose { get; init; } = Markdown;
}

/// <param name="Role">Who does it.</param>
/// <param name="Expected">How long it usually takes.</param>
public sealed record ProcedureStep(string Id, string What, string Role, TimeSpan Expected, SourceLine At)
{
    /// <summary>The parts of a response, in the order in which they follow each other.</summary>
    public static ValueList<string> Parts { get; } =
        ["halt", "identify", "fix", "upgrade", "quantify", "clean-up", "restore"];

    /// <summary>False where nobody wrote down how long it takes: it is counted on, and not told.</summary>
    public bool IsTimed { get; init; } = true;

    /// <summary>True where the decision is taken in it: what comes before is done before any pause.</summary>
    public bool Decides { get; init; }

    /// <summary>The action whose hook does it; null where people do.</summary>
    public string? Hook { get; init; }

    /// <summary>Which part of the response it belongs to, one of <see cref="Parts"/>; null where the procedure
    /// does not say.</summary>
    public string? Part { get; init; }

    /// <summary>How it is done in detail; null where the procedure's text says it.</summary>
    public string? How { get; init; }

    /// <summary>What it is done with: a tool, a page, an action of the plan.</summary>
    public string? Tool { get; init; }

    /// <summary>In which case it is done at all, in words; null for always.</summary>
    public string? When { get; init; }

    /// <summary>When somebody last tried it; null for never.</summary>
    public DateOnly? Tested { get; init; }
}
