using Tocsin.Decisions;
using Tocsin.Evm.Transactions;
using Tocsin.Incidents;
using Tocsin.Plans;
using Tocsin.Recording;

namespace Tocsin.Response;

/// <summary>One call of an incident's decision as it was when a duty looked at it.</summary>
internal readonly record struct SeenCall(Incident Incident, int Index)
{
    public EmergencyDecision Decision => Incident.Decision!.Decision;

    public Call Call => Decision.Calls[Index];

    public CallProgress Progress => Incident.Decision!.Calls[Index];

    public override string ToString() => $"call {Index + 1} of {Incident.Id}";

    /// <summary>What the version with the highest fee offers.</summary>
    public FeeOffer Offer() => SignatureCheck.OfferOf(Progress.Signed!.Raw);

    public IncidentEvent.SendingHindered Hindered(Hindrance why, string detail) =>
        new(Incident.Id, Decision.Id, Index, why, detail);
}

/// <summary>What the log says of a call, and how it is told what came of a duty.</summary>
internal sealed class CallRecord(IIncidentLog logbook)
{
    /// <summary>The action that is decided.</summary>
    /// <exception cref="StillRefusedException">The plan is one that this version cannot read.</exception>
    public PlannedAction Action(SeenCall seen)
    {
        var plan = logbook.PlanOf(seen.Incident);
        return plan.Decision(seen.Incident.Decision!.Rule) is { } rule && plan.Action(rule.Action) is { } action
            ? action
            : throw new StillRefusedException(
                $"the plan of {seen.Incident.Id} has no such decision ({plan.Fault ?? "it was read"})");
    }

    public PlannedCall Planned(SeenCall seen) => Action(seen).Calls[seen.Index];

    /// <summary>
    /// Only what is still as it was when we looked: another duty may have recorded something meanwhile.
    /// </summary>
    public void Add(SeenCall seen, params IncidentEvent[] happened) => logbook.Record((book, _) =>
        book[seen.Incident.Id]!.Decision is { } decision
        && decision.Decision.Id == seen.Decision.Id
        && decision.Decision.ExpiresAt == seen.Decision.ExpiresAt
        && decision.Calls[seen.Index] == seen.Progress
            ? happened
            : []);

    /// <summary>Each kind of hindrance is recorded once a call.</summary>
    public void AddHindrance(SeenCall seen, Hindrance why, string detail)
    {
        if (!seen.Progress.Has(why))
            Add(seen, seen.Hindered(why, detail));
    }
}
