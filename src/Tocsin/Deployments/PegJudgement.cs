using Tocsin.Findings;

namespace Tocsin.Deployments;

/// <summary>Whether the peg's gate sees, and whether it would act in time.</summary>
internal static class PegJudgement
{
    private static readonly string[] Grades = ["calm", "tighten", "stop mint", "stop par", "queue"];

    public static IEnumerable<Weakness> Of(DeploymentState state)
    {
        if (state.Peg is not { } peg)
            yield break;
        var fresh = (ulong)peg.Sources.Count(source => source.IsFresh);
        if (fresh < Math.Max(2, peg.Thresholds.Quorum))
            yield return new Weakness(
                Severity.Critical, "peg-sources", "peg",
                $"{fresh} of {peg.Sources.Count} sources are fresh, {Math.Max(2, peg.Thresholds.Quorum)} are needed: "
                + string.Join("; ", peg.Sources.Where(source => !source.IsFresh)
                    .Select(source => $"{source.Feed} {source.Says}")) + ".",
                "Governance schedules other sources, or a longer age for those that are updated seldom.");
        foreach (var same in peg.Sources.Where(source => source.Aggregator is { IsZero: false })
                     .GroupBy(source => source.Aggregator).Where(group => group.Count() > 1))
            yield return new Weakness(
                Severity.High, "peg-same-feed", "peg",
                $"{string.Join(" and ", same.Select(source => source.Feed))} read the same aggregator, {same.Key}.",
                "Governance schedules sources of different makers.");
        // Without a quorum the grade says that, and nothing of the price.
        if (peg.Grade != 0 && fresh >= peg.Thresholds.Quorum)
            yield return new Weakness(
                Severity.High, "peg-grade", "peg",
                $"Its grade is '{Grades.ElementAtOrDefault((int)Math.Min(peg.Grade, 9)) ?? "unknown"}' now.",
                "Look at the prices: limits, minting or redemption are held back.");
        foreach (var weakness in Thresholds(peg.Thresholds))
            yield return weakness;
    }

    private static IEnumerable<Weakness> Thresholds(PegThresholds set)
    {
        (string Name, ulong Is, ulong Advised)[] all =
        [
            ("tightenBps", set.TightenBps, 100), ("stopMintBps", set.StopMintBps, 200),
            ("stopParBps", set.StopParBps, 500), ("queueBps", set.QueueBps, 1_000),
        ];
        foreach (var (name, bps, advised) in all.Where(one => one.Is > one.Advised))
            yield return new Weakness(
                Severity.Elevated, "peg-threshold", name,
                $"It acts {bps} hundredths of a percent below par; {advised} at most is advised.",
                "Tighten it (PegGate.tighten).");
    }
}
