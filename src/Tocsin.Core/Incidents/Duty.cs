using Tocsin.Autonomy;
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

    /// <summary>Take the decision by what was approved ahead, in the place of a proposal that waits.</summary>
    public sealed record TakeByItself(IncidentId Incident, DecisionRule Rule) : Duty(Incident);

    /// <summary>Record why it is not taken, or not even proposed, by itself.</summary>
    public sealed record HoldBack(IncidentId Incident, LadderJudgement.Held Held) : Duty(Incident);

    public sealed record Simulate(IncidentId Incident, int Call) : Duty(Incident);

    /// <summary>See that the owners of a call's Safe are asked to sign for its present nonce.</summary>
    public sealed record AskOwners(IncidentId Incident, int Call) : Duty(Incident);

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

    public sealed record AssessImpact(IncidentId Incident) : Duty(Incident);

    /// <summary>Record that a hook is to be sent, since the plan has it sent at once.</summary>
    public sealed record AskForHook(IncidentId Incident, string Action) : Duty(Incident);

    /// <summary>Send the hook of an action.</summary>
    /// <param name="Ask">How often it was asked for, this time included.</param>
    public sealed record SendHook(IncidentId Incident, string Action, int Ask) : Duty(Incident);
}

/// <summary>What is owed now, as a pure function of incident, plan and instant.</summary>
public static class Duties
{
    /// <summary>How long a failed attempt is left alone before it is made again.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(3);

    /// <param name="mandate">Null where nothing is done by itself, as where people act without the server.</param>
    public static IReadOnlyList<Duty> Of(Incident incident, Plan plan, DateTimeOffset now, Mandate? mandate = null)
    {
        var duties = new List<Duty>();
        if (incident.IsOpen)
            Propose(incident, plan, now, mandate, duties);
        if (incident.Decision is { } decision)
            Contain(incident, decision, plan, now, duties);
        if (IsImpactOwed(incident))
            duties.Add(new Duty.AssessImpact(incident.Id));
        IncidentHooks.Owed(incident, plan, now, duties);
        return duties;
    }

    private static void Propose(
        Incident incident, Plan plan, DateTimeOffset now, Mandate? mandate, List<Duty> duties)
    {
        if (plan.Procedure(incident.Procedure)?.Decision is not { } name || plan.Decision(name) is not { } rule)
            return;
        // Approvals bind calls: where the action has none, people do it.
        if (plan.Action(rule.Action) is not { Calls.Count: > 0, By: null })
            return;
        var judgement = mandate is null ? null : Ladder.Judge(incident, plan, mandate, null, now);
        var entry = plan.Autonomy.For(rule.Action, incident.Severity);
        if (judgement is LadderJudgement.Held held && IsNews(held, incident))
            duties.Add(new Duty.HoldBack(incident.Id, held));
        var asksByItself = entry is null ? incident.Severity == Severity.Critical : entry.Stage != Stage.Shadow;
        if (!asksByItself && !incident.IsDecisionRequested)
            return;
        if (incident.Decision is not { } decision || HasLapsed(decision, now) || HasFailed(decision))
            duties.Add(new Duty.Propose(incident.Id, rule));
        else if (judgement is LadderJudgement.Act && decision.IsOnlyProposed)
            duties.Add(new Duty.TakeByItself(incident.Id, rule));
    }

    private static bool IsNews(LadderJudgement.Held held, Incident incident) =>
        incident.Decision?.TakenAt is null && incident.HeldBack?.Reason != held.Reason;

    /// <summary>True where it is over without an effect: approvals are asked for anew.</summary>
    // What was signed must reach the chain first: a nonce that is never used would block every later one. Once the
    // decision was taken, only the signer knows whether it signed, so its word is waited for.
    public static bool HasLapsed(DecisionProgress decision, DateTimeOffset now) =>
        decision.HasEnded(now)
        && decision.Calls.Any(call => call.Signed is null || call.IsDead)
        && decision.Calls.All(
            call => call.Signed is null ? IsSurelyUnsigned(decision, call) : call.Included is not null || call.IsDead);

    /// <summary>True where every call is on the chain and one of them without effect.</summary>
    public static bool HasFailed(DecisionProgress decision) =>
        decision.Calls.All(call => call.Included is not null) && decision.Calls.Any(call => call.HasFailed);

    private static bool IsSurelyUnsigned(DecisionProgress decision, CallProgress call) =>
        decision.TakenAt is null
        || call.Simulation is not { Succeeded: true }
        || call.Refusal is { IsBySigner: true, IsAfterEnd: true };

    private static void Contain(
        Incident incident, DecisionProgress decision, Plan plan, DateTimeOffset now, List<Duty> duties)
    {
        var isBySafe = plan.Decision(decision.Rule) is { } rule && plan.Action(rule.Action) is { Safe: not null };
        for (var index = 0; index < decision.Calls.Count; index++)
        {
            if (decision.Calls[index].Signed is null)
                BeforeSigning(incident, decision, index, isBySafe, now, duties);
            else
                AfterSigning(incident, decision.Calls[index], index, duties);
        }
        if (incident.IsPaused && incident.IsOpen)
            duties.Add(new Duty.WatchOutflow(incident.Id));
        else if (incident.ResolvedAt is null && decision.Calls.Any(call => call.PausedUntil is not null))
            duties.Add(new Duty.WatchPause(incident.Id));
    }

    private static void BeforeSigning(
        Incident incident, DecisionProgress decision, int index, bool isBySafe, DateTimeOffset now, List<Duty> duties)
    {
        var call = decision.Calls[index];
        var isTaken = decision.TakenAt is not null;
        var isLapsed = decision.HasEnded(now);
        // What people took is carried out, also where the finding was taken back meanwhile. What was taken by itself is
        // not; when its time is over, the signer is asked all the same whether it had signed before that.
        var goesOn = incident.IsOpen || (isTaken && (decision.ByItself is null || isLapsed));
        if (incident.ResolvedAt is not null || !goesOn)
            return;
        if (call.Simulation is not { Succeeded: true })
        {
            if (!isLapsed && Due(call.Simulation?.At, now))
                duties.Add(new Duty.Simulate(incident.Id, index));
        }
        else
        {
            if (isBySafe && !isLapsed)
                duties.Add(new Duty.AskOwners(incident.Id, index));
            if (isTaken && !(isLapsed && IsSurelyUnsigned(decision, call)) && Due(call.Refusal?.At, now)
                && (!isBySafe || isLapsed || MaySafeGo(decision, index)))
                duties.Add(new Duty.Sign(incident.Id, index));
        }
    }

    // A Safe makes its transactions in the order of its nonces, so they must be signed, and sent, in that order.
    private static bool MaySafeGo(DecisionProgress decision, int index) =>
        decision.Calls[index].Consent is { IsEnough: true }
        && decision.Calls.Take(index).All(earlier => earlier.Signed is not null);

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
