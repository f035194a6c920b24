using Tocsin.Plans;

namespace Tocsin.Readiness;

/// <summary>An action as it is listed: what it does, whether it could be done, and who must say so.</summary>
/// <param name="Result">Null where it was never probed.</param>
public sealed record ActionRow(
    PlannedAction Action, ValueList<string> Chains, ValueList<string> Approvals, ProbeResult? Result)
{
    public static IReadOnlyList<ActionRow> Of(Plan plan, ValueList<ProbeResult> results) =>
    [
        .. plan.Actions.Select(action => new ActionRow(
            action,
            action.Chains.Select(plan.Protected.NameOf).ToValueList(),
            plan.Decisions.Where(decision => decision.Action == action.Id).Select(Approvers).ToValueList(),
            results.FirstOrDefault(result => result.Action == action.Id))),
    ];

    public string Kind => Action.Kind.ToString().ToLowerInvariant();

    public string State => Result?.State switch
    {
        ReadyState.Ready => "ready",
        ReadyState.NotReady => "not ready",
        ReadyState.Unknown => "unknown",
        null => "never probed",
    };

    public string Deciders => Action.By is { } by
        ? $"none; {by.InWords} sends it with their own wallets"
        : Approvals.Count > 0 ? string.Join("; or ", Approvals) : "no decision decides it";

    /// <summary>How long ago it was probed, cut to its largest unit.</summary>
    public static string Age(TimeSpan age) => age switch
    {
        { TotalSeconds: < 1 } => "now",
        { TotalMinutes: < 1 } => $"{(int)age.TotalSeconds} s ago",
        { TotalHours: < 1 } => $"{(int)age.TotalMinutes} min ago",
        { TotalDays: < 2 } => $"{(int)age.TotalHours} h ago",
        _ => $"{(int)age.TotalDays} d ago",
    };

    private static string Approvers(DecisionRule decision) => string.Join(
        " and ",
        decision.Required
            .Select(role => role.Substitutes.Count > 0
                ? $"{role.Role} (or {string.Join(", ", role.Substitutes)})"
                : role.Role)
            .Concat(decision.Additional.Select(group => $"{group.AtLeast} of {group.Group}")));
}
