using Tocsin.Findings;
using Tocsin.Plans;

namespace Tocsin.Incidents;

/// <summary>
/// Something the system itself owes an incident now. Derived, never stored: after a restart the same state and instant
/// give the same duties, so nothing is forgotten and nothing needs a timer.
/// </summary>
public abstract record Duty(IncidentId Incident)
{
    /// <summary>Prepare the emergency decision and ask its approvers, without anyone asking us to.</summary>
    public sealed record Propose(IncidentId Incident, DecisionRule Rule) : Duty(Incident);

    public sealed record Simulate(IncidentId Incident, int Call) : Duty(Incident);

    public sealed record Sign(IncidentId Incident, int Call) : Duty(Incident);

    public sealed record Broadcast(IncidentId Incident, int Call) : Duty(Incident);

    /// <summary>Look for the call's transaction on the chain, and whether it is still there.</summary>
    public sealed record WatchInclusion(IncidentId Incident, int Call) : Duty(Incident);

    /// <summary>Read back from the chain that the scope is paused.</summary>
    public sealed record Verify(IncidentId Incident, int Call) : Duty(Incident);

    /// <summary>Look for value that leaves paused contracts.</summary>
    public sealed record WatchOutflow(IncidentId Incident) : Duty(Incident);

    /// <summary>Look whether pauses still hold, and until when, where nobody looks for value that leaves.</summary>
    public sealed record WatchPause(IncidentId Incident) : Duty(Incident);

    /// <summary>Tell people that a pause will end by itself.</summary>
    public sealed record WarnOfExpiry(IncidentId Incident, PauseWarning Warning) : Duty(Incident);

    public sealed record AssessImpact(IncidentId Incident) : Duty(Incident);
}

/// <summary>What is owed now, as a pure function of incident, plan and instant.</summary>
public static class Duties
{
    /// <summary>How long a failed attempt is left alone before it is made again.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(3);

    public static IReadOnlyList<Duty> Of(Incident incident, Plan plan, DateTimeOffset now)
    {
        var duties = new List<Duty>();
        if (incident.IsOpen)
            Propose(incident, plan, now, duties);
        if (incident.Decision is { } decision)
            Contain(incident, decision, now, duties);
        if (PauseExpiry.Due(incident, now) is { } warning)
            duties.Add(new Duty.WarnOfExpiry(incident.Id, warning));
        if (IsImpactOwed(incident))
            duties.Add(new Duty.AssessImpact(incident.Id));
        return duties;
    }

    private static void Propose(Incident incident, Plan plan, DateTimeOffset now, List<Duty> duties)
    {
        if (incident.Severity != Severity.Critical && !incident.IsDecisionRequested)
            return;
        if (plan.Procedure(incident.Procedure)?.Decision is not { } name || plan.Decision(name) is not { } rule)
            return;
        // Approvals bind calls: where the action has none, people do it.
        if (plan.Action(rule.Action) is not { Calls.Count: > 0, By: null })
            return;
        if (incident.Decision is not { } decision || HasLapsed(decision, now) || HasFailed(decision))
            duties.Add(new Duty.Propose(incident.Id, rule));
    }

    /// <summary>True where it is over without an effect: approvals are asked for anew.</summary>
    // What was signed must reach the chain first: a nonce that is never used would block every later one. Once the
    // decision was taken, only the signer knows whether it signed, so its word is waited for.
    public static bool HasLapsed(DecisionProgress decision, DateTimeOffset now) =>
        now >= decision.Decision.ExpiresAt
        && decision.Calls.Any(call => call.Signed is null || call.IsDead)
        && decision.Calls.All(
            call => call.Signed is null ? IsSurelyUnsigned(decision, call) : call.Included is not null || call.IsDead);

    private static bool HasFailed(DecisionProgress decision) =>
        decision.Calls.All(call => call.Included is not null) && decision.Calls.Any(call => call.HasFailed);

    private static bool IsSurelyUnsigned(DecisionProgress decision, CallProgress call) =>
        decision.TakenAt is null
        || call.Simulation is not { Succeeded: true }
        || (call.Refusal is { IsUnreachable: false } refusal && refusal.At >= decision.Decision.ExpiresAt);

    private static void Contain(Incident incident, DecisionProgress decision, DateTimeOffset now, List<Duty> duties)
    {
        for (var index = 0; index < decision.Calls.Count; index++)
        {
            if (decision.Calls[index].Signed is null)
                BeforeSigning(incident, decision, index, now, duties);
            else
                AfterSigning(incident, decision.Calls[index], index, duties);
        }
        if (incident.IsPaused && incident.IsOpen)
            duties.Add(new Duty.WatchOutflow(incident.Id));
        else if (incident.ResolvedAt is null && decision.Calls.Any(call => call.PausedUntil is not null))
            duties.Add(new Duty.WatchPause(incident.Id));
    }

    private static void BeforeSigning(
        Incident incident, DecisionProgress decision, int index, DateTimeOffset now, List<Duty> duties)
    {
        var call = decision.Calls[index];
        var isTaken = decision.TakenAt is not null;
        // A decision that was taken is carried out, also where the finding was taken back meanwhile.
        if (incident.ResolvedAt is not null || (!incident.IsOpen && !isTaken))
            return;
        var isLapsed = now >= decision.Decision.ExpiresAt;
        if (call.Simulation is not { Succeeded: true })
        {
            if (!isLapsed && Due(call.Simulation?.At, now))
                duties.Add(new Duty.Simulate(incident.Id, index));
        }
        else if (isTaken && !(isLapsed && IsSurelyUnsigned(decision, call)) && Due(call.Refusal?.At, now))
        {
            duties.Add(new Duty.Sign(incident.Id, index));
        }
    }

    // Whatever became of the incident: a signed transaction is followed until it is deep in the chain.
    private static void AfterSigning(Incident incident, CallProgress call, int index, List<Duty> duties)
    {
        if (call.BroadcastAt is null)
            duties.Add(new Duty.Broadcast(incident.Id, index));
        else if (!call.IsSettled)
            duties.Add(new Duty.WatchInclusion(incident.Id, index));
        if (call is { IsPause: true, Included.Succeeded: true, PausedUntil: null, Ended: null }
            && incident.ResolvedAt is null)
            duties.Add(new Duty.Verify(incident.Id, index));
    }

    // A resolved incident is still owed its account: the report must not depend on who was quicker. An attack that went
    // on after the first account is owed a new one.
    private static bool IsImpactOwed(Incident incident)
    {
        if (!incident.Findings.Any(f => f.Threat.IsAttack() && f.Status != FindingStatus.Retracted))
            return false;
        if (incident.Contained is { } contained)
            return incident.Impact?.AsOf != contained.Block;
        return incident.ResolvedAt is not null && incident.Impact is null;
    }

    // An attempt that lies in the future was made before the clock was set back.
    private static bool Due(DateTimeOffset? lastAttempt, DateTimeOffset now) =>
        lastAttempt is not { } last || now - last >= RetryAfter || last > now;
}
