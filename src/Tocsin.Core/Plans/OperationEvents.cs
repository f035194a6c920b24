using Tocsin.Chains;
using Tocsin.Incidents;

namespace Tocsin.Plans;

/// <summary>A call of ours that somebody announces: a transaction that is exactly this is not told as an attack.
/// </summary>
/// <param name="Name">Of letters, digits, '-' and '_'.</param>
/// <param name="From">When it may be earliest, by the time of its block.</param>
/// <param name="To">When it may be latest.</param>
/// <param name="Account">That sends it.</param>
/// <param name="Target">What it calls itself, not through another contract.</param>
/// <param name="Calldata">Keccak-256 of all of its data; one of these.</param>
/// <param name="By">The person's id.</param>
public sealed record OperationAnnounced(
    string Name,
    DateTimeOffset From,
    DateTimeOffset To,
    Address Account,
    Address Target,
    ValueList<Hash32> Calldata,
    string By,
    string Reason)
    : LogEvent;

/// <summary>What was announced is not to come any more: if it does, it is told as what it looks like.</summary>
/// <param name="By">The person's id.</param>
public sealed record OperationWithdrawn(string Name, string By, string Reason) : LogEvent;
