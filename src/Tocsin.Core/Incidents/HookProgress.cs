using Tocsin.Plans;

namespace Tocsin.Incidents;

/// <summary>How far a hook is that the server was asked to send, by the last time that it was asked.</summary>
/// <param name="Action">The action whose hook it is.</param>
/// <param name="Ask">How often it was asked for in this incident, this time included.</param>
/// <param name="AskedBy">Null where the plan had it sent at once.</param>
public sealed record HookProgress(string Action, int Ask, string? AskedBy, DateTimeOffset AskedAt)
{
    /// <summary>So often one asking is tried.</summary>
    public const int MostAttempts = 4;

    private static readonly TimeSpan[] Waits =
        [TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(30)];

    public ValueList<HookFailure> Failures { get; init; } = [];

    /// <summary>The status of the answer by which it was done; null while it is not.</summary>
    public int? Status { get; init; }

    /// <summary>True where whoever asked was revoked before it was sent.</summary>
    public bool IsWithdrawn { get; init; }

    public bool HasFailed => Status is null && Failures.Count >= MostAttempts;

    public bool IsUnderWay => Status is null && !IsWithdrawn && !HasFailed;

    /// <summary>Whose wish it was, as the record of the step names it.</summary>
    public string InWords => AskedBy is { } person ? $"the server, asked by {person}" : "the server, at once";

    /// <summary>True where an attempt is to be made now.</summary>
    // A failure that lies in the future was recorded before the clock was set back.
    public bool IsDue(DateTimeOffset now) =>
        IsUnderWay && (Failures is not [.., var last] || now - last.At >= Waits[Failures.Count - 1]
            || last.At > now);
}

/// <summary>An attempt to send a hook that was not done by it, as far as is known.</summary>
public sealed record HookFailure(string Reason, DateTimeOffset At);

/// <summary>Which hooks the server may send in an incident, and which it owes.</summary>
public static class IncidentHooks
{
    /// <summary>The steps that the hook does and that nobody has reported done.</summary>
    public static ValueList<ProcedureStep> OpenSteps(Incident incident, Plan plan, string action) => plan
        .HooksOf(plan.Procedure(incident.Procedure))
        .Where(hook => hook.Action.Id == action && !incident.Steps.Any(done => done.Step == hook.Step.Id))
        .Select(hook => hook.Step)
        .ToValueList();

    /// <summary>Why the server does not send the hook of an action in this incident; null where it may.</summary>
    public static string? WhyNot(Incident incident, Plan plan, string action)
    {
        var found = plan.HooksOf(plan.Procedure(incident.Procedure)).FirstOrDefault(hook => hook.Action.Id == action);
        if (incident.ResolvedAt is not null)
            return $"{incident.Id} is resolved already";
        if (found.Action?.Hook is not { } hook)
            return $"procedure '{incident.Procedure}' has no such hook";
        if (OpenSteps(incident, plan, action).Count == 0)
            return $"what '{action}' does is done already";
        return incident.Exercise && !hook.InExercises
            ? $"this is an EXERCISE, and '{action}' is not sent in one: do it as a drill, and report the step"
            : null;
    }

    internal static void Owed(Incident incident, Plan plan, DateTimeOffset now, List<Duty> duties)
    {
        var procedure = plan.Procedure(incident.Procedure);
        foreach (var action in plan.HooksOf(procedure).Select(hook => hook.Action).Distinct())
        {
            if (WhyNot(incident, plan, action.Id) is not null)
                continue;
            if (incident.Hook(action.Id) is { } asked)
            {
                if (asked.IsDue(now))
                    duties.Add(new Duty.SendHook(incident.Id, action.Id, asked.Ask));
            }
            else if (action.Hook!.AtOnce && !plan.IsReversal(action) && IsTaken(incident, procedure!))
                duties.Add(new Duty.AskForHook(incident.Id, action.Id));
        }
    }

    private static bool IsTaken(Incident incident, Procedure procedure) =>
        incident is { IsOpen: true, Decision: { TakenAt: not null } decision } && decision.Rule == procedure.Decision;
}
