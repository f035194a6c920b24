using Tocsin.Chains;
using Tocsin.Findings;

namespace Tocsin.Deployments;

/// <summary>What is weak about a deployment, by what was read of it. The numbers advised are those of
/// docs/integrate.md.</summary>
internal static class Judgement
{
    /// <summary>The worst first.</summary>
    public static IReadOnlyList<Weakness> Of(DeploymentState state)
    {
        var lacksLimits = state.WithoutCode.Any(missing => missing.Name is "limits" or "queue");
        IEnumerable<Weakness> all =
        [
            .. Wiring(state),
            .. RoleJudgement.Of(state),
            .. PauserJudgement.Of(state),
            .. BoundsJudgement.Of(state),
            .. lacksLimits ? [] : AssetJudgement.Of(state),
            .. PegJudgement.Of(state),
            .. Pending(state),
            .. GateJudgement.Of(state),
            .. state.Unread.Select(what => new Weakness(
                Severity.Elevated, "unread", "the node", $"This could not be read: {what}",
                "Ask another node, and check the address.")),
        ];
        return [.. all.OrderBy(weakness => weakness.Severity)];
    }

    private static IEnumerable<Weakness> Wiring(DeploymentState state)
    {
        foreach (var (name, address) in state.WithoutCode)
            yield return new Weakness(
                Severity.Critical, "no-code", name, $"There is no contract at {address}.",
                "Correct the address in the file, or the chain that the node is on.");
        if (state.Bounds is null && state.WithoutCode.All(missing => missing.Name != "controls"))
            yield return new Weakness(
                Severity.Critical, "not-controls", "controls", "What lies there does not answer as EmergencyControls.",
                "Correct the address in the file.");
        foreach (var wire in state.Wires.Where(wire => wire.Found != wire.Expected))
            yield return new Weakness(
                Severity.Critical, "wiring", $"{wire.Contract}.{wire.Getter}()",
                wire.Found is { } found
                    ? $"It asks {Named(found)}, not {Named(wire.Expected)}."
                    : $"It does not answer; {Named(wire.Expected)} was expected.",
                "What it asks is immutable: deploy it anew with the right address, or correct the file.");
    }

    private static IEnumerable<Weakness> Pending(DeploymentState state)
    {
        foreach (var migration in state.Migrations)
            yield return new Weakness(
                Severity.High, "migration-pending", migration.Holder.ToString(),
                $"{migration.By} announced that {migration.Amount} of {migration.Asset} goes to {migration.To}; "
                + $"due {Instants.Format(migration.DueAt)}, open until {Instants.Format(migration.ExpiresAt)}.",
                "If nobody can say why: two recoverers cancel it with Migrations.cancel.");
        foreach (var loosening in state.Loosenings)
            yield return new Weakness(
                Severity.Elevated, "loosening-pending", loosening.What,
                $"A looser rule is scheduled; due {Instants.Format(loosening.DueAt)}, open until "
                + $"{Instants.Format(loosening.ExpiresAt)}.",
                "If nobody can say why: risk or governance cancels it with cancelLoosening.");
    }

    private static string Named(Address address) => address.IsZero ? "nobody (the zero address)" : address.ToString();
}
