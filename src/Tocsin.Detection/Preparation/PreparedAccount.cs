using Tocsin.Chains;

namespace Tocsin.Detection.Preparation;

/// <summary>Money whose origin is hidden.</summary>
/// <param name="From">For people.</param>
public sealed record HiddenFunds(string From, DateTimeOffset At);

/// <summary>What an account has done so far that attackers do.</summary>
/// <param name="Contracts">That it made, the first few.</param>
/// <param name="Names">The protected contract that one of them names.</param>
/// <param name="Touched">The protected contract that it touched first.</param>
/// <param name="ActedWhenMade">One of its contracts touched us in the transaction that made it.</param>
public sealed record PreparedAccount(
    HiddenFunds? Funds,
    bool IsFresh,
    ValueList<Address> Contracts,
    string? Names,
    bool TakesLoans,
    string? Touched,
    bool ActedWhenMade,
    DateTimeOffset At)
{
    internal static PreparedAccount Unknown { get; } = new(null, false, [], null, false, null, false, default);

    internal bool IsPrepared => Names is not null || TakesLoans;

    /// <summary>How many of funding, preparation and first touch were seen.</summary>
    internal int Stages =>
        (Funds is null ? 0 : 1) + (IsPrepared ? 1 : 0) + (Touched is null ? 0 : 1);

    // A contract for flash loans that is no matter of ours, and hidden money alone, are everyday things.
    internal bool IsWorthTelling => Names is not null || (Stages > 1 && Funds is not null);
}
