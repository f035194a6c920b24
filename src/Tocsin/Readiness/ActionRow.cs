using Tocsin.Foresight;
using Tocsin.Plans;

namespace Tocsin.Readiness;

/// <summary>An action as it is listed: what it does, whether it could be done, and who must say so.</summary>
/// <param name="Changes">What it may change besides what it calls, by name.</param>
/// <param name="Harm">What harm it may do, and how much of it is accepted.</param>
/// <param name="Result">Null where it was never probed.</param>
public sealed record ActionRow(
    PlannedAction Action,
    ValueList<string> Chains,
    ValueList<string> Approvals,
    ValueList<string> Changes,
    ValueList<string> Harm,
    ProbeResult? Result)
{
    public static IReadOnlyList<ActionRow> Of(Plan plan, ValueList<ProbeResult> results) =>
    [
        .. plan.Actions.Select(action => new ActionRow(
            action,
            action.Chains.Select(plan.Protected.NameOf).ToValueList(),
            plan.Decisions.Where(decision => decision.Action == action.Id).Select(Approvers).ToValueList(),
            action.Changes.Select(new KnownNames(plan.Protected, default).Of).ToValueList(),
            action.Harm.Select(harm => InWords(harm, plan.Protected)).ToValueList(),
            results.FirstOrDefault(result => result.Action == action.Id))),
    ];

    public string Kind => Action.Kind.ToString().ToLowerInvariant();

    /// <summary>True where the signer would be asked for it, and no decision of the plan leads there.</summary>
    public bool IsUndecided => Action is { By: null, Calls.Count: > 0 } && Approvals.Count == 0;

    /// <summary>True where nothing is in the way of taking it.</summary>
    public bool IsReady => Result?.State == ReadyState.Ready && !IsUndecided;

    public string State => Result?.State switch
    {
        ReadyState.Ready when IsUndecided => "decided by nobody",
        ReadyState.Ready => "ready",
        ReadyState.NotReady => "not ready",
        ReadyState.Unknown => "unknown",
        null => "never probed",
    };

    public string Deciders => Action.By is { } by
        ? $"none; {by.InWords} sends it with their own wallets"
        : Approvals.Count > 0 ? string.Join("; or ", Approvals)
        : IsUndecided ? "no decision of the plan decides it, so nobody can take it: name it under 'decisions'"
        : "no decision decides it";

    /// <summary>How long ago it was probed, cut to its largest unit.</summary>
    public static string Age(TimeSpan age) => age switch
    {
        { TotalSeconds: < 1 } => "now",
        { TotalMinutes: < 1 } => $"{(int)age.TotalSeconds} s ago",
        { TotalHours: < 1 } => $"{(int)age.TotalMinutes} min ago",
        { TotalDays: < 2 } => $"{(int)age.TotalHours} h ago",
        _ => $"{(int)age.TotalDays} d ago",
    };

    private static string InWords(PlannedHarm harm, ProtectedThings things) =>
        $"{harm.InWords}: {new KnownNames(things, default).Amount(harm, harm.AtMostMore)} more at most";

    private static string Approvers(DecisionRule decision) => string.Join(
        " and ",
        decision.Required
            .Select(role => role.Substitutes.Count > 0
                ? $"{role.Role} (or {string.Join(", ", role.Substitutes)})"
                : role.Role)
            .Concat(decision.Additional.Select(group => $"{group.AtLeast} of {group.Group}")));
}
