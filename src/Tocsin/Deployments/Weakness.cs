using Tocsin.Findings;

namespace Tocsin.Deployments;

/// <summary>Something about a live deployment that will fail somebody on the night.</summary>
/// <param name="Kind">For programs: a word that stays.</param>
/// <param name="Subject">What it is about: a role, an address, an asset of a holder, a function.</param>
/// <param name="What">One sentence.</param>
/// <param name="Remedy">What to do about it.</param>
internal sealed record Weakness(Severity Severity, string Kind, string Subject, string What, string Remedy);
