using Tocsin.Chains;
using Tocsin.Incidents;

namespace Tocsin.People;

/// <summary>
/// One of us can no longer be trusted to be who they seem. From here on the person does nothing, in whatever incident;
/// the wallets never count again, also where the person comes back.
/// </summary>
/// <param name="Person">As the plan names them.</param>
/// <param name="Wallets">Those of the plan in force and of the plans by which open incidents are judged.</param>
/// <param name="By">Who says so, by name.</param>
public sealed record PersonRevoked(string Person, string Name, ValueList<Address> Wallets, string By, string Reason)
    : LogEvent;

/// <summary>The person acts again, with another wallet.</summary>
public sealed record PersonRestored(string Person, string Name, string By, string Reason) : LogEvent;

/// <summary>A revocation as an incident has it.</summary>
public sealed record StruckPerson(
    string Person, string Name, ValueList<Address> Wallets, string By, string Reason, DateTimeOffset At);
