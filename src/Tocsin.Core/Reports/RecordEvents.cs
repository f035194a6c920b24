using Tocsin.Chains;
using Tocsin.Incidents;

namespace Tocsin.Reports;

/// <summary>What people hold an address to be.</summary>
public enum AddressStatus
{
    Attacker,
    Victim,
    Laundering,
    Frozen,
    Ours,

    /// <summary>It was suspected, and has nothing to do with it.</summary>
    Cleared,
}

/// <summary>What was done with funds.</summary>
public enum FundsKind
{
    Taken,
    Passed,
    Swapped,
    Bridged,
    Frozen,
    Returned,

    /// <summary>Brought away by us, or for us, before others could.</summary>
    Rescued,
}

/// <summary>What came of getting funds back.</summary>
public enum FundsRecovery
{
    Open,
    Requested,
    Frozen,
    Recovered,
    Lost,
}

/// <summary>What people found out about where funds went. Nothing is done by it: no detector and no decision reads
/// it.</summary>
/// <param name="By">The person's name.</param>
public abstract record RecordEvent(IncidentId Incident, string By) : IncidentEvent(Incident)
{
    /// <summary>An address is held to be something; the last word on it counts.</summary>
    public sealed record AddressMarked(
        IncidentId Incident, ChainId Chain, Address Address, AddressStatus Status, string Words, string By)
        : RecordEvent(Incident, By);

    /// <param name="To">Null where it is not known.</param>
    /// <param name="Transaction">Null where it is not known.</param>
    /// <param name="Units">Of the asset, in its usual unit.</param>
    public sealed record FundsMoved(
        IncidentId Incident,
        ChainId Chain,
        Address From,
        Address? To,
        Hash32? Transaction,
        string Asset,
        decimal Units,
        FundsKind Kind,
        FundsRecovery Recovery,
        string Words,
        string By) : RecordEvent(Incident, By);

    public sealed record TransactionNoted(
        IncidentId Incident, ChainId Chain, Hash32 Transaction, string Words, string By) : RecordEvent(Incident, By);
}
