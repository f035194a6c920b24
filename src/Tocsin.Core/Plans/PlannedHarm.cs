using Tocsin.Chains;

namespace Tocsin.Plans;

/// <summary>A harm that an action may do to users, as a view counts it, and how much more of it is accepted.</summary>
/// <param name="Data">The calldata of the view, which returns a number without sign.</param>
/// <param name="AtMostMore">By so much the number may grow through the action.</param>
/// <param name="Decoded">The view with its arguments, as the plan writes it.</param>
/// <param name="InWords">What it counts, for people: positions that can be liquidated.</param>
public sealed record PlannedHarm(
    ChainId Chain,
    Address Target,
    ValueList<byte> Data,
    UInt256 AtMostMore,
    string Decoded,
    string InWords,
    SourceLine At)
{
    /// <summary>The asset by whose decimals the number is told; null where it is a mere count.</summary>
    public string? Asset { get; init; }
}
