using Tocsin.Findings;

namespace Tocsin.Deployments;

/// <summary>Whether the brake would work if it were pulled now.</summary>
internal static class PauserJudgement
{
    private const ulong DiesSoonSeconds = 3 * 86_400;

    public static IEnumerable<Weakness> Of(DeploymentState state)
    {
        if (state.Bounds is not { } bounds)
            yield break;
        foreach (var pauser in state.Pausers)
        {
            var name = pauser.Address.ToString();
            if (pauser.AliveUntil < state.At)
            {
                yield return new Weakness(
                    Severity.Critical, "pauser-dead", name,
                    $"Its last beat ran out on {Instants.Format(pauser.AliveUntil)}: it cannot pause nor beat.",
                    "Governance removes it (removeFromRole) and offers the role anew.");
                continue;
            }
            if (pauser.AliveUntil - state.At < Math.Min(DiesSoonSeconds, bounds.Heartbeat / 2))
                yield return new Weakness(
                    Severity.High, "pauser-dying", name,
                    $"Its last beat runs out on {Instants.Format(pauser.AliveUntil)}.",
                    "Have it sign a beat, and anyone carry it to the controls (beat).");
            foreach (var (module, refusal) in pauser.Probes.Where(probe => probe.Refusal is not null))
                yield return new Weakness(
                    Severity.Critical, "cannot-pause", $"{name}, module '{module}'",
                    $"If it paused the module now, that would fail: {refusal}.",
                    "CoolingDown: two recoverers can end the episode. BudgetExceeded: wait, or add a pauser.");
            if (pauser.BudgetLeftSeconds >= bounds.MinPause && pauser.BudgetLeftSeconds < bounds.MaxPause)
                yield return new Weakness(
                    Severity.Elevated, "budget-low", name,
                    $"It can add {Instants.Long(pauser.BudgetLeftSeconds)} of pause, less than the longest pause "
                    + $"({Instants.Long(bounds.MaxPause)}).",
                    "Let another pauser pause until the window has passed, or have governance add one.");
        }
    }
}
