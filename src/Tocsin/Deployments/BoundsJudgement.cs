using Tocsin.Findings;

namespace Tocsin.Deployments;

/// <summary>The bounds of a brake are immutable: what is wrong with them is cured by another deployment only.</summary>
internal static class BoundsJudgement
{
    private const ulong Hour = 3_600;
    private const ulong Day = 24 * Hour;

    public static IEnumerable<Weakness> Of(DeploymentState state)
    {
        if (state.Bounds is not { } bounds)
            yield break;
        if (bounds.MaxPause > 7 * Day)
            yield return Outside("maxPauseSeconds", bounds.MaxPause,
                "one stolen pauser keeps users in for that long; 7 days at most is advised");
        if (bounds.MinPause > Day)
            yield return Outside("minPauseSeconds", bounds.MinPause,
                "a false alarm cannot be lifted before; a day at most is advised");
        if (bounds.CoolDown > 3 * Day)
            yield return Outside("coolDownSeconds", bounds.CoolDown,
                "for that long after an episode there is no brake; 3 days at most is advised");
        if (bounds.Budget > bounds.BudgetWindow / 2)
            yield return Outside("budgetSeconds", bounds.Budget,
                "one stolen pauser keeps modules paused more often than not; half the window at most is advised");
        if (bounds.Heartbeat > 90 * Day)
            yield return Outside("heartbeatSeconds", bounds.Heartbeat,
                "a lost key keeps its power for that long; 90 days at most is advised");
        var liquidates = state.Gates.Any(probe => probe.Direction == Direction.Liquidate);
        if (liquidates && bounds.Grace < Hour)
            yield return Outside("graceSeconds", bounds.Grace,
                "after a pause, users are liquidated before they can repay; an hour at least is advised");
    }

    private static Weakness Outside(string name, ulong seconds, string why) => new(
        Severity.Elevated, "bounds", name, $"It is {Instants.Long(seconds)}: {why}.",
        "It is immutable: weigh it, and deploy the controls anew before value depends on them.");
}
