namespace Tocsin.Plans;

/// <summary>Lints when hooks are sent: that steps name hooks, and that nothing is taken back by itself.</summary>
internal static class HookCheck
{
    public static void Check(Plan plan, List<Complaint> complaints)
    {
        var hooks = plan.Actions.Where(action => action.Hook is not null).ToList();
        foreach (var step in plan.Procedures.SelectMany(procedure => procedure.Steps))
        {
            if (step.Hook is { } id && hooks.All(action => action.Id != id))
                PlanCheck.Error(
                    complaints, step.At, $"the 'hook' of step '{step.Id}' is '{id}', which is no action with a hook"
                        + PlanCheck.Near(id, hooks.Select(action => action.Id).ToHashSet()));
        }
        foreach (var action in hooks.Where(action => action.Hook!.AtOnce))
        {
            if (plan.IsReversal(action))
                PlanCheck.Error(
                    complaints, action.Hook!.At, $"action '{action.Id}' takes another one back, so it cannot have "
                        + "'run: at-once': nothing is taken back by itself");
            else if (!plan.Procedures.Any(procedure =>
                plan.DecidesCalls(procedure) && plan.HooksOf(procedure).Any(hook => hook.Action.Id == action.Id)))
                PlanCheck.Warn(
                    complaints, action.Hook!.At, $"action '{action.Id}' has 'run: at-once', but is the 'hook' of no "
                        + "step of a procedure that decides calls: it is sent when people ask for it alone");
        }
    }
}
