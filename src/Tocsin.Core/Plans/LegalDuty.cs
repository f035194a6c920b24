namespace Tocsin.Plans;

/// <summary>A report that a law asks for, as counsel wrote it down.</summary>
/// <param name="Regime">The law, for example <c>dora</c>.</param>
/// <param name="Starts">From which of <see cref="Moments"/> the time runs.</param>
/// <param name="To">Who gets it.</param>
/// <param name="Source">Where the duty is written.</param>
/// <param name="Reviewed">When counsel last read it.</param>
public sealed record LegalDuty(
    string Id,
    string Regime,
    string Starts,
    TimeSpan Within,
    string To,
    string Source,
    DateOnly Reviewed,
    SourceLine At)
{
    /// <summary>The moments from which a time can run: we noticed, we knew that it is one, we said how bad it is, it
    /// was over.</summary>
    public static ValueList<string> Moments { get; } = ["detected", "aware", "classified", "resolved"];
}
