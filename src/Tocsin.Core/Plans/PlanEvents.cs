using Tocsin.Chains;
using Tocsin.Incidents;

namespace Tocsin.Plans;

/// <summary>One file of a plan as somebody wants it.</summary>
/// <param name="Before">As it was then; null where there was none.</param>
public sealed record PlanChange(string Name, string? Before, string After);

/// <summary>Somebody asks for a change of the plan's files. It changes nothing by itself.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Base">The plan that was in the folder then: the change is of that one, and of no other.</param>
/// <param name="By">The person's id: it must not be theirs to accept.</param>
public sealed record PlanProposed(int Number, Hash32 Base, ValueList<PlanChange> Changes, string By, string Reason)
    : LogEvent;

/// <summary>Another person accepted it, so that the files are written, or rejected it.</summary>
/// <param name="By">The person's id.</param>
public sealed record PlanSettled(int Number, bool Accepted, string By, string Reason) : LogEvent;
